package web

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"sort"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/shopspring/decimal"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/tabular"
)

// object is a JSON object of the document.
type object = map[string]any

// describe makes /openapi.json and the pages of /docs from the table of routes.
func (s *Server) describe() error {
	d := &document{schemas: object{}, types: map[string]reflect.Type{}}
	doc := d.openAPI(string(s.cfg.Fund))
	err := d.err
	if err != nil {
		return err
	}
	if s.spec, err = json.Marshal(doc, json.Deterministic(true), jsontext.WithIndent("  ")); err != nil {
		return fmt.Errorf("writing /openapi.json: %w", err)
	}
	if s.docs, err = docsPage(d, "zh"); err != nil {
		return err
	}
	s.docsEN, err = docsPage(d, "en")
	return err
}

// document gathers the schemas that its paths refer to.
type document struct {
	schemas object
	types   map[string]reflect.Type // that the schemas are of, by name
	err     error
}

func ref(name string) object { return object{"$ref": "#/components/schemas/" + name} }

func (d *document) openAPI(fund string) object {
	paths := object{}
	for _, rt := range routes {
		if !rt.described {
			continue
		}
		path := strings.ReplaceAll(rt.path, "...}", "}") // which the document has no way to say
		item, ok := paths[path].(object)
		if !ok {
			item = object{}
			paths[path] = item
		}
		item[strings.ToLower(rt.method)] = d.operation(rt)
	}
	d.schemas["Problem"] = d.problem()
	return object{
		"openapi":           "3.1.0",
		"jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
		"info": object{"title": "fundledger", "version": "1", "summary": "The ledger of the fund " + fund,
			"description": "Amounts are strings with two decimals, dates are days in Asia/Shanghai, times are UTC. 金额为两位小数的字符串。",
			"license":     object{"name": "see LICENSE", "identifier": "Apache-2.0"}},
		"servers":  []any{object{"url": "/", "description": "this service"}},
		"security": []any{object{"token": []any{}}, object{"session": []any{}}},
		"tags":     []any{object{"name": "commands", "description": "What is decided"}, object{"name": "questions", "description": "What is asked"}},
		"paths":    paths,
		"components": object{"schemas": d.schemas, "securitySchemes": object{
			"token":   object{"type": "http", "scheme": "bearer", "description": "An API token (fundledger token create)."},
			"session": object{"type": "apiKey", "in": "cookie", "name": sessionCookie, "description": "A browser that signed in at /login."}}},
	}
}

func (d *document) operation(rt route) object {
	op := object{"operationId": operationID(rt), "summary": rt.summary.EN, "description": rt.summary.ZH + "\n\nRoles: " + orElse(joinRoles(rt.roles), "any") + ".",
		"tags": []any{"questions"}}
	responses := object{"default": object{"description": "A problem (RFC 9457)", "content": object{"application/problem+json": object{"schema": ref("Problem")}}}}
	op["responses"] = responses
	switch {
	case rt.list != nil:
		op["parameters"] = d.parameters(rt)
		responses["200"] = d.page(*rt.list)
		responses["304"] = object{"description": "Nothing has changed since the position in If-None-Match, of a past moment"}
	case rt.path == "/v1/commands":
		op["tags"] = []any{"commands"}
		op["parameters"] = []any{header("Idempotency-Key", "The command's id, where the body has none."), header("X-Act-As", "role@department: in which of their grants the viewer acts."),
			header("If-Match", "The ETag of /v1/applications/{id}: decide only while the application and its headroom are as they were read. Or the ETag of another answer: decide only while nothing at all was recorded since.")}
		op["requestBody"] = object{"required": true, "content": object{"application/json": object{"schema": d.commands()}}}
		responses["200"] = jsonAnswer("The outcome, durable", d.outcome())
	case rt.path == "/v1/commands/batch":
		op["tags"] = []any{"commands"}
		op["parameters"] = []any{header("X-Act-As", "role@department: in which of their grants the viewer acts."),
			object{"name": "actors", "in": "query", "description": "lines: an admin imports, and each line names its actor; a line may begin with formerly, the id that an earlier release gave the same row of a file: what is booked under it is not booked again", "schema": object{"type": "string", "enum": []any{"mine", "lines"}}},
			object{"name": "retry_refused", "in": "query", "description": "true, with actors=lines: what an earlier import was refused is asked again", "schema": object{"type": "boolean", "default": false}},
			object{"name": "dry_run", "in": "query", "description": "true, with actors=lines: decided on a copy in memory; nothing is booked", "schema": object{"type": "boolean", "default": false}}}
		op["parameters"] = append(op["parameters"].([]any), header("Prefer", "respond-async: decide it meanwhile and answer 202 with Location, the job's address."))
		responses["202"] = object{"description": "It is decided meanwhile", "headers": object{"Location": object{"description": "The job: /v1/jobs/{id}", "schema": object{"type": "string"}}},
			"content": object{"application/json": object{"schema": d.reflected("Job", reflect.TypeFor[Job]())}}}
		op["requestBody"] = object{"required": true, "content": object{"application/x-ndjson": object{"schema": object{"type": "string", "description": "one command a line"}}}}
		responses["200"] = object{"description": "One answer a line, in the order of the commands", "content": object{"application/x-ndjson": object{"schema": d.reflected("BatchLine", reflect.TypeFor[line]())}}}
	case rt.media != "":
		op["parameters"] = d.parameters(rt)
		responses["200"] = object{"description": rt.summary.EN, "content": object{rt.media: object{"schema": object{"type": "string"}}}}
	case rt.path == "/v1/jobs/{id}/outcomes":
		op["parameters"] = d.parameters(rt)
		responses["200"] = object{"description": "One answer a line", "content": object{"application/x-ndjson": object{"schema": d.reflected("BatchLine", reflect.TypeFor[line]())}}}
	case rt.answer != nil:
		op["parameters"] = d.parameters(rt)
		responses["200"] = jsonAnswer(rt.summary.EN, d.reflected(schemaName(rt.answer), rt.answer))
	}
	if rt.path == "/v1/files" {
		op["requestBody"] = object{"required": true, "content": object{"application/octet-stream": object{"schema": object{"type": "string", "format": "binary"}}}}
	}
	if rt.body != nil {
		op["requestBody"] = object{"required": true, "content": object{"application/json": object{"schema": d.reflected(schemaName(rt.body), rt.body)}}}
	}
	return op
}

