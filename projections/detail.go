package projections

import (
	"github.com/go-json-experiment/json"

	"github.com/fundledger/fundledger/domain"
)

// detail takes an event into the tables beside the lines, and fills in what the event concerns.
func (b *Batch) detail(row *EventRow) {
	switch e := row.Event.(type) {
	case *domain.PolicyPublished:
		b.published(row, e)
	case *domain.PolicyAmended:
		row.Clause = e.Clause
		b.Amended = append(b.Amended, PolicyAmendment{Seq: row.Seq, Date: row.Date, PolicyAmended: e})
	case *domain.ClauseAmended:
		row.Clause = e.Clause
		b.Amendments = append(b.Amendments, Amendment{Seq: row.Seq, Date: row.Date, Clause: e.Clause, ClauseVersion: domain.ClauseVersion{
			Version: e.Version, Cap: e.Cap, EffectiveOn: e.EffectiveOn, Retroactive: e.Retroactive, Document: e.Document}})
	case *domain.ExceptionGranted:
		row.Clause, row.Enterprise = e.Clause, enterpriseOf(e.Subject)
		x, _ := b.Exceptions.of(e.Exception)
		*x = ExceptionChange{ID: e.Exception, Fresh: true, Clause: e.Clause, Subject: e.Subject, Year: e.SupportYear, Amount: e.Amount,
			Document: e.Document, GrantedOn: row.Date, GrantedBy: row.Deed().Actor.ID, Seq: row.Seq, LastSeq: row.Seq}
	case *domain.ExceptionRevoked:
		row.Clause, row.Enterprise = e.Clause, enterpriseOf(e.Subject)
		x, _ := b.Exceptions.of(e.Exception)
		x.ID, x.Revoked, x.LastSeq = e.Exception, x.Revoked.Add(e.Amount), row.Seq
	case *domain.AppropriationSet:
		b.appropriated(row, e)
	case *domain.AppropriationCarried:
		row.Clause = e.Clause
		b.carry(row, domain.BudgetKey{Year: e.From, Clause: e.Clause, Department: e.Department}, e.Amount.Neg())
		b.carry(row, domain.BudgetKey{Year: e.To, Clause: e.Clause, Department: e.Department}, e.Amount)
	case *domain.FindingDisposed:
		f, _ := b.Findings.of(e.Finding)
		*f = FindingChange{ID: e.Finding, Disposition: e.Disposition, Comment: e.Comment, On: row.Date, By: row.Deed().Actor.ID, Seq: row.Seq}
	case *domain.SupportOffered:
		row.Enterprise, row.Clause = e.Charge.Enterprise, e.Charge.Clause
	case *domain.OfferDeclined:
		row.Enterprise, row.Clause = e.Charge.Enterprise, e.Charge.Clause
	case *domain.OfferConfirmed: // the application comes behind it
		row.Application, row.Enterprise, row.Clause = e.Application, e.Charge.Enterprise, e.Charge.Clause
	case *domain.FactRecorded:
		f := FactChange{Seq: row.Seq, Enterprise: e.Enterprise, Project: e.Project, Fact: e.Fact, Period: e.Period, Date: row.Date, Value: e.Value, Unit: e.Unit,
			Means: e.Means, Sensitive: e.Sensitive, Pending: e.Pending, Department: e.Department, Document: e.Document, SHA256: e.SHA256, Actor: row.Deed().Actor.ID}
		if e.Confirms != "" {
			f.Department, f.Confirmed = e.Confirms, e.Department
		}
		b.fact(row, f, e.Industry)
	case *domain.FactCorrected:
		b.fact(row, FactChange{Seq: row.Seq, Enterprise: e.Enterprise, Project: e.Project, Fact: e.Fact, Period: e.Period, Date: row.Date, Value: e.Value,
			Previous: e.Previous, Unit: e.Unit, Means: e.Means, Sensitive: e.Sensitive, Pending: e.Pending, Department: e.Department, Document: e.Document,
			SHA256: e.SHA256, Actor: row.Deed().Actor.ID}, e.Industry)
	default:
		b.enterpriseDetail(row)
		b.applicationDetail(row)
		b.moneyDetail(row)
	}
}

