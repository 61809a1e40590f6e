package archive

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/internal/prooftest"
	"github.com/fundledger/fundledger/internal/scribe"
	"github.com/fundledger/fundledger/wire"
)

func succession(t *testing.T) *shown {
	t.Helper()
	s := scribe.Succession(t)
	return showing(t, s.Fund, s.Records, uint64(len(s.Records)))
}

func TestABundleHoldsEveryPolicyThatGovernsIt(t *testing.T) {
	k := succession(t)
	tr := prooftest.Trust(t, k.key.Verifier)
	for name, s := range map[string]Scope{"whole": {}, "clause of the second": {Clause: "27-4"}, "clause of the first": {Clause: "4"}, "enterprise": {Enterprise: scribe.Succeeding}, "year": {Year: 2027}} {
		text := k.pack(t, s)
		if r, err := checked(t, text, tr); err != nil || !r.Sound {
			t.Errorf("%s: %v %+v", name, err, r.Checks)
		}
		files := contents(t, text)
		var first, second domain.Policy
		for i, id := range map[string]*domain.Policy{filePolicy: &first, fileSuccessors: &second} {
			if err := json.Unmarshal([]byte(files[slices.Index(files, i)+1]), id); err != nil {
				t.Fatalf("%s: %s: %v", name, i, err)
			}
		}
		if _, has := second.Clause("27-4"); first.PolicyID() != "changning-2024" || second.PolicyID() != "changning-2027" || !has {
			t.Errorf("%s holds the policies %s and %s", name, first.PolicyID(), second.PolicyID())
		}
	}
}

// One policy's ledger is packed as before there were several.
func TestABundleOfOnePolicyHasNoSuccessors(t *testing.T) {
	if files := contents(t, small(t, 40).pack(t, Scope{})); slices.Contains(files, fileSuccessors) {
		t.Error("it has")
	}
}

func TestAForgedPolicyThatFollowsIsFound(t *testing.T) {
	k := succession(t)
	tr := prooftest.Trust(t, k.key.Verifier)
	failed := func(t *testing.T, text []byte) string {
		t.Helper()
		r, err := checked(t, text, tr)
		if err != nil {
			return err.Error()
		}
		i := slices.IndexFunc(r.Checks, func(c audit.Check) bool { return c.Result == audit.Failed })
		if r.Sound || i < 0 {
			t.Fatalf("it is sound: %+v", r.Checks)
		}
		return r.Checks[i].Name + ": " + r.Checks[i].Detail.EN
	}
	for _, scope := range []Scope{{}, {Clause: "27-4"}} {
		text := repack(t, k.pack(t, scope), func(name, content string) string {
			if name == fileSuccessors {
				return strings.Replace(content, "25000000.00", "95000000.00", 1)
			}
			return content
		})
		if why := failed(t, text); !strings.HasPrefix(why, "tables: ") || !strings.Contains(why, fileSuccessors) {
			t.Errorf("another cap: %s", why)
		}
	}
	// An extract whose maker left the publication itself out.
	scope := Scope{Clause: "27-4"}
	chosen, err := pick(t.Context(), k.log, uint64(len(k.log)), scope, func(wire.Entry) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	second := slices.IndexFunc(chosen, func(r eventstore.Record) bool { return r.Seq > 1 && publishes(r) })
	if why := failed(t, k.packWithout(t, scope, chosen, second)); !strings.Contains(why, "no policy in the bundle has it") {
		t.Errorf("no publication: %s", why)
	}
	// One that lacks only the file.
	text := k.pack(t, scope)
	b, err := ReadBundle(bytes.NewReader(text), int64(len(text)))
	if err != nil {
		t.Fatal(err)
	}
	delete(b.files, fileSuccessors)
	if r, err := VerifyBundle(t.Context(), b, tr); err != nil || r.Sound {
		t.Errorf("no file of the second policy: %v %+v", err, r.Checks)
	}
}
