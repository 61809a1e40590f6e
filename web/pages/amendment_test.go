package pages_test

import (
	"fmt"
	"html"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/fundledger/fundledger/domain"
)

// eighth is a clause as a policy's file has it.
const eighth = `# 增设
  - id: "8"
    name: {zh: 低空经济, en: low-altitude economy}
    source: 四(八)
    departments: [commerce, reform]
    industries: [ai]
    cap: {amount: "3000000.00", subject: enterprise, period: year}
    requires: [{zh: 有适航批准, en: holds an airworthiness approval}]
`

// profit is a fact as a policy's file has it.
const profit = "- {id: profit, name: {zh: 利润, en: Profit}, unit: cny, per: year, sources: [finance]}\n"

// amending is a site whose viewer amends the policy, with what every amendment says.
func amending(t *testing.T) (*site, url.Values) {
	s := open(t)
	s.hire(t, "root", "admin")
	s.signIn(t, "root")
	return s, url.Values{"command": {"amend_policy"}, "id": {"amend-1"}, "date": {domain.DateIn(now, domain.Shanghai).String()},
		"effective_on": {"2025-10-01"}, "document": {"沪长府规〔2025〕3号"}, "as": {"admin"}}
}

func saying(form url.Values, more ...string) url.Values {
	form = maps.Clone(form)
	for i := 0; i < len(more); i += 2 {
		form.Set(more[i], more[i+1])
	}
	return form
}

