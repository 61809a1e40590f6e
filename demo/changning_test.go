package demo

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"testing"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/policies"
	"github.com/fundledger/fundledger/wire"
)

func named(t testing.TB, name string) domain.Policy {
	t.Helper()
	p, err := policies.Named(name)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func changning(t testing.TB) domain.Policy { return named(t, "changning-2024") }

// published is a state with the policy in force.
func published(t testing.TB, p domain.Policy) *domain.State {
	t.Helper()
	s := domain.NewState()
	c := &domain.PublishPolicy{Head: domain.Head{ID: "p", Date: p.IssuedOn, Actor: domain.Actor{ID: "a", Role: domain.Admin}}, Policy: p}
	if _, code := play(s, c, p.Term.To); code != "" {
		t.Fatalf("the policy is refused: %s", code)
	}
	return s
}

func play(s *domain.State, c domain.Command, today domain.Date) ([]domain.Event, string) {
	d, r := domain.Decide(s, c, today)
	if r != nil {
		return nil, r.Code
	}
	for _, e := range d.Events {
		domain.Apply(s, e, domain.Deed{Actor: c.Given().Actor, Date: c.Given().Date})
	}
	return d.Events, ""
}

var until = domain.DateOf(2026, 11, 20)

func TestEveryStepEndsAsExpected(t *testing.T) {
	p := changning(t)
	for _, until := range []domain.Date{p.Term.From, date(2025, 2, 1), date(2025, 9, 10), until, p.Term.To, date(2027, 1, 15), date(2028, 6, 30)} {
		t.Run(until.String(), func(t *testing.T) {
			s, last, ids := published(t, p), p.Term.From, map[domain.CommandID]bool{}
			for step := range Changning(p, until) {
				h := step.Command.Given()
				if ids[h.ID] {
					t.Errorf("the command id %s stands twice", h.ID)
				}
				ids[h.ID] = true
				if h.Date.Before(last) || h.Date.After(until) {
					t.Errorf("%s is dated %s, after one of %s, until %s", h.ID, h.Date, last, until)
				}
				last = h.Date
				if _, code := play(s, step.Command, until); code != step.Expect {
					t.Errorf("%s of %s: ended with %q, expected %q", h.ID, h.Date, code, step.Expect)
				}
			}
		})
	}
}

// TestAnEarlierDayGivesTheBeginning: whoever fills a ledger today and goes on tomorrow finds every command as it was.
func TestAnEarlierDayGivesTheBeginning(t *testing.T) {
	p := changning(t)
	whole := slices.Collect(Changning(p, until))
	for _, day := range []domain.Date{date(2024, 12, 1), date(2025, 9, 10), date(2026, 3, 1)} {
		n := 0
		for step := range Changning(p, day) {
			if a, b := encoded(t, step), encoded(t, whole[n]); a != b {
				t.Fatalf("until %s, step %d is\n%s\nand until %s\n%s", day, n, a, until, b)
			}
			n++
		}
		if n == 0 || n < len(whole) && !whole[n].Command.Given().Date.After(day) {
			t.Errorf("until %s there are %d steps, and the next is of %s", day, n, whole[n].Command.Given().Date)
		}
	}
}

func encoded(t testing.TB, step Step) string {
	t.Helper()
	text, err := wire.EncodeCommand(step.Command)
	if err != nil {
		t.Fatal(err)
	}
	return string(text) + " " + step.Expect + "\n"
}

// golden is the SHA-256 of all steps. It changes when the demo is changed on purpose, and never by itself.
const golden = "588755627e11019abba4605596791ecc9e342bc1c503e8e42d0994c9ba2bd8b2"

func TestTheSampleIsTheSameEverywhere(t *testing.T) {
	h := sha256.New()
	for step := range Changning(changning(t), until) {
		h.Write([]byte(encoded(t, step)))
	}
	if got := hex.EncodeToString(h.Sum(nil)); got != golden {
		t.Errorf("the steps' digest is %s, not %s: if the demo was changed on purpose, write the new one here", got, golden)
	}
}

// TestAskedAgainNothingIsBooked: what was refused on purpose stays refused when the whole history is given a second time,
// as an interrupted demonstration gives it.
func TestAskedAgainNothingIsBooked(t *testing.T) {
	p := changning(t)
	s, steps := published(t, p), slices.Collect(Changning(p, until))
	for _, step := range steps {
		play(s, step.Command, until)
	}
	for _, step := range steps {
		if step.Expect == "" {
			continue // the ledger knows its id
		}
		if _, code := play(s, step.Command, until); code == "" && step.Command.Given().Date.Before(date(2026, 9, 1)) {
			t.Errorf("%s was refused with %s, and is accepted when asked again", step.Command.Given().ID, step.Expect)
		}
	}
}

func TestTwoYearsShowEverything(t *testing.T) {
	p := changning(t)
	s := published(t, p)
	kinds, refused, clauses, steps := map[string]int{}, map[string]int{}, map[domain.ClauseID]int{}, 0
	for step := range Changning(p, until) {
		steps++
		kinds[step.Command.Name()]++
		if _, code := play(s, step.Command, until); code != "" {
			refused[code]++
		} else if submit, ok := step.Command.(*domain.SubmitApplication); ok {
			clauses[submit.Clause]++
		}
	}
	t.Logf("%d steps; commands %v; refusals %v; applications by clause %v", steps, kinds, refused, clauses)
	if steps < 5000 || steps > 8000 {
		t.Errorf("%d steps are too few or too many to look at", steps)
	}
	for _, c := range p.Clauses {
		if !c.NotAppliedFor && clauses[c.ID] < 5 {
			t.Errorf("clause %s has %d applications", c.ID, clauses[c.ID])
		}
	}
	// The verbs of the first release, whose two years these are. A policy is published before, a payment file is the
	// treasury's own, and a checkpoint key is each installation's.
	for _, name := range []string{"amend_clause", "register_enterprise", "rename_enterprise", "restrict_credit", "restore_credit", "admit_beneficiary",
		"submit_application", "accept_application", "return_application", "withdraw_application", "suspend_application", "resume_application",
		"record_review", "approve_application", "reject_application", "reduce_approval", "release_approval", "grant_exception", "revoke_exception",
		"make_payout", "book_payout", "book_recovery", "return_payout", "order_clawback", "waive_clawback", "receive_recovery", "reverse_recovery",
		"set_appropriation", "dispose_finding"} {
		if kinds[name] == 0 {
			t.Errorf("no %s in two years", name)
		}
	}
	shown := []string{"account_over_cap", "application_suspended", "appropriation_exceeded", "cap_exceeded", "credit_restricted", "department_not_allowed",
		"exception_not_allowed", "four_eyes", "industry_not_served", "instalment_exceeded", "support_year_outside_term"}
	if got := slices.Sorted(maps.Keys(refused)); !slices.Equal(got, shown) {
		t.Errorf("refused are %v, not %v", got, shown)
	}
}

func TestAccountsStandAtAllHeights(t *testing.T) {
	p := changning(t)
	s := published(t, p)
	loweredOver := map[string]domain.Money{}
	for step := range Changning(p, until) {
		play(s, step.Command, until)
		if amend, ok := step.Command.(*domain.AmendClause); ok && amend.Retroactive {
			for _, a := range s.Accounts() {
				if line, _ := s.Account(a, 2025, amend.Date); a.Clause == amend.Clause && line.OverBy().Positive() {
					loweredOver[a.Subject.ID] = line.OverBy()
				}
			}
		}
	}
	if len(loweredOver) != 1 || loweredOver["楼宇低碳改造"] != domain.Yuan(500_000) {
		t.Errorf("the retroactive amendment leaves over: %v", loweredOver)
	}
	var near, full, byException, over []string
	for _, l := range s.Lines() {
		v, _ := s.Account(l.Account, l.SupportYear, until)
		if !v.Cap.Stated || v.Use.IsZero() {
			continue
		}
		name := string(l.Clause) + " " + l.Subject.ID + " " + l.SupportYear.String()
		switch {
		case v.OverBy().Positive():
			over = append(over, name)
		case v.Use.More(v.Cap.Amount):
			byException = append(byException, name)
		case v.Use == v.Cap.Amount:
			full = append(full, name)
		case v.Use.Fen()*10 >= v.Cap.Amount.Fen()*9:
			near = append(near, name)
		}
	}
	t.Logf("%d near, %d full, over by exception %v, over %v", len(near), len(full), byException, over)
	if len(near) < 3 || len(full) < 3 {
		t.Errorf("%d accounts are near their cap and %d full", len(near), len(full))
	}
	if want := []string{"1.2a 临空智算中心 2025"}; !slices.Equal(byException, want) {
		t.Errorf("over by exception are %v, not %v", byException, want)
	}
	if want := []string{"2.4.3 人力资源产业园 2025"}; !slices.Equal(over, want) {
		t.Errorf("over are %v, not %v", over, want)
	}
}

// TestAnAuditorFindsSomething looks for what findings are made of, by hand.
func TestAnAuditorFindsSomething(t *testing.T) {
	p := changning(t)
	s := published(t, p)
	clausesOf, vouchers, flagged := map[string]map[domain.ClauseID]bool{}, map[string][]domain.PayoutID{}, map[string]int{}
	causes, parts := map[domain.Cause]int{}, map[string]int{}
	for step := range Changning(p, until) {
		events, _ := play(s, step.Command, until)
		for _, e := range events {
			switch e := e.(type) {
			case *domain.ApplicationApproved:
				for _, part := range e.Instalments {
					key := e.Charge.Subject.ID + " " + part.SupportYear.String()
					if clausesOf[key] == nil {
						clausesOf[key] = map[domain.ClauseID]bool{}
					}
					clausesOf[key][e.Charge.Clause] = e.Charge.Subject.Kind == domain.SubjectProject
				}
			case *domain.PayoutMade:
				vouchers[e.Voucher] = append(vouchers[e.Voucher], e.Payout)
				if e.Amount.Less(domain.Yuan(500_000)) {
					parts[string(e.Application)+" "+e.PaidOn.String()[:7]]++
				}
			case *domain.PayoutBooked:
				for _, f := range e.Findings {
					flagged[f.Code]++
				}
			case *domain.ClawbackOrdered:
				causes[e.Cause]++
			}
		}
	}
	double := 0
	for _, clauses := range clausesOf {
		if len(clauses) > 1 && !slices.Contains(slices.Collect(maps.Values(clauses)), false) {
			double++
		}
	}
	if double == 0 {
		t.Error("no project is funded under two clauses in one year")
	}
	twice := 0
	for _, payouts := range vouchers {
		if len(payouts) > 1 {
			twice++
		}
	}
	if twice != 1 {
		t.Errorf("%d vouchers stand on more than one payout, not 1", twice)
	}
	if most := slices.MaxFunc(slices.Collect(maps.Values(parts)), cmp.Compare[int]); most < 3 {
		t.Error("no payment is split under a threshold")
	}
	if flagged[domain.CodeCapExceeded] == 0 {
		t.Errorf("no booked payout is flagged as over its cap, but %v", flagged)
	}
	if causes[domain.CauseError] == 0 || causes[domain.CauseBreach] == 0 {
		t.Errorf("clawbacks by cause: %v", causes)
	}
	t.Logf("%d projects under two clauses; clawbacks %v; booked findings %v", double, causes, flagged)
}

func TestEnterprisesArePlausibleAndMadeUp(t *testing.T) {
	names, industries, n := map[string]bool{}, map[domain.IndustryID]int{}, 0
	for step := range Changning(changning(t), until) {
		e, ok := step.Command.(*domain.RegisterEnterprise)
		if !ok {
			continue
		}
		n++
		industries[e.Industry]++
		if !domain.ValidCreditCode(e.Enterprise) || e.Enterprise[:8] != "91310105" {
			t.Errorf("%s is no credit code of Changning", e.Enterprise)
		}
		if inner := string(e.Enterprise[8:16]); e.Enterprise[16] != wrongDigit(inner) {
			t.Errorf("%s may be a real enterprise's", e.Enterprise)
		}
		if names[e.Title] {
			t.Errorf("two enterprises are called %s", e.Title)
		}
		names[e.Title] = true
	}
	if n != enterprises+1 || len(industries) != 8 || industries[""] != 1 {
		t.Errorf("%d enterprises in the industries %v", n, industries)
	}
}

// TestWrongDigitIsWrong takes the organisation code of a real credit code, 914403001922038216: its digit is 1.
func TestWrongDigitIsWrong(t *testing.T) {
	if got := wrongDigit("19220382"); got != '4' {
		t.Errorf("the digit is %c, not the right 1 and three more", got)
	}
}
