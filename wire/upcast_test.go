package wire

import (
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/fundledger/fundledger/domain"
)

// A registry in which finding_disposed is at its third version: the first called the comment a note, the second knew
// no disposition.
var grown = map[string]schema{"finding_disposed": {
	make: func() domain.Event { return new(domain.FindingDisposed) }, version: 3,
	upcasts: map[int]upcast{
		1: func(v jsontext.Value) (jsontext.Value, error) {
			var first struct{ Finding, Note string }
			if err := json.Unmarshal(v, &first, json.MatchCaseInsensitiveNames(true)); err != nil {
				return nil, err
			}
			return json.Marshal(map[string]string{"finding": first.Finding, "comment": first.Note}, json.Deterministic(true))
		},
		2: func(v jsontext.Value) (jsontext.Value, error) {
			var second map[string]string
			if err := json.Unmarshal(v, &second); err != nil {
				return nil, err
			}
			second["disposition"] = "accepted"
			return json.Marshal(second, json.Deterministic(true))
		},
	},
}}

func TestOldVersionsAreReadThroughTheirUpcasts(t *testing.T) {
	want := domain.FindingDisposed{Finding: "F-1", Disposition: "accepted", Comment: "seen"}
	for version, data := range map[int]string{
		1: `{"finding":"F-1","note":"seen"}`,
		2: `{"finding":"F-1","comment":"seen"}`,
		3: `{"finding":"F-1","disposition":"accepted","comment":"seen"}`,
	} {
		e, err := decode(grown, "fundledger.finding_disposed", version, []byte(data))
		if err != nil {
			t.Fatalf("version %d: %v", version, err)
		}
		if got := *e.(*domain.FindingDisposed); got != want {
			t.Errorf("version %d is read as %+v", version, got)
		}
	}
	if _, err := decode(grown, "fundledger.finding_disposed", 1, []byte(`[]`)); err == nil {
		t.Error("a text that the upcast cannot read was read")
	}
	if _, err := decode(grown, "fundledger.finding_disposed", 4, []byte(`{}`)); err == nil {
		t.Error("a version from the future was read")
	}
}

func TestEverySchemaKnowsTheWayFromEveryOlderVersion(t *testing.T) {
	for name, s := range schemas {
		for v := 1; v < s.version; v++ {
			if s.upcasts[v] == nil {
				t.Errorf("%s has no upcast from version %d", name, v)
			}
		}
	}
}
