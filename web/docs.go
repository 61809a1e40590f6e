package web

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"strings"

	"github.com/fundledger/fundledger/domain"
)

//go:embed docs.html
var docsText string

//go:embed docs.css
var docsStyle []byte

var docsTemplate = template.Must(template.New("docs").Parse(docsText))

type docsRoute struct {
	Method, Path, Summary, Roles string
	Params                       []docsParam
	Columns                      []docsColumn
}

type docsParam struct{ Name, Text, Values string }

type docsColumn struct{ Name, Heading, Kind string }

type docsCommand struct {
	Name, Help, Roles string
	Fields            []docsColumn
}

// docsPage is the documentation as a page, in a language: the same table of routes, for people.
func docsPage(d *document, lang string) ([]byte, error) {
	page := struct {
		EN       bool
		Routes   []docsRoute
		Commands []docsCommand
		Codes    []string
	}{EN: lang == "en", Codes: codes()}
	for _, rt := range routes {
		if !rt.described {
			continue
		}
		one := docsRoute{Method: rt.method, Path: rt.path, Summary: rt.summary.In(lang), Roles: joinRoles(rt.roles)}
		params := rt.params
		if rt.list != nil {
			params = rt.list.params
			for _, c := range rt.list.columns {
				one.Columns = append(one.Columns, docsColumn{c.Name, c.Heading(lang), c.Kind.String()})
			}
		}
		for _, p := range params {
			one.Params = append(one.Params, docsParam{p.Name, p.Meaning.In(lang), strings.Join(p.Choices, ", ")})
		}
		page.Routes = append(page.Routes, one)
	}
	for _, verb := range domain.Verbs {
		if verb.Local {
			continue
		}
		one := docsCommand{Name: verb.Name, Help: verb.Help.In(lang), Roles: joinRoles(verb.Roles)}
		schema := d.schemas[titled(verb.Name)].(object)
		for _, field := range sorted(schema["properties"].(object)) {
			if field != "command" {
				own, _ := verb.Field(field)
				one.Fields = append(one.Fields, docsColumn{Name: field, Heading: own.Label.In(lang)})
			}
		}
		page.Commands = append(page.Commands, one)
	}
	var b bytes.Buffer
	if err := docsTemplate.Execute(&b, page); err != nil {
		return nil, fmt.Errorf("writing /docs: %w", err)
	}
	return b.Bytes(), nil
}
