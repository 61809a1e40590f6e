package pages_test

import (
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/projections"
)

var fitValues = regexp.MustCompile(`name="fit" value="enterprise=([^"]+)"`)

// What is typed for an enterprise or a clause is taken for what it says whole; a part of a name books nothing before it was seen what it is taken for, and
// of several the person chooses.
func TestWhatIsTypedIsTakenForWhatItNames(t *testing.T) {
	s := open(t)
	firm := s.firmOf(t, "ai")
	var name string
	names := map[string]domain.EnterpriseID{}
	for row, err := range projections.Enterprises.Every(t.Context(), s.queries, projections.Ask{Limit: projections.MaxLimit}) {
		if err != nil {
			t.Fatal(err)
		}
		if names[row.Name] = row.Enterprise; row.Enterprise == firm {
			name = row.Name
		}
	}
	form := func(id, enterprise, clause string) url.Values {
		return url.Values{"command": {"submit_application"}, "id": {id}, "date": {domain.DateIn(now, domain.Shanghai).String()}, "application": {"A-" + id}, "enterprise": {enterprise},
			"clause": {clause}, "title": {"智慧工厂"}, "requested.2026": {"１，２３４，５６７．８９"}}
	}
	send := func(f url.Values) (int, string) {
		t.Helper()
		status, _, page := s.post("/applications/new?lang=zh", f)
		return status, page
	}
	charged := func(id string) (c domain.Charge, asked domain.Money) {
		t.Helper()
		if err := s.ledger.View(t.Context(), func(state *domain.State, _ uint64) {
			if v, ok := state.Application(domain.ApplicationID("A-" + id)); ok {
				c, asked = v.Charge, v.Requested[0].Amount
			}
		}); err != nil {
			t.Fatal(err)
		}
		return c, asked
	}
	if status, page := send(form("whole", " "+name+" ", "特色产业规模支持")); status != http.StatusSeeOther {
		t.Fatalf("a whole name: status %d: %s", status, saidOn(page))
	}
	if c, asked := charged("whole"); c.Enterprise != firm || c.Clause != "1.1a" || asked != domain.Fen(123456789) {
		t.Errorf("%+v, %s", c, asked)
	}
	// A part that only one has is shown, and booked once it was sent again.
	before := s.last(t)
	part := form("part", string(firm[:len(firm)-3]), "1.1a")
	status, page := send(part)
	if status != http.StatusUnprocessableEntity || !strings.Contains(page, `value="`+string(firm)+`"`) || !strings.Contains(saidOn(page), "已认作“"+name+"”") || s.last(t) != before {
		t.Errorf("a part: status %d: %s", status, saidOn(page))
	}
	part.Set("enterprise", string(firm))
	if status, _ := send(part); status != http.StatusSeeOther {
		t.Errorf("sent again: status %d", status)
	}
	// Of several one is chosen; whoever is forged among the buttons is judged by the rules.
	before = s.last(t)
	several := form("several", "有限公司", "1.1a")
	status, page = send(several)
	buttons := fitValues.FindAllStringSubmatch(page, -1)
	if status != http.StatusUnprocessableEntity || len(buttons) < 2 || s.last(t) != before || !strings.Contains(saidOn(page), "不止一个") {
		t.Errorf("several: status %d, %d to choose from: %s", status, len(buttons), saidOn(page))
	}
	if first := regexp.MustCompile(`(?s)<form method="post" class="card".*?<button([^>]*)>`).FindStringSubmatch(page); first == nil || strings.Contains(first[1], "name=") {
		t.Errorf("the key Enter would choose, not send: %q", first)
	}
	several.Set("fit", "enterprise="+string(firm))
	if status, page := send(several); status != http.StatusOK || !strings.Contains(page, `value="`+string(firm)+`"`) || s.last(t) != before {
		t.Errorf("chosen: status %d", status)
	}
	// What nothing is called is refused by the rules, with what begins alike.
	if status, page := send(form("none", "91310105ZZZZZZZZZZ", "1.1a")); status != http.StatusUnprocessableEntity || !strings.Contains(saidOn(page), "尚未登记") || len(fitValues.FindAllString(page, -1)) == 0 {
		t.Errorf("unknown: status %d: %s", status, saidOn(page))
	}
	for _, odd := range []string{"%", "_", `'; DROP`, "<script>", "\x00", strings.Repeat("长", 3000), "。", "110101199003074178"} {
		if status, page := send(form("odd", odd, "1.1a")); status != http.StatusUnprocessableEntity && status != http.StatusBadRequest || strings.Contains(page, odd+"<script>") {
			t.Errorf("%.20q: status %d", odd, status)
		}
		if status, page := send(form("odd", string(firm), odd)); status != http.StatusUnprocessableEntity && status != http.StatusBadRequest {
			t.Errorf("clause %.20q: status %d: %s", odd, status, saidOn(page))
		}
	}
	if s.last(t) != before {
		t.Error("something was booked")
	}

	// What may not be chosen says why, by the rules: for the enterprise and the day that are in the form.
	closed := func(path string) map[string]string {
		t.Helper()
		_, page := s.get(path)
		list := map[string]string{}
		for _, found := range regexp.MustCompile(`<option value="([^"]+)" disabled>([^<]*)</option>`).FindAllStringSubmatch(page, -1) {
			list[found[1]] = html.UnescapeString(found[2])
		}
		return list
	}
	open := closed("/applications/new?lang=zh")
	if !strings.Contains(open["1.3b"], "不接受申请") || len(open) != 1 {
		t.Errorf("without an enterprise: %v", open)
	}
	offered := closed("/applications/new?lang=zh&enterprise=" + string(firm))
	if !strings.Contains(offered["1.1b"], "不适用于") || !strings.Contains(offered["2.2.1"], "不适用于") || offered["1.1a"] != "" || offered["2.1.2"] != "" {
		t.Errorf("of an enterprise of the industry: %v", offered)
	}
	if booked := closed("/payouts/book?lang=zh"); !strings.Contains(booked["1.3a"], "参照") || !strings.Contains(booked["1.3b"], "不接受申请") || len(booked) != 2 {
		t.Errorf("to book: %v", booked)
	}
	today := domain.DateIn(now, domain.Shanghai)
	if err := s.ledger.View(t.Context(), func(state *domain.State, _ uint64) {
		for _, c := range state.Policy().Clauses { // what is offered is what the rules take
			try := &domain.SubmitApplication{Head: domain.Head{ID: "x", Date: today, Actor: domain.Actor{ID: "officer", Role: domain.Clerk, Department: "commerce"}}, Application: "X",
				Enterprise: firm, Clause: c.ID, Title: "-", Requested: []domain.Instalment{{SupportYear: 2026, Amount: domain.Fen(1)}}}
			charged := c
			if c.ByReference() {
				try.RefersTo = c.RefersTo[0]
				charged, _ = state.Policy().Clause(try.RefersTo)
			}
			if charged.Cap.Subject == domain.SubjectProject {
				try.Project = "zz-1"
			} else if charged.Cap.Subject == domain.SubjectAward {
				try.Award = "zz-1"
			}
			if _, r := domain.Decide(state, try, today); (r == nil) != (offered[string(c.ID)] == "") {
				t.Errorf("clause %s is offered as %q, and the rules say %v", c.ID, offered[string(c.ID)], r)
			}
		}
	}); err != nil {
		t.Fatal(err)
	}
	// The script's address proposes to who may give the command, and nothing to others.
	if status, page := s.get("/pick?command=submit_application&field=clause&q=tscygm&lang=zh"); status != http.StatusOK || !strings.Contains(page, `data-value="1.1a"`) || strings.Contains(page, `data-value="4"`) {
		t.Errorf("initials: status %d: %s", status, page)
	}
	if status, page := s.get("/pick?command=submit_application&field=enterprise&q=%27%25<b>&lang=zh"); status != http.StatusOK || strings.Contains(page, "data-value") {
		t.Errorf("no name: status %d: %s", status, page)
	}
	reader := s.as(t, "duzhe", "analyst")
	if status, page := reader.get("/pick?command=submit_application&field=enterprise&q=" + url.QueryEscape("有限公司")); status == http.StatusOK || strings.Contains(page, string(firm)) {
		t.Errorf("a reader: status %d", status)
	}
	for _, path := range []string{"/pick", "/pick?command=submit_application&field=title", "/pick?command=register_enterprise&field=enterprise", "/pick?command=x&field=clause"} {
		if status, _ := s.get(path); status != http.StatusBadRequest {
			t.Errorf("%s: status %d", path, status)
		}
	}
}

