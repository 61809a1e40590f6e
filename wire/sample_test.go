package wire_test

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/fundledger/fundledger/domain"
)

// full fills every field of a command or an event, so that nothing about its JSON stays unseen. The same type is always
// filled alike.
func full(v any) { fill(reflect.ValueOf(v).Elem(), "") }

// samples are the values of types that are not just any text or number.
var samples = map[reflect.Type]any{
	reflect.TypeFor[domain.Money]():          domain.Fen(123_456_78),
	reflect.TypeFor[domain.Ceiling]():        domain.Stated(domain.Fen(100_000_000_00)),
	reflect.TypeFor[domain.NewCap]():         domain.NewCap{Ceiling: domain.Stated(domain.Fen(4_000_000_00)), Given: true},
	reflect.TypeFor[domain.Date]():           domain.DateOf(2025, 3, 1),
	reflect.TypeFor[domain.SupportYear]():    domain.SupportYear(2025),
	reflect.TypeFor[domain.EnterpriseID]():   domain.EnterpriseID("914403001922038216"),
	reflect.TypeFor[domain.ClauseID]():       domain.ClauseID("1.2a"),
	reflect.TypeFor[domain.ClausePrefix]():   domain.ClausePrefix(""), // put before the ids where a policy is read
	reflect.TypeFor[domain.DepartmentID]():   domain.DepartmentID("finance"),
	reflect.TypeFor[domain.Role]():           domain.Treasurer,
	reflect.TypeFor[domain.SubjectKind]():    domain.SubjectProject,
	reflect.TypeFor[domain.Period]():         domain.PerYear,
	reflect.TypeFor[domain.Schedule]():       domain.OneOffOrTerm,
	reflect.TypeFor[domain.IdentifierKind](): domain.CreditCode,
	reflect.TypeFor[domain.Opinion]():        domain.Support,
	reflect.TypeFor[domain.Cause]():          domain.CauseError,
	reflect.TypeFor[domain.Disposition]():    domain.FindingExplained,
	reflect.TypeFor[domain.Text]():           domain.Text{ZH: "名称", EN: "Name"},
	reflect.TypeFor[domain.Condition](): domain.Condition{All: []domain.Condition{{Any: []domain.Condition{
		{Fact: "fact 甲<&>\"\\\u2028", Of: domain.SubjectProject, Period: "year-1", Is: domain.AtLeast, Value: "20000000.00"}}},
		{Not: &domain.Condition{Fact: "size", Period: "day", Is: domain.Among, Values: []string{"large", "small"}}}}},
	reflect.TypeFor[domain.Figures](): domain.Figures{"cap": "20000000.00", "short_by": "0.01"},
}

func fill(v reflect.Value, name string) {
	if sample, ok := samples[v.Type()]; ok {
		v.Set(reflect.ValueOf(sample))
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), strings.ToLower(v.Type().Field(i).Name))
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), name)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range 2 {
			fill(v.Index(i), fmt.Sprintf("%s-%d", name, i+1))
		}
	case reflect.String:
		v.SetString(name + " 甲<&>\"\\\u2028")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int:
		v.SetInt(2)
	case reflect.Uint64:
		v.SetUint(2)
	default:
		panic("no sample for " + v.Type().String())
	}
}
