// Package fundledger_test keeps the house in order: who may import whom.
package fundledger_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/fundledger/fundledger"

// room is what a package may import besides itself and the standard library: packages of ours by their folder, libraries
// of others by their name in [libraries]. Its tests may import more. A grant that nothing uses is taken back: the test
// fails until it is.
type room struct{ ours, theirs, tests string }

// rooms has a line for every package. Whoever wants another edge writes it here, and says in the commit why.
var rooms = map[string]room{
	".":      {},
	"domain": {theirs: "confusables decimal text", tests: "rapid"},
	"wire":   {ours: "domain eventstore", theirs: "json", tests: "go-cmp"},
	"eventstore": {
		theirs: "compress highwayhash nats nats-server nuid orbit sumdb",
		tests:  "go-cmp goleak merkle rapid"},
	"ledger": {
		ours: "domain eventstore wire", theirs: "json nats otel otel-trace sumdb",
		tests: "internal/rivals goleak rapid"},

	"projections":          {ours: "domain eventstore wire", theirs: "decimal json", tests: "projections/projtest"},
	"projections/projtest": {ours: "domain eventstore wire"},
	"projections/postgres": {
		ours:   "domain eventstore migrations policies projections wire words",
		theirs: "decimal goose json otel otel-trace pgx prometheus sumdb watermill",
		tests:  "audit audit/office demo internal/scribe pgserver pgserver/pgtest projections/projtest proof tabular go-cmp"},
	"effect":     {ours: "domain", tests: "demo policies rapid"},
	"evaluation": {ours: "domain", theirs: "decimal", tests: "policies"},
	"words":      {ours: "domain evaluation projections tabular", theirs: "decimal go-pinyin json"},

	"proof": {
		ours: "domain eventstore internal/whole wire", theirs: "formats gmsm merkle sumdb",
		tests: "internal/prooftest internal/scribe crypto goleak rapid"},
	"audit/sampling": {
		ours: "domain eventstore projections proof wire words", theirs: "decimal sumdb",
		tests: "goleak rapid"},
	"audit": {
		ours: "audit/sampling domain eventstore projections proof wire words", theirs: "go-pinyin json merkle sumdb",
		tests: "demo internal/prooftest internal/scribe projections/projtest goleak rapid"},
	"replay": {
		ours: "domain effect eventstore projections proof tabular wire words", theirs: "json",
		tests: "audit demo internal/prooftest internal/scribe ledger projections/projtest goleak rapid"},
	"archive": {
		ours: "audit domain eventstore projections proof wire", theirs: "compress json sumdb",
		tests: "internal/prooftest internal/scribe ledger go-cmp goleak nats rapid"},
	"audit/office": {
		ours: "archive audit domain eventstore projections proof tabular wire words", theirs: "json",
		tests: "internal/prooftest internal/scribe decimal goleak rapid"},
	"internal/scribe":    {ours: "demo domain eventstore policies wire words"},
	"internal/prooftest": {ours: "proof", theirs: "sumdb"},
	"internal/whole":     {},
	"internal/disk":      {},
	"internal/rivals":    {theirs: "porcupine"},
	"internal/otlp":      {theirs: "otel otel-sdk"},

	"intake":          {ours: "domain policies tabular wire words", theirs: "decimal json text", tests: "excelize go-cmp"},
	"tabular":         {ours: "domain", theirs: "compress decimal json parquet runewidth", tests: "excelize go-cmp rapid"},
	"policies":        {ours: "domain", theirs: "go-yaml json", tests: "go-cmp"},
	"demo":            {ours: "domain", tests: "effect policies wire"},
	"migrations":      {},
	"pgserver":        {ours: "internal/whole", theirs: "embedded-postgres pgx", tests: "goleak"},
	"pgserver/pgtest": {ours: "pgserver", theirs: "goleak pgx"},

	"accounts": {ours: "domain eventstore ledger tabular words", theirs: "crypto json nats", tests: "goleak"},
	"outward": {
		ours: "accounts domain eventstore projections tabular wire words", theirs: "json prometheus uuid watermill",
		tests: "internal/scribe goleak"},
	"web": {
		ours: "accounts archive audit audit/office audit/sampling domain effect evaluation eventstore internal/disk ledger outward policies projections " +
			"proof replay tabular wire words",
		theirs: "decimal json nats oauth2 oidc otel otel-trace prometheus rate scs sumdb text",
		tests:  "demo pgserver/pgtest projections/postgres projections/projtest web/client excelize formats goleak jose parquet"},
	"web/client": {ours: "domain ledger projections wire", theirs: "json"},
	"web/pages": {
		ours: "accounts audit audit/office audit/sampling domain eventstore intake ledger outward policies projections proof replay " +
			"tabular web wire words",
		theirs: "decimal json qr",
		tests:  "demo pgserver/pgtest policies projections/postgres cdproto chromedp excelize go-cmp goleak pgx"},
	"cmd/fundledger": {
		ours: "accounts archive audit audit/office audit/sampling demo domain eventstore intake internal/disk internal/otlp internal/whole ledger " +
			"outward pgserver policies projections projections/postgres proof replay tabular web web/client web/pages wire words",
		theirs: "go-yaml kong mpb nats otel otel-sdk otel-trace pgx prometheus term uuid",
		tests:  "effect internal/rivals decimal nats-server provider testscript"},
	"deploy": {tests: "eventstore pgserver go-yaml goleak nats nats-server pgx"},
}

