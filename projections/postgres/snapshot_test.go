package postgres_test

import (
	"fmt"
	"testing"
	"time"

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
	s, err := ask(t, url, time.Now()).Snapshot(t.Context(), testLog)
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

func TestWhateverIsForgedOfTheTreeIsFoundLeafByLeaf(t *testing.T) {
	const unguarded = "ALTER TABLE events DISABLE TRIGGER ALL; ALTER TABLE tree_nodes DISABLE TRIGGER ALL; "
	for name, c := range map[string]struct {
		forgery string
		want    []string
	}{
		"a missing event":                       {"DELETE FROM events WHERE seq = 300", []string{"tree_leaf 300"}},
		"a leaf":                                {"UPDATE events SET leaf = sha256('x') WHERE seq = 300", []string{"tree_leaf 300"}},
		"a node":                                {"UPDATE tree_nodes SET hash = sha256('x') WHERE level = 8 AND index = 1", []string{"tree_node"}},
		"a missing event, and a leaf behind it": {"DELETE FROM events WHERE seq IN (256, 300); UPDATE events SET leaf = sha256('x') WHERE seq = 301", []string{"tree_leaf 256", "tree_leaf 300", "tree_leaf 301"}},
		"the last event":                        {"DELETE FROM events WHERE seq = (SELECT max(seq) FROM events)", []string{"tree_short"}},
	} {
		t.Run(name, func(t *testing.T) {
			url := projected(t)
			execute(t, url, unguarded+c.forgery)
			found := verified(t, url, eventstore.Records(forgeable))
			for _, want := range c.want {
				if found[want] == 0 {
					t.Errorf("%s was not found, but %v", want, found)
				}
			}
		})
	}
}
