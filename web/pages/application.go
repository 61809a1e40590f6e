package pages

import (
	"cmp"
	"net/http"
	"slices"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/web"
)

// part is a year of an application: what is asked for, granted and paid, and how its account stands now.
type part struct {
	Year                      domain.SupportYear
	Requested, Approved, Paid domain.Money
	Account                   domain.LineView
	HasAccount                bool
}

type applicationBody struct {
	offers
	ID         domain.ApplicationID
	Now        domain.ApplicationView
	Row        projections.ApplicationRow
	Restricted bool
	Clause     domain.Text
	Parts      []part
	Next       *next // nil: nothing waits
	Files      []attached
	Supplies   bool // the viewer may supply what is not kept
	History    []projections.HistoryRow
	Payouts    table[projections.PayoutRow]
	Clawbacks  table[projections.ClawbackRow]
	PaidTo     *payee // today; nil: none is recorded
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
	return p.showApplication(w, r, nil)
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
	answer, err := p.give(w, r, map[string]string{"application": id}, allowed...)
	if err != nil || answer == nil {
		return err
	}
	return p.showApplication(w, r, answer)
}

func (p *Pages) showApplication(w http.ResponseWriter, r *http.Request, answer *said) error {
	pg, err := p.begin(r, "/applications", domain.Text{})
	if err != nil {
		return err
	}
	id, err := pathID(r)
	if err != nil {
		return err
	}
	b := &applicationBody{ID: domain.ApplicationID(id)}
	found, known := false, false
	var paidTo domain.PayeeView
	err = p.server.View(r.Context(), func(s *domain.State, _ uint64) {
		if b.Now, found = s.Application(b.ID); !found {
			return
		}
		b.Clause = clauseName(s.Policy(), b.Now.Charge.Clause)
		e, _ := s.Enterprise(b.Now.Charge.Enterprise)
		b.Restricted = e.Restricted
		b.Parts = partsOf(s, b.Now, p.today())
		paidTo, known = s.PayeeOn(b.Now.Charge.Enterprise, p.today())
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
	if b.Next, err = p.nextOf(r, b); err != nil {
		return err
	}
	if b.Files, err = p.filesOf(r.Context(), b.ID, pg.Asked); err != nil {
		return err
	}
	b.Supplies = len(pg.Viewer.May("submit_application")) > 0
	if known {
		one := p.payee(r, pg.Viewer, paidTo)
		b.PaidTo = &one
	}
	pg.then = domain.Text{ZH: "经过与附件截至过去时点；其余为现在。", EN: "The history and the files are told up to a past moment; the rest is as it is now."}
	if err := p.between(r, pg, projections.Applications.List, id); err != nil {
		return err
	}
	pg.Title = domain.Text{ZH: "申请 " + id, EN: "Application " + id}
	return applicationSheet.write(p, w, b.answer(pg, answer, r.PostForm), pg, b)
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

// next is what has to be done next, and whose turn it is.
type next struct {
	projections.QueueRow
	Do    string      // the viewer's form that does it; "": it is not their turn, or not today
	Whose []web.Grant // who may do it, whoever they are
}

// nextOf is what has to be done next about an application; nil where nothing waits.
func (p *Pages) nextOf(r *http.Request, b *applicationBody) (*next, error) {
	for row, err := range projections.Queue.Every(r.Context(), p.server.Queries(), projections.Where(projections.ByQueued.Is(string(b.ID)))) {
		if err != nil {
			return nil, err
		}
		if ofClawback(row.Step) || row.Step == projections.ToAnswer { // called as the application is
			continue
		}
		n := &next{QueueRow: row}
		policy := p.names.Load()
		commands := steps[row.Step]
		if row.Step == projections.ToDecide && b.Now.Reviews < policy.Workflow.Reviews {
			commands = []string{"record_review"}
		}
		for _, command := range commands {
			if slices.ContainsFunc(b.Forms, func(f form) bool { return f.Command == command }) && n.Do == "" {
				n.Do = command
			}
		}
		if len(commands) > 0 {
			n.Whose = whose(policy, commands[0], b.Now.Charge.Applied())
		}
		return n, nil
	}
	return nil, nil
}

// whose turn a command about a clause is: its roles, in the departments that may give it.
func whose(p *domain.Policy, command string, about domain.ClauseID) (list []web.Grant) {
	verb, _ := domain.VerbNamed(command)
	departments := []domain.DepartmentID{""}
	switch verb.Office {
	case domain.ResponsibleOffice:
		if clause, known := p.Clause(about); known {
			departments = clause.Departments
		}
	case domain.TreasuryOffice:
		departments = []domain.DepartmentID{p.Treasury}
	case domain.AuthorityOffice:
		departments = []domain.DepartmentID{p.Authority}
	}
	for _, d := range departments {
		list = append(list, web.Grant{Role: verb.Roles[0], Department: d})
	}
	return list
}

// applicationDrafts are the commands on an application, each tried with the values that its form opens with; none that would move money where none
// is left.
func applicationDrafts(p *domain.Policy, b *applicationBody) []draft {
	id := b.ID
	step := func(name string, make func(domain.Head) domain.Command) draft {
		return asks(p, name, "reason").tried(make)
	}
	year, rest := unpaid(b.Now)
	spent := []string{}
	if b.Paid() {
		spent = []string{"make_payout", "reduce_approval", "release_approval"}
	}
	cut := func(name string, make func(domain.Head) domain.Command) draft {
		return asks(p, name, "support_year", "amount", "reason").among("support_year", granted(b.Now)).filled("support_year", yearText(year)).tried(make)
	}
	return slices.DeleteFunc([]draft{
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
	}, func(d draft) bool { return slices.Contains(spent, d.command) })
}

// Paid reports whether all that was approved is paid.
func (b *applicationBody) Paid() bool {
	return b.Now.State == domain.Approved && !slices.ContainsFunc(b.Now.Instalments, func(i domain.InstalmentView) bool { return i.Amount.More(i.Paid) })
}

// approval is the form to approve with: an amount for each year that was asked for, which is the amount that was asked for.
func approval(p *domain.Policy, v domain.ApplicationView) draft {
	d := asks(p, "approve_application", "reason")
	if by := rateFacts(p); len(by) > 1 {
		d = asks(p, "approve_application", "fact", "period", "rate", "computed", "reason").among("fact", by)
	}
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

// rateFacts are those that an amount may be reckoned by, and none.
func rateFacts(p *domain.Policy) []option {
	list := []option{{}}
	for _, f := range p.Facts {
		if f.Unit == domain.UnitMoney && !f.Sensitive {
			list = append(list, option{Value: string(f.ID), Label: f.Name})
		}
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

// Project is what the application is for, as it was last filed; "" where it names none.
func (b *applicationBody) Project() (project string) {
	for _, row := range b.History {
		switch e := row.Event.(type) {
		case *domain.ApplicationSubmitted:
			project = e.Project
		case *domain.ApplicationAmended:
			project = cmp.Or(e.Project, project)
		}
	}
	return project
}