// libraries are those that go.mod requires, by the names that the table above calls them.
var libraries = map[string]string{
	"cdproto":           "github.com/chromedp/cdproto",
	"chromedp":          "github.com/chromedp/chromedp",
	"compress":          "github.com/klauspost/compress",
	"confusables":       "github.com/mtibben/confusables",
	"crypto":            "golang.org/x/crypto",
	"decimal":           "github.com/shopspring/decimal",
	"embedded-postgres": "github.com/fergusstrange/embedded-postgres",
	"excelize":          "github.com/xuri/excelize/v2",
	"formats":           "github.com/transparency-dev/formats",
	"gmsm":              "github.com/emmansun/gmsm",
	"go-cmp":            "github.com/google/go-cmp",
	"go-pinyin":         "github.com/mozillazg/go-pinyin",
	"go-yaml":           "github.com/goccy/go-yaml",
	"goleak":            "go.uber.org/goleak",
	"goose":             "github.com/pressly/goose/v3",
	"jose":              "github.com/go-jose/go-jose/v4",
	"highwayhash":       "github.com/minio/highwayhash",
	"json":              "github.com/go-json-experiment/json",
	"kong":              "github.com/alecthomas/kong",
	"merkle":            "github.com/transparency-dev/merkle",
	"mpb":               "github.com/vbauerster/mpb/v8",
	"nats":              "github.com/nats-io/nats.go",
	"nats-server":       "github.com/nats-io/nats-server/v2",
	"nuid":              "github.com/nats-io/nuid",
	"oauth2":            "golang.org/x/oauth2",
	"oidc":              "github.com/coreos/go-oidc/v3",
	"orbit":             "github.com/synadia-io/orbit.go/jetstreamext",
	"otel":              "go.opentelemetry.io/otel",
	"otel-sdk":          "go.opentelemetry.io/otel/sdk",
	"otel-trace":        "go.opentelemetry.io/otel/trace",
	"parquet":           "github.com/parquet-go/parquet-go",
	"pgx":               "github.com/jackc/pgx/v5",
	"porcupine":         "github.com/anishathalye/porcupine",
	"prometheus":        "github.com/prometheus/client_golang",
	"qr":                "rsc.io/qr",
	"provider":          "github.com/zitadel/oidc/v3",
	"rapid":             "pgregory.net/rapid",
	"rate":              "golang.org/x/time",
	"runewidth":         "github.com/mattn/go-runewidth",
	"scs":               "github.com/alexedwards/scs/v2",
	"sumdb":             "golang.org/x/mod",
	"term":              "golang.org/x/term",
	"testscript":        "github.com/rogpeppe/go-internal",
	"text":              "golang.org/x/text",
	"uuid":              "github.com/google/uuid",
	"watermill":         "github.com/ThreeDotsLabs/watermill",
}

// pure is what of the standard library domain may import: what neither reads nor writes anything.
const pure = "cmp crypto/sha256 encoding/binary errors fmt iter maps math math/big reflect slices strconv strings sync time unicode unicode/utf8"

// clock is what of the time package domain leaves alone: it is told the day.
const clock = "Now Since Until Sleep After AfterFunc Tick NewTimer NewTicker LoadLocation Local"

func TestEveryPackageImportsOnlyWhatItMay(t *testing.T) {
	var imports []edge
	eachFile(t, func(file string, tree *ast.File) { imports = append(imports, edges(file, tree)...) })
	for _, fault := range judge(rooms, imports) {
		t.Error(fault)
	}
}