// Two enterprises of one name are two, however many others have the name in theirs: nothing is booked for either before one was chosen. One that alone is
// called so is found among as many.
func TestTwoOfANameAreTwoAmongMany(t *testing.T) {
	s := open(t)
	register := func(n int, name string) (id domain.EnterpriseID) {
		t.Helper()
		body := fmt.Sprintf("91310105MA1X%05d", n)
		check, _ := domain.CreditCodeCheck(body)
		id = domain.EnterpriseID(body + string(check))
		head := domain.Head{ID: domain.CommandID("twin-" + body), Date: domain.DateIn(now, domain.Shanghai), Actor: domain.Actor{ID: "officer", Role: domain.Clerk, Department: "commerce"}}
		if r := s.ledger.Do(t.Context(), ledger.Order{Command: &domain.RegisterEnterprise{Head: head, Enterprise: id, Title: name, Industry: "ai"}}); r.Refusal != nil || r.Err != nil {
			t.Fatal(r)
		}
		return id
	}
	const name, proposed = "甲申精密仪器有限公司", 12 // as many as a field proposes
	one := register(1, name)
	for n := range proposed - 2 { // in the order of names all of these come first
		register(10+n, fmt.Sprintf("安泰%d%s", n, name))
	}
	other, alone := register(99, name), register(98, "庚辰"+name)
	form := url.Values{"command": {"submit_application"}, "id": {"twins"}, "date": {domain.DateIn(now, domain.Shanghai).String()}, "application": {"A-twins"}, "enterprise": {name},
		"clause": {"1.1a"}, "title": {"智慧工厂"}, "requested.2026": {"1000.00"}}
	before := s.last(t)
	status, _, page := s.post(fmt.Sprintf("/applications/new?lang=zh&min_seq=%d", before), form)
	if buttons := fmt.Sprint(fitValues.FindAllStringSubmatch(page, -1)); status != http.StatusUnprocessableEntity || s.last(t) != before ||
		!strings.Contains(buttons, string(one)) || !strings.Contains(buttons, string(other)) {
		t.Errorf("status %d, to choose from: %s; %s", status, buttons, saidOn(page))
	}
	form.Set("enterprise", "庚辰"+name)
	if status, _, page := s.post("/applications/new?lang=zh", form); status != http.StatusSeeOther {
		t.Errorf("status %d: %s", status, saidOn(page))
	}
	if err := s.ledger.View(t.Context(), func(state *domain.State, _ uint64) {
		if v, _ := state.Application("A-twins"); v.Charge.Enterprise != alone {
			t.Errorf("it is of %s, and not of %s", v.Charge.Enterprise, alone)
		}
	}); err != nil {
		t.Fatal(err)
	}
}

