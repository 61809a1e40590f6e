package postgres_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/projections/postgres"
	"github.com/fundledger/fundledger/projections/projtest"
	"github.com/fundledger/fundledger/proof"
)

var (
	_ audit.Rows   = (*postgres.Snapshot)(nil)
	_ proof.Hashes = postgres.Hashes{}
)

// verified is what a verification of the log against the tables finds: the code of each error, with its first event where it has
// any.
func verified(t *testing.T, url string, log proof.Log) map[string]int {
	t.Helper()
	s, err := ask(t, url, time.Now()).Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	report, err := audit.Verify(t.Context(), audit.Evidence{Fund: projtest.Fund, Log: log, Hashes: s.Hashes(), Rows: s}, audit.Options{})
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]int{}
	for _, f := range report.Findings {
		if f.Severity == audit.Error {
			key := f.Code
			if len(f.Events) > 0 {
				key += fmt.Sprintf(" %d", f.Events[0])
			}
			found[key]++
		}
	}
	for _, c := range report.Checks {
		if (c.Name == "tree" || c.Name == "projections") && c.Result == audit.Skipped {
			t.Errorf("the check %q was not made: %s", c.Name, c.Detail.EN)
		}
	}
	return found
}

func TestTheKeptTreeAndTablesAreWhatTheLogSays(t *testing.T) {
	url, records := migrated(t), projtest.History(11, 2500)
	project(t, url, records, func(c *postgres.Config) { c.MaxBatch = 300 }) // many batches
	log := eventstore.Records(records)
	tree, err := proof.TreeOf(t.Context(), log)
	if err != nil {
		t.Fatal(err)
	}
	h := ask(t, url, time.Now()).Hashes()
	for _, size := range []uint64{1, 2, 255, 256, 257, 511, 512, 513, 1024, 2047, 2048, uint64(len(records))} {
		kept, err := proof.RootAt(t.Context(), h, size)
		if err != nil {
			t.Fatal(err)
		}
		if want, err := proof.RootAt(t.Context(), tree, size); err != nil || kept != want {
			t.Errorf("the kept tree's root at %d differs (%v)", size, err)
		}
	}
	if found := verified(t, url, log); len(found) > 0 {
		t.Errorf("sound tables are said to be wrong: %v", found)
	}
	if _, err := h.Leaves(t.Context(), int64(len(records)), int64(len(records))+1); err == nil {
		t.Error("a leaf that is not there was given")
	}
	if _, err := h.Node(t.Context(), 8, 99); err == nil {
		t.Error("a node that is not there was given")
	}
}

func TestEveryForgedRowIsFoundByVerification(t *testing.T) {
	records := projtest.History(12, 700)
	log := eventstore.Records(records)
	for name, c := range map[string]struct {
		forgery string
		want    []string
	}{
		"an event's data":    {`ALTER TABLE fundledger.events DISABLE TRIGGER ALL; UPDATE fundledger.events SET data = (data::text || ' ')::json WHERE seq = 300`, []string{"projected_event 300"}},
		"an event's subject": {`ALTER TABLE fundledger.events DISABLE TRIGGER ALL; UPDATE fundledger.events SET subject = subject || 'x' WHERE seq = 300`, []string{"projected_event 300"}},
		"an event's time":    {`ALTER TABLE fundledger.events DISABLE TRIGGER ALL; UPDATE fundledger.events SET recorded_ns = recorded_ns - 1 WHERE seq = 300`, []string{"projected_event 300"}},
		"a missing event":    {`ALTER TABLE fundledger.events DISABLE TRIGGER ALL; DELETE FROM fundledger.events WHERE seq = 300`, []string{"projected_event 300", "tree_leaf 300"}},
		"a leaf":             {`ALTER TABLE fundledger.events DISABLE TRIGGER ALL; UPDATE fundledger.events SET leaf = sha256('x') WHERE seq = 300`, []string{"tree_leaf 300"}},
		"a node":             {`ALTER TABLE fundledger.tree_nodes DISABLE TRIGGER ALL; UPDATE fundledger.tree_nodes SET hash = sha256('x') WHERE level = 8 AND index = 1`, []string{"tree_node"}},
		"a posting":          {`ALTER TABLE fundledger.journal DISABLE TRIGGER ALL; UPDATE fundledger.journal SET amount = amount + 0.01 WHERE (seq, n) = (SELECT seq, n FROM fundledger.journal ORDER BY seq, n LIMIT 1)`, []string{"projected_posting 5"}},
		"a missing posting":  {`ALTER TABLE fundledger.journal DISABLE TRIGGER ALL; DELETE FROM fundledger.journal WHERE (seq, n) = (SELECT seq, n FROM fundledger.journal ORDER BY seq, n LIMIT 1)`, []string{"projected_posting 5"}},
		"a line":             {`UPDATE fundledger.lines SET requested = requested + 0.01 WHERE id = 1`, []string{"projected_line"}},
		"an added line":      {`INSERT INTO fundledger.lines SELECT id + 100000, enterprise || 'X', clause, subject_kind, subject, support_year, first_seq, last_seq, applications, requested, approved, outside, paid, returned, clawback_ordered, clawback_waived, recovered_error, recovered_breach, interest, exceptions FROM fundledger.lines LIMIT 1`, []string{"projected_line"}},
		"a missing event, and a leaf behind it": {`ALTER TABLE fundledger.events DISABLE TRIGGER ALL; DELETE FROM fundledger.events WHERE seq IN (256, 300); UPDATE fundledger.events SET leaf = sha256('x') WHERE seq = 301`,
			[]string{"tree_leaf 256", "tree_leaf 300", "tree_leaf 301"}},
		"the last events": {`ALTER TABLE fundledger.events DISABLE TRIGGER ALL; DELETE FROM fundledger.events WHERE seq = (SELECT max(seq) FROM fundledger.events)`, []string{"tree_short"}},
	} {
		t.Run(name, func(t *testing.T) {
			url := migrated(t)
			project(t, url, records)
			conn, err := pgx.Connect(t.Context(), url)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close(t.Context())
			{
				tag, err := conn.Exec(t.Context(), c.forgery)
				if err != nil {
					t.Fatal(err)
				}
				if tag.RowsAffected() != 1 {
					t.Fatalf("%d rows were forged", tag.RowsAffected())
				}
			}
			found := verified(t, url, log)
			for _, want := range c.want {
				if found[want] == 0 {
					t.Errorf("%s was not found, but %v", want, slices.Sorted(maps.Keys(found)))
				}
			}
		})
	}
}