func jsonAnswer(text string, schema object) object {
	return object{"description": text, "headers": object{"ETag": object{"description": "The ledger's position", "schema": object{"type": "string"}}},
		"content": object{"application/json": object{"schema": schema}}}
}

func header(name, text string) object {
	return object{"name": name, "in": "header", "description": text, "schema": object{"type": "string"}}
}

func operationID(rt route) string {
	name := strings.NewReplacer("/v1/", "", "/", "_", "{", "", "...}", "", "}", "").Replace(rt.path)
	return strings.ToLower(rt.method) + "_" + name
}

func (d *document) parameters(rt route) []any {
	var list []any
	for part := range strings.SplitSeq(rt.path, "/") {
		if name, ok := strings.CutPrefix(part, "{"); ok {
			list = append(list, object{"name": strings.TrimSuffix(strings.TrimSuffix(name, "}"), "..."), "in": "path", "required": true, "schema": object{"type": "string"}})
		}
	}
	params := rt.params
	if rt.list != nil {
		params = rt.list.params
	}
	for _, p := range params {
		list = append(list, object{"name": p.Name, "in": "query", "description": inBoth(p.Meaning), "schema": paramSchema(p)})
	}
	return list
}

func paramSchema(p param) object {
	s := object{"type": "string"}
	switch p.Kind {
	case projections.Year:
		s = object{"type": "integer", "minimum": 1900, "maximum": 9999}
	case projections.AnyYear:
		s = object{"type": "integer", "minimum": 0, "maximum": 9999}
	case projections.Several:
		one := "(" + strings.Join(p.Choices, "|") + ")"
		s["pattern"] = "^" + one + "(," + one + ")*$"
		return s
	case projections.Count:
		s = object{"type": "integer", "minimum": 1}
	case projections.Position:
		s = object{"type": "integer", "minimum": 0}
	case projections.Day:
		s["format"] = "date"
	}
	if len(p.Choices) > 0 {
		values := make([]any, len(p.Choices))
		for i, v := range p.Choices {
			values[i] = v
		}
		s["enum"] = values
	}
	return s
}

// page is the answer of a list.
func (d *document) page(l list) object {
	name := titled(l.Name)
	d.schemas[name+"Row"] = rowSchema(l.columns)
	d.schemas[name+"Page"] = object{"type": "object", "required": []any{"seq", "rows"}, "additionalProperties": false, "properties": object{
		"seq":  object{"type": "integer", "minimum": 0, "description": "the position that the page answers for"},
		"next": object{"type": "string", "description": "the cursor of the next page; left out on the last"},
		"rows": object{"type": "array", "items": ref(name + "Row")}}}
	content := object{"application/json": object{"schema": ref(name + "Page")}}
	for _, f := range []tabular.Format{tabular.CSV, tabular.NDJSON, tabular.XLSX, tabular.Parquet} {
		media, _, _ := strings.Cut(f.ContentType(), ";")
		content[media] = object{"schema": object{"type": "string", "description": "everything that is filtered"}}
	}
	text := func(s string) object { return object{"description": s, "schema": object{"type": "string"}} }
	return object{"description": inBoth(l.Title), "content": content, "headers": object{
		"ETag": text("The position"), "Link": text(`The next page: rel="next"`), "Fundledger-Position": text("The position that is answered for"),
		"Fundledger-Rows": text("Of a file: its rows; a trailer where it is long"), "Fundledger-Totals": text("Of a file: its control totals, a JSON object; a trailer where it is long")}}
}

