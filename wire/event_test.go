package wire_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/wire"
)

var update = flag.Bool("update", false, "write golden files that are missing; one that is there is never changed")

func equal(t *testing.T, want, got any) {
	t.Helper()
	money := cmp.Comparer(func(a, b domain.Money) bool { return a == b })
	dates := cmp.Comparer(func(a, b domain.Date) bool { return a == b })
	if diff := cmp.Diff(want, got, money, dates); diff != "" {
		t.Errorf("differs (-want +got):\n%s", diff)
	}
}

// generations are the folders of what was pinned, the first edition's before the others.
var generations = []string{"", "edition-2", "many-policies", "grant-life", "groups", "conditions", "promised-times", "amended-groups", "evaluation"}

// goldenFile is where an event is pinned. What was written stays as it was; an event that says more since then, in fields that may be absent, is
// pinned anew in the next generation.
func goldenFile(version int, name string, data []byte) string {
	dir := filepath.Join("testdata", "events", "v"+strconv.Itoa(version))
	at := func(generation string) string { return filepath.Join(dir, generation, name+".json") }
	latest := len(generations) - 1
	for ; latest > 0; latest-- {
		if _, err := os.Stat(at(generations[latest])); err == nil {
			break
		}
	}
	golden, err := os.ReadFile(at(generations[latest]))
	if *update && err == nil && latest+1 < len(generations) && !bytes.Equal(bytes.TrimSuffix(golden, []byte("\n")), data) {
		latest++
	}
	return at(generations[latest])
}

func TestEveryEventIsWrittenAsItsGoldenFile(t *testing.T) {
	for _, maker := range domain.Events {
		event := maker()
		t.Run(event.Name(), func(t *testing.T) {
			full(event)
			kind, version, data, err := wire.EncodeEvent(event)
			if err != nil {
				t.Fatal(err)
			}
			path := goldenFile(version, event.Name(), data)
			if _, err := os.Stat(path); *update && os.IsNotExist(err) {
				if err := os.WriteFile(path, append(data, '\n'), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			golden, err := os.ReadFile(path)
			if err != nil {
				t.Fatalf("no golden file; run the test with -update: %v", err)
			}
			if want := bytes.TrimSuffix(golden, []byte("\n")); !bytes.Equal(want, data) {
				t.Errorf("the event is written otherwise than before: give it a new version and an upcast\nbefore %s\nnow    %s", want, data)
			}
			back, err := wire.DecodeEvent(kind, version, golden)
			if err != nil {
				t.Fatal(err)
			}
			equal(t, event, back)
		})
	}
}

func TestEveryVersionEverWrittenCanBeRead(t *testing.T) {
	files, err := filepath.Glob("testdata/events/v*/*.json")
	if err != nil || len(files) < len(domain.Events) {
		t.Fatalf("%d golden files, %v", len(files), err)
	}
	for _, generation := range generations[1:] {
		more, err := filepath.Glob("testdata/events/v*/" + generation + "/*.json")
		if err != nil || len(more) == 0 {
			t.Fatalf("%d golden files of %s, %v", len(more), generation, err)
		}
		files = append(files, more...)
	}
	for _, path := range files {
		version, err := strconv.Atoi(strings.TrimPrefix(strings.Split(filepath.ToSlash(path), "/")[2], "v"))
		if err != nil {
			t.Fatal(err)
		}
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := wire.DecodeEvent("fundledger."+strings.TrimSuffix(filepath.Base(path), ".json"), version, data); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
}

func TestAnEventOfANewerBinaryIsReadAsFarAsItIsKnown(t *testing.T) {
	e, err := wire.DecodeEvent("fundledger.finding_disposed", 1, []byte(`{"finding":"F","disposition":"accepted","comment":"c","added_later":{"x":[1]}}`))
	if err != nil {
		t.Fatal(err)
	}
	equal(t, &domain.FindingDisposed{Finding: "F", Disposition: "accepted", Comment: "c"}, e)
}

func TestEventsThatCannotBeReadSaySo(t *testing.T) {
	for name, c := range map[string]struct {
		kind    string
		version int
		data    string
		says    string
	}{
		"unknown type":     {"fundledger.money_burnt", 1, `{}`, "newer fundledger"},
		"foreign type":     {"payout_made", 1, `{}`, "newer fundledger"},
		"version above":    {"fundledger.payout_made", 2, `{}`, "newer fundledger"},
		"version zero":     {"fundledger.payout_made", 0, `{}`, "version 0"},
		"amount as number": {"fundledger.payout_made", 1, `{"amount":1}`, "payout_made"},
		"member twice":     {"fundledger.payout_made", 1, `{"payout":"a","payout":"b"}`, "duplicate"},
		"cut short":        {"fundledger.payout_made", 1, `{"payout":`, "payout_made"},
	} {
		if _, err := wire.DecodeEvent(c.kind, c.version, []byte(c.data)); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: want %q in %v", name, c.says, err)
		}
	}
}

func TestUnstatedCapsAreNullInEvents(t *testing.T) {
	_, _, data, err := wire.EncodeEvent(&domain.ClauseAmended{Clause: "6", Version: 2, EffectiveOn: domain.DateOf(2025, 1, 1)})
	if err != nil || !bytes.Contains(data, []byte(`"cap":null,"previous":null`)) {
		t.Errorf("written %s, %v", data, err)
	}
}
