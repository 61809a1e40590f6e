package policies_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/google/go-cmp/cmp"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/policies"
)

// small is a policy that is right; the malformed ones are made of it.
const small = `fund: f
title: {zh: 甲, en: A}
issued_on: 2025-01-01
term: {from: 2025-01-01, to: 2026-12-31}
currency: CNY
beneficiary_id: opaque
workflow: {acceptance: false, reviews: 0}
treasury: finance
authority: finance
departments:
  - {id: finance, name: {zh: 财政, en: Finance}}
clauses:
  - id: "1"
    name: {zh: 一, en: One}
    source: 一
    departments: [finance]
    cap: {amount: "10.00", subject: project, period: total}
`

func TestMalformedPoliciesAreRefusedWithLineAndReason(t *testing.T) {
	if _, err := policies.Load(strings.NewReader(small), "small.yaml"); err != nil {
		t.Fatalf("the policy that the others are made of: %v", err)
	}
	for name, c := range map[string]struct {
		old, with string
		line      int
		reason    string
	}{
		"unknown key":           {"currency: CNY", "curency: CNY", 5, "no such key"},
		"unknown key in clause": {"    source: 一", "    sauce: 一", 15, "no such key"},
		"key twice":             {"currency: CNY", "currency: CNY\ncurrency: EUR", 6, "currency"},
		"key twice in flow":     {"{zh: 甲, en: A}", "{zh: 甲, zh: A}", 2, "zh"},
		"amount as number":      {`"10.00"`, "10.00", 17, "quotation marks"},
		"amount in exponents":   {`"10.00"`, `"1e3"`, 17, "quotation marks"},
		"three decimals":        {`"10.00"`, `"10.001"`, 17, "two decimals"},
		"cap left out":          {`amount: "10.00", `, "", 17, "null"},
		"id as number":          {`id: "1"`, "id: 1", 13, "quotation marks"},
		"no such day":           {"2026-12-31", "2026-02-30", 4, "not a date"},
		"empty value":           {"currency: CNY", "currency:", 5, "empty"},
		"term backwards":        {"2026-12-31", "2024-12-31", 4, "before"},
		"unknown department":    {"departments: [finance]", "departments: [fiance]", 16, "fiance"},
		"no treasury":           {"treasury: finance", "treasury: bank", 8, "bank"},
		"wrong type":            {"reviews: 0", "reviews: many", 7, "type"},
		"truth as text":         {"acceptance: false", `acceptance: "no"`, 7, "type"},
		"tag":                   {"currency: CNY", "currency: !!binary CNY", 5, "tags"},
		"alias before anchor":   {"currency: CNY", "currency: *c", 5, "alias"},
		"merge key":             {"currency: CNY", "<<: {currency: CNY}", 5, "merge"},
		"second document":       {"clauses:", "---\nclauses:", 13, "second"},
		"infinite reviews":      {"reviews: 0", "reviews: .inf", 7, "not taken"},
		"not UTF-8":             {"甲", "\xbc\xd7", 2, "UTF-8"},
		"broken":                {"title: {zh: 甲, en: A}", "title: {zh: 甲, en: A", 3, "must be specified"},
		"deep":                  {"currency: CNY", "currency: " + strings.Repeat("[", 70) + strings.Repeat("]", 70), 5, "deeper"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := policies.Load(strings.NewReader(strings.Replace(small, c.old, c.with, 1)), "small.yaml")
			var fault *policies.Error
			if !errors.As(err, &fault) {
				t.Fatalf("loaded, or failed with %v", err)
			}
			if fault.Line != c.line || fault.Column == 0 || !strings.Contains(fault.Reason.EN, c.reason) || fault.File != "small.yaml" {
				t.Errorf("want line %d and %q, got %v", c.line, c.reason, err)
			}
			if fault.Reason.ZH == "" || strings.Contains(err.Error(), "%!") {
				t.Errorf("the reason is not whole in both languages: %+v", fault.Reason)
			}
		})
	}
}