// With the script a form is filled in by the keyboard: parts of names narrow, what cannot be applied for cannot be chosen, and the headroom follows.
func TestAFormHelpsWhileItIsFilledIn(t *testing.T) {
	s := open(t)
	firm := s.firmOf(t, "ai")
	s.hire(t, "wu", "clerk@science")
	w := s.browse(t).tab(t)
	w.login("wu")
	w.size(390, 900)
	w.visit("/applications/new?lang=zh")
	field := func(name string) string { return `[name="` + name + `"]` }
	until := func(what, expression string) {
		t.Helper()
		if !ask[bool](w, `new Promise((done) => { const see = () => (`+expression+`) ? done(true) : setTimeout(see, 20); see(); setTimeout(() => done(false), 20000); })`) {
			t.Fatalf("%s: %s", what, w.text())
		}
	}
	shown := func(name string) string {
		return `!document.querySelector('` + field(name) + `').nextElementSibling.hidden`
	}
	w.do(chromedp.SendKeys(chromedp.CSS(field("enterprise")), string(firm[:len(firm)-2])))
	until("a list", shown("enterprise"))
	w.do(chromedp.SendKeys(chromedp.CSS(field("enterprise")), kb.ArrowDown+kb.Enter))
	until("the enterprise is chosen", `document.querySelector('`+field("enterprise")+`').value === "`+string(firm)+`"`)
	w.do(chromedp.SendKeys(chromedp.CSS(field("clause")), "gdldzc"))
	until("nothing is chosen that is closed", shown("clause"))
	w.do(chromedp.SendKeys(chromedp.CSS(field("clause")), strings.Repeat(kb.Backspace, 6)+"1.1"))
	until("clauses", shown("clause")+` && document.querySelector('[data-value="1.1b"][aria-disabled]') && document.querySelector('[data-value="1.1a"]:not([aria-disabled])')`)
	for _, v := range w.barriers() {
		t.Errorf("axe: %s: %s", v.ID, strings.Join(v.Nodes, "\n"))
	}
	if wide := w.overflow(); len(wide) > 0 {
		t.Errorf("wider than the window: %v", wide)
	}
	w.shoot("form picks")
	w.do(chromedp.SendKeys(chromedp.CSS(field("clause")), kb.ArrowDown+kb.Enter))
	until("the clause is chosen", `document.querySelector('`+field("clause")+`').value === "1.1a"`)
	w.do(chromedp.SendKeys(chromedp.CSS(field("requested.2026")), "999,999,999"))
	until("the headroom follows", `/差额/.test(document.querySelector(".headroom").innerText)`)
	for _, v := range w.barriers() {
		t.Errorf("axe: %s: %s", v.ID, strings.Join(v.Nodes, "\n"))
	}
	if wide := w.overflow(); len(wide) > 0 {
		t.Errorf("wider than the window: %v", wide)
	}
	w.shoot("form headroom")
	w.give("submit_application", map[string]string{"title": "智慧工厂", "requested.2026": "1,000.5"})
	w.done()
	w.clean()
}