// On the page a policy's end, a clause's departments and industries, the workflow by its steps, a clause more and a clause's closing are amended; it is
// looked over in words first, and the policy's page tells what was done.
func TestThePageAmendsAllOfAPolicy(t *testing.T) {
	s, form := amending(t)
	for _, lang := range []string{"en", "zh"} { // and it goes on in the latter
		_, page := s.get("/policy/amend?lang=" + lang)
		for _, name := range []string{"policy", "effective_on", "document", "term_to", "clause", "departments", "industries", "close", "workflow.acceptance",
			"workflow.reviews", "workflow.reviews_support", "workflow.recorded_late_days", "promised.acceptance", "promised.review", "promised.approval", "promised.payment", "debtors", "group_cap.amount", "group_cap.control", "conditions", "add_clause", "add_facts"} {
			if !strings.Contains(page, `name="`+name+`"`) {
				t.Errorf("%s: the form does not ask for %s", lang, name)
			}
		}
		if strings.Contains(page, "办理流程") == (lang == "en") {
			t.Errorf("%s: the page speaks the other language", lang)
		}
	}
	for name, amend := range map[string]struct {
		says  []string
		shows string
	}{
		"the term":     {[]string{"term_to", "2027-06-30"}, "2027-06-30"},
		"departments":  {[]string{"clause", "6", "departments", "data；reform"}, "data"},
		"industries":   {[]string{"clause", "6", "industries", "ai"}, "ai"},
		"any industry": {[]string{"clause", "2.4.3", "industries", "全部"}, "适用产业"},
		"the workflow": {[]string{"workflow.reviews", "2"}, "审核人数：2"},
		"its steps":    {[]string{"workflow.acceptance", "false", "workflow.reviews_support", "true", "workflow.recorded_late_days", "10"}, "补录期限（天）：10"},
		"promises":     {[]string{"promised.acceptance", "5", "promised.payment", "20"}, "受理承诺（工作日）：5"},
		"a clause's":   {[]string{"clause", "6", "promised.review", "30"}, "评审承诺（工作日）：30"},
		"conditions": {[]string{"effective_on", domain.DateIn(now, domain.Shanghai).String(), "clause", "6", "add_facts", profit, "conditions", "- {fact: profit, period: year-1, is: '>=', value: \"20000000.00\"}\n"},
			"支持年度上一年利润不低于 20,000,000.00 元"},
		"a clause":        {[]string{"add_clause", strings.ReplaceAll(eighth, "\n", "\r\n")}, "低空经济"},
		"debtors":         {[]string{"debtors", "offset"}, "抵扣"},
		"a cap of groups": {[]string{"clause", "1.1a", "group_cap.amount", "150000000.00", "group_cap.control", "refuse"}, "150,000,000.00（超出拒绝）"},
		"no more":         {[]string{"clause", "5", "close", "true"}, "停止受理"},
	} {
		form := saying(form, append(amend.says, "id", "amend "+name)...)
		status, _, shown := s.post("/policy/amend", form)
		if status != http.StatusOK || !strings.Contains(shown, amend.shows) || strings.Contains(shown, "{&#34;") {
			t.Fatalf("%s: the review answers %d: %.4000s", name, status, shown)
		}
		status, header, said := s.confirm("/policy/amend", form)
		if status != http.StatusSeeOther || !strings.HasPrefix(header.Get("Location"), "/policy?") {
			t.Fatalf("%s: status %d: %.3000s", name, status, said)
		}
	}
	err := s.ledger.View(t.Context(), func(state *domain.State, _ uint64) {
		p := state.Policy()
		added, _ := p.Clause("8")
		sixth, _ := p.Clause("6")
		all, _ := p.Clause("2.4.3")
		if sixth.Formula() != "profit[year-1] >= 20000000.00" {
			t.Errorf("its conditions are %q", sixth.Formula())
		}
		if is := state.PromisedOn("6", domain.DateOf(2099, 1, 1)); is != (domain.Promised{Acceptance: 5, Review: 30, Payment: 20}) {
			t.Errorf("it promises %+v", is)
		}
		first, _ := p.Clause("1.1a")
		if is := (domain.GroupCap{Amount: domain.Stated(domain.Yuan(150_000_000)), Control: domain.GroupRefuse}); first.GroupCap != is || p.Debtors != domain.DebtorOffset {
			t.Errorf("groups have %+v, debtors get %q", first.GroupCap, p.Debtors)
		}
		want := domain.Workflow{Reviews: 2, ReviewsSupport: true, RecordedLateDays: 10}
		if p.Workflow != want || p.Term.To != domain.DateOf(2027, 6, 30) || added.Cap.Amount != domain.Stated(domain.Yuan(3_000_000)) || len(added.Requires) != 1 ||
			!slices.Equal(sixth.Departments, []domain.DepartmentID{"data", "reform"}) || !slices.Equal(sixth.Industries, []domain.IndustryID{"ai"}) ||
			len(all.Industries) > 0 || state.ClosedOn("5").IsZero() {
			t.Errorf("it says %+v until %s, %+v, %+v, closed %s", p.Workflow, p.Term.To, added, sixth, state.ClosedOn("5"))
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, page := s.get(fmt.Sprint("/clauses/6?lang=zh&min_seq=", s.last(t))); !strings.Contains(page, "支持年度上一年利润不低于 20,000,000.00 元") {
		t.Error("the clause's page does not tell its conditions")
	}
	firm := ""
	if err := s.ledger.View(t.Context(), func(state *domain.State, _ uint64) { firm = string(state.EnterprisesBehind("")[0]) }); err != nil {
		t.Fatal(err)
	}
	if _, page := s.get(fmt.Sprint("/enterprises/", firm, "?lang=zh&min_seq=", s.last(t))); !strings.Contains(page, "年利润不低于 20,000,000.00 元，尚无记录") ||
		!strings.Contains(page, "/applications/new?clause=6") {
		t.Error("the enterprise's page does not tell what it may have by conditions")
	}
	s.hire(t, "clerk", "clerk@commerce")
	s.signIn(t, "clerk")
	if _, page := s.get("/applications/new?lang=zh&enterprise=91310105MA7W80873U&clause=6&project=P-1&year=2026"); !strings.Contains(page, `value="91310105MA7W80873U"`) ||
		!strings.Contains(page, `<option value="6" selected`) || !strings.Contains(page, `value="P-1"`) {
		t.Error("the form is not filled in by its address")
	}
	for lang, says := range map[string]string{"zh": "低空经济", "en": "low-altitude economy"} {
		if _, page := s.get(fmt.Sprint("/clauses/8?lang=", lang, "&min_seq=", s.last(t))); !strings.Contains(page, says) {
			t.Errorf("%s: the clause has no page", lang)
		}
	}
}

// What is wrong in pasted conditions and facts is said with its line.
func TestAWrongConditionIsToldByItsLines(t *testing.T) {
	s, form := amending(t)
	for wrong, c := range map[string]struct{ facts, conditions, says string }{
		"a float":            {profit, "- fact: profit\n  period: year\n  is: '>='\n  value: 2.5", "第 4 行"},
		"a fact that is not": {"", "- all:\n    - {fact: profit, period: year, is: '>', value: '0'}", "第 2 行"},
		"a unit that is not": {strings.Replace(profit, "cny", "usd", 1), "", "第 1 行"},
	} {
		status, _, page := s.post("/policy/amend", saying(form, "clause", "6", "add_facts", c.facts, "conditions", c.conditions, "id", "amend "+wrong))
		if status == http.StatusSeeOther || !strings.Contains(page, c.says) {
			t.Errorf("%s: status %d", wrong, status)
		}
	}
}

// What is wrong in the text of a clause, or in a step of the workflow, is said in the reader's language with its line; nothing is booked, and the form keeps
// what was typed.
func TestAWrongClauseIsToldByItsLines(t *testing.T) {
	s, form := amending(t)
	before := s.last(t)
	line := func(n int) [2]string { return [2]string{fmt.Sprint("第 ", n, " 行"), fmt.Sprint("line ", n)} }
	at := func(old, to string) string { return strings.Replace(eighth, old, to, 1) }
	for name, wrong := range map[string]struct {
		text string
		says [][2]string
	}{
		"no YAML":                  {"id: [8\nname: {", [][2]string{{"不是有效的 YAML", "it is not valid YAML"}}},
		"an unknown key":           {at("source", "sauce"), [][2]string{line(4), {"没有这个键", "there is no such key"}}},
		"a key twice":              {at("source: 四(八)", "id: 9"), [][2]string{line(4), {"already defined", "already defined"}}},
		"an amount of three parts": {at("3000000.00", "1.2.3"), [][2]string{line(7), {"金额", "is not an amount"}}},
		"no amount":                {at("amount: \"3000000.00\", ", ""), [][2]string{line(7), {"须写明额度", "the cap&#39;s amount is needed"}}},
		"a department of none":     {at("reform", "moon"), [][2]string{line(5), {"&#34;moon&#34; 不在本政策的部门之列", "&#34;moon&#34; is not one of"}}},
		"an industry of none":      {at("[ai]", "[moon]"), [][2]string{line(6), {"moon", "moon"}}},
		"a clause of a taken id":   {at(`"8"`, `"6"`), [][2]string{line(2), {"重复", "stands twice"}}},
		"two clauses":              {eighth + strings.Replace(eighth, `"8"`, `"9"`, 1), [][2]string{{"一次增设一个条款", "one clause is added at a time"}}},
		"a whole file":             {"fund: changning-2024\nclauses:\n" + eighth, [][2]string{line(1), {"没有这个键", "there is no such key"}}},
		"an anchor elsewhere":      {at("[commerce, reform]", "*seven"), [][2]string{line(5), {"没有指向前文的锚点", "names no anchor"}}},
		"what would run":           {at("低空经济", running), [][2]string{{"&lt;script&gt;", "&lt;script&gt;"}}},
		"deep":                     {strings.Repeat("[", 300_000), [][2]string{{"嵌套超过", "nested deeper"}}},
		"huge":                     {at("低空经济", strings.Repeat("空", 100_000)), [][2]string{line(3), {"4000", "4000"}}},
	} {
		for i, lang := range []string{"zh", "en"} {
			status, _, page := s.post("/policy/amend?lang="+lang, saying(form, "add_clause", wrong.text, "workflow.reviews", "2"))
			if status != http.StatusUnprocessableEntity {
				t.Errorf("%s, %s: status %d: %.2000s", name, lang, status, page)
				continue
			}
			at := strings.Index(page, `id="amend_policy-said"`)
			for _, says := range wrong.says {
				if at < 0 || !strings.Contains(page[at:], says[i]) {
					t.Errorf("%s, %s: it does not say %q: %.3000s", name, lang, says[i], page[max(at, 0):])
				}
			}
			if !strings.Contains(page, html.EscapeString(wrong.text)) || !strings.Contains(page, `<option value="2" selected>`) || strings.Contains(page, "<img src=x") {
				t.Errorf("%s, %s: the form does not keep what was typed", name, lang)
			}
		}
	}
	for name, says := range map[string][]string{
		"workflow.acceptance": {"maybe"}, "workflow.reviews": {"-1", "10", "1e9", "99999999999999999999"}, "workflow.recorded_late_days": {"0", "4000", "x"},
		"workflow.reviews_support": {"1"},
	} {
		for _, value := range says {
			status, _, page := s.post("/policy/amend", saying(form, name, value))
			field := strings.Index(page, `name="`+name+`"`)
			if status != http.StatusUnprocessableEntity || !strings.Contains(page[max(field, 0):min(len(page), max(field, 0)+3000)], `class="alert bad"`) {
				t.Errorf("%s=%s: status %d: %.3000s", name, value, status, page[max(field, 0):])
			}
		}
	}
	if status, _, _ := s.post("/policy/amend", saying(form, "add_clause", strings.Repeat("空", 1<<20))); status != http.StatusRequestEntityTooLarge {
		t.Errorf("more than a form may have: status %d", status)
	}
	if after := s.last(t); after != before {
		t.Errorf("%d events were booked", after-before)
	}
}

// Who is no admin neither sees the form nor gives it.
func TestOnlyAnAdminAmendsThePolicy(t *testing.T) {
	s := open(t)
	form := url.Values{"command": {"amend_policy"}, "id": {"amend-1"}, "add_clause": {eighth}, "effective_on": {"2025-10-01"}, "document": {"文"}, "as": {"admin"}}
	if _, page := s.get("/policy/amend"); strings.Contains(page, `name="add_clause"`) {
		t.Error("the form is offered to everybody")
	}
	before := s.last(t)
	if status, _, page := s.post("/policy/amend", form); status < 400 || s.last(t) != before {
		t.Errorf("somebody else amends it: status %d: %.1000s", status, page)
	}
}