// inBoth is a text as the document tells it, which has one description for all readers.
func inBoth(t domain.Text) string { return t.EN + " / " + t.ZH }

func titled(name string) string {
	var b strings.Builder
	for part := range strings.SplitSeq(name, "_") {
		b.WriteString(strings.ToUpper(part[:1]) + part[1:])
	}
	return b.String()
}

// rowSchema is a row of a table, by its columns.
func rowSchema(columns []tabular.Column) object {
	properties, required := object{}, make([]any, len(columns))
	for i, c := range columns {
		required[i] = c.Name
		properties[c.Name] = columnSchema(c)
	}
	return object{"type": "object", "properties": properties, "required": required, "additionalProperties": false}
}

const (
	moneyPattern = `^-?[0-9]+\.[0-9]{2}$`
	ratioPattern = `^-?[0-9]+\.[0-9]{4}$`
)

func columnSchema(c tabular.Column) object {
	nullable := func(kind string, more object) object {
		s := object{"type": []any{kind, "null"}, "description": inBoth(c.Meaning)}
		for k, v := range more {
			s[k] = v
		}
		return s
	}
	switch c.Kind {
	case tabular.Money:
		return nullable("string", object{"pattern": moneyPattern})
	case tabular.Ratio:
		return nullable("string", object{"pattern": ratioPattern})
	case tabular.Integer:
		return nullable("integer", nil)
	case tabular.Bool:
		return nullable("boolean", nil)
	case tabular.Date:
		return nullable("string", object{"format": "date"})
	case tabular.Time:
		return nullable("string", object{"format": "date-time"})
	}
	return nullable("string", nil)
}

func (d *document) problem() object {
	return object{"type": "object", "required": []any{"type", "title", "status", "detail", "code", "message"}, "additionalProperties": false, "properties": object{
		"type": object{"type": "string"}, "title": object{"type": "string"}, "status": object{"type": "integer"},
		"detail":  object{"type": "string", "description": "in the asked language"},
		"code":    object{"type": "string", "description": "stable: " + strings.Join(codes(), ", ")},
		"rule":    object{"type": "string", "description": "of a refusal: R1 to R15"},
		"figures": object{"type": "object", "additionalProperties": object{"type": "string"}},
		"message": object{"type": "object", "required": []any{"zh", "en"}, "properties": object{"zh": object{"type": "string"}, "en": object{"type": "string"}}}}}
}

// codes are all codes of problems, refusals first.
func codes() []string {
	var rules, ours []string
	for code := range domain.RefusalCodes() {
		rules = append(rules, code)
	}
	for code := range problems {
		ours = append(ours, code)
	}
	sort.Strings(rules)
	sort.Strings(ours)
	return append(rules, ours...)
}

func (d *document) outcome() object {
	d.schemas["Outcome"] = object{"type": "object", "required": []any{"id", "first_seq", "last_seq"}, "additionalProperties": false, "properties": object{
		"id": object{"type": "string"}, "first_seq": object{"type": "integer"}, "last_seq": object{"type": "integer"},
		"repeated": object{"type": "boolean", "description": "it had been accepted before"}}}
	return ref("Outcome")
}

// commands is one of all commands.
func (d *document) commands() object {
	var one []any
	mapping := object{}
	for _, verb := range domain.Verbs {
		if verb.Local {
			continue
		}
		name := titled(verb.Name)
		s := d.structSchema(reflect.TypeOf(verb.New()).Elem())
		properties := s["properties"].(object)
		for _, f := range verb.Fields {
			if described := maps.Clone(properties[f.Name].(object)); described["$ref"] == nil {
				described["title"] = f.Label.EN
				properties[f.Name] = described
			}
		}
		properties["command"] = object{"type": "string", "const": verb.Name}
		s["required"] = append([]any{"command"}, s["required"].([]any)...)
		s["description"] = verb.Help.EN + " Roles: " + joinRoles(verb.Roles)
		d.schemas[name] = s
		mapping[verb.Name] = "#/components/schemas/" + name
		one = append(one, ref(name))
	}
	d.schemas["Command"] = object{"oneOf": one, "discriminator": object{"propertyName": "command", "mapping": mapping}}
	return ref("Command")
}

