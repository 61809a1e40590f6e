package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/internal/whole"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/pgserver"
)

// defaultFund is the fund of a new ledger that nobody named one for.
const defaultFund = "changning-2024"

// defaultFollows is the policy that follows in the sample: an invented one.
const defaultFollows = "changning-2027"

// infrastructure is a NATS and a PostgreSQL to work with: given by their addresses, found running on the data folder, or
// started in it.
type infrastructure struct {
	nc          *nats.Conn
	databaseURL string
	ownerURL    string // of the role that owns the database; empty: not known here
	fund        domain.FundID
	replicas    int
	fresh       bool // the data folder was made for this
	attached    bool // another process runs the servers, and the projections
	logOnly     bool // there is no PostgreSQL, and nobody may attach
	owner       running
	dir         string
	shelving    sync.Mutex
	shelf       *eventstore.Shelf  // opened when it is asked for
	server      *eventstore.Server // the log's, where this process runs it
	unsettled   bool               // settings of its streams were damaged, and are made again
	local       []string           // folders of the log and the tables that this machine keeps
	stop        []func()           // in reverse order
}

// running is what a process that owns a data folder tells others, in a file that only its user may read.
type running struct {
	PID          int      `json:"pid"`
	Fund         string   `json:"fund"`
	NATSURL      string   `json:"nats_url"`
	NATSUser     string   `json:"nats_user"`
	NATSPassword string   `json:"nats_password"`
	DatabaseURL  string   `json:"database_url"`
	OwnerURL     string   `json:"database_owner_url,omitempty"`
	HTTP         string   `json:"http,omitempty"`      // of a service
	Witnesses    []string `json:"witnesses,omitempty"` // that the service asks
	Trust        []string `json:"trust,omitempty"`     // verifier keys that it was given
}

const (
	runningFile  = "running.json"
	logDir       = "log"
	postgresDir  = "postgres"
	fundFile     = "fund"
	startTimeout = 3 * time.Minute // a crash recovery of PostgreSQL included
)

// purpose says what a command wants of the infrastructure.
type purpose struct {
	fund     domain.FundID // of a new ledger; empty: the default
	create   bool          // a new data folder may be made
	rehearse bool          // nothing is to be written
	logOnly  bool          // the log is wanted, and no PostgreSQL
}

// open finds or starts what a command works with.
func (s *Settings) open(ctx context.Context, want purpose) (*infrastructure, error) {
	in := &infrastructure{dir: s.Data, replicas: max(s.Replicas, 1), fund: domain.FundID(s.Fund), logOnly: want.logOnly}
	if err := s.openIn(ctx, in, want); err != nil {
		in.close()
		return nil, err
	}
	return in, nil
}

func (s *Settings) openIn(ctx context.Context, in *infrastructure, want purpose) error {
	embedded := s.NATS == "" || s.DatabaseURL == "" && (!want.logOnly || present(filepath.Join(in.dir, fundFile)))
	if embedded {
		if err := in.claimFolder(s, want); err != nil {
			return err
		}
	}
	if in.fund == "" {
		in.fund = want.fund
	}
	if in.fund == "" {
		in.fund = defaultFund
	}
	if s.NATS != "" {
		if err := s.connect(in); err != nil {
			return err
		}
	}
	if s.DatabaseURL != "" {
		in.databaseURL, in.ownerURL = s.DatabaseURL, s.DatabaseOwnerURL
	}
	if s.NATS == "" {
		in.local = append(in.local, filepath.Join(in.dir, logDir))
	}
	if s.DatabaseURL == "" {
		in.local = append(in.local, filepath.Join(in.dir, postgresDir))
	}
	if !embedded {
		return nil
	}
	if attached, err := s.attach(ctx, in); attached || err != nil {
		return err
	}
	return s.start(ctx, in)
}

// lasting are the options of a connection to NATS that comes back by itself, whatever happens to the servers: the library gives up for good where one
// refuses the user twice, as one may that starts with an older configuration, and takes six minutes to notice that one is gone without a word.
func lasting() []nats.Option {
	return []nats.Option{nats.Name("fundledger"), nats.MaxReconnects(-1), nats.IgnoreAuthErrorAbort(), nats.ReconnectWait(500 * time.Millisecond),
		nats.PingInterval(3 * time.Second), nats.MaxPingsOutstanding(2)}
}