func TestEmptyAndHugeFilesAreRefused(t *testing.T) {
	for name, text := range map[string]string{
		"empty": "", "comment": "# nothing\n", "huge": strings.Repeat("# x\n", 1<<20+1), "binary": "fund: \x00",
		"alias bomb": "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\n" +
			"e: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: &f [*e,*e,*e,*e,*e,*e,*e,*e,*e]\ng: [*f,*f,*f,*f,*f,*f,*f,*f,*f]\n",
	} {
		var fault *policies.Error
		if _, err := policies.Load(strings.NewReader(text), name); !errors.As(err, &fault) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestShowIsWhatProgramsRelyOn(t *testing.T) {
	p := named(t, "changning-2024")
	text, err := json.Marshal(policies.Show(p, nil, p.Term.From))
	if err != nil {
		t.Fatal(err)
	}
	var view struct {
		Fund    string `json:"fund"`
		Version int    `json:"version"`
		Term    struct{ From, To string }
		Clauses []struct {
			ID          string                        `json:"id"`
			Name        struct{ ZH, EN string }       `json:"name"`
			Departments []struct{ ID, ZH, EN string } `json:"departments"`
			Cap         map[string]*string            `json:"cap"`
		} `json:"clauses"`
	}
	if err := json.Unmarshal(text, &view, json.MatchCaseInsensitiveNames(true)); err != nil {
		t.Fatal(err)
	}
	if view.Version != 1 || view.Term.To != "2026-12-31" || len(view.Clauses) != 22 {
		t.Fatalf("shown: %s", text)
	}
	first, second := view.Clauses[0], view.Clauses[1]
	if *first.Cap["amount"] != "100000000.00" || *first.Cap["subject"] != "enterprise" || *first.Cap["period"] != "year" || first.Departments[0].ZH != "区商务委" || first.Name.EN == "" {
		t.Errorf("1.1a is shown as %+v", first)
	}
	if amount, there := second.Cap["amount"]; !there || amount != nil {
		t.Errorf("1.1b's cap is shown as %v", second.Cap)
	}
}

func TestShowTakesTheVersionInForce(t *testing.T) {
	p := named(t, "changning-2024")
	day := func(s string) domain.Date { d, _ := domain.ParseDate(s); return d }
	versions := map[domain.ClauseID][]domain.ClauseVersion{"6": {
		{Version: 1, Cap: domain.Stated(domain.Yuan(5_000_000)), EffectiveOn: p.Term.From},
		{Version: 2, Cap: domain.Stated(domain.Yuan(4_000_000)), EffectiveOn: day("2025-07-01")},
	}}
	for on, want := range map[string]string{"2025-06-30": "1 1 5000000.00", "2025-07-01": "2 2 4000000.00"} {
		v := policies.Show(p, versions, day(on))
		c := v.Clauses[20]
		if got := strings.Join([]string{string(rune('0' + v.Version)), string(rune('0' + c.Version)), c.Cap.Amount.String()}, " "); got != want {
			t.Errorf("on %s: %s, want %s", on, got, want)
		}
	}
}

func TestDiffSaysWhatChanged(t *testing.T) {
	a, b := named(t, "elsewhere-2025"), named(t, "elsewhere-2025")
	if changes := policies.Diff(a, b); len(changes) != 0 {
		t.Errorf("a policy differs from itself: %+v", changes)
	}
	b.Clauses[0].Cap.Amount = domain.Stated(domain.Yuan(30_000))
	b.Clauses[2].Cap.Amount = domain.Stated(domain.Yuan(1))
	b.Workflow.Reviews = 2
	b.Clauses = b.Clauses[:4]
	var got []string
	for _, c := range policies.Diff(a, b) {
		got = append(got, c.Text.EN)
		if c.Text.ZH == "" {
			t.Errorf("%s has no Chinese", c.Path)
		}
	}
	want := []string{"reviews needed: 0 becomes 2", "clause A, cap: 25000.00 becomes 30000.00", "removed: clause E, Chinese name (was 邻县企业参照)",
		"removed: clause E, English name (was Neighbours by reference)", "removed: clause E, source (was 第五条)",
		"removed: clause E, responsible departments (was trade-desk)", "removed: clause E, clauses referred to (was A, B)", "added: clause C, cap: 1.00"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestADraftLoads(t *testing.T) {
	table := "\ufeffline,grantor\n1,Health\n2,\"Board: of\nTrade, \"\"North\"\"\"\n3,Health\n4," + strings.Repeat("长", 90) + "\n"
	day := func(s string) domain.Date { d, _ := domain.ParseDate(s); return d }
	o := policies.DraftOptions{Fund: "old", Title: domain.Text{ZH: "旧", EN: "Old"}, Term: domain.Term{From: day("2009-01-01"), To: day("2023-12-31")}, Currency: "USD", Column: "grantor"}
	var b bytes.Buffer
	n, err := policies.Draft(&b, strings.NewReader(table), o)
	if err != nil || n != 3 {
		t.Fatalf("%d clauses, %v", n, err)
	}
	p, err := policies.Load(&b, "draft.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"Board: of Trade, \"North\"~", "Health", "长长"} {
		if c := p.Clauses[i]; !strings.HasPrefix(string(c.ID), want) || c.Cap.Amount.Stated || c.Name.EN == "" {
			t.Errorf("clause %d is %+v", i, c)
		}
	}
	o.Column = "nobody"
	if _, err := policies.Draft(&b, strings.NewReader(table), o); err == nil || !strings.Contains(err.Error(), "grantor") {
		t.Errorf("a missing column is answered with %v", err)
	}
}

func TestOpaqueIDsNeverMeet(t *testing.T) {
	seen := map[string]string{}
	for _, text := range []string{"A", "A ", " A", "A\n", "a", "A\u200b", "A B", "A\nB", strings.Repeat("x", 200), strings.Repeat("x", 201), strings.Repeat("x", 202), strings.Repeat("长", 67)} {
		id := policies.OpaqueID(text)
		if before, twice := seen[id]; twice || len(id) > 200 || !utf8.ValidString(id) {
			t.Errorf("%q and %q are both %q", before, text, id)
		}
		seen[id] = text
	}
}

func FuzzLoad(f *testing.F) {
	f.Add(small)
	f.Add("a: &a [*a]\n")
	f.Add("- - - ? : {[")
	for _, name := range policies.Names() {
		p, err := policies.Named(name)
		if err != nil {
			f.Fatal(err)
		}
		text, err := json.Marshal(p)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text))
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := policies.Load(strings.NewReader(text), "fuzz.yaml")
		if err == nil && p.Validate() != nil {
			t.Errorf("a policy was loaded that is none")
		}
		var fault *policies.Error
		if err != nil && !errors.As(err, &fault) {
			t.Errorf("an error without a place: %v", err)
		}
	})
}