func (b *Batch) published(row *EventRow, e *domain.PolicyPublished) {
	data, err := json.Marshal(&e.Policy)
	if err != nil {
		panic("projections: a policy that was read cannot be written: " + err.Error())
	}
	b.Policies = append(b.Policies, PolicyRow{Seq: row.Seq, Date: row.Date, Policy: e.Policy, Hash: e.Hash, Data: data})
}

func (b *Batch) appropriated(row *EventRow, e *domain.AppropriationSet) {
	row.Clause = e.Clause
	budget := b.budget(e.Key())
	if e.Sets() == domain.InitialBudget {
		budget.Initial = &e.Amount
	} else {
		budget.Adjusted = &e.Amount
	}
	budget.Document, budget.On, budget.Seq = e.Document, row.Date, row.Seq
	b.BudgetMoves = append(b.BudgetMoves, BudgetMove{BudgetKey: e.Key(), Seq: row.Seq, Set: &e.Amount})
}

// fact takes a value in, and the industry that the enterprise is known to have from now on.
func (b *Batch) fact(row *EventRow, f FactChange, industry domain.IndustryID) {
	b.Facts = append(b.Facts, f)
	if f.Enterprise == "" {
		return
	}
	x := b.enterprise(row, f.Enterprise)
	if industry != "" {
		x.Industry = industry
	}
}

func (b *Batch) carry(row *EventRow, key domain.BudgetKey, amount domain.Money) {
	budget := b.budget(key)
	budget.Carried = budget.Carried.Add(amount)
	b.BudgetMoves = append(b.BudgetMoves, BudgetMove{BudgetKey: key, Seq: row.Seq, Carried: amount})
}

func (b *Batch) budget(key domain.BudgetKey) *BudgetChange {
	budget, _ := b.Budgets.of(key)
	budget.BudgetKey = key
	return budget
}

// due adds to what is committed of an application and to be paid in a budget year.
func (b *Batch) due(id domain.ApplicationID, c domain.Charge, year int, amount domain.Money) {
	key := DueKey{id, c.Clause, c.Via, b.approvers[id], year}
	d, _ := b.Dues.of(key)
	d.DueKey, d.Amount = key, d.Amount.Add(amount)
}

// plan moves what is planned of an instalment: from what is due in its support year to months, or back.
func (b *Batch) plan(row *EventRow, id domain.ApplicationID, c domain.Charge, y domain.SupportYear, on domain.Date, moves ...domain.Planned) {
	for n, m := range moves {
		b.due(id, c, m.Month.Year(), m.Amount)
		b.due(id, c, int(y), m.Amount.Neg())
		b.PlanMoves = append(b.PlanMoves, PlanMove{Seq: row.Seq, N: n, Application: id, Year: y, Month: m.Month, Date: on, Amount: m.Amount})
	}
}

// used is what an event uses up of a plan.
func used(list []domain.Planned) []domain.Planned {
	moves := make([]domain.Planned, len(list))
	for i, m := range list {
		moves[i] = domain.Planned{Month: m.Month, Amount: m.Amount.Neg()}
	}
	return moves
}