// connect uses the NATS servers that were named.
func (s *Settings) connect(in *infrastructure) error {
	options := append(lasting(), nats.RetryOnFailedConnect(false))
	if s.NATSUser != "" {
		options = append(options, nats.UserInfo(s.NATSUser, s.NATSPassword))
	}
	if s.NATSCreds != "" {
		options = append(options, nats.UserCredentials(s.NATSCreds))
	}
	nc, err := nats.Connect(s.NATS, options...)
	if err != nil {
		return fmt.Errorf("connecting to NATS at %s: %w", s.NATS, err)
	}
	in.nc = nc
	in.stop = append(in.stop, nc.Close)
	if s.Replicas == 0 && (strings.Contains(s.NATS, ",") || nc.ConnectedClusterName() != "") {
		in.replicas = 3
	}
	return nil
}

// claimFolder makes the data folder, or refuses to where a command only reads, and knows its fund.
func (in *infrastructure) claimFolder(s *Settings, want purpose) error {
	name, err := os.ReadFile(filepath.Join(in.dir, fundFile))
	switch {
	case err == nil:
		kept := domain.FundID(strings.TrimSpace(string(name)))
		if in.fund != "" && in.fund != kept {
			return fmt.Errorf(s.say("数据目录 %s 属于资金 %q，而不是 %q；请用 --data 另选目录", "the data folder %s keeps the fund %q, not %q; choose another with --data"), in.dir, kept, in.fund)
		}
		in.fund = kept
		return nil
	case !errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("reading the data folder: %w", err)
	case !want.create:
		return fmt.Errorf(s.say("目录 %s 中没有台账；请先运行 fundledger demo 或 fundledger import，或用 --data 指定目录",
			"there is no ledger in %s; run \"fundledger demo\" or \"fundledger import\" first, or name its folder with --data"), in.dir)
	}
	in.fresh = true
	if in.fund == "" {
		in.fund = want.fund
	}
	if in.fund == "" {
		in.fund = defaultFund
	}
	if err := os.MkdirAll(in.dir, 0o755); err != nil {
		return fmt.Errorf("making the data folder: %w", err)
	}
	return whole.Replace(filepath.Join(in.dir, fundFile), 0o644, whole.Text([]byte(string(in.fund)+"\n")))
}

// attach uses the servers of a process that runs on the data folder. A process that is still starting is waited for.
func (s *Settings) attach(ctx context.Context, in *infrastructure) (bool, error) {
	r, err := readRunning(in.dir)
	if err != nil || !alive(r.PID) {
		return false, nil
	}
	if in.nc == nil && r.NATSURL != "" {
		nc, err := nats.Connect(r.NATSURL, append(lasting(), nats.UserInfo(r.NATSUser, r.NATSPassword), nats.Timeout(5*time.Second))...)
		if err != nil {
			return false, nil // its file outlived it, and its process id is another's now
		}
		in.nc = nc
		in.stop = append(in.stop, nc.Close)
	}
	if in.databaseURL == "" {
		in.databaseURL, in.ownerURL = r.DatabaseURL, r.OwnerURL
	}
	in.attached, in.owner = true, r
	return true, ctx.Err()
}

// start starts what is not given by its address, in the data folder, and tells others where it is.
func (s *Settings) start(ctx context.Context, in *infrastructure) error {
	r := running{PID: os.Getpid(), Fund: string(in.fund)}
	if in.nc == nil {
		done := s.waiting(s.say("启动 NATS", "starting NATS"))
		server, err := s.startLog(in)
		done()
		if errors.Is(err, eventstore.ErrLocked) {
			return s.attachLater(ctx, in)
		}
		if err != nil {
			return err
		}
		in.server = server
		in.stop = append(in.stop, server.Shutdown)
		nc, err := server.Connect(nats.Name("fundledger"))
		if err != nil {
			return err
		}
		in.nc = nc
		in.stop = append(in.stop, nc.Close)
		if err := s.settle(ctx, in); err != nil {
			return err
		}
		r.NATSURL, r.NATSUser, r.NATSPassword = server.ClientURL(), server.Username(), server.Password()
	}
	if in.logOnly {
		return nil
	}
	if in.databaseURL == "" {
		if err := s.startDatabase(ctx, in); err != nil {
			return err
		}
		r.DatabaseURL, r.OwnerURL = in.databaseURL, in.ownerURL
	}
	in.owner = r
	return in.announce("")
}

