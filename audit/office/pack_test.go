package office

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/internal/prooftest"
	"github.com/fundledger/fundledger/internal/scribe"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/proof"
	"github.com/fundledger/fundledger/words"
)

var madeAt = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)

func packOf(t testing.TB, log proof.Log) (PackManifest, map[string][]byte) {
	t.Helper()
	var b bytes.Buffer
	m, err := WritePack(t.Context(), &b, PackSource{Fund: "changning-2024", Log: log, Now: madeAt})
	if err != nil {
		t.Fatal(err)
	}
	z, err := zip.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if files[f.Name], err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
	}
	return m, files
}

// table reads a pack's CSV as one who knows only the CSV would: rows of cells by column.
func table(t testing.TB, text []byte) (columns []string, rows []map[string]string) {
	t.Helper()
	text, marked := bytes.CutPrefix(text, []byte("\ufeff"))
	if !marked {
		t.Fatal("no byte-order mark")
	}
	all, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, cells := range all[1:] {
		row := map[string]string{}
		for i, c := range cells {
			row[all[0][i]] = c
		}
		rows = append(rows, row)
	}
	return all[0], rows
}

func sumOf(t testing.TB, rows []map[string]string, column string, where func(map[string]string) bool) decimal.Decimal {
	t.Helper()
	sum := decimal.Zero
	for _, r := range rows {
		if r[column] == "" || where != nil && !where(r) {
			continue
		}
		d, err := decimal.NewFromString(r[column])
		if err != nil {
			t.Fatal(err)
		}
		sum = sum.Add(d)
	}
	return sum
}

func TestAPackIsWhatItsManifestAndDefinitionSay(t *testing.T) {
	m, files := packOf(t, scribe.TwoYears().Records)
	if m.Position != uint64(len(scribe.TwoYears().Records)) || m.Currency != "CNY" || m.Root != prooftest.TreeOf(t, scribe.TwoYears().Records).Root().String() {
		t.Errorf("%+v", m)
	}
	var kept PackManifest
	if err := json.Unmarshal(files["manifest.json"], &kept); err != nil || len(kept.Files) != len(files)-1 || len(m.Files) != len(kept.Files) {
		t.Errorf("%v: %d files, %d listed", err, len(files), len(kept.Files))
	}
	var definitions []PackDefinition
	if err := json.Unmarshal(files["datadef.json"], &definitions); err != nil || len(definitions) != len(packTables) {
		t.Fatal(err)
	}
	for _, f := range kept.Files {
		digest := sha256.Sum256(files[f.Name])
		if hex.EncodeToString(digest[:]) != f.SHA256 || int64(len(files[f.Name])) != f.Bytes {
			t.Errorf("%s is not the file listed", f.Name)
		}
		if f.Table == "" {
			continue
		}
		i := slices.IndexFunc(definitions, func(d PackDefinition) bool { return d.Table == f.Table })
		columns, rows := table(t, files[f.Name])
		if int64(len(rows)) != f.Rows {
			t.Errorf("%s has %d rows, stated are %d", f.Name, len(rows), f.Rows)
		}
		seen := map[string]bool{}
		for _, r := range rows {
			var key []string
			for _, k := range definitions[i].Key {
				key = append(key, r[k])
			}
			if k := strings.Join(key, "\x00"); seen[k] {
				t.Fatalf("%s: two rows of the key %q", f.Name, key)
			} else {
				seen[k] = true
			}
		}
		for at, c := range definitions[i].Columns {
			if columns[at] != c.Name {
				t.Errorf("%s: column %d is %s, defined is %s", f.Name, at, columns[at], c.Name)
			}
			if c.Meaning.ZH == "" || c.Meaning.EN == "" || c.Heading.ZH == "" || c.Heading.EN == "" || (c.Type == "money") != (c.Unit != "") {
				t.Errorf("%s.%s is not defined", f.Name, c.Name)
			}
			if c.Summed && f.Sums[c.Name] != sumOf(t, rows, c.Name, nil).StringFixed(2) {
				t.Errorf("%s.%s adds up to %s, stated is %s", f.Name, c.Name, sumOf(t, rows, c.Name, nil), f.Sums[c.Name])
			}
		}
	}
}

