package pages_test

import (
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/wire"
)

var (
	caseOf = regexp.MustCompile(`name="case" value="([^"]+)"`)
	giveOf = regexp.MustCompile(`name="give" value="([^"]+)"`)
)

// hidden are the values that the second step sends again.
func hidden(t *testing.T, body string) url.Values {
	t.Helper()
	found := reviewedOf.FindStringSubmatch(body)
	if found == nil {
		t.Fatalf("nothing is shown to confirm: %.3000s", body[max(strings.Index(body, "<main"), 0):])
	}
	form := url.Values{"reviewed": {found[1]}, "date": {"2025-09-10"}}
	for _, give := range giveOf.FindAllStringSubmatch(body, -1) {
		form.Add("give", html.UnescapeString(give[1]))
	}
	for _, one := range caseOf.FindAllStringSubmatch(body, -1) {
		form.Add("case", html.UnescapeString(one[1]))
	}
	return form
}

// Several payments are confirmed at once: all as they were shown, or none; and twice is once.
func TestSeveralPaymentsAreBookedAsTheyWereShownOrNoneIs(t *testing.T) {
	s := open(t)
	cai := s.as(t, "cai", "treasurer@finance")
	day := domain.DateIn(now, domain.Shanghai)
	_, body := cai.get("/todo/to_pay?lang=zh&all=1")
	all := caseOf.FindAllStringSubmatch(body, -1)
	if len(all) < 20 || strings.Count(body, " checked") != len(all) {
		t.Fatalf("there are %d cases to pay, and %d of them are chosen: %.2000s", len(all), strings.Count(body, " checked"), body)
	}
	choice := url.Values{"date": {day.String()}, "said": {"沪长财支〔2025〕0998号"}}
	for _, one := range all {
		choice.Add("case", html.UnescapeString(one[1]))
	}
	before := s.last(t)
	_, _, body = cai.post("/todo/to_pay?lang=zh", choice)
	form := hidden(t, body)
	sums := map[string]domain.Money{}
	total := domain.NoMoney
	for _, give := range form["give"] {
		c, refusal := wire.DecodeCommand([]byte(give))
		if refusal != nil {
			t.Fatal(refusal)
		}
		pay := c.(*domain.MakePayout)
		sums[string(pay.Application)] = sums[string(pay.Application)].Add(pay.Amount)
		total = total.Add(pay.Amount)
	}
	for _, text := range []string{"¥ " + grouped(total), "沪长财支〔2025〕0999号", "沪长财支〔2025〕1000号", "办后额度余额"} {
		if !strings.Contains(body, text) {
			t.Errorf("%q is not shown", text)
		}
	}
	if s.last(t) != before {
		t.Fatal("the first step has booked something")
	}

	// An amount that was changed on the way is shown, and nothing is booked.
	forged := url.Values{"reviewed": form["reviewed"], "give": append([]string{regexp.MustCompile(`"amount":"[0-9.]+"`).ReplaceAllString(form["give"][0], `"amount":"0.07"`)}, form["give"][1:]...)}
	if _, _, body := cai.post("/todo/to_pay?lang=zh", forged); !strings.Contains(body, "所示与上次复核不同") || !strings.Contains(body, ">0.07<") || s.last(t) != before {
		t.Errorf("a forged amount is not shown again: %.2000s", body[strings.Index(body, "<main"):])
	}
	if status, _, _ := cai.post("/todo/to_pay", url.Values{"reviewed": {"x"}, "give": {`{"command":"publish_policy"}`}}); status < 400 || status >= 500 || s.last(t) != before {
		t.Errorf("status %d for another command", status)
	}
	if status, _ := s.as(t, "fen", "analyst").get("/todo/to_pay"); status != http.StatusNotFound {
		t.Errorf("status %d for an analyst", status)
	}

	// One of them is paid by somebody else meanwhile: none is booked, and it is told of which.
	var taken *domain.MakePayout
	for i := len(form["give"]) - 1; taken == nil; i-- {
		c, _ := wire.DecodeCommand([]byte(form["give"][i]))
		taken = c.(*domain.MakePayout)
	}
	other := *taken
	other.Head = domain.Head{ID: "meanwhile", Date: day, Actor: domain.Actor{ID: "hua", Role: domain.Treasurer, Department: "finance"}}
	other.Payout = "P-meanwhile"
	if result := s.ledger.Do(t.Context(), ledger.Order{Command: &other}); result.Refusal != nil || result.Err != nil {
		t.Fatal(result)
	}
	before = s.last(t)
	_, _, body = cai.post("/todo/to_pay?lang=zh", form)
	if !strings.Contains(body, "全部尚未记账") || !strings.Contains(body, "只办通过的：") || !strings.Contains(body, "不能办理的件数") || s.last(t) != before {
		t.Fatalf("the log goes from %d to %d: %.3000s", before, s.last(t), body[strings.Index(body, "<main"):])
	}
	form = hidden(t, body)
	total = total.Sub(taken.Amount)

	var went []string
	for range 2 {
		status, header, body := cai.post("/todo/to_pay?lang=zh", form)
		if status != http.StatusSeeOther {
			t.Fatalf("status %d: %.3000s", status, body[max(strings.Index(body, "<main"), 0):])
		}
		went = append(went, header.Get("Location"))
	}
	if n := s.last(t) - before; went[0] != went[1] || n != uint64(len(form["give"])) {
		t.Errorf("%d payments are %d events; sent to %v", len(form["give"]), n, went)
	}
	at, _, _ := strings.Cut(went[0], "#")
	path, query, _ := strings.Cut(at, "?")
	_, body = cai.get(at + "&lang=zh")
	if !strings.Contains(body, fmt.Sprintf("已记账 %d 件", len(form["give"]))) || !strings.Contains(body, grouped(total)) {
		t.Errorf("what was booked is not told: %.2000s", body[strings.Index(body, "<main"):])
	}
	status, file := cai.get(path + "/file?format=csv&" + query)
	if lines := strings.Count(file, "\r\n"); status != http.StatusOK || lines != len(form["give"])+1 || !strings.Contains(file, "沪长财支〔2025〕0998号") || !strings.Contains(file, "收款人") {
		t.Errorf("status %d: the bank's file has %d lines: %.500s", status, lines, file)
	}
	if status, sheet := cai.get(path + "/sheet?" + query); status != http.StatusOK || !strings.Contains(sheet, grouped(total)) {
		t.Errorf("status %d: the sheet does not have the sum", status)
	}
	if status, _ := cai.get(path + "/file?format=csv&from=1&to=5"); status != http.StatusNotFound {
		t.Errorf("status %d for a run that is not there", status)
	}
	if _, body := cai.get("/todo/to_pay?lang=zh"); len(caseOf.FindAllString(body, -1)) >= len(all) {
		t.Error("what is paid waits still")
	}
}

