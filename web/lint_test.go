package web_test

import (
	"fmt"
	"mime"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The fields that OpenAPI 3.1 knows of each object that the document has, those that have to be there with a "!".
var openAPIFields = map[string]string{
	"document":  "openapi! info! jsonSchemaDialect servers paths! webhooks components security tags externalDocs",
	"info":      "title! version! summary description termsOfService contact license",
	"item":      "summary description servers parameters get put post delete options head patch trace",
	"operation": "tags! summary! description externalDocs operationId! parameters requestBody responses! callbacks deprecated security servers",
	"parameter": "name! in! description required deprecated allowEmptyValue style explode allowReserved schema! example examples",
	"header":    "description required deprecated style explode schema! example examples",
	"body":      "description content! required",
	"response":  "description! headers content links",
	"media":     "schema! example examples encoding",
	"schema": "$ref type enum const pattern format minimum maximum minLength maxLength items properties required additionalProperties description examples oneOf anyOf allOf " +
		"discriminator title default minItems maxItems uniqueItems contentEncoding contentMediaType",
}

// linter goes through the document by what the specification says, knowing nothing of what wrote it.
type linter struct {
	t   *testing.T
	doc map[string]any
}

func (l linter) object(kind, where string, v any) map[string]any {
	l.t.Helper()
	o, ok := v.(map[string]any)
	if !ok {
		l.t.Errorf("%s is no object", where)
		return nil
	}
	var known []string
	for field := range strings.FieldsSeq(openAPIFields[kind]) {
		name, needed := strings.CutSuffix(field, "!")
		known = append(known, name)
		if _, there := o[name]; needed && !there {
			l.t.Errorf("%s has no %s", where, name)
		}
	}
	for name := range o {
		if !slices.Contains(known, name) && !strings.HasPrefix(name, "x-") {
			l.t.Errorf("%s has %q, which OpenAPI 3.1 does not know of a %s", where, name, kind)
		}
	}
	if text, there := o["description"]; there && kind != "schema" && text == "" {
		l.t.Errorf("%s has an empty description", where)
	}
	return o
}

func (l linter) schema(where string, v any) {
	s := l.object("schema", where, v)
	if to, ok := s["$ref"].(string); ok {
		if name, local := strings.CutPrefix(to, "#/components/schemas/"); !local || l.schemas()[name] == nil {
			l.t.Errorf("%s refers to %s, which is not there", where, to)
		}
		if len(s) != 1 {
			l.t.Errorf("%s says more beside $ref", where)
		}
	}
	kinds := schemas{}.kinds(s)
	for _, kind := range kinds {
		if !slices.Contains([]string{"null", "boolean", "object", "array", "number", "string", "integer"}, kind) {
			l.t.Errorf("%s is of the type %q", where, kind)
		}
	}
	if slices.Contains(kinds, "array") != (s["items"] != nil) {
		l.t.Errorf("%s is an array without items, or has items and is none", where)
	}
	if pattern, ok := s["pattern"].(string); ok {
		if _, err := regexp.Compile(pattern); err != nil {
			l.t.Errorf("%s: %v", where, err)
		}
	}
	properties, _ := s["properties"].(map[string]any)
	for name, one := range properties {
		l.schema(where+"."+name, one)
	}
	for _, name := range list(s["required"]) {
		if properties[name] == nil {
			l.t.Errorf("%s requires %s, which it does not have", where, name)
		}
	}
	for _, part := range []string{"items", "additionalProperties"} {
		if _, isSchema := s[part].(map[string]any); isSchema {
			l.schema(where+"."+part, s[part])
		}
	}
	for _, part := range []string{"oneOf", "anyOf", "allOf"} {
		for i, one := range anyList(s[part]) {
			l.schema(fmt.Sprintf("%s.%s[%d]", where, part, i), one)
		}
	}
}

func (l linter) schemas() map[string]any {
	return l.doc["components"].(map[string]any)["schemas"].(map[string]any)
}

func (l linter) content(where string, v any) {
	types, _ := v.(map[string]any)
	for media, one := range types {
		if _, _, err := mime.ParseMediaType(media); err != nil {
			l.t.Errorf("%s: %q: %v", where, media, err)
		}
		l.schema(where+" "+media, l.object("media", where+" "+media, one)["schema"])
	}
}

func (l linter) parameter(where, path string, v any, seen map[string]bool) {
	p := l.object("parameter", where, v)
	in, _ := p["in"].(string)
	name, _ := p["name"].(string)
	if !slices.Contains([]string{"query", "header", "path", "cookie"}, in) || seen[in+" "+name] {
		l.t.Errorf("%s: the parameter %q in %q is odd, or there twice", where, name, in)
	}
	seen[in+" "+name] = true
	if in == "path" && (p["required"] != true || !strings.Contains(path, "{"+name+"}")) {
		l.t.Errorf("%s: %s is in the path and not required, or not in it", where, name)
	}
	if in == "header" && slices.Contains([]string{"accept", "content-type", "authorization"}, strings.ToLower(name)) {
		l.t.Errorf("%s: %s is no parameter by OpenAPI", where, name)
	}
	l.schema(where+" "+name, p["schema"])
}

func (l linter) operation(where, path string, v any, tags []string) {
	op := l.object("operation", where, v)
	seen := map[string]bool{}
	for _, p := range anyList(op["parameters"]) {
		l.parameter(where, path, p, seen)
	}
	for _, found := range regexp.MustCompile(`\{(\w+)\}`).FindAllStringSubmatch(path, -1) {
		if !seen["path "+found[1]] {
			l.t.Errorf("%s does not describe %s", where, found[1])
		}
	}
	for _, tag := range list(op["tags"]) {
		if !slices.Contains(tags, tag) {
			l.t.Errorf("%s has the tag %s, which is not declared", where, tag)
		}
	}
	if body, there := op["requestBody"]; there {
		l.content(where, l.object("body", where+" body", body)["content"])
	}
	responses, _ := op["responses"].(map[string]any)
	for status, one := range responses {
		if status != "default" && !regexp.MustCompile(`^[1-5]([0-9]{2}|XX)$`).MatchString(status) {
			l.t.Errorf("%s answers %s", where, status)
		}
		response := l.object("response", where+" "+status, one)
		l.content(where+" "+status, response["content"])
		headers, _ := response["headers"].(map[string]any)
		for name, h := range headers {
			l.schema(where+" "+name, l.object("header", where+" "+name, h)["schema"])
		}
	}
	if len(responses) < 2 || responses["default"] == nil {
		l.t.Errorf("%s describes %d answers", where, len(responses))
	}
}

func TestTheDocumentIsOpenAPI(t *testing.T) {
	h := open(t)
	doc := decode(t, h.ask("GET", "/openapi.json", h.token("an", "analyst"), "").want(t, http.StatusOK).body)
	l := linter{t, doc}
	l.object("document", "the document", doc)
	l.object("info", "info", doc["info"])
	if version, _ := doc["openapi"].(string); !strings.HasPrefix(version, "3.1.") {
		t.Errorf("it is OpenAPI %s", version)
	}
	var tags []string
	for _, tag := range anyList(doc["tags"]) {
		tags = append(tags, tag.(map[string]any)["name"].(string))
	}
	schemes := doc["components"].(map[string]any)["securitySchemes"].(map[string]any)
	for _, way := range anyList(doc["security"]) {
		for name := range way.(map[string]any) {
			if schemes[name] == nil {
				t.Errorf("there is no security scheme %s", name)
			}
		}
	}
	for name, s := range l.schemas() {
		if !regexp.MustCompile(`^[a-zA-Z0-9._-]+$`).MatchString(name) {
			t.Errorf("a schema cannot be called %q", name)
		}
		l.schema(name, s)
	}
	for path, item := range doc["paths"].(map[string]any) {
		if !strings.HasPrefix(path, "/") || strings.HasSuffix(path, "/") {
			t.Errorf("the path %q is odd", path)
		}
		for method, op := range l.object("item", path, item) {
			l.operation(method+" "+path, path, op, tags)
		}
	}
}
