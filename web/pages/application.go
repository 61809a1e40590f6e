package pages

import (
	"crypto/rand"
	"net/http"
	"slices"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
)

// part is a year of an application: what is asked for, granted and paid, and how its account stands now.
type part struct {
	Year                      domain.SupportYear
	Requested, Approved, Paid domain.Money
	Account                   domain.LineView
	HasAccount                bool
}

type applicationBody struct {
	ID         domain.ApplicationID
	Now        domain.ApplicationView
	Row        projections.ApplicationRow
	Restricted bool
	Clause     domain.Text
	Parts      []part
	Forms      []form
	Absent     []absent
	History    []projections.HistoryRow
	Payouts    []projections.PayoutRow
	Clawbacks  []projections.ClawbackRow
}

var applicationCommands = []string{"accept_application", "return_application", "withdraw_application", "suspend_application", "resume_application",
	"record_review", "approve_application", "reject_application", "reduce_approval", "release_approval", "make_payout"}

// otherVerbs are those on an application that have no form of their own here, and no page: their form is the verb's.
func otherVerbs() (verbs []domain.Verb) {
	for _, verb := range domain.Verbs {
		f, ok := verb.Field("application")
		if ok && !f.Optional && verb.Name != "submit_application" && !slices.Contains(applicationCommands, verb.Name) {
			verbs = append(verbs, verb)
		}
	}
	return verbs
}

func (p *Pages) application(w http.ResponseWriter, r *http.Request) error {
	return p.showApplication(w, r, http.StatusOK, nil)
}

func (p *Pages) doApplication(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	allowed := slices.Clone(applicationCommands)
	for _, verb := range otherVerbs() {
		allowed = append(allowed, verb.Name)
	}
	refusal, err := p.give(w, r, map[string]string{"application": id}, allowed...)
	if err != nil || refusal == nil {
		return err
	}
	return p.showApplication(w, r, http.StatusUnprocessableEntity, refusal)
}

func (p *Pages) showApplication(w http.ResponseWriter, r *http.Request, status int, refusal *domain.Refusal) error {
	pg, err := p.begin(r, "/applications", domain.Text{})
	if err != nil {
		return err
	}
	id, err := pathID(r)
	if err != nil {
		return err
	}
	b := &applicationBody{ID: domain.ApplicationID(id)}
	found := false
	err = p.server.View(r.Context(), func(s *domain.State, _ uint64) {
		if b.Now, found = s.Application(b.ID); !found {
			return
		}
		b.Clause = clauseName(s.Policy(), b.Now.Charge.Clause)
		e, _ := s.Enterprise(b.Now.Charge.Enterprise)
		b.Restricted = e.Restricted
		b.Parts = partsOf(s, b.Now, p.today())
		drafts := applicationDrafts(b)
		for _, verb := range otherVerbs() {
			drafts = append(drafts, draftOf(s, verb, "application", id))
		}
		b.Forms, b.Absent = judge(s, pg.Viewer, p.today(), drafts)
	})
	if err != nil {
		return err
	}
	if !found {
		return projections.ErrNotFound
	}
	if err := p.tellApplication(r, pg, b); err != nil {
		return err
	}
	if refusal != nil {
		refill(b.Forms, r.PostForm)
	}
	pg.Title, pg.Refusal = domain.Text{ZH: "申请 " + id, EN: "Application " + id}, refusal
	return applicationSheet.write(p, w, status, pg, b)
}

// tellApplication adds what the projections know of an application.
func (p *Pages) tellApplication(r *http.Request, pg *page, b *applicationBody) error {
	q, own := p.server.Queries(), projections.Ask{Where: []projections.Condition{projections.ByApplication.Is(b.ID)}, Limit: pageRows}
	rows, err := projections.Applications.Page(r.Context(), q, own)
	if err != nil {
		return err
	}
	if len(rows.Rows) > 0 {
		b.Row = rows.Rows[0]
	}
	history, err := projections.ApplicationHistory.Page(r.Context(), q, projections.Ask{Where: []projections.Condition{projections.ByApplication.Is(b.ID)}, AsOf: pg.Asked.asOf, On: pg.Asked.on, Limit: pageRows, Cursor: pg.Asked.cursor})
	if err != nil {
		return err
	}
	payouts, err := projections.Payouts.Page(r.Context(), q, own)
	if err != nil {
		return err
	}
	clawbacks, err := projections.Clawbacks.Page(r.Context(), q, own)
	b.History, b.Payouts, b.Clawbacks, pg.Next = history.Rows, payouts.Rows, clawbacks.Rows, history.Next
	return err
}

func partsOf(s *domain.State, v domain.ApplicationView, today domain.Date) []part {
	var parts []part
	at := func(year domain.SupportYear) *part {
		i := slices.IndexFunc(parts, func(x part) bool { return x.Year == year })
		if i < 0 {
			one := part{Year: year}
			one.Account, one.HasAccount = s.Account(v.Charge.Account(), year, today)
			parts = append(parts, one)
			i = len(parts) - 1
		}
		return &parts[i]
	}
	for _, asked := range v.Requested {
		x := at(asked.SupportYear)
		x.Requested = x.Requested.Add(asked.Amount)
	}
	for _, granted := range v.Instalments {
		x := at(granted.SupportYear)
		x.Approved, x.Paid = granted.Amount, granted.Paid
	}
	slices.SortFunc(parts, func(a, b part) int { return int(a.Year) - int(b.Year) })
	return parts
}

