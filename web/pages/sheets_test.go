package pages

import (
	"html/template"
	"io"
	"io/fs"
	"maps"
	"path"
	"reflect"
	"slices"
	"strings"
	"testing"
	"text/template/parse"

	"github.com/fundledger/fundledger/web"
)

// ofTemplates are the templates of a page with those that all share.
func ofTemplates(t *testing.T, page string) map[string]string {
	t.Helper()
	names, err := fs.Glob(files, "templates/*.html")
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{}
	for _, name := range append(names, "templates/pages/"+page+".html") {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			t.Fatal(err)
		}
		texts[path.Base(name)] = string(text)
	}
	return texts
}

func newChecker(t *testing.T, texts map[string]string, funcs map[string]any) *checker {
	t.Helper()
	trees, err := readTemplates(texts, funcs)
	if err != nil {
		t.Fatal(err)
	}
	c := &checker{trees: trees, funcs: map[string]reflect.Type{}, seen: map[string]bool{}, used: map[string]bool{}}
	for name, f := range funcs {
		c.funcs[name] = reflect.TypeOf(f)
	}
	return c
}

// checkPage checks a page, and the fragments that its script asks for.
func (c *checker) checkPage(page string) {
	c.check("layout", sheets[page])
	for name, of := range fragments {
		c.used["template "+name] = true
		c.check(name, of)
	}
}

// Every template says of its data only what its type has: in every branch, taken or not.
func TestTemplatesFitTheirData(t *testing.T) {
	funcs := functions("zh", web.UnitYuan, noPolicy, strings.TrimSpace)
	shared, used := map[string]bool{}, map[string]bool{}
	for _, page := range slices.Sorted(maps.Keys(sheets)) {
		c := newChecker(t, ofTemplates(t, page), funcs)
		c.checkPage(page)
		for _, fault := range c.faults {
			t.Error(page, ": ", fault)
		}
		maps.Copy(used, c.used)
		for name, tree := range c.trees {
			switch {
			case strings.HasSuffix(name, ".html"): // what stands between the templates of a file
			case tree.ParseName == page+".html" && !c.used["template "+name]:
				t.Errorf("%s: nothing renders its template %q", page, name)
			case tree.ParseName != page+".html":
				shared[name] = true
			}
		}
	}
	for name := range shared {
		if name != "layout" && !used["template "+name] {
			t.Errorf("nothing renders the template %q", name)
		}
	}
	for name := range funcs {
		if !used["function "+name] {
			t.Errorf("no template says %q", name)
		}
	}
	names, err := fs.Glob(files, "templates/pages/*.html")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if page := strings.TrimSuffix(path.Base(name), ".html"); sheets[page] == nil {
			t.Errorf("no page is written with %s", name)
		}
	}
}

