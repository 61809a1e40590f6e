package pages

import (
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
	Payouts    table[projections.PayoutRow]
	Clawbacks  table[projections.ClawbackRow]
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
		drafts := applicationDrafts(s.Policy(), b)
		for _, verb := range otherVerbs() {
			drafts = append(drafts, draftOf(s.Policy(), verb, "application", id))
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
	b.History, b.Payouts.Rows, b.Clawbacks.Rows, pg.Next = history.Rows, payouts.Rows, clawbacks.Rows, history.Next
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

// applicationDrafts are the commands on an application, each tried with the values that its form opens with.
func applicationDrafts(p *domain.Policy, b *applicationBody) []draft {
	id := b.ID
	step := func(name string, make func(domain.Head) domain.Command) draft {
		return asks(p, name, "reason").tried(make)
	}
	year, rest := unpaid(b.Now)
	cut := func(name string, make func(domain.Head) domain.Command) draft {
		return asks(p, name, "support_year", "amount", "reason").among("support_year", granted(b.Now)).filled("support_year", yearText(year)).tried(make)
	}
	return []draft{
		step("accept_application", func(h domain.Head) domain.Command { return &domain.AcceptApplication{Head: h, Application: id} }),
		step("return_application", func(h domain.Head) domain.Command { return &domain.ReturnApplication{Head: h, Application: id} }),
		step("withdraw_application", func(h domain.Head) domain.Command { return &domain.WithdrawApplication{Head: h, Application: id} }),
		asks(p, "record_review", "opinion", "comment").tried(func(h domain.Head) domain.Command {
			return &domain.RecordReview{Head: h, Application: id, Opinion: domain.Support}
		}),
		approval(p, b.Now).tried(func(h domain.Head) domain.Command {
			return &domain.ApproveApplication{Head: h, Application: id, Instalments: b.Now.Requested}
		}),
		step("reject_application", func(h domain.Head) domain.Command { return &domain.RejectApplication{Head: h, Application: id} }),
		payDraft(p, b),
		step("suspend_application", func(h domain.Head) domain.Command { return &domain.SuspendApplication{Head: h, Application: id} }),
		step("resume_application", func(h domain.Head) domain.Command { return &domain.ResumeApplication{Head: h, Application: id} }),
		cut("reduce_approval", func(h domain.Head) domain.Command {
			return &domain.ReduceApproval{Head: h, Application: id, SupportYear: year, Amount: rest, Reason: "-"}
		}),
		cut("release_approval", func(h domain.Head) domain.Command {
			return &domain.ReleaseApproval{Head: h, Application: id, SupportYear: year, Amount: rest, Reason: "-"}
		}),
	}
}

// approval is the form to approve with: an amount for each year that was asked for, which is the amount that was asked for.
func approval(p *domain.Policy, v domain.ApplicationView) draft {
	d := asks(p, "approve_application", "reason")
	verb, _ := domain.VerbNamed(d.command)
	whole, _ := verb.Field("instalments")
	var asked []field
	for _, part := range v.Requested {
		one := instalment(whole, part.SupportYear)
		one.Value = part.Amount.String()
		asked = append(asked, one)
	}
	d.fields = append(asked, d.fields...)
	return d
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

// granted are the years that an approval has instalments of.
func granted(v domain.ApplicationView) []option {
	list := []option{}
	for _, i := range v.Instalments {
		list = append(list, plainly(i.SupportYear.String()))
	}
	return list
}

func payDraft(p *domain.Policy, b *applicationBody) draft {
	year, rest := unpaid(b.Now)
	payout := newID("PO")
	return asks(p, "make_payout", "payout", "support_year", "amount", "voucher").among("support_year", granted(b.Now)).
		filled("payout", payout).filled("support_year", yearText(year)).filled("amount", rest.String()).
		tried(func(h domain.Head) domain.Command {
			return &domain.MakePayout{Head: h, Payout: domain.PayoutID(payout), Application: b.ID, SupportYear: year, Amount: rest}
		})
}