func TestEveryLibraryOfTheModuleHasAName(t *testing.T) {
	text, err := os.ReadFile("go.mod")
	if err != nil {
		t.Fatal(err)
	}
	required := 0
	for _, line := range regexp.MustCompile(`(?m)^\t(\S+) v\S+$`).FindAllStringSubmatch(string(text), -1) {
		required++
		if !slices.Contains(slices.Collect(maps.Values(libraries)), line[1]) {
			t.Errorf("go.mod requires %s, which has no name here", line[1])
		}
	}
	if required != len(libraries) {
		t.Errorf("go.mod requires %d libraries, %d have a name here", required, len(libraries))
	}
}

func TestDomainKnowsNoClock(t *testing.T) {
	eachFile(t, func(file string, tree *ast.File) {
		if path.Dir(file) != "domain" || strings.HasSuffix(file, "_test.go") {
			return
		}
		for _, use := range clocks(tree) {
			t.Errorf("%s uses %s", file, use)
		}
	})
}

// The judges themselves are judged: by what whoever wants to get round them would write.
func TestNobodyGetsRoundTheRules(t *testing.T) {
	table := map[string]room{"domain": {theirs: "decimal"}, "wire": {ours: "domain", tests: "domain/deep"}, "domain/deep": {}}
	honest := []string{
		`domain/a.go import "time"`,
		`domain/money.go import "github.com/shopspring/decimal"`,
		`domain/deep/a.go `,
		`wire/a.go import "github.com/fundledger/fundledger/domain"`,
		`wire/a_test.go import "github.com/fundledger/fundledger/domain/deep"`,
	}
	for name, c := range map[string]struct {
		add   string // a file
		left  int    // of the honest files, which is left out; 0: none of those that matter
		fault string
	}{
		"as it should be": {},
		"an edge that is not granted": {
			add:   `domain/b.go import "github.com/fundledger/fundledger/wire"`,
			fault: "domain/b.go imports wire"},
		"a package below one that is": {
			add:   `wire/b.go import "github.com/fundledger/fundledger/domain/deep"`,
			fault: "wire/b.go imports domain/deep"},
		"a library that is not":        {add: `wire/b.go import _ "github.com/nats-io/nats.go"`, fault: "wire/b.go imports nats"},
		"one that has no name":         {add: `wire/b.go import "example.com/x"`, fault: "wire/b.go imports example.com/x"},
		"domain reads files":           {add: `domain/b.go import "os"`, fault: "domain/b.go imports os"},
		"every name of another's file": {add: `domain/b.go import . "time"`, fault: "domain/b.go imports time without a name"},
		"a package without a line":     {add: `other/b.go `, fault: "other has no line"},
		"a library that nobody uses":   {left: 1, fault: `domain: nobody uses the grant of "decimal"`},
		"a line without a package":     {left: 2, fault: "domain/deep is no package"},
		"an edge that nobody uses":     {left: 3, fault: `wire: nobody uses the grant of "domain"`},
		"a test's that nobody uses":    {left: 4, fault: `wire: nobody uses the grant of "domain/deep"`},
		"one that only a test uses": {
			add: `wire/b_test.go import "github.com/fundledger/fundledger/domain"`, left: 3,
			fault: `wire: nobody uses the grant of "domain"`},
	} {
		t.Run(name, func(t *testing.T) {
			var imports []edge
			for i, text := range append(slices.Clone(honest), c.add) {
				if file, code, ok := strings.Cut(text, " "); ok && (i == 0 || i != c.left) {
					imports = append(imports, edges(file, parsed(t, code))...)
				}
			}
			faults := judge(table, imports)
			found := slices.ContainsFunc(faults, func(f string) bool { return strings.HasPrefix(f, c.fault) })
			if c.fault == "" && len(faults) > 0 || c.fault != "" && !found {
				t.Errorf("want %q, got %q", c.fault, faults)
			}
		})
	}
	for code, want := range map[string]int{
		`import "time"; var _ = time.Now`:                                  1,
		`import t "time"; func f() { go t.Sleep(1); _ = t.Local }`:         2,
		`import "time"; import u "time"; func f() { u.Now(); time.Now() }`: 2,
		`import "time"; var _ = time.UTC`:                                  0,
		`import time "strings"; var _ = time.Tick`:                         0,
	} {
		if got := clocks(parsed(t, code)); len(got) != want {
			t.Errorf("%s: %v", code, got)
		}
	}
}