var (
	amountLabel = domain.Text{ZH: "金额（元）", EN: "Amount (CNY)"}
	reasonLabel = domain.Text{ZH: "理由", EN: "Reason"}
	yearLabel   = domain.Text{ZH: "支持年度", EN: "Support year"}
)

// applicationDrafts are the commands on an application, each tried with the values that its form opens with.
func applicationDrafts(b *applicationBody) []draft {
	id, reason := b.ID, field{Name: "reason", Label: reasonLabel, Kind: "long"}
	step := func(name string, make func(domain.Head) domain.Command) draft {
		return draft{name, []field{reason}, make}
	}
	drafts := []draft{
		step("accept_application", func(h domain.Head) domain.Command { return &domain.AcceptApplication{Head: h, Application: id} }),
		step("return_application", func(h domain.Head) domain.Command { return &domain.ReturnApplication{Head: h, Application: id} }),
		step("withdraw_application", func(h domain.Head) domain.Command { return &domain.WithdrawApplication{Head: h, Application: id} }),
		{"record_review", []field{{Name: "opinion", Label: domain.Text{ZH: "意见", EN: "Opinion"}, Kind: "choice", Choices: []string{"support", "oppose", "abstain"}, Required: true},
			{Name: "comment", Label: domain.Text{ZH: "评语", EN: "Comment"}, Kind: "long"}},
			func(h domain.Head) domain.Command {
				return &domain.RecordReview{Head: h, Application: id, Opinion: domain.Support}
			}},
		{"approve_application", append(requestedFields(b.Now), reason),
			func(h domain.Head) domain.Command {
				return &domain.ApproveApplication{Head: h, Application: id, Instalments: b.Now.Requested}
			}},
		step("reject_application", func(h domain.Head) domain.Command { return &domain.RejectApplication{Head: h, Application: id} }),
		payDraft(b),
		step("suspend_application", func(h domain.Head) domain.Command { return &domain.SuspendApplication{Head: h, Application: id} }),
		step("resume_application", func(h domain.Head) domain.Command { return &domain.ResumeApplication{Head: h, Application: id} }),
	}
	year, rest := unpaid(b.Now)
	cut := []field{yearField(b.Now, year), {Name: "amount", Label: amountLabel, Kind: "amount", Required: true}, reason}
	return append(drafts,
		draft{"reduce_approval", cut, func(h domain.Head) domain.Command {
			return &domain.ReduceApproval{Head: h, Application: id, SupportYear: year, Amount: rest, Reason: "-"}
		}},
		draft{"release_approval", cut, func(h domain.Head) domain.Command {
			return &domain.ReleaseApproval{Head: h, Application: id, SupportYear: year, Amount: rest, Reason: "-"}
		}})
}

func requestedFields(v domain.ApplicationView) []field {
	var list []field
	for _, asked := range v.Requested {
		year := asked.SupportYear.String()
		list = append(list, field{Name: "instalments." + year, Label: domain.Text{ZH: year + " 年度金额（元）", EN: "Amount for " + year + " (CNY)"}, Kind: "amount", Value: asked.Amount.String()})
	}
	return list
}

// unpaid is the first instalment with something left to pay; without any the first one, and a fen.
func unpaid(v domain.ApplicationView) (domain.SupportYear, domain.Money) {
	for _, i := range v.Instalments {
		if rest := i.Amount.Sub(i.Paid); rest.Positive() {
			return i.SupportYear, rest
		}
	}
	if len(v.Instalments) > 0 {
		return v.Instalments[0].SupportYear, domain.Fen(1)
	}
	return 0, domain.Fen(1)
}

func yearField(v domain.ApplicationView, chosen domain.SupportYear) field {
	f := field{Name: "support_year", Label: yearLabel, Kind: "choice", Value: yearText(chosen), Required: true}
	for _, i := range v.Instalments {
		f.Choices = append(f.Choices, i.SupportYear.String())
	}
	return f
}

func payDraft(b *applicationBody) draft {
	year, rest := unpaid(b.Now)
	payout := "PO-" + rand.Text()[:10]
	fields := []field{{Name: "payout", Label: domain.Text{ZH: "支付编号", EN: "Payout"}, Kind: "text", Value: payout, Required: true}, yearField(b.Now, year),
		{Name: "amount", Label: amountLabel, Kind: "amount", Value: rest.String(), Required: true},
		{Name: "voucher", Label: domain.Text{ZH: "凭证", EN: "Voucher"}, Kind: "text"}}
	return draft{"make_payout", fields, func(h domain.Head) domain.Command {
		return &domain.MakePayout{Head: h, Payout: domain.PayoutID(payout), Application: b.ID, SupportYear: year, Amount: rest}
	}}
}