// What is left counts those before: of two payments that an appropriation has room for one of, the second is refused, whoever confirms first.
func TestTogetherTheOneBeforeCounts(t *testing.T) {
	s := open(t)
	cai, hua := s.as(t, "cai", "treasurer@finance"), s.as(t, "hua", "treasurer@finance")
	day := domain.DateIn(now, domain.Shanghai)
	var pair []domain.ApplicationID
	var clause domain.ClauseID
	var room domain.Money
	_, body := cai.get("/todo/to_pay?lang=zh")
	err := s.ledger.View(t.Context(), func(state *domain.State, _ uint64) {
		by := map[domain.ClauseID][]domain.ApplicationID{}
		for _, one := range caseOf.FindAllStringSubmatch(body, -1) {
			id := domain.ApplicationID(html.UnescapeString(one[1]))
			v, _ := state.Application(id)
			if by[v.Charge.Clause] = append(by[v.Charge.Clause], id); len(by[v.Charge.Clause]) == 2 && pair == nil {
				pair, clause = by[v.Charge.Clause], v.Charge.Clause
			}
		}
		first, _ := state.Application(pair[0])
		for _, i := range first.Instalments {
			if int(i.SupportYear) <= day.Year() {
				room = room.Add(i.Amount.Sub(i.Paid))
			}
		}
		for _, b := range state.Budgets() {
			if b.Year == day.Year() && b.Scope == string(clause) {
				room = room.Add(b.Paid)
			}
		}
	})
	if err != nil || pair == nil {
		t.Fatal("no two cases of a clause are to be paid", err)
	}
	set := &domain.SetAppropriation{Head: domain.Head{ID: "room", Date: day, Actor: domain.Actor{ID: "hua", Role: domain.Treasurer, Department: "finance"}}, BudgetYear: day.Year(), Clause: clause, Amount: room, Document: "预〔2025〕9 号"}
	if result := s.ledger.Do(t.Context(), ledger.Order{Command: set}); result.Refusal != nil || result.Err != nil {
		t.Fatal(result)
	}
	choice := url.Values{"date": {day.String()}, "case": {string(pair[0]), string(pair[1])}}
	_, _, body = cai.post("/todo/to_pay?lang=zh", choice)
	form := hidden(t, body)
	if len(form["give"]) == 0 || !strings.Contains(body, "再付") || !strings.Contains(body, "只办通过的：") || !strings.Contains(body, ">0.00<") {
		t.Fatalf("two payments are shown in a room for one: %s", body[strings.Index(body, "<main"):])
	}
	_, _, body = hua.post("/todo/to_pay?lang=zh", choice)
	before, forms := s.last(t), []url.Values{form, hidden(t, body)}
	var booked atomic.Int32
	var all sync.WaitGroup
	for i, who := range []*site{cai, hua} {
		all.Go(func() {
			if status, _, _ := who.post("/todo/to_pay?lang=zh", forms[i]); status == http.StatusSeeOther {
				booked.Add(1)
			}
		})
	}
	all.Wait()
	if n := s.last(t) - before; booked.Load() != 1 || n != uint64(len(form["give"])) {
		t.Errorf("%d of two treasurers booked, %d events for %d payments", booked.Load(), n, len(form["give"]))
	}
}

