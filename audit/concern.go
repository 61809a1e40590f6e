package audit

import (
	"slices"

	"github.com/fundledger/fundledger/domain"
)

// concern is what an event is about.
type concern struct {
	application domain.ApplicationID
	enterprise  domain.EnterpriseID
	account     domain.Account
	via         domain.ClauseID
	years       []domain.SupportYear // it moves something in; year 0 is the total
	charged     bool                 // there is an account
}

func (c concern) clause(id domain.ClauseID) bool {
	return c.account.Clause == id || c.via != "" && c.via == id
}

func onCharge(a domain.ApplicationID, c domain.Charge, years ...domain.SupportYear) concern {
	return concern{application: a, enterprise: c.Enterprise, account: c.Account(), via: c.Via, years: years, charged: true}
}

func yearsOf(list []domain.Instalment) (years []domain.SupportYear) {
	for _, i := range list {
		years = append(years, i.SupportYear)
	}
	return years
}

// concernOf says what an event is about; ok is false for an event that nobody thought of.
func concernOf(event domain.Event) (c concern, ok bool) {
	switch e := event.(type) {
	case *domain.PolicyPublished, *domain.AppropriationSet, *domain.FindingDisposed, *domain.TreasuryPaymentRecorded,
		*domain.TreasuryPaymentVoided, *domain.CheckpointKeyRotated:
		return concern{}, true
	case *domain.ClauseAmended:
		return concern{account: domain.Account{Clause: e.Clause}}, true
	case *domain.EnterpriseRegistered:
		return concern{enterprise: e.Enterprise}, true
	case *domain.EnterpriseRenamed:
		return concern{enterprise: e.Enterprise}, true
	case *domain.CreditRestricted:
		return concern{enterprise: e.Enterprise}, true
	case *domain.CreditRestored:
		return concern{enterprise: e.Enterprise}, true
	case *domain.BeneficiaryAdmitted:
		return concern{enterprise: e.Enterprise}, true
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

func onException(clause domain.ClauseID, s domain.Subject, y domain.SupportYear) concern {
	c := concern{account: domain.Account{Clause: clause, Subject: s}, years: []domain.SupportYear{y}, charged: true}
	if s.Kind == domain.SubjectEnterprise {
		c.enterprise = domain.EnterpriseID(s.ID)
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

func moneyConcern(event domain.Event) (concern, bool) {
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
	return concern{}, false
}