// edge is an import that stands in a file; "" is the file itself.
type edge struct {
	file, target string
	bare         bool // import . "…"
}

func edges(file string, tree *ast.File) []edge {
	list := []edge{{file: file}}
	for _, spec := range tree.Imports {
		target, _ := strconv.Unquote(spec.Path.Value)
		list = append(list, edge{file: file, target: target, bare: spec.Name != nil && spec.Name.Name == "."})
	}
	return list
}

// judge says what of imports is not granted by a table, and what it grants that nobody imports.
func judge(table map[string]room, imports []edge) (faults []string) {
	type grant struct{ from, to string }
	used := map[grant]bool{}
	fault := func(text string, args ...any) { faults = append(faults, fmt.Sprintf(text, args...)) }
	for _, e := range imports {
		from, test := path.Dir(e.file), strings.HasSuffix(e.file, "_test.go")
		rules, known := table[from]
		used[grant{from, ""}] = true
		to, standard := nameOf(e.target)
		switch {
		case !known && e.target == "":
			fault("%s has no line in the table of imports", from)
		case e.bare:
			fault("%s imports %s without a name", e.file, to)
		case e.target == "", to == from, !known:
		case standard && (from != "domain" || test || slices.Contains(strings.Fields(pure), to)):
		case slices.Contains(strings.Fields(rules.ours+" "+rules.theirs), to):
			used[grant{from, to}] = used[grant{from, to}] || !test
		case test && slices.Contains(strings.Fields(rules.tests), to):
			used[grant{from, to}] = true
		default:
			fault("%s imports %s: %s may import %s %s, its tests %s", e.file, to, from, rules.ours, rules.theirs, rules.tests)
		}
	}
	for from, rules := range table {
		if !used[grant{from, ""}] {
			fault("%s is no package: take its line away", from)
			continue
		}
		for _, to := range strings.Fields(rules.ours + " " + rules.theirs + " " + rules.tests) {
			if !used[grant{from, to}] {
				fault("%s: nobody uses the grant of %q", from, to)
			}
		}
	}
	slices.Sort(faults)
	return faults
}

// nameOf is what the table calls an import: a folder of ours, or a library's name.
func nameOf(target string) (name string, standard bool) {
	if target == module {
		return ".", false
	}
	if folder, ok := strings.CutPrefix(target, module+"/"); ok {
		return folder, false
	}
	longest := "" // a module may lie inside another's path
	for called, library := range libraries {
		if (target == library || strings.HasPrefix(target, library+"/")) && len(library) > len(longest) {
			name, longest = called, library
		}
	}
	if longest != "" {
		return name, false
	}
	return target, !strings.Contains(strings.Split(target, "/")[0], ".")
}

// clocks are the uses of the clock in a file, whatever it calls the time package.
func clocks(tree *ast.File) (uses []string) {
	var names []string
	for _, spec := range tree.Imports {
		switch target, _ := strconv.Unquote(spec.Path.Value); {
		case target != "time":
		case spec.Name != nil:
			names = append(names, spec.Name.Name)
		default:
			names = append(names, "time")
		}
	}
	ast.Inspect(tree, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok {
			of, ok := s.X.(*ast.Ident)
			if ok && slices.Contains(names, of.Name) && slices.Contains(strings.Fields(clock), s.Sel.Name) {
				uses = append(uses, "time."+s.Sel.Name)
			}
		}
		return true
	})
	return uses
}

func parsed(t *testing.T, code string) *ast.File {
	t.Helper()
	tree, err := parser.ParseFile(token.NewFileSet(), "", "package p; "+code, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

// outside are folders that are not of the module: those with a module of their own, of test data, or built.
var outside = []string{"testdata", "tools", "bin"}

// eachFile parses every Go file of the module.
func eachFile(t *testing.T, do func(file string, tree *ast.File)) {
	t.Helper()
	files := 0
	err := filepath.WalkDir(".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && name != "." && (strings.HasPrefix(entry.Name(), ".") || slices.Contains(outside, entry.Name())) {
			return filepath.SkipDir
		}
		if entry.IsDir() || !strings.HasSuffix(name, ".go") {
			return nil
		}
		tree, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		files++
		do(filepath.ToSlash(name), tree)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 50 {
		t.Errorf("only %d files were found: is this the root of the module?", files)
	}
}
