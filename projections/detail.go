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
	case *domain.FindingDisposed:
		f, _ := b.Findings.of(e.Finding)
		*f = FindingChange{ID: e.Finding, Disposition: e.Disposition, Comment: e.Comment, On: row.Date, By: row.Deed().Actor.ID, Seq: row.Seq}
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
	b.Policy = &PolicyRow{Seq: row.Seq, Date: row.Date, Policy: e.Policy, Hash: e.Hash, Data: data}
}

func (b *Batch) appropriated(row *EventRow, e *domain.AppropriationSet) {
	key := BudgetKey{Year: e.BudgetYear, Kind: "clause", Scope: string(e.Clause)}
	if e.Clause == "" {
		key.Kind, key.Scope = "department", string(e.Department)
	}
	row.Clause = e.Clause
	budget, _ := b.Budgets.of(key)
	budget.BudgetKey, budget.Set, budget.On, budget.Seq = key, e, row.Date, row.Seq
	b.BudgetMoves = append(b.BudgetMoves, BudgetMove{BudgetKey: key, Seq: row.Seq, Set: e})
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
		a := b.application(row, e.Application, e.Charge)
		a.State, a.LastStepOn, a.ApprovedOn, a.Department, a.ClauseVersion = domain.Approved, row.Date, row.Date, row.Deed().Actor.Department, e.ClauseVersion
		for _, i := range e.Instalments {
			a.Approved = a.Approved.Add(i.Amount)
			part := b.instalment(e.Application, i.SupportYear)
			part.Approved = part.Approved.Add(i.Amount)
		}
		for _, f := range e.Filled {
			p := b.payout(row, f.Payout)
			p.Outside = p.Outside.Sub(f.Amount)
			b.fill(e.Application, f.SupportYear, f.Amount)
		}
	case *domain.ApprovalReduced:
		b.cut(row, e.Cut)
	case *domain.ApprovalReleased:
		b.cut(row, e.Cut)
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
		a.Fresh, a.SubmittedOn = true, row.Date
	}
	a.Filed, a.Charge, a.State, a.LastStepOn, a.ClauseVersion = e, &e.Charge, domain.Submitted, row.Date, e.ClauseVersion
	for _, i := range e.Previously {
		a.Requested = a.Requested.Sub(i.Amount)
		part := b.instalment(e.Application, i.SupportYear)
		part.Requested = part.Requested.Sub(i.Amount)
	}
	for _, i := range e.Requested {
		a.Requested = a.Requested.Add(i.Amount)
		part := b.instalment(e.Application, i.SupportYear)
		part.Requested = part.Requested.Add(i.Amount)
	}
}

func (b *Batch) step(row *EventRow, s domain.Step, to domain.ApplicationState) {
	a := b.application(row, s.Application, s.Charge)
	a.State, a.LastStepOn = to, row.Date
}

func (b *Batch) cut(row *EventRow, c domain.Cut) {
	a := b.application(row, c.Application, c.Charge)
	a.Approved = a.Approved.Sub(c.Amount)
	part := b.instalment(c.Application, c.SupportYear)
	part.Approved = part.Approved.Sub(c.Amount)
}