func (b *Batch) enterpriseDetail(row *EventRow) {
	yes, no := true, false
	switch e := row.Event.(type) {
	case *domain.EnterpriseRegistered:
		x := b.enterprise(row, e.Enterprise)
		x.Fresh, x.Name, x.Industry, x.RegisteredOn, x.Restricted, x.Admitted = true, e.Title, e.Industry, row.Date, &no, &no
		b.Names = append(b.Names, NameRow{e.Enterprise, row.Seq, row.Date, e.Title})
	case *domain.EnterpriseRenamed:
		b.enterprise(row, e.Enterprise).Name = e.Title
		b.Names = append(b.Names, NameRow{e.Enterprise, row.Seq, row.Date, e.Title})
	case *domain.CreditRestricted:
		b.enterprise(row, e.Enterprise).Restricted = &yes
	case *domain.CreditRestored:
		b.enterprise(row, e.Enterprise).Restricted = &no
	case *domain.BeneficiaryAdmitted:
		b.enterprise(row, e.Enterprise).Admitted = &yes
	case *domain.EnterpriseCorrected:
		b.enterprise(row, e.Enterprise).Industry = e.Industry
	case *domain.AdmissionRevoked:
		b.enterprise(row, e.Enterprise).Admitted = &no
	case *domain.EnterprisesLinked:
		b.enterprise(row, e.A)
		b.Parties = append(b.Parties, PartyRow{e.B, row.Seq, row.Event.Name()})
	case *domain.LinkEnded:
		b.enterprise(row, e.A)
		b.Parties = append(b.Parties, PartyRow{e.B, row.Seq, row.Event.Name()})
	case *domain.ProjectRegistered:
		b.enterprise(row, e.Enterprise)
	case *domain.ProjectsJoined:
		b.Joined = append(b.Joined, JoinedRow{Kind: domain.SubjectProject, A: e.A, B: e.B, Seq: row.Seq, Date: row.Date})
	case *domain.EnterprisesMerged:
		b.enterprise(row, e.From)
		b.Parties = append(b.Parties, PartyRow{e.Into, row.Seq, row.Event.Name()})
		b.Joined = append(b.Joined, JoinedRow{Kind: domain.SubjectEnterprise, A: string(e.From), B: string(e.Into), Seq: row.Seq, Date: row.Date})
	case *domain.MergerVoided:
		b.enterprise(row, e.From)
		b.Parties = append(b.Parties, PartyRow{e.Into, row.Seq, row.Event.Name()})
		parted := JoinedRow{Kind: domain.SubjectEnterprise, Parted: []string{string(e.From)}, Seq: row.Seq, Date: row.Date}
		for _, with := range e.With {
			parted.Parted = append(parted.Parted, string(with))
		}
		b.Joined = append(b.Joined, parted)
	case *domain.PayeeAccountRecorded:
		b.enterprise(row, e.Enterprise) // whose event it is
	}
}

func (b *Batch) enterprise(row *EventRow, id domain.EnterpriseID) *EnterpriseChange {
	row.Enterprise = id
	x, _ := b.Enterprises.of(id)
	x.ID, x.LastSeq = id, row.Seq
	return x
}

func (b *Batch) applicationDetail(row *EventRow) {
	yes, no := true, false
	switch e := row.Event.(type) {
	case *domain.ApplicationSubmitted:
		b.submitted(row, e)
	case *domain.ApplicationTransferred:
		a := b.application(row, e.Application, e.Charge)
		a.Charge, a.LastStepOn, a.ClauseVersion = &e.Charge, row.Date, e.ClauseVersion
	case *domain.ApplicationAccepted:
		b.step(row, e.Step, domain.Accepted)
	case *domain.ApplicationReturned:
		b.step(row, e.Step, domain.Returned)
	case *domain.ApplicationWithdrawn:
		b.step(row, e.Step, domain.Withdrawn)
	case *domain.ApplicationRejected:
		b.step(row, e.Step, domain.Rejected)
	case *domain.ApplicationSuspended:
		b.application(row, e.Application, e.Charge).Suspended = &yes
	case *domain.ApplicationResumed:
		b.application(row, e.Application, e.Charge).Suspended = &no
	case *domain.ApplicationReviewed:
		b.application(row, e.Application, e.Charge).LastStepOn = row.Date
	case *domain.ApplicationApproved:
		if b.approvers == nil {
			b.approvers = map[domain.ApplicationID]domain.DepartmentID{}
		}
		b.approvers[e.Application] = row.Deed().Actor.Department
		a := b.granted(row, &e.Granted)
		a.State, a.ApprovedOn, a.Department, a.ClauseVersion = domain.Approved, row.Date, row.Deed().Actor.Department, e.ClauseVersion
	case *domain.ApprovalSupplemented:
		b.granted(row, &e.Granted)
	case *domain.ApplicationAmended:
		a := b.application(row, e.Application, e.Charge)
		a.Charge, a.LastStepOn = &e.Charge, row.Date
		if e.Title != "" {
			a.Title = e.Title
		}
		if e.Project != "" {
			a.Project = &e.Project
		}
		b.refiled(a, e)
	case *domain.ApplicationMoved:
		a := b.application(row, e.Application, e.Charge)
		a.Charge, a.LastStepOn = &e.Charge, row.Date
		if e.Charge.Account() != e.PreviousCharge.Account() && !e.Merged { // else what governs the approval goes on
			a.ClauseVersion = e.ClauseVersion
		}
	case *domain.ApplicationVoided:
		a := b.application(row, e.Application, e.Charge)
		a.State, a.LastStepOn, a.Suspended = domain.Voided, row.Date, &no
		b.refiled(a, e)
	case *domain.ApprovalReduced:
		b.cut(row, e.Cut)
	case *domain.ApprovalReleased:
		b.cut(row, e.Cut)
	case *domain.PaymentPlanned:
		b.application(row, e.Application, e.Charge)
		b.plan(row, e.Application, e.Charge, e.SupportYear, row.Date, domain.Planned{Month: e.Month, Amount: e.Amount.Sub(e.Previous)})
	}
}