// What is misspelt where the data does not lead is found all the same: html/template renders each of these without
// a word.
func TestTheCheckerSeesBranchesThatAreNotTaken(t *testing.T) {
	type row struct{ Amount int }
	type data struct {
		Never bool
		None  *row
		Empty []row
		Table map[string]row
		Text  string
	}
	funcs := map[string]any{"double": func(n int) int { return 2 * n }}
	const called = `{{define "r"}}{{.Amount}}{{end}}`
	for name, c := range map[string]struct{ text, right, wrong string }{
		"a field in an if":               {`{{if .Never}}{{?}}{{end}}`, ".Text", ".Texd"},
		"a field in an else":             {`{{if not .Never}}{{else}}{{?}}{{end}}`, ".Text", ".Texd"},
		"a field in a with":              {`{{with .None}}{{?}}{{end}}`, ".Amount", ".Amound"},
		"a field in a range":             {`{{range .Empty}}{{?}}{{end}}`, ".Amount", ".Amound"},
		"a field of a variable":          {`{{range $i, $r := .Empty}}{{?}}{{end}}`, "$r.Amount", "$r.Amound"},
		"a field of a map's value":       {`{{range $k, $r := .Table}}{{?}}{{end}}`, "$r.Amount", "$r.Amound"},
		"a field of the whole":           {`{{range .Empty}}{{?}}{{end}}`, "$.Text", "$.Texd"},
		"a field of what encloses dot":   {`{{range .Empty}}{{?}}{{end}}`, "$.Text", ".Text"},
		"a field in a called template":   {`{{range .Empty}}{{template "r" ?}}{{end}}` + called, ".", ".Amount"},
		"a template called without dot":  {`{{range .Empty}}{{template "r" ?}}{{end}}` + called, ".", ""},
		"a template that is none":        {`{{range .Empty}}{{template "?" .}}{{end}}` + called, "r", "s"},
		"a field as an argument":         {`{{range .Empty}}{{double ?}}{{end}}`, ".Amount", ".Amound"},
		"a function's argument":          {`{{if .Never}}{{double ?}}{{end}}`, "(len .Text)", ".Text"},
		"too many arguments":             {`{{if .Never}}{{double ?}}{{end}}`, "1", "1 2"},
		"a comparison of two kinds":      {`{{if .Never}}{{if eq .Text ?}}{{end}}{{end}}`, `"a"`, "1"},
		"a range over what is no list":   {`{{if .Never}}{{range ?}}{{end}}{{end}}`, ".Empty", ".None"},
		"an index of another type":       {`{{if .Never}}{{index .Table ?}}{{end}}`, `"a"`, "1"},
		"a field of what has no members": {`{{if .Never}}{{?}}{{end}}`, ".None.Amount", ".Text.Amount"},
	} {
		t.Run(name, func(t *testing.T) {
			for said, wrong := range map[string]bool{c.right: false, c.wrong: true} {
				text := strings.Replace(c.text, "?", said, 1)
				rendered := template.Must(template.New("a").Funcs(funcs).Parse(text))
				if err := rendered.Execute(io.Discard, data{}); err != nil && !strings.Contains(err.Error(), "no such template") {
					t.Fatalf("%s: the branch was taken: %v", text, err)
				}
				checked := newChecker(t, map[string]string{"a": text}, funcs)
				checked.check("a", reflect.TypeFor[data]())
				if found := len(checked.faults) > 0; found != wrong {
					t.Errorf("%s: found %v", text, checked.faults)
				}
			}
		})
	}
}

// Each name in the templates of pages, misspelt, is found: the checker comes to all of them.
func TestTheCheckerSeesEveryName(t *testing.T) {
	funcs, tried := functions("zh", web.UnitYuan, noPolicy, strings.TrimSpace), map[string]bool{}
	for _, page := range slices.Sorted(maps.Keys(sheets)) {
		c := newChecker(t, ofTemplates(t, page), funcs)
		c.checkPage(page)
		for name, tree := range c.trees {
			if tried[tree.ParseName+name] || name != "layout" && !c.used["template "+name] {
				continue
			}
			tried[tree.ParseName+name] = true
			for _, names := range mentioned(tree.Root) {
				right := names[len(names)-1]
				names[len(names)-1] += "x"
				c.seen, c.faults = map[string]bool{}, nil
				if c.checkPage(page); len(c.faults) == 0 {
					t.Errorf("%s: .%s is not found", name, strings.Join(names, "."))
				}
				names[len(names)-1] = right
			}
		}
	}
	if len(tried) < len(sheets) {
		t.Errorf("only %d templates were tried", len(tried))
	}
}

// mentioned are the names of fields and methods that a node mentions.
func mentioned(node parse.Node) (all [][]string) {
	add := func(nodes ...parse.Node) {
		for _, n := range nodes {
			if !reflect.ValueOf(n).IsNil() {
				all = append(all, mentioned(n)...)
			}
		}
	}
	switch n := node.(type) {
	case *parse.ListNode:
		add(n.Nodes...)
	case *parse.ActionNode:
		add(n.Pipe)
	case *parse.IfNode:
		add(n.Pipe, n.List, n.ElseList)
	case *parse.WithNode:
		add(n.Pipe, n.List, n.ElseList)
	case *parse.RangeNode:
		add(n.Pipe, n.List, n.ElseList)
	case *parse.TemplateNode:
		add(n.Pipe)
	case *parse.PipeNode:
		for _, c := range n.Cmds {
			add(c.Args...)
		}
	case *parse.ChainNode:
		add(n.Node)
		all = append(all, n.Field)
	case *parse.FieldNode:
		all = append(all, n.Ident)
	case *parse.VariableNode:
		all = append(all, n.Ident)
	}
	return all
}