// The tables agree with each other, and with sums taken from the events by themselves.
func TestTheTablesOfAPackAgree(t *testing.T) {
	_, files := packOf(t, scribe.TwoYears().Records)
	_, journal := table(t, files["journal.csv"])
	_, lines := table(t, files["account_lines.csv"])
	_, payouts := table(t, files["payouts.csv"])
	_, applications := table(t, files["applications.csv"])
	_, approvals := table(t, files["approvals.csv"])
	_, events := table(t, files["events.csv"])
	_, recoveries := table(t, files["recoveries.csv"])
	_, clawbacks := table(t, files["clawbacks.csv"])
	ofKind := func(kind projections.Kind) decimal.Decimal {
		return sumOf(t, journal, "amount", func(r map[string]string) bool { return r["kind"] == kind.String() })
	}
	for name, pair := range map[string][2]decimal.Decimal{
		"paid, lines":        {ofKind(projections.Paid), sumOf(t, lines, "paid", nil)},
		"paid, payouts":      {ofKind(projections.Paid), sumOf(t, payouts, "amount", nil)},
		"returned":           {ofKind(projections.Returned), sumOf(t, payouts, "returned", nil)},
		"approved, lines":    {ofKind(projections.Approved), sumOf(t, lines, "approved", nil)},
		"approved":           {ofKind(projections.Approved), sumOf(t, applications, "approved", nil)},
		"exceptions":         {ofKind(projections.Exception), sumOf(t, lines, "exception_amount", nil)},
		"recovered":          {ofKind(projections.RecoveredError).Add(ofKind(projections.RecoveredBreach)), sumOf(t, recoveries, "amount", func(r map[string]string) bool { return r["reversed"] != "true" })},
		"outside":            {ofKind(projections.Outside), sumOf(t, payouts, "outside", nil)},
		"ordered, payouts":   {ofKind(projections.ClawbackOrdered), sumOf(t, payouts, "clawback_ordered", nil)},
		"ordered, clawbacks": {ofKind(projections.ClawbackOrdered), sumOf(t, clawbacks, "clawback_ordered", nil)},
		"waived, payouts":    {ofKind(projections.ClawbackWaived), sumOf(t, payouts, "clawback_waived", nil)},
		"waived, clawbacks":  {ofKind(projections.ClawbackWaived), sumOf(t, clawbacks, "clawback_waived", nil)},
		"interest":           {ofKind(projections.Interest), sumOf(t, clawbacks, "interest", nil)},
		"requested":          {ofKind(projections.Requested), sumOf(t, applications, "requested", nil)},
		"net paid, by parts": {sumOf(t, lines, "net_paid", nil), sumOf(t, lines, "paid", nil).Sub(sumOf(t, lines, "returned", nil)).Sub(sumOf(t, lines, "recovered_error", nil)).Sub(sumOf(t, lines, "recovered_breach", nil))},
	} {
		if !pair[0].Equal(pair[1]) || pair[0].IsZero() {
			t.Errorf("%s: %s and %s", name, pair[0], pair[1])
		}
	}
	if len(events) != len(scribe.TwoYears().Records) || len(approvals) == 0 {
		t.Errorf("%d events, %d approvals", len(events), len(approvals))
	}
	for i, e := range events {
		if e["data"] != string(scribe.TwoYears().Records[i].Data) {
			t.Fatalf("event %d: the data are not those of the log", i+1)
		}
	}
}