func (b *Batch) application(row *EventRow, id domain.ApplicationID, c domain.Charge) *ApplicationChange {
	row.Application, row.Enterprise, row.Clause = id, c.Enterprise, c.Clause
	a, begun := b.Applications.of(id)
	if begun {
		a.ID, a.FirstSeq = id, row.Seq
	}
	a.LastSeq = row.Seq
	return a
}

func (b *Batch) instalment(id domain.ApplicationID, y domain.SupportYear) *InstalmentChange {
	key := InstalmentKey{id, y}
	i, begun := b.Instalments.of(key)
	if begun {
		application, ok := b.Applications.byKey[id]
		i.InstalmentKey, i.Fresh = key, ok && application.Fresh
	}
	return i
}

func (b *Batch) submitted(row *EventRow, e *domain.ApplicationSubmitted) {
	a := b.application(row, e.Application, e.Charge)
	if len(e.Previously) == 0 {
		a.Fresh, a.SubmittedOn = a.Fresh || e.Replaces != e.Application, row.Date
	}
	if e.Replaces == e.Application {
		a.Renewed, a.ApprovedOn, a.Department = true, domain.Date{}, ""
	}
	if e.Replaces != "" {
		a.Replaces = e.Replaces
	}
	a.Filed, a.Title, a.Project, a.Charge, a.State, a.LastStepOn, a.ClauseVersion = e, e.Title, &e.Project, &e.Charge, domain.Submitted, row.Date, e.ClauseVersion
	b.refiled(a, e)
}

// refiled adds what an application asks for now, less what it asked for before.
func (b *Batch) refiled(a *ApplicationChange, event domain.Event) {
	r, _ := domain.Refiled(event)
	for _, i := range r.Before {
		a.Requested = a.Requested.Sub(i.Amount)
		part := b.instalment(r.Application, i.SupportYear)
		part.Requested = part.Requested.Sub(i.Amount)
	}
	for _, i := range r.Now {
		a.Requested = a.Requested.Add(i.Amount)
		part := b.instalment(r.Application, i.SupportYear)
		part.Requested = part.Requested.Add(i.Amount)
	}
}

// granted adds what is approved on an application, and takes over what was booked before.
func (b *Batch) granted(row *EventRow, g *domain.Granted) *ApplicationChange {
	a := b.application(row, g.Application, g.Charge)
	a.LastStepOn = row.Date
	for _, i := range g.Instalments {
		b.hold(a, g.Application, g.Charge, i.SupportYear, i.Amount)
	}
	for _, f := range g.Filled {
		p := b.payout(row, f.Payout)
		p.Outside = p.Outside.Sub(f.Amount)
		b.fill(g.Application, g.Charge, f.SupportYear, f.Amount)
	}
	return a
}

// hold changes what is approved of an instalment.
func (b *Batch) hold(a *ApplicationChange, id domain.ApplicationID, c domain.Charge, y domain.SupportYear, by domain.Money) {
	if by.IsZero() {
		return
	}
	a.Approved = a.Approved.Add(by)
	part := b.instalment(id, y)
	part.Approved = part.Approved.Add(by)
	b.due(id, c, int(y), by)
}

func (b *Batch) step(row *EventRow, s domain.Step, to domain.ApplicationState) {
	a := b.application(row, s.Application, s.Charge)
	a.State, a.LastStepOn = to, row.Date
}

func (b *Batch) cut(row *EventRow, c domain.Cut) {
	b.hold(b.application(row, c.Application, c.Charge), c.Application, c.Charge, c.SupportYear, c.Amount.Neg())
	b.plan(row, c.Application, c.Charge, c.SupportYear, row.Date, used(c.Planned)...)
}
