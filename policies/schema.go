package policies

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"

	"github.com/fundledger/fundledger/domain"
)

// SchemaFile is the name of the schema beside the shipped policies; their first lines refer to it.
const SchemaFile = "policy.schema.json"

// Schema is the JSON schema of a policy file, by which editors complete and check it while it is written. It is made of the type that
// a file is read into; what only the whole of a policy shows (a department that is none, an id twice) [Check] says.
func Schema() []byte {
	root := schemaOf(reflect.TypeFor[domain.Policy](), "")
	root["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	root["title"] = "fundledger policy / 政策文件"
	condition := map[string]any{}
	objectOf(condition, reflect.TypeFor[domain.Condition](), conditionPath)
	root["$defs"] = map[string]any{"condition": condition}
	text, err := json.MarshalIndent(root, "", "  ")
	if err != nil {
		panic("policies: the schema cannot be written: " + err.Error())
	}
	return append(text, '\n')
}

// choices are the values that a kind of field takes; "" stands for a field that may be left out, and is none.
var choices = map[reflect.Type][]string{
	reflect.TypeFor[domain.IdentifierKind](): {string(domain.CreditCode), string(domain.Opaque)},
	reflect.TypeFor[domain.SubjectKind]():    {string(domain.SubjectEnterprise), string(domain.SubjectProject), string(domain.SubjectAward)},
	reflect.TypeFor[domain.Period]():         {string(domain.PerYear), string(domain.InTotal)},
	reflect.TypeFor[domain.Schedule]():       {string(domain.OneOffOrTerm)},
	reflect.TypeFor[domain.FactUnit]():       named(domain.UnitCodes),
	reflect.TypeFor[domain.FactPer]():        named(domain.PerCodes),
	reflect.TypeFor[domain.FactMeaning]():    named(domain.MeaningCodes),
	reflect.TypeFor[domain.Direction]():      named(domain.DirectionCodes),
	reflect.TypeFor[domain.Baseline]():       {string(domain.PreviousYear)},
	reflect.TypeFor[domain.IndicatorGroup](): named(domain.GroupCodes),
	reflect.TypeFor[domain.ContinuedUse]():   {string(domain.Fresh), string(domain.Carried)},
	reflect.TypeFor[domain.Comparison]():     domain.Comparisons(),
	reflect.TypeFor[domain.GroupControl]():   {string(domain.GroupFinding), string(domain.GroupRefuse)},
}

func named(codes []domain.Code) (names []string) {
	for _, c := range codes {
		names = append(names, c.Name)
	}
	return names
}

// conditionPath is where conditions stand. They are made of conditions: the schema refers to what it says of one.
const conditionPath = "clauses[].conditions[]"

// exact are texts that are no number in the file: a number would lose what makes it exact.
var exact = []string{conditionPath + ".value", conditionPath + ".values[]", conditionPath + ".period"}

// neededElsewhere are fields without which their part is whole: a clause without accounts of its own has no cap, and only some have all of it.
var neededElsewhere = []string{"clauses[].cap", "industries", "workflow", "clauses[].source"}

func schemaOf(t reflect.Type, path string) map[string]any {
	s := map[string]any{}
	if said, known := described()[path]; known {
		s["description"] = said.ZH + " / " + said.EN
	}
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch {
	case t == reflect.TypeFor[domain.Condition]():
		s["$ref"] = "#/$defs/condition"
	case path == conditionPath+".of":
		s["enum"] = []string{string(domain.SubjectProject)}
	case slices.Contains(exact, path):
		s["type"] = "string"
	case t == reflect.TypeFor[domain.Date]():
		s["type"], s["pattern"] = "string", `^[0-9]{4}-[0-9]{2}-[0-9]{2}$`
	case t == reflect.TypeFor[domain.Money]():
		s["type"], s["pattern"] = []string{"string", "number"}, `^[0-9]+(\.[0-9]{1,2})?$`
	case t == reflect.TypeFor[domain.Ceiling]():
		s["type"], s["pattern"] = []string{"string", "number", "null"}, `^[0-9]+(\.[0-9]{1,2})?$`
	case choices[t] != nil:
		s["enum"] = choices[t]
	case t.Kind() == reflect.Bool:
		s["type"] = "boolean"
	case t.Kind() == reflect.Int:
		s["type"], s["minimum"] = "integer", 0
	case t.Kind() == reflect.String:
		s["type"] = []string{"string", "number"} // an id such as 4 is read as it is written
	case t.Kind() == reflect.Slice:
		s["type"], s["items"] = "array", schemaOf(t.Elem(), path+"[]")
	case t.Kind() == reflect.Struct:
		objectOf(s, t, path)
	}
	return s
}

func objectOf(s map[string]any, t reflect.Type, path string) {
	fields, required := map[string]any{}, []string{}
	for i := range t.NumField() {
		f := t.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "" || name == "-" {
			continue
		}
		at := strings.TrimPrefix(path+"."+name, ".")
		fields[name] = schemaOf(f.Type, at)
		if options == "" && !slices.Contains(neededElsewhere, at) || at == "issued_on" || strings.HasPrefix(at, "term.") {
			required = append(required, name)
		}
	}
	s["type"], s["properties"], s["required"], s["additionalProperties"] = "object", fields, required, false
}

// described are what the places of a file are called, by the words in which [Diff] tells them.
func described() map[string]domain.Text {
	all := map[string]domain.Text{}
	for _, f := range headFacts(domain.Policy{}) {
		all[f.path] = f.label
	}
	for _, f := range FactParts(domain.Fact{}) {
		all["facts[]."+f.Path] = f.Label
	}
	for _, f := range IndicatorParts(domain.Indicator{}) {
		all["indicators[]."+f.Path] = f.Label
	}
	for _, f := range clauseParts(domain.Clause{}) {
		all["clauses[]."+f.key] = domain.Text{ZH: f.zh, EN: f.en}
	}
	for name, said := range map[string]domain.Text{
		"all": {ZH: "各项都成立", EN: "each of them holds"}, "any": {ZH: "至少一项成立", EN: "one of them holds"}, "not": {ZH: "不成立", EN: "it does not hold"},
		"fact": {ZH: "与之比较的事实", EN: "the fact that is compared"}, "of": {ZH: "谁的事实：project 为项目，不写为企业", EN: "whose: project, or left out the enterprise"},
		"period": {ZH: "期间：year 支持年度，year-1 上一年；year-1/12 其十二月；year-1/12-31 其最后一日；day 当日；或固定的期间",
			EN: "of which period: year, the support year; year-1, the one before; year-1/12, its December; year-1/12-31, its last day; day, the day it is asked; or a fixed one"},
		"is": {ZH: "如何比较", EN: "how it is compared"}, "value": {ZH: "与之比较的值，加引号", EN: "with which value, in quotation marks"},
		"values": {ZH: "in 的取值", EN: "with which values, of in"},
	} {
		all[conditionPath+"."+name] = said
	}
	return all
}
