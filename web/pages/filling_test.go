package pages_test

import (
	"context"
	"io/fs"
	"os"
	"slices"
	"testing"
	"testing/fstest"
	"time"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/demo"
	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/pgserver/pgtest"
	"github.com/fundledger/fundledger/projections/postgres"
	"github.com/fundledger/fundledger/web"
)

func clock() time.Time { return now }

// played is the folder of a log that was filled once, for the tests that begin with the same: each has a copy of it, and of its tables.
var played fstest.MapFS

// filled are the folder of a log and a database of two sample years, and of the people who look at them. Commands that are changed by tell are
// played anew.
func filled(t testing.TB, tell func(domain.Command)) (folder, database string) {
	t.Helper()
	folder = t.TempDir()
	publish := publication(t)
	if tell != nil {
		database = pgtest.NewMigrated(t, "pages", func(ctx context.Context, url string) error { return postgres.Migrate(ctx, url, nil) })
		if err := fill(t.Context(), folder, database, publish, tell); err != nil {
			t.Fatal(err)
		}
		return folder, database
	}
	database = pgtest.NewMigrated(t, "pages, played", func(ctx context.Context, url string) error {
		if err := postgres.Migrate(ctx, url, nil); err != nil {
			return err
		}
		first := t.TempDir()
		if err := fill(ctx, first, url, publish, func(domain.Command) {}); err != nil {
			return err
		}
		var err error
		played, err = inMemory(os.DirFS(first))
		return err
	})
	if err := os.CopyFS(folder, played); err != nil {
		t.Fatal(err)
	}
	return folder, database
}

// inMemory reads a whole folder.
func inMemory(folder fs.FS) (fstest.MapFS, error) {
	files := fstest.MapFS{}
	return files, fs.WalkDir(folder, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || name == "." {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		file := &fstest.MapFile{Mode: info.Mode()}
		if !d.IsDir() {
			file.Data, err = fs.ReadFile(folder, name)
		}
		files[name] = file
		return err
	})
}

// standing is a ledger on the log of a folder, which is projected into a database, and the people of both.
type standing struct {
	server    *eventstore.Server
	ledger    *ledger.Ledger
	projector *postgres.Projector
	users     *accounts.Users
	ends      []func()
}

// close ends what was begun, the last first.
func (s *standing) close() {
	for _, end := range slices.Backward(s.ends) {
		end()
	}
}

// stand begins all of it, or nothing.
func stand(ctx context.Context, folder, database string) (_ *standing, err error) {
	s := &standing{}
	defer func() {
		if err != nil {
			s.close()
		}
	}()
	if s.server, err = eventstore.StartServer(eventstore.ServerConfig{Dir: folder, Listen: new(string)}); err != nil {
		return nil, err
	}
	s.ends = append(s.ends, s.server.Shutdown)
	nc, err := s.server.Connect()
	if err != nil {
		return nil, err
	}
	s.ends = append(s.ends, nc.Close)
	shelf := func(ctx context.Context) (*eventstore.Shelf, error) {
		return accounts.OpenShelf(ctx, nc, accounts.Config{Fund: fund}, false)
	}
	if s.ledger, err = ledger.Open(ctx, nc, ledger.Config{Fund: fund, Now: clock, Seal: accounts.NewSealer(fund, shelf).Seal}); err != nil {
		return nil, err
	}
	s.ends = append(s.ends, s.ledger.Close)
	if s.projector, err = postgres.Start(ctx, postgres.Config{URL: database, Source: s.ledger.Log(), Log: postgres.Log{Stream: ledger.StreamName(fund), Fund: fund}}); err != nil {
		return nil, err
	}
	s.ends = append(s.ends, s.projector.Stop)
	if s.users, err = accounts.Open(ctx, nc, accounts.Config{Fund: fund, Now: clock}); err != nil {
		return nil, err
	}
	s.ends = append(s.ends, s.users.Close)
	return s, nil
}

// fill makes a ledger in an empty folder, and its tables in a database that has none yet.
func fill(ctx context.Context, folder, database string, publish *domain.PublishPolicy, tell func(domain.Command)) error {
	s, err := stand(ctx, folder, database)
	if err != nil {
		return err
	}
	defer s.close()
	last, err := play(ctx, s.ledger, publish, tell)
	if err != nil {
		return err
	}
	if err := s.projector.WaitFor(ctx, last); err != nil {
		return err
	}
	return addPeople(s.users.Hand("test", accounts.CommandLine))
}

// play fills the ledger with the policy and two sample years.
func play(ctx context.Context, l *ledger.Ledger, publish *domain.PublishPolicy, tell func(domain.Command)) (last uint64, err error) {
	orders := []ledger.Order{{Command: publish}}
	for step := range demo.Changning(publish.Policy, domain.DateIn(now, domain.Shanghai)) {
		tell(step.Command)
		orders = append(orders, ledger.Order{Command: step.Command})
	}
	for len(orders) > 0 {
		n := min(len(orders), 500)
		for _, r := range l.DoAll(ctx, orders[:n]) {
			if r.Err != nil {
				return 0, r.Err
			}
			last = max(last, r.Outcome.LastSeq)
		}
		orders = orders[n:]
	}
	return last, nil
}

// addPeople adds the person who is signed in, and those in whose names files are imported.
func addPeople(users accounts.Hand) error {
	officer := accounts.User{ID: "officer", Name: "<b>officer</b>"}
	for _, text := range []string{"clerk@commerce", "treasurer@finance", "analyst"} {
		grant, err := web.ParseGrant(text)
		if err != nil {
			return err
		}
		officer.Grants = append(officer.Grants, grant)
	}
	if err := users.Add(officer, password); err != nil {
		return err
	}
	for _, name := range []domain.PersonID{"chen", "qian"} {
		if err := users.Add(accounts.User{ID: name, Grants: []web.Grant{{Role: domain.Analyst}}}, password); err != nil {
			return err
		}
	}
	return nil
}