func (s *Settings) startDatabase(ctx context.Context, in *infrastructure) error {
	starting, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	if _, err := pgserver.Find(starting); err != nil && s.InstallPostgres {
		fmt.Fprintln(s.stderr, s.say("本机没有 PostgreSQL 服务程序，正在安装或下载……", "This machine has no PostgreSQL server; getting one …"))
	}
	done := s.waiting(s.say("启动 PostgreSQL", "starting PostgreSQL"))
	server, err := pgserver.Start(starting, pgserver.Config{Dir: filepath.Join(in.dir, postgresDir), Keep: true, Logger: s.logger, Install: s.InstallPostgres, Download: s.InstallPostgres})
	done()
	if errors.Is(err, pgserver.ErrNoBinaries) && !s.InstallPostgres {
		return fmt.Errorf(s.say("本机没有合用的 PostgreSQL；可加 --install-postgres 由本程序安装或下载，或用 --database-url 另指一个：%w",
			"this machine has no PostgreSQL for the ledger; --install-postgres has this program get one, --database-url names another: %w"), err)
	}
	if err != nil {
		return err
	}
	in.stop = append(in.stop, func() {
		stopping, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := server.Stop(stopping); err != nil {
			s.logger.Error("stopping PostgreSQL", "error", err)
		}
	})
	in.databaseURL, in.ownerURL = server.ServiceURL(), server.OwnerURL()
	return nil
}

// attachLater waits for a process that holds the data folder to say where its servers are.
func (s *Settings) attachLater(ctx context.Context, in *infrastructure) error {
	deadline := time.Now().Add(30 * time.Second)
	for time.Now().Before(deadline) {
		if attached, err := s.attach(ctx, in); attached || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(200 * time.Millisecond):
		}
	}
	return fmt.Errorf(s.say("另一个进程正在使用 %s，但没有回应；请稍后再试或结束该进程", "another process uses %s and does not answer; try again, or end it"), in.dir)
}

// announce tells other processes of this user where the servers of the data folder are, and the service if there is one.
// Where the servers were given by their addresses, there is nothing to tell.
func (in *infrastructure) announce(http string) error {
	if in.owner.PID == 0 {
		return nil
	}
	in.owner.HTTP = http
	text, err := json.Marshal(in.owner)
	if err != nil {
		return err
	}
	path := filepath.Join(in.dir, runningFile)
	if err := whole.Replace(path, 0o600, whole.Text(text)); err != nil {
		return err
	}
	in.stop = append(in.stop, func() { _ = os.Remove(path) }) // a leftover is recognised by its dead process
	return nil
}

// usersFile is where the service's users are kept.
func (in *infrastructure) usersFile() string { return filepath.Join(in.dir, "users.json") }

func readRunning(dir string) (running, error) {
	var r running
	text, err := os.ReadFile(filepath.Join(dir, runningFile))
	if err != nil {
		return r, err
	}
	return r, json.Unmarshal(text, &r)
}

// close stops what was started, last first.
func (in *infrastructure) close() {
	for i := len(in.stop) - 1; i >= 0; i-- {
		in.stop[i]()
	}
	in.stop = nil
}

// files is the store of the fund's attachments; nil where it is only read, and there is none.
func (in *infrastructure) files(ctx context.Context, s *Settings, readOnly bool) (*eventstore.Files, error) {
	files, err := ledger.OpenFiles(ctx, in.nc, in.fund, in.replicas, readOnly, s.logger)
	if readOnly && errors.Is(err, eventstore.ErrNoStream) {
		return nil, nil
	}
	return files, err
}

// ledgerConfig is the configuration of the fund's ledger.
func (in *infrastructure) ledgerConfig(s *Settings) ledger.Config {
	cfg := ledger.Config{Fund: in.fund, Replicas: in.replicas, Logger: s.logger, Room: in.room(s).Err, Now: s.clock.now, Ahead: s.clock.by()}
	cfg.Seal = accounts.NewSealer(in.fund, func(ctx context.Context) (*eventstore.Shelf, error) {
		return accounts.OpenShelf(ctx, in.nc, accounts.Config{Fund: in.fund, Replicas: in.replicas, Logger: s.logger}, false)
	}).Seal
	if in.server != nil {
		cfg.Store = in.storeWatch()
	}
	return cfg
}