func TestTheSameLogGivesTheSamePack(t *testing.T) {
	l := scribe.TwoYears().Records[:800]
	var a, b bytes.Buffer
	for _, w := range []*bytes.Buffer{&a, &b} {
		if _, err := WritePack(t.Context(), w, PackSource{Fund: "changning-2024", Log: l, Now: madeAt}); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(a.Bytes(), b.Bytes()) {
		t.Error("two packs of one log differ")
	}
}

func TestAFormulaInAPackIsNeutralised(t *testing.T) {
	s := scribe.New(t)
	s.Give(scribe.Publish(scribe.Changning(t)))
	clerk := domain.Actor{ID: "clerk", Role: domain.Clerk, Department: "commerce"}
	r := s.Give(&domain.RegisterEnterprise{Head: domain.Head{ID: "reg", Date: scribe.Day("2025-03-01"), Actor: clerk}, Enterprise: "914403001922038216", Title: "=HYPERLINK(\"http://x\")", Industry: "ai"})
	if r != nil {
		t.Fatal(r.Message().EN)
	}
	_, files := packOf(t, s.Records)
	_, rows := table(t, files["enterprises.csv"])
	if len(rows) != 1 || rows[0]["name"] != "'=HYPERLINK(\"http://x\")" {
		t.Errorf("%v", rows)
	}
}

func TestNoPackIsMadeOfWhatIsNoLedger(t *testing.T) {
	broken := scribe.Copied(scribe.TwoYears().Records[:50])
	broken[20].Data = []byte("{")
	gap := slices.Delete(scribe.Copied(scribe.TwoYears().Records[:50]), 20, 21)
	for name, l := range map[string]eventstore.Records{"empty": nil, "unreadable": broken, "a gap": gap} {
		if _, err := WritePack(t.Context(), io.Discard, PackSource{Fund: "changning-2024", Log: l, Now: madeAt}); !errors.Is(err, errPack) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestADecisionThatIsNotTheRulesStandsAmongThePacksFindings(t *testing.T) {
	l := scribe.Copied(scribe.TwoYears().Records[:300])
	for i := range l {
		if bytes.Contains(l[i].Data, []byte(`"instalments"`)) {
			l[i].Data = bytes.Replace(l[i].Data, []byte(`.00"`), []byte(`.01"`), 1)
			break
		}
	}
	_, files := packOf(t, l)
	_, rows := table(t, files["findings.csv"])
	if !slices.ContainsFunc(rows, func(r map[string]string) bool { return r["severity"] == "error" }) {
		t.Errorf("%d findings, none an error", len(rows))
	}
}

func TestFindingsThatAreCutAreNamed(t *testing.T) {
	var list []audit.Finding
	for i := range audit.MaxFindings {
		code := audit.CodeRefused
		if i%2 == 0 {
			code = audit.CodeDiffers
		}
		list = append(list, audit.Finding{Code: code}, audit.Finding{Code: audit.CodeOverCap})
	}
	if got := cutFindings(list); !slices.Equal(got, []string{"decisions", audit.CodeOverCap}) {
		t.Errorf("%v", got)
	}
	if got := cutFindings(list[:100]); got == nil || len(got) != 0 {
		t.Errorf("%v", got)
	}
}

// The profile speaks of tables and columns that there are, and of no element that it could have made up.
func TestTheProfileIsOfThePacksTables(t *testing.T) {
	mapped := map[string]bool{}
	for _, l := range packProfile {
		i := slices.IndexFunc(packTables, func(p packTable) bool { return p.name == l.Table })
		if i < 0 || l.Column != "" && !slices.ContainsFunc(projections.Columns(packTables[i].row), func(c projections.Column) bool { return c.Name == l.Column }) {
			t.Errorf("%s.%s is no column", l.Table, l.Column)
		}
		if l.ISO != none && !strings.HasPrefix(l.ISO, "BAS_") || l.GB != none && !strings.HasSuffix(l.GB, "类") || (l.Relation == none) != (l.ISO == none && l.GB == none) ||
			l.Note.ZH == "" || l.Note.EN == "" {
			t.Errorf("%+v", l)
		}
		mapped[l.Table] = true
	}
	if len(mapped) != len(packTables) {
		t.Errorf("%d tables are mapped, there are %d", len(mapped), len(packTables))
	}
}

// The definition is a format that auditors' programs are written for.
func TestThePacksDefinitionIsWhatItAlwaysWas(t *testing.T) {
	var got bytes.Buffer
	for _, d := range packDefinitions("CNY") {
		for _, c := range d.Columns {
			got.WriteString(strings.Join([]string{d.Table, c.Name, c.Type, c.Unit}, "\t") + "\n")
		}
	}
	golden, err := os.ReadFile("testdata/pack.golden")
	if err != nil || got.String() != string(golden) {
		t.Errorf("%v, got\n%s", err, got.String())
	}
	for _, d := range packDefinitions("CNY") {
		for _, c := range d.Columns {
			if known := words.Column(c.Name); c.Heading != known.Title || c.Meaning != known.Meaning {
				t.Errorf("%s.%s is defined as %v, %v and the dictionary has %v, %v", d.Table, c.Name, c.Heading, c.Meaning, known.Title, known.Meaning)
			}
		}
	}
}