// An approver decides several cases at once, each of what it asked for.
func TestSeveralApprovals(t *testing.T) {
	s := open(t)
	var approver *site
	var form url.Values
	for _, department := range []string{"commerce", "finance", "reform", "science"} {
		who := s.as(t, "zhun-"+department, "approver@"+department)
		_, body := who.get("/todo/to_decide?lang=zh&all=1")
		choice := url.Values{"date": {"2025-09-10"}, "said": {"同意，“一次”办理"}}
		for _, one := range caseOf.FindAllStringSubmatch(body, -1) {
			choice.Add("case", html.UnescapeString(one[1]))
		}
		if len(choice["case"]) == 0 {
			continue
		}
		status, _, body := who.post("/todo/to_decide?lang=zh", choice)
		if status != http.StatusOK {
			t.Fatalf("status %d: %.2000s", status, body)
		}
		if form = hidden(t, body); len(form["give"]) > 0 {
			approver = who
			break
		}
	}
	if approver == nil {
		t.Fatal("there is nothing to approve")
	}
	before := s.last(t)
	status, header, body := approver.post("/todo/to_decide?lang=zh", form)
	if status != http.StatusSeeOther || s.last(t)-before != uint64(len(form["give"])) {
		t.Fatalf("status %d, %d events for %d approvals: %.2000s", status, s.last(t)-before, len(form["give"]), body)
	}
	at, _, _ := strings.Cut(header.Get("Location"), "#")
	if _, body := approver.get(at + "&lang=en"); !strings.Contains(body, fmt.Sprintf("Booked %d cases", len(form["give"]))) {
		t.Errorf("what was approved is not told: %.2000s", body[strings.Index(body, "<main"):])
	}
}

// Money goes to the accounts that were shown: one that is recorded between the two steps is shown first, even where its number ends alike, and one that is
// recorded once the payment was made, for whatever day, gets nothing of it. Else whoever pays could record an account of theirs behind it, which R9
// forbids before. The bank's file has numbers for who may read them, and their ends for others.
func TestABatchGoesToTheAccountsThatWereShown(t *testing.T) {
	s := open(t)
	cai := s.as(t, "cai", "treasurer@finance")
	_, body := cai.get("/todo/to_pay?lang=zh")
	of := domain.ApplicationID(html.UnescapeString(caseOf.FindStringSubmatch(body)[1]))
	var firm domain.EnterpriseID
	var name string
	if err := s.ledger.View(t.Context(), func(state *domain.State, _ uint64) {
		v, _ := state.Application(of)
		e, _ := state.Enterprise(v.Charge.Enterprise)
		firm, name = v.Charge.Enterprise, e.Name
	}); err != nil {
		t.Fatal(err)
	}
	record := func(number string) {
		t.Helper()
		status, _, body := s.confirm("/enterprises/"+url.PathEscape(string(firm))+"/edit", url.Values{"command": {"record_payee_account"}, "id": {"into-" + number}, "date": {"2025-09-01"},
			"as": {"clerk@commerce"}, "holder": {name}, "account": {number}, "bank": {"示例银行"}})
		if status != http.StatusSeeOther {
			t.Fatalf("status %d: %.2000s", status, plainly(body))
		}
	}
	const shown, alike, later = "6222021234567890", "6222029999997890", "6222021234561111"
	record(shown)
	_, _, body = cai.post("/todo/to_pay?lang=zh", url.Values{"date": {domain.DateIn(now, domain.Shanghai).String()}, "case": {string(of)}})
	if !strings.Contains(body, name+"，尾号 7890，示例银行") {
		t.Errorf("where the money goes is not shown: %s", saidOn(body))
	}
	form := hidden(t, body)
	record(alike)
	before := s.last(t)
	if _, _, body = cai.post("/todo/to_pay?lang=zh", form); !strings.Contains(body, "所示与上次复核不同") || s.last(t) != before {
		t.Fatalf("it went to another account than was shown: %s", saidOn(body))
	}
	status, header, body := cai.post("/todo/to_pay?lang=zh", hidden(t, body))
	if status != http.StatusSeeOther {
		t.Fatalf("status %d: %s", status, saidOn(body))
	}
	at, _, _ := strings.Cut(header.Get("Location"), "#")
	path, query, _ := strings.Cut(at, "?")
	record(later)
	line := fmt.Sprintf("%s,%s,%s,%%s,示例银行,", name, firm, name)
	if _, file := cai.get(path + "/file?format=csv&lang=zh&" + query); !strings.Contains(file, fmt.Sprintf(line, alike)) || strings.Contains(file, later) {
		t.Errorf("the bank's file says %s", file)
	}
	if status, file := s.as(t, "reader", "analyst").get(path + "/file?format=csv&lang=zh&" + query); status == http.StatusOK && (strings.Contains(file, alike) || !strings.Contains(file, fmt.Sprintf(line, "…7890"))) {
		t.Errorf("who may not read numbers is shown %s", file)
	}
}
