package replay

import (
	"slices"

	"github.com/fundledger/fundledger/domain"
)

// Concern is what an event is about.
type Concern struct {
	Application domain.ApplicationID
	Enterprise  domain.EnterpriseID
	Account     domain.Account
	Via         domain.ClauseID
	Years       []domain.SupportYear // it moves something in; year 0 is the total
	Charged     bool                 // there is an account
}

// Of reports whether it is of a clause: charged to it, or applied for through it.
func (c Concern) Of(id domain.ClauseID) bool {
	return c.Account.Clause == id || c.Via != "" && c.Via == id
}

func onCharge(a domain.ApplicationID, c domain.Charge, years ...domain.SupportYear) Concern {
	return Concern{Application: a, Enterprise: c.Enterprise, Account: c.Account(), Via: c.Via, Years: years, Charged: true}
}

func yearsOf(list []domain.Instalment) (years []domain.SupportYear) {
	for _, i := range list {
		years = append(years, i.SupportYear)
	}
	return years
}

// ConcernOf says what an event is about; ok is false for an event that nobody thought of.
func ConcernOf(event domain.Event) (c Concern, ok bool) {
	switch e := event.(type) {
	case *domain.PolicyPublished, *domain.AppropriationSet, *domain.FindingDisposed, *domain.TreasuryPaymentRecorded,
		*domain.TreasuryPaymentVoided, *domain.CheckpointKeyRotated:
		return Concern{}, true
	case *domain.ClauseAmended:
		return Concern{Account: domain.Account{Clause: e.Clause}}, true
	case *domain.EnterpriseRegistered:
		return Concern{Enterprise: e.Enterprise}, true
	case *domain.EnterpriseRenamed:
		return Concern{Enterprise: e.Enterprise}, true
	case *domain.CreditRestricted:
		return Concern{Enterprise: e.Enterprise}, true
	case *domain.CreditRestored:
		return Concern{Enterprise: e.Enterprise}, true
	case *domain.BeneficiaryAdmitted:
		return Concern{Enterprise: e.Enterprise}, true
	case *domain.ApplicationSubmitted:
		years := yearsOf(e.Requested)
		for _, i := range e.Previously {
			if !slices.Contains(years, i.SupportYear) {
				years = append(years, i.SupportYear)
			}
		}
		return onCharge(e.Application, e.Charge, years...), true
	case *domain.ApplicationReviewed:
		return onCharge(e.Application, e.Charge), true
	case *domain.ApplicationApproved:
		return onCharge(e.Application, e.Charge, yearsOf(e.Instalments)...), true
	case *domain.ApprovalReduced:
		return onCharge(e.Application, e.Charge, e.SupportYear), true
	case *domain.ApprovalReleased:
		return onCharge(e.Application, e.Charge, e.SupportYear), true
	case *domain.ExceptionGranted:
		return onException(e.Clause, e.Subject, e.SupportYear), true
	case *domain.ExceptionRevoked:
		return onException(e.Clause, e.Subject, e.SupportYear), true
	}
	if step, ok := stepOf(event); ok {
		return onCharge(step.Application, step.Charge), true
	}
	return moneyConcern(event)
}

func onException(clause domain.ClauseID, s domain.Subject, y domain.SupportYear) Concern {
	c := Concern{Account: domain.Account{Clause: clause, Subject: s}, Years: []domain.SupportYear{y}, Charged: true}
	if s.Kind == domain.SubjectEnterprise {
		c.Enterprise = domain.EnterpriseID(s.ID)
	}
	return c
}

func stepOf(event domain.Event) (domain.Step, bool) {
	switch e := event.(type) {
	case *domain.ApplicationAccepted:
		return e.Step, true
	case *domain.ApplicationReturned:
		return e.Step, true
	case *domain.ApplicationWithdrawn:
		return e.Step, true
	case *domain.ApplicationSuspended:
		return e.Step, true
	case *domain.ApplicationResumed:
		return e.Step, true
	case *domain.ApplicationRejected:
		return e.Step, true
	}
	return domain.Step{}, false
}

func moneyConcern(event domain.Event) (Concern, bool) {
	switch e := event.(type) {
	case *domain.PayoutMade:
		return onCharge(e.Application, e.Charge, e.SupportYear), true
	case *domain.PayoutBooked:
		return onCharge(e.Application, e.Charge, e.SupportYear), true
	case *domain.PayoutReturned:
		return onCharge(e.Application, e.Charge, e.SupportYear), true
	case *domain.ClawbackOrdered:
		return onCharge(e.Application, e.Charge, e.SupportYear), true
	case *domain.ClawbackWaived:
		return onCharge(e.Application, e.Charge, e.SupportYear), true
	case *domain.RecoveryReceived:
		return onCharge(e.Application, e.Charge, e.SupportYear), true
	case *domain.RecoveryBooked:
		return onCharge(e.Application, e.Charge, e.SupportYear), true
	case *domain.RecoveryReversed:
		return onCharge(e.Application, e.Charge, e.SupportYear), true
	}
	return Concern{}, false
}