// prefixed are the rooms whose types have "Audit" before their name in the document: domain has some of the same name, and the first
// release told them so when these rooms were one.
var prefixed = []string{"audit", "audit/office", "audit/sampling", "archive", "proof", "replay"}

// schemaName is what a Go type is called in the document.
func schemaName(t reflect.Type) string {
	if room, ours := strings.CutPrefix(t.PkgPath(), "github.com/fundledger/fundledger/"); ours && slices.Contains(prefixed, room) {
		return "Audit" + t.Name()
	}
	return t.Name()
}

// reflected is the schema of a Go type under a name.
func (d *document) reflected(name string, t reflect.Type) object {
	name = strings.ToUpper(name[:1]) + name[1:]
	if of, known := d.types[name]; known && of != t {
		d.err = fmt.Errorf("writing /openapi.json: %s and %s are both called %s there", of, t, name)
	}
	if _, known := d.schemas[name]; !known {
		d.types[name] = t
		d.schemas[name] = object{} // against going round
		d.schemas[name] = d.structSchema(t)
	}
	return ref(name)
}

// structSchema is a struct by its json tags. What may be left out is not required; a command's id and date may come by
// the header, and its actor comes by the login.
func (d *document) structSchema(t reflect.Type) object {
	properties, required := object{}, []any{}
	for _, f := range reflect.VisibleFields(t) {
		tag := f.Tag.Get("json")
		name, options, _ := strings.Cut(tag, ",")
		if f.Anonymous && name == "" || name == "-" || name == "" || len(f.Index) > 1 && !promoted(t, f) {
			continue
		}
		properties[name] = d.typeSchema(f.Type)
		if f.Type.Kind() == reflect.Pointer && !strings.Contains(options, "omit") {
			properties[name] = object{"anyOf": []any{properties[name], object{"type": "null"}}}
		}
		if !strings.Contains(options, "omit") && f.Type.Kind() != reflect.Pointer && !(f.Index[0] == 0 && len(f.Index) > 1) {
			required = append(required, name)
		}
	}
	return object{"type": "object", "properties": properties, "required": required, "additionalProperties": false}
}

// promoted reports whether a field stands in the JSON object itself: all on its way are embedded.
func promoted(t reflect.Type, f reflect.StructField) bool {
	for i := 1; i < len(f.Index); i++ {
		if way := t.FieldByIndex(f.Index[:i]); !way.Anonymous || way.Tag.Get("json") != "" {
			return false
		}
	}
	return true
}

var special = map[reflect.Type]object{
	reflect.TypeFor[domain.Money]():        {"type": "string", "pattern": `^-?[0-9]+(\.[0-9]{1,2})?$`, "examples": []any{"1800000.00"}},
	reflect.TypeFor[domain.Ceiling]():      {"type": []any{"string", "null"}, "pattern": `^[0-9]+(\.[0-9]{1,2})?$`, "description": "null where none is stated"},
	reflect.TypeFor[domain.Date]():         {"type": "string", "format": "date"},
	reflect.TypeFor[domain.SupportYear]():  {"type": "integer", "minimum": 0, "maximum": 9999},
	reflect.TypeFor[decimal.NullDecimal](): {"type": []any{"string", "null"}},
	reflect.TypeFor[jsontext.Value]():      {},
	reflect.TypeFor[tlog.Hash]():           {"type": "string", "contentEncoding": "base64"},
	reflect.TypeFor[[]byte]():              {"type": "string", "contentEncoding": "base64"},
}

func (d *document) typeSchema(t reflect.Type) object {
	if s, ok := special[t]; ok {
		return s
	}
	switch t.Kind() {
	case reflect.Pointer:
		return d.typeSchema(t.Elem())
	case reflect.String:
		return object{"type": "string"}
	case reflect.Bool:
		return object{"type": "boolean"}
	case reflect.Int, reflect.Int64, reflect.Uint64, reflect.Uint16, reflect.Uint8, reflect.Uint32:
		return object{"type": "integer"}
	case reflect.Slice:
		return object{"type": "array", "items": d.typeSchema(t.Elem())}
	case reflect.Map:
		return object{"type": "object", "additionalProperties": d.typeSchema(t.Elem())}
	case reflect.Struct:
		if t.Implements(reflect.TypeFor[interface{ MarshalText() ([]byte, error) }]()) {
			return object{"type": "string"}
		}
		if t.Implements(reflect.TypeFor[interface{ MarshalJSON() ([]byte, error) }]()) || reflect.PointerTo(t).Implements(reflect.TypeFor[interface{ UnmarshalJSON([]byte) error }]()) {
			return object{"type": []any{"string", "null", "object"}}
		}
		return d.reflected(schemaName(t), t)
	}
	return object{}
}

func sorted(o object) []string {
	names := make([]string, 0, len(o))
	for name := range o {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}
