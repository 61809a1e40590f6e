package web

import (
	"reflect"
	"testing"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/replay"
)

func TestTwoTypesOfOneNameMakeNoDocument(t *testing.T) {
	d := &document{schemas: object{}, types: map[string]reflect.Type{}}
	d.reflected("Change", reflect.TypeFor[replay.Change]())
	d.reflected("Change", reflect.TypeFor[replay.Change]())
	if d.err != nil {
		t.Errorf("one type, asked for twice: %v", d.err)
	}
	d.reflected("Change", reflect.TypeFor[projections.LineChange]())
	if d.err == nil {
		t.Error("two types have one schema")
	}
	for want, of := range map[string]reflect.Type{"AuditLine": reflect.TypeFor[replay.Line](), "Text": reflect.TypeFor[domain.Text]()} {
		if got := schemaName(of); got != want {
			t.Errorf("%s is called %s, want %s", of, got, want)
		}
	}
}
