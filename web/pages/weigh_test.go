package pages

import (
	"fmt"
	"maps"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fundledger/fundledger/demo"
	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/policies"
)

// Over two made-up years: what a review says of a command is what the command does, trying it changes nothing, and each verb is told in both languages.
func TestAReviewSaysWhatTheCommandDoes(t *testing.T) {
	policy, err := policies.Named("changning-2024")
	if err != nil {
		t.Fatal(err)
	}
	s, today := domain.NewState(), domain.DateIn(time.Date(2025, 9, 10, 10, 0, 0, 0, domain.Shanghai), domain.Shanghai)
	tried := map[string]int{}
	give := func(c domain.Command) {
		t.Helper()
		verb, _ := domain.VerbNamed(c.Name())
		var w *weighed
		if s.Policy() != nil && verb.Final() {
			var refusal, again *domain.Refusal
			if w, refusal = weigh(s, c, today); refusal == nil {
				var second *weighed
				if second, again = weigh(s, c, today); again != nil || second.digest() != w.digest() {
					t.Fatalf("%s %s is weighed once as %s, and then as %v %v", c.Name(), c.Given().ID, w.digest(), second, again)
				}
				tried[verb.Name]++
			}
		}
		decision, refusal := domain.Decide(s, c, today)
		if (refusal == nil) != (w != nil) && s.Policy() != nil && verb.Final() {
			t.Fatalf("%s: weighed %t, refused %v", c.Given().ID, w != nil, refusal)
		}
		if refusal != nil {
			return
		}
		decision.Take(s, "")
		if w == nil {
			return
		}
		if now := figuresOf(s, decision.As, domain.Concerns(decision.Events[0]), felt(c, today)); !reflect.DeepEqual(now, w.seen[1]) {
			t.Errorf("%s %s: %v was shown, and it is %v", c.Name(), c.Given().ID, w.seen[1], now)
		}
		if tried[verb.Name] > 3 {
			return
		}
		for _, lang := range []string{"zh", "en"} {
			r := w.shown(&policy, url.Values{"command": {verb.Name}}, lang)
			text := fmt.Sprintf("%+v", *r)
			if len(r.Changes) == 0 || len(r.MadeGood) == 0 || !r.Amount.Stated && !slices.Contains([]string{"reverse_recovery", "reverse_booking", "reject_application", "record_payee_account", "move_application", "void_application", "close_budget_year", "reopen_budget_year", "amend_policy", "same_project", "merge_enterprises", "void_merger"}, verb.Name) {
				t.Errorf("%s in %s says too little: %s", verb.Name, lang, text)
			}
			for _, f := range r.Facts {
				if lang == "zh" && strings.ContainsAny(f.Label, "_") {
					t.Errorf("%s calls a field %q", verb.Name, f.Label)
				}
			}
		}
	}
	give(&domain.PublishPolicy{Head: domain.Head{ID: "publish", Date: policy.IssuedOn, Actor: domain.Actor{ID: "root", Role: domain.Admin}}, Policy: policy})
	head := func(id string, role domain.Role, d domain.DepartmentID) domain.Head {
		return domain.Head{ID: domain.CommandID(id), Date: today, Actor: domain.Actor{ID: domain.PersonID("who-" + string(role)), Role: role, Department: d}}
	}
	var paid, ordered []string
	var firms []domain.EnterpriseID
	for step := range demo.Changning(policy, today) {
		give(step.Command)
		switch c := step.Command.(type) {
		case *domain.RegisterEnterprise:
			if c.Industry == "ai" {
				firms = append(firms, c.Enterprise)
			}
		case *domain.MakePayout:
			if v, _ := s.Payout(c.Payout); v.Reclaimable.Positive() {
				paid = append(paid, string(c.Payout))
			}
		case *domain.OrderClawback:
			ordered = append(ordered, string(c.Clawback))
		}
	}
	// What the made-up years do not have.
	p := domain.PayoutID(paid[len(paid)-1])
	v, _ := s.Payout(p)
	give(&domain.ReturnPayout{Head: head("return", domain.Treasurer, policy.Treasury), Payout: p, Amount: domain.Fen(100), Reason: "户名有误"})
	give(&domain.ReverseReturn{Head: head("undo", domain.Treasurer, policy.Treasury), Payout: p, Amount: domain.Fen(100), Reason: "误记"})
	for _, id := range ordered {
		give(&domain.WaiveClawback{Head: head("waive "+id, domain.Authority, policy.Authority), Clawback: domain.ClawbackID(id), Amount: domain.Fen(1), Document: "长府〔2025〕10号"})
		give(&domain.ReceiveRecovery{Head: head("receive "+id, domain.Treasurer, policy.Treasury), Recovery: domain.RecoveryID("R-" + id), Clawback: domain.ClawbackID(id), Amount: domain.Fen(1)})
		give(&domain.ReverseRecovery{Head: head("reverse "+id, domain.Treasurer, policy.Treasury), Recovery: domain.RecoveryID("R-" + id), Reason: "误记"})
	}
	firm, _ := s.Enterprise(v.Charge.Enterprise)
	give(&domain.RecordPayeeAccount{Head: head("account", domain.Clerk, "science"), Enterprise: v.Charge.Enterprise, Holder: firm.Name, Account: domain.SealedNumber("0123", "sealed-by-a-key"), Bank: "示例银行"})
	give(&domain.BookPayout{Head: head("book", domain.Treasurer, policy.Treasury), Payout: "B-1", Enterprise: v.Charge.Enterprise, Clause: "1.1a", SupportYear: 2025, Amount: domain.Yuan(90_000_000)})
	give(&domain.BookRecovery{Head: head("booked back", domain.Treasurer, policy.Treasury), Recovery: "R-1", Enterprise: v.Charge.Enterprise, Clause: "1.1a", SupportYear: 2025, Amount: domain.Yuan(5), Cause: domain.CauseError})
	give(&domain.BookPayout{Head: head("book more", domain.Treasurer, policy.Treasury), Payout: "B-2", Enterprise: v.Charge.Enterprise, Clause: "1.1a", SupportYear: 2025, Amount: domain.Yuan(1)})
	give(&domain.ReverseBooking{Head: head("no booking", domain.Treasurer, policy.Treasury), Payout: "B-2", Reason: "误记", Document: "长财〔2025〕9号"})
	asked, some := []domain.Instalment{{SupportYear: 2025, Amount: domain.Yuan(1000)}}, []domain.Instalment{{SupportYear: 2025, Amount: domain.Yuan(300)}}
	give(&domain.SubmitApplication{Head: head("life", domain.Clerk, "science"), Application: "L-1", Enterprise: firms[0], Clause: "4", Project: "L-P", Title: "示例", Requested: asked})
	give(&domain.AcceptApplication{Head: head("life accepted", domain.Clerk, "science"), Application: "L-1"})
	give(&domain.RecordReview{Head: head("life reviewed", domain.Reviewer, "science"), Application: "L-1", Opinion: domain.Support})
	give(&domain.ApproveApplication{Head: head("life approved", domain.Approver, "science"), Application: "L-1", Instalments: some, Reason: "r"})
	give(&domain.RecordReview{Head: head("more reviewed", domain.Reviewer, "science"), Application: "L-1", Opinion: domain.Support})
	give(&domain.SupplementApproval{Head: head("more", domain.Approver, "science"), Application: "L-1", Instalments: some, Reason: "扩容"})
	give(&domain.MoveApplication{Head: head("moved", domain.Approver, "science"), Application: "L-1", Enterprise: firms[1], Document: "文〔2025〕1号"})
	give(&domain.ReleaseApproval{Head: head("given up", domain.Approver, "science"), Application: "L-1", SupportYear: 2025, Amount: domain.Yuan(600), Reason: "r"})
	give(&domain.VoidApplication{Head: head("voided", domain.Approver, "science"), Application: "L-1", Reason: "重复录入", Document: "文〔2025〕2号"})
	give(&domain.SubmitApplication{Head: head("owing", domain.Clerk, "science"), Application: "L-2", Enterprise: firms[0], Clause: "4", Project: "L-Q", Title: "示例", Requested: asked})
	give(&domain.AcceptApplication{Head: head("owing accepted", domain.Clerk, "science"), Application: "L-2"})
	give(&domain.RecordReview{Head: head("owing reviewed", domain.Reviewer, "science"), Application: "L-2", Opinion: domain.Support})
	give(&domain.ApproveApplication{Head: head("owing approved", domain.Approver, "science"), Application: "L-2", Instalments: asked, Reason: "r"})
	give(&domain.MakePayout{Head: head("owing paid", domain.Treasurer, policy.Treasury), Payout: "L-2", Application: "L-2", SupportYear: 2025, Amount: domain.Yuan(100)})
	give(&domain.OrderClawback{Head: head("owing ordered", domain.Treasurer, policy.Treasury), Clawback: "L-2", Payout: "L-2", Amount: domain.Yuan(50), Cause: domain.CauseError, Reason: "r"})
	give(&domain.WriteOff{Head: head("written off", domain.Authority, policy.Authority), Clawback: "L-2", Amount: domain.Yuan(5), Reason: "企业已注销", Document: "长府〔2025〕11号"})
	give(&domain.OffsetRecovery{Head: head("offset", domain.Treasurer, policy.Treasury), Recovery: "L-2", Clawback: "L-2", Application: "L-2", SupportYear: 2025, Amount: domain.Yuan(20), Payout: "L-3"})
	give(&domain.AmendClause{Head: head("amend", domain.Admin, ""), Clause: "1.1a", Cap: domain.NewCap{Ceiling: domain.Stated(domain.Yuan(1000)), Given: true}, EffectiveOn: today, Retroactive: true, Document: "修订 1 号"})
	give(&domain.SetAppropriation{Head: head("set", domain.Treasurer, policy.Treasury), BudgetYear: 2024, Clause: "7", Amount: domain.Yuan(900_000_000), Document: "长财〔2025〕10号"})
	_, differ, by := s.Differences(2024)
	give(&domain.CloseBudgetYear{Head: head("close", domain.Treasurer, policy.Treasury), Year: 2024, Document: "长财决〔2025〕1号", Differences: differ, DifferenceAmount: by})
	give(&domain.CarryOver{Head: head("carry", domain.Treasurer, policy.Treasury), From: 2024, To: 2025, Clause: "7", Amount: domain.Fen(1), Document: "长财〔2025〕11号"})
	give(&domain.ReopenBudgetYear{Head: head("reopen", domain.Authority, policy.Authority), Year: 2024, Document: "长府〔2025〕12号", Reason: "漏记"})
	give(&domain.AmendPolicy{Head: head("longer", domain.Admin, ""), EffectiveOn: today, TermTo: policy.Term.To.Next(), Document: "修订 2 号"})
	beside := firms[slices.IndexFunc(firms, func(one domain.EnterpriseID) bool { return one != v.Charge.Enterprise })]
	give(&domain.LinkEnterprises{Head: head("link", domain.Clerk, "commerce"), Link: "L", A: v.Charge.Enterprise, B: beside, Kind: domain.Branch, Document: "关联 1 号"})
	lower := &domain.AmendPolicy{Head: head("grouped", domain.Admin, ""), EffectiveOn: today.Next(), Clause: "1.1a", GroupCap: &domain.GroupCap{Amount: domain.Stated(domain.Yuan(1))}, Document: "修订 2 号之一"}
	w, _ := weigh(s, lower, today)
	give(lower)
	use, grouped := s.GroupUse(beside, "1.1a", 2025, today.Next())
	if !grouped || !slices.ContainsFunc(w.groups, func(o overLine) bool {
		return o.Subject == string(use.Members[0]) && o.Members == 2 && o.Is == use.OverBy()
	}) {
		t.Errorf("%+v is over, and the review named %+v", use, w.groups)
	}
	give(&domain.AmendPolicy{Head: head("keeps back", domain.Admin, ""), EffectiveOn: today, Debtors: domain.DebtorOffset, Document: "修订 2 号之二"})
	give(&domain.OrderClawback{Head: head("due", domain.Treasurer, policy.Treasury), Clawback: "L-9", Payout: "L-2", Amount: domain.Yuan(10), Cause: domain.CauseError, Reason: "r", DueOn: today.Next()})
	paying := url.Values{"command": {"make_payout"}, "application": {"L-2"}, "support_year": {"2025"}, "amount": {"30.00"}, "date": {today.Next().Next().String()}}
	if h := headroomOf(s, paying, nil, today); h == nil || len(h.Kept) != 1 || h.Kept[0].Clawback != "L-9" || h.Kept[0].Amount != domain.Yuan(10) || h.Out != domain.Yuan(20) {
		t.Errorf("the form tells %+v", h)
	}
	paying.Set("date", today.String()) // it is not overdue yet
	if h := headroomOf(s, paying, nil, today); h == nil || len(h.Kept) != 0 || h.Out != domain.Yuan(30) {
		t.Errorf("the form tells too early %+v", h)
	}
	give(&domain.AmendPolicy{Head: head("fewer", domain.Admin, ""), EffectiveOn: today, Clause: "6", Close: true, Document: "修订 3 号"})
	give(&domain.RegisterProject{Head: head("named", domain.Clerk, "science"), Project: "L-R", Title: "示例项目", Enterprise: firms[0]})
	give(&domain.SameProject{Head: head("same", domain.Clerk, "science"), A: "L-Q", B: "L-R", Document: "核查记录 1 号"})
	give(&domain.MergeEnterprises{Head: head("merged", domain.Clerk, "science"), From: firms[2], Into: firms[1], Document: "准予合并登记通知书 1 号"})
	give(&domain.VoidMerger{Head: head("two again", domain.Clerk, "science"), From: firms[2], Document: "市监更正 1 号", Reason: "误登"})
	for _, verb := range domain.Verbs {
		if verb.Final() && tried[verb.Name] == 0 {
			t.Errorf("%s was not tried; there are %v", verb.Name, slices.Sorted(maps.Keys(tried)))
		}
	}
}
