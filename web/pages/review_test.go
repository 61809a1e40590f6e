package pages_test

import (
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/fundledger/fundledger/domain"
)

// as is the site as somebody else sees it, signed in.
func (s *site) as(t *testing.T, name, grant string) *site {
	t.Helper()
	s.hire(t, name, grant)
	other := *s
	client := *s.client
	client.Jar = must(cookiejar.New(nil))(t)
	other.client = &client
	if status, _, body := other.post("/login", url.Values{"name": {name}, "password": {password}, "next": {"/"}}); status != http.StatusSeeOther {
		t.Fatalf("signing in: status %d: %s", status, body)
	}
	return &other
}

func (s *site) last(t *testing.T) uint64 { return must(s.ledger.Log().Last(t.Context()))(t) }

// What cannot be taken back is shown before it is booked; and what is booked is what was shown, whatever happens in between.
func TestWhatCannotBeTakenBackIsBookedAsItWasShown(t *testing.T) {
	s := open(t)
	c := s.payable()
	path := "/applications/" + url.PathEscape(string(c.Application))
	var left domain.Money // of the instalment
	look := func() {
		t.Helper()
		err := s.ledger.View(t.Context(), func(state *domain.State, _ uint64) {
			v, _ := state.Application(c.Application)
			for _, i := range v.Instalments {
				if i.SupportYear == c.SupportYear {
					left = i.Amount.Sub(i.Paid)
				}
			}
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	look()
	hua, cai := s.as(t, "hua", "treasurer@finance"), s.as(t, "cai", "treasurer@finance")
	form := func(id string, amount domain.Money) url.Values {
		return url.Values{"command": {"make_payout"}, "id": {id}, "date": {c.Date.String()}, "payout": {"P-" + id}, "support_year": {c.SupportYear.String()},
			"amount": {amount.String()}, "voucher": {"沪长财支〔2025〕“0437”号"}}
	}
	nothing := func(when string, before uint64) {
		t.Helper()
		if now := s.last(t); now != before {
			t.Fatalf("%s: the log goes from %d to %d", when, before, now)
		}
	}
	shown := func(when string, body string, want ...string) (reviewed string) {
		t.Helper()
		found := reviewedOf.FindStringSubmatch(body)
		if found == nil {
			t.Fatalf("%s: nothing is shown to confirm: %.3000s", when, body)
		}
		for _, text := range want {
			if !strings.Contains(body, text) {
				t.Errorf("%s: %q is not shown: %s", when, text, body[strings.Index(body, `class="card review"`):])
			}
		}
		return found[1]
	}
	booked := func(when string, status int, header http.Header, body string) string {
		t.Helper()
		if status != http.StatusSeeOther || !strings.HasPrefix(header.Get("Location"), path+"?done=") {
			t.Fatalf("%s: status %d, %s: %.2000s", when, status, header.Get("Location"), body)
		}
		return header.Get("Location")
	}

	before, amount := s.last(t), domain.Fen(12345)
	one := form("one", amount)
	status, _, body := hua.post(path+"?lang=zh", one)
	if status != http.StatusOK {
		t.Fatalf("status %d: %.2000s", status, body)
	}
	one.Set("reviewed", shown("the first step", body, "壹佰贰拾叁元肆角伍分", "¥ 123.45", "确认支付 123.45", "-123.45", "沪长财支〔2025〕“0437”号", "没有账户会因此超出额度", "另行办理“记银行退回”或“下达追回”", "额度余额"))
	if _, _, body := hua.post(path+"?lang=en", form("one", amount)); !strings.Contains(body, "Confirm: Pay 123.45") || strings.Contains(body, "复核") {
		t.Error("the review is not in English")
	}
	nothing("the first step", before)

	// Somebody changes the amount on the way: what they sent is shown, and not booked.
	forged := form("one", amount.Add(domain.Fen(1)))
	forged.Set("reviewed", one.Get("reviewed"))
	_, _, body = hua.post(path+"?lang=zh", forged)
	if again := shown("a forged amount", body, "所示与上次复核不同", "¥ 123.46"); again == one.Get("reviewed") {
		t.Error("another amount has the same digest")
	}
	nothing("a forged amount", before)

	// The back of the browser, and the way back that the page has: the values and the id are kept.
	edit := form("one", amount)
	edit.Set("step", "edit")
	if status, _, body := hua.post(path+"?lang=zh", edit); status != http.StatusOK || !strings.Contains(body, `name="id" value="one"`) || !strings.Contains(body, `value="123.45"`) ||
		!strings.Contains(body, "“0437”号") || reviewedOf.MatchString(body) {
		t.Errorf("status %d: the form is not as it was left", status)
	}
	nothing("going back", before)

	// Whoever is signed out meanwhile books nothing.
	out := *hua
	client := *hua.client
	client.Jar = nil
	out.client = &client
	if status, _, _ := out.post(path, one); status != http.StatusUnauthorized {
		t.Errorf("signed out: status %d", status)
	}
	nothing("signed out", before)

	// Somebody else pays first: the figures are other ones, and it says so.
	other := form("other", domain.Fen(1))
	status, header, body := cai.confirm(path, other)
	booked("another treasurer", status, header, body)
	before = s.last(t)
	_, _, body = hua.post(path+"?lang=zh", one)
	reviewed := shown("paid meanwhile", body, "所示与上次复核不同", "确认支付 123.45")
	nothing("paid meanwhile", before)
	look()
	if want := left.Sub(amount); !strings.Contains(body, ">"+grouped(want)+"<") {
		t.Errorf("after 123.45 of %s, %s are left, and the review says %s", left, want, body)
	}

	// Twice at once, and once more, and from the form again: it is booked once.
	one.Set("reviewed", reviewed)
	var went [3]string
	var all sync.WaitGroup
	for i := range went {
		all.Go(func() {
			_, header, _ := hua.post(path, one)
			went[i] = header.Get("Location")
		})
	}
	all.Wait()
	status, header, body = hua.post(path, form("one", amount))
	if to := booked("the form again", status, header, body); went != [3]string{to, to, to} {
		t.Errorf("sent to %q, and then to %s", went, to)
	}
	nothing("four times", before+1)

	// A refusal needs no review, and is kept as any other; so is one that somebody else's payment makes at the last moment.
	look()
	rest := form("rest", left)
	_, _, body = hua.post(path+"?lang=zh", rest)
	rest.Set("reviewed", shown("the rest", body, "确认支付 "+grouped(left)))
	status, header, body = cai.confirm(path, form("fen", domain.Fen(1)))
	booked("a fen", status, header, body)
	status, _, body = hua.post(path+"?lang=zh", rest)
	if status != http.StatusUnprocessableEntity || !strings.Contains(body, "instalment_exceeded") || !regexp.MustCompile(`(?s)name="amount"[^>]*aria-invalid="true"[^>]*aria-describedby="make_payout-no".*id="make_payout-no"`).MatchString(body) {
		t.Errorf("status %d: the refusal does not stand at the amount: %.4000s", status, body)
	}
	fit := form("rest", left)
	fit.Set("fit", "amount="+left.Sub(domain.Fen(1)).String())
	if !strings.Contains(body, `name="fit" value="`+fit.Get("fit")+`"`) {
		t.Error("the amount that fits is not offered")
	}
	if status, _, body := hua.post(path+"?lang=zh", fit); status != http.StatusOK || !strings.Contains(body, `name="amount" value="`+left.Sub(domain.Fen(1)).String()+`"`) || reviewedOf.MatchString(body) {
		t.Errorf("status %d: the amount that fits is not filled in", status)
	}
	if reckoned := regexp.MustCompile(`(?s)限额 .*已用.*本次 .*差额 <b>0\.01</b>`); !reckoned.MatchString(body) {
		t.Errorf("the sum is not told in its order: %.6000s", body)
	}
	if _, body := s.get("/refusals?code=instalment_exceeded&application=" + url.QueryEscape(string(c.Application))); !strings.Contains(body, left.String()) && !strings.Contains(body, grouped(left)) {
		t.Errorf("the refusal is not kept: %.3000s", body)
	}

	// Paid in full, it says so, and offers nothing.
	for c.SupportYear = 2024; c.SupportYear < 2030; c.SupportYear++ {
		left = domain.NoMoney
		if look(); left.Positive() {
			status, header, body = hua.confirm(path, form("last-"+c.SupportYear.String(), left))
			booked("the last of "+c.SupportYear.String(), status, header, body)
		}
	}
	if _, body = hua.get(path + "?lang=zh"); !strings.Contains(body, "已付清") || strings.Contains(body, `value="make_payout"`) {
		t.Errorf("a case that is paid offers a payment: %s", body[strings.Index(body, "<main"):])
	}
}

// grouped is an amount as people read it.
func grouped(m domain.Money) string {
	text := m.String()
	for i := len(text) - 6; i > 0 && text[i-1] != '-'; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// A retroactive amendment names the accounts that it puts over, by what they are over by once it is booked.
func TestAnAmendmentNamesTheAccountsThatItPutsOver(t *testing.T) {
	s := open(t)
	root := s.as(t, "root2", "admin")
	day := domain.DateIn(now, domain.Shanghai)
	form := url.Values{"command": {"amend_clause"}, "id": {"amend"}, "date": {day.String()}, "clause": {"6"}, "cap": {"100000.00"}, "effective_on": {day.String()}, "retroactive": {"true"}, "document": {"修订 1 号"}}
	_, _, body := root.post("/clauses/amend?lang=zh", form)
	review := body[max(strings.Index(body, `class="card review"`), 0):]
	said := map[string]bool{}
	for _, found := range regexp.MustCompile(`<td[^>]* class="n negative">([0-9,.]+)</td>`).FindAllStringSubmatch(review, -1) {
		said[found[1]] = true
	}
	if status, _, body := root.confirm("/clauses/amend", form); status != http.StatusSeeOther {
		t.Fatalf("status %d: %.2000s", status, body)
	}
	over := map[string]bool{}
	err := s.ledger.View(t.Context(), func(state *domain.State, _ uint64) {
		for _, line := range state.Lines() {
			if v, ok := state.Account(line.Account, line.SupportYear, day); ok && line.Clause == "6" && v.OverBy().Positive() {
				over[grouped(v.OverBy())] = true
			}
		}
	})
	if err != nil || len(over) == 0 || fmt.Sprint(over) != fmt.Sprint(said) {
		t.Errorf("%v are over, and the review named %v (%v)", over, said, err)
	}
}
