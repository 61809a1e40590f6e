package policies_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"github.com/fundledger/fundledger/policies"
)

var update = flag.Bool("update", false, "write the schema's file")

// The file beside the policies is the schema that the program prints, and that is made of the type which files are read into.
func TestTheSchemasFileIsTheSchema(t *testing.T) {
	if *update {
		if err := os.WriteFile(policies.SchemaFile, policies.Schema(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(policies.SchemaFile)
	if err != nil || !bytes.Equal(text, policies.Schema()) {
		t.Errorf("%s is not what `fundledger policy schema` prints (go test ./policies -run Schema -update): %v", policies.SchemaFile, err)
	}
}

// Every shipped file says by its first line where the schema is, and is as it says; what is written otherwise than the schema says is found.
func TestShippedFilesAreAsTheSchemaSays(t *testing.T) {
	var schema map[string]any
	if err := json.Unmarshal(policies.Schema(), &schema); err != nil {
		t.Fatal(err)
	}
	for _, name := range policies.Names() {
		text, err := os.ReadFile(name + ".yaml")
		if err != nil {
			t.Fatal(err)
		}
		if first, _, _ := strings.Cut(string(text), "\n"); first != "# yaml-language-server: $schema="+policies.SchemaFile {
			t.Errorf("%s.yaml begins with %q", name, first)
		}
		if said := against(t, schema, text); len(said) > 0 {
			t.Errorf("%s.yaml: %v", name, said)
		}
	}
	if said := against(t, schema, []byte(small)); len(said) > 0 {
		t.Errorf("the smallest policy: %v", said)
	}
	for wrong, part := range map[string][2]string{
		"a field of no policy":        {"currency: CNY", "currency: CNY\ncolour: red"},
		"a field left out":            {"treasury: finance\n", ""},
		"a choice that is none":       {"period: total", "period: month"},
		"a date written otherwise":    {"issued_on: 2025-01-01", "issued_on: 1.1.2025"},
		"a text for a list":           {"departments: [finance]", "departments: finance"},
		"a number of reviews as text": {"reviews: 0", "reviews: none"},
		"an amount that is none":      {`amount: "10.00"`, `amount: "ten"`},
		"a number to compare with":    {`departments: [finance]`, "departments: [finance]\n    conditions: " + `[{not: {any: [{fact: a, period: year, is: ">=", value: 2.5}]}}]`},
		"another comparison":          {`departments: [finance]`, "departments: [finance]\n    conditions: " + `[{all: [{fact: a, period: year, is: "=>", value: "2.5"}]}]`},
		"a fact of an award":          {`departments: [finance]`, "departments: [finance]\n    conditions: " + `[{fact: a, of: award, period: year, is: ">=", value: "2.5"}]`},
	} {
		if said := against(t, schema, []byte(strings.Replace(small, part[0], part[1], 1))); len(said) != 1 {
			t.Errorf("%s: the schema says %v", wrong, said)
		}
	}
}

// against is what a schema says of a YAML text: the words of JSON schema that ours uses, and no others.
func against(t *testing.T, schema map[string]any, text []byte) (said []string) {
	t.Helper()
	plain, err := yaml.YAMLToJSON(text)
	if err != nil {
		t.Fatal(err)
	}
	var value any
	if err := json.Unmarshal(plain, &value); err != nil {
		t.Fatal(err)
	}
	judge(t, "", schema, value, func(at, what string) { said = append(said, at+": "+what) })
	return said
}

func judge(t *testing.T, at string, s map[string]any, value any, wrong func(at, what string)) {
	t.Helper()
	if ref, says := s["$ref"].(string); says { // of a part that is made of such parts
		var whole map[string]any
		if err := json.Unmarshal(policies.Schema(), &whole); err != nil {
			t.Fatal(err)
		}
		parts, _ := whole["$defs"].(map[string]any)
		s, says = parts[strings.TrimPrefix(ref, "#/$defs/")].(map[string]any)
		if !says {
			t.Fatalf("%s: the schema refers to %s, which it has not", at, ref)
		}
	}
	for word := range s {
		if !slices.Contains([]string{"$schema", "$defs", "title", "description", "type", "pattern", "enum", "minimum", "items", "properties", "required", "additionalProperties"}, word) {
			t.Fatalf("%s: the schema says %q, and this test knows it not", at, word)
		}
	}
	if allowed, says := s["enum"].([]any); says && !slices.Contains(allowed, value) {
		wrong(at, fmt.Sprint("not one of ", allowed))
	}
	if types := typesOf(s); len(types) > 0 && !slices.Contains(types, typeOf(value)) && !(typeOf(value) == "integer" && slices.Contains(types, "number")) {
		wrong(at, fmt.Sprintf("%v is no %v", value, types))
		return
	}
	switch v := value.(type) {
	case string:
		if pattern, says := s["pattern"].(string); says && !regexp.MustCompile(pattern).MatchString(v) {
			wrong(at, v+" is not like "+pattern)
		}
	case []any:
		items, _ := s["items"].(map[string]any)
		for i, one := range v {
			judge(t, fmt.Sprintf("%s[%d]", at, i), items, one, wrong)
		}
	case map[string]any:
		fields, _ := s["properties"].(map[string]any)
		for name, one := range v {
			field, known := fields[name].(map[string]any)
			if !known {
				wrong(at, "no field "+name)
				continue
			}
			judge(t, at+"."+name, field, one, wrong)
		}
		for _, name := range s["required"].([]any) {
			if _, there := v[name.(string)]; !there {
				wrong(at, "without "+name.(string))
			}
		}
	}
}

func typesOf(s map[string]any) (types []string) {
	switch v := s["type"].(type) {
	case string:
		types = []string{v}
	case []any:
		for _, one := range v {
			types = append(types, one.(string))
		}
	}
	return types
}

func typeOf(value any) string {
	switch v := value.(type) {
	case nil:
		return "null"
	case bool:
		return "boolean"
	case string:
		return "string"
	case float64:
		if v == float64(int64(v)) {
			return "integer"
		}
		return "number"
	case []any:
		return "array"
	}
	return "object"
}

// All that is wrong is said at once, with its line: one fault of each part.
func TestACheckSaysAllThatIsWrong(t *testing.T) {
	text := strings.NewReplacer("treasury: finance", "treasury: nobody", "zh: 财政, ", "", "departments: [finance]", "departments: [none]", `amount: "10.00", `, "",
		"currency: CNY", "currency: yuan").Replace(small) + `  - id: "1"
    name: {zh: 二, en: Two}
    source: 二
    departments: [finance]
    cap: {amount: null, subject: project, period: total}
`
	_, faults, err := policies.Check(strings.NewReader(text), "f.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var paths []string
	for _, f := range faults {
		if f.Line == 0 || f.Reason.ZH == "" || f.Reason.EN == "" {
			t.Errorf("%+v", f)
		}
		paths = append(paths, f.Path)
	}
	want := []string{"currency", "departments[0].name", "clauses[0].departments[0]", "clauses[0].cap", "clauses[1].id"}
	if !slices.Equal(paths, want) {
		t.Errorf("it says %v, not %v", paths, want)
	}
	if _, faults, _ := policies.Check(strings.NewReader("fund: [\n"), "f.yaml"); len(faults) != 1 || faults[0].Line == 0 {
		t.Errorf("of what is no YAML it says %v", faults)
	}
	if _, faults, _ := policies.Check(strings.NewReader(small), "f.yaml"); len(faults) != 0 {
		t.Errorf("of what is right it says %v", faults)
	}
}
