package words

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/tabular"
)

// Column panics on a name that the dictionary does not have: every list is asked for its columns.
func TestEveryColumnOfEveryRowIsInTheDictionary(t *testing.T) {
	for _, l := range projections.Lists() {
		if len(ColumnsOf(l.Row)) == 0 {
			t.Errorf("%s has no columns", l.Name)
		}
	}
}

func TestEveryColumnHasAHeadingAndAMeaningInBothLanguages(t *testing.T) {
	for i, c := range dictionary {
		for _, text := range []string{c.Title.ZH, c.Title.EN, c.Meaning.ZH, c.Meaning.EN} {
			if text == "" {
				t.Errorf("%s lacks a text", c.Name)
			}
		}
		if strings.ContainsAny(c.Title.ZH+c.Meaning.ZH, ",;:()") {
			t.Errorf("%s: %s, %s has a half-width sign", c.Name, c.Title.ZH, c.Meaning.ZH)
		}
		if i > 0 && dictionary[i-1].Name >= c.Name {
			t.Errorf("%s stands behind %s", c.Name, dictionary[i-1].Name)
		}
	}
}

// An entry that no table, view or form has is a word that nobody keeps right.
func TestEveryColumnOfTheDictionaryIsUsed(t *testing.T) {
	var sources strings.Builder
	err := filepath.WalkDir("..", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		code := strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go") && filepath.Base(name) != "dictionary.go"
		if entry.IsDir() || !code && !strings.HasSuffix(name, ".sql") {
			return nil
		}
		text, err := os.ReadFile(name)
		sources.Write(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	text := sources.String()
	for _, c := range dictionary {
		// in quotes, in a list of names of a pack's table, or in SQL
		if !regexp.MustCompile(`["` + "`" + ` .,]` + c.Name + `["` + "`" + ` ,]`).MatchString(text) {
			t.Errorf("nothing is called %s", c.Name)
		}
	}
}

// Whoever reads a code in a cell finds it explained, in both languages.
func TestEveryCodeHasWordsInBothLanguages(t *testing.T) {
	for column, codes := range vocabularies {
		seen := map[string]bool{}
		for _, c := range codes {
			if c.Text.ZH == "" || c.Text.EN == "" || seen[c.Name] {
				t.Errorf("%s: %s is called %v", column, c.Name, c.Text)
			}
			if regexp.MustCompile(`[A-Za-z]`).MatchString(c.Text.ZH) {
				t.Errorf("%s: %s is called %s in Chinese", column, c.Name, c.Text.ZH)
			}
			seen[c.Name] = true
		}
	}
	for _, k := range projections.Kinds() {
		if Cell("kind", k.String()).ZH == k.String() {
			t.Errorf("the kind of posting %s has no words", k)
		}
	}
	for _, e := range domain.Events {
		if name := e().Name(); Cell("event_type", name).ZH == name {
			t.Errorf("the event %s has no words", name)
		}
	}
	for _, v := range domain.Verbs {
		if Cell("command", v.Name).ZH == v.Name {
			t.Errorf("the command %s has no words", v.Name)
		}
	}
	for _, r := range domain.Roles {
		if r.Text().ZH == string(r) {
			t.Errorf("the role %s has no words", r)
		}
	}
	for _, s := range []projections.Status{projections.OK, projections.Near, projections.Full, projections.OverByException, projections.Over} {
		if Cell("status", string(s)).ZH == string(s) {
			t.Errorf("the status %s has no words", s)
		}
	}
}

func TestTotalsColumnsAreTheDesignsInItsOrder(t *testing.T) {
	want := "enterprise, enterprise_name, clause, support_year, applications, requested, approved, paid, returned, clawback_ordered, clawback_waived, recovered_error, recovered_breach, net_paid, annual_limit, exceptions, use, headroom, utilisation, status, over_by, received_beyond, written_off"
	var got []string
	for _, c := range Columns[projections.TotalsRow]() {
		got = append(got, c.Name)
	}
	if strings.Join(got, ", ") != want {
		t.Errorf("totals columns are %s", strings.Join(got, ", "))
	}
	want = "clause, subject_kind, subject, support_year, cap, exceptions, committed, paid, net_paid, use, headroom, status, over_by, received_beyond, carried_use, joined_use"
	got = nil
	for _, c := range Columns[projections.AccountRow]() {
		got = append(got, c.Name)
	}
	if strings.Join(got, ", ") != want {
		t.Errorf("accounts columns are %s", strings.Join(got, ", "))
	}
}

// What a form asks for and what a table shows are one thing, and are called so. Some fields of commands say more.
func TestFieldsOfCommandsAreCalledAsTheirColumns(t *testing.T) {
	own := map[string]string{"cap": "新上限", "comment": "评语", "enterprise": "统一社会信用代码", "name": "企业名称", "requested": "分年度申请额"}
	for _, v := range domain.Verbs {
		for _, f := range v.Fields {
			if !HasColumn(f.Name) || strings.HasPrefix(f.Label.ZH, Column(f.Name).Title.ZH) || own[f.Name] != "" && strings.HasPrefix(f.Label.ZH, own[f.Name]) {
				continue
			}
			switch v.Name + "." + f.Name {
			case "rename_enterprise.name", "revoke_exception.amount", "dispose_finding.comment", "set_appropriation.kind", "record_evaluation.kind", "link_enterprises.kind", "register_project.name", "register_project.place", "same_project.a", "same_project.b":
			default:
				t.Errorf("%s.%s is called %s, the column %s", v.Name, f.Name, f.Label.ZH, Column(f.Name).Title.ZH)
			}
		}
	}
}

// What a person reads has words for codes, in their language; other cells stay as they are, and so does what is unknown.
func TestATableIsSpoken(t *testing.T) {
	policy := &domain.Policy{Departments: []domain.Department{{ID: "reform", Name: domain.Text{ZH: "发改委", EN: "Reform Commission"}}}}
	table := tabular.Table{Columns: Named("enterprise", "status", "clause", "department", "scope", "departments", "booked", "figures"),
		Rows: tabular.Rows(tabular.Row{"full", "full", "ok", "reform", "1.1a", "reform; other", true, `{"year":"total","cap":"1.00","department":"reform"}`},
			tabular.Row{"E", "another", nil, nil, "reform", nil, false, "{"}), Meta: []tabular.Meta{{Name: "as_of", Value: "seq:7"}, {Name: "department", Value: "reform"}}}
	codes := "enterprise,status,clause,department,scope,departments,booked,figures full,full,ok,reform,1.1a,reform; other,true,\"{\"\"year\"\":\"\"total\"\",\"\"cap\"\":\"\"1.00\"\",\"\"department\"\":\"\"reform\"\"}\" " +
		"E,another,,,reform,,false,{"
	for _, c := range []struct {
		lang  string
		human bool
		want  string
	}{
		{"zh", true, "企业代码,额度状态,条款,部门,预算对象,责任部门,补记,数据 full,已用完,ok,发改委,1.1a,发改委、other,是,上限 1.00；部门 发改委；年度 累计 E,another,,,发改委,,否,{"},
		{"en", true, "enterprise,status,clause,department,scope,responsible departments,booked,figures full,full,ok,Reform Commission,1.1a,Reform Commission; other,yes," +
			"cap 1.00; department Reform Commission; year total E,another,,,Reform Commission,,no,{"},
		{"zh", false, codes},
	} {
		var out strings.Builder
		if _, err := Written(&out, tabular.CSV, table, tabular.Options{Lang: c.lang, HumanHeadings: c.human, NoBOM: true}, policy); err != nil {
			t.Fatal(err)
		}
		if said := strings.Join(strings.FieldsFunc(out.String(), func(r rune) bool { return r == '\r' || r == '\n' }), " "); said != c.want {
			t.Errorf("in %s:\n%s, want\n%s", c.lang, said, c.want)
		}
	}
}
