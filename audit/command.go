package audit

import (
	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/wire"
)

// CommandOf makes the command again that an event answers: it says what the event says, with every field that may be left
// out filled in. It is nil for an event that no command answers.
//
// One field is not on the log: the project that a booked fact may name under a clause that limits enterprises, where it
// counts for nothing.
func CommandOf(e wire.Entry) domain.Command {
	by := e.Deed()
	h := domain.Head{ID: domain.CommandID(e.Envelope.CommandID), Date: e.Date, Actor: by.Actor}
	switch e := e.Event.(type) {
	case *domain.PolicyPublished:
		return &domain.PublishPolicy{Head: h, Policy: e.Policy, Hash: e.Hash}
	case *domain.ClauseAmended:
		return &domain.AmendClause{Head: h, Clause: e.Clause, Cap: domain.NewCap{Ceiling: e.Cap, Given: true}, EffectiveOn: e.EffectiveOn,
			Retroactive: e.Retroactive, Document: e.Document}
	case *domain.EnterpriseRegistered:
		return &domain.RegisterEnterprise{Head: h, Enterprise: e.Enterprise, Title: e.Title, Industry: e.Industry}
	case *domain.EnterpriseRenamed:
		return &domain.RenameEnterprise{Head: h, Enterprise: e.Enterprise, Title: e.Title}
	case *domain.CreditRestricted:
		return &domain.RestrictCredit{Head: h, Enterprise: e.Enterprise, Reason: e.Reason}
	case *domain.CreditRestored:
		return &domain.RestoreCredit{Head: h, Enterprise: e.Enterprise, Reason: e.Reason}
	case *domain.BeneficiaryAdmitted:
		return &domain.AdmitBeneficiary{Head: h, Enterprise: e.Enterprise, Document: e.Document}
	case *domain.ExceptionGranted:
		return &domain.GrantException{Head: h, Exception: e.Exception, Clause: e.Clause, Subject: e.Subject.ID, SupportYear: e.SupportYear,
			Amount: e.Amount, Document: e.Document}
	case *domain.ExceptionRevoked:
		return &domain.RevokeException{Head: h, Exception: e.Exception, Clause: e.Clause, Subject: e.Subject.ID, SupportYear: e.SupportYear,
			Amount: e.Amount, Document: e.Document}
	case *domain.AppropriationSet:
		return &domain.SetAppropriation{Head: h, BudgetYear: e.BudgetYear, Clause: e.Clause, Department: e.Department, Amount: e.Amount, Document: e.Document}
	case *domain.FindingDisposed:
		return &domain.DisposeFinding{Head: h, Finding: e.Finding, Disposition: e.Disposition, Comment: e.Comment}
	case *domain.TreasuryPaymentRecorded:
		return &domain.RecordTreasuryPayment{Head: h, Statement: e.Statement, Line: e.Line, Voucher: e.Voucher, PaidOn: e.PaidOn, Amount: e.Amount, Payee: e.Payee}
	case *domain.TreasuryPaymentVoided:
		return &domain.VoidTreasuryPayment{Head: h, Statement: e.Statement, Line: e.Line, Reason: e.Reason}
	case *domain.CheckpointKeyRotated:
		return &domain.RotateCheckpointKey{Head: h, Old: e.Old, New: e.New, Reason: e.Reason}
	}
	if c := applicationCommand(h, e.Event); c != nil {
		return c
	}
	return moneyCommand(h, e.Event)
}

// applicationCommand is [CommandOf] for what happens to applications.
func applicationCommand(h domain.Head, event domain.Event) domain.Command {
	switch e := event.(type) {
	case *domain.ApplicationSubmitted:
		return submission(h, e)
	case *domain.ApplicationAccepted:
		return &domain.AcceptApplication{Head: h, Application: e.Application, Reason: e.Reason}
	case *domain.ApplicationReturned:
		return &domain.ReturnApplication{Head: h, Application: e.Application, Reason: e.Reason}
	case *domain.ApplicationWithdrawn:
		return &domain.WithdrawApplication{Head: h, Application: e.Application, Reason: e.Reason}
	case *domain.ApplicationSuspended:
		return &domain.SuspendApplication{Head: h, Application: e.Application, Reason: e.Reason}
	case *domain.ApplicationResumed:
		return &domain.ResumeApplication{Head: h, Application: e.Application, Reason: e.Reason}
	case *domain.ApplicationReviewed:
		return &domain.RecordReview{Head: h, Application: e.Application, Opinion: e.Opinion, Comment: e.Comment}
	case *domain.ApplicationApproved:
		return &domain.ApproveApplication{Head: h, Application: e.Application, Instalments: e.Instalments, Reason: e.Reason}
	case *domain.ApplicationRejected:
		return &domain.RejectApplication{Head: h, Application: e.Application, Reason: e.Reason}
	case *domain.ApprovalReduced:
		return &domain.ReduceApproval{Head: h, Application: e.Application, SupportYear: e.SupportYear, Amount: e.Amount, Reason: e.Reason}
	case *domain.ApprovalReleased:
		return &domain.ReleaseApproval{Head: h, Application: e.Application, SupportYear: e.SupportYear, Amount: e.Amount, Reason: e.Reason}
	}
	return nil
}

func submission(h domain.Head, e *domain.ApplicationSubmitted) domain.Command {
	c := &domain.SubmitApplication{Head: h, Application: e.Application, Enterprise: e.Charge.Enterprise, Clause: e.Charge.Applied(),
		Project: e.Project, Title: e.Title, Requested: e.Requested, Attachments: e.Attachments}
	if e.Charge.Via != "" {
		c.RefersTo = e.Charge.Clause
	}
	if e.Charge.Subject.Kind == domain.SubjectAward {
		c.Award = e.Charge.Subject.ID
	}
	return c
}

// moneyCommand is [CommandOf] for what moves money, or orders it to.
func moneyCommand(h domain.Head, event domain.Event) domain.Command {
	switch e := event.(type) {
	case *domain.PayoutMade:
		return &domain.MakePayout{Head: h, Payout: e.Payout, Application: e.Application, SupportYear: e.SupportYear, Amount: e.Amount,
			PaidOn: e.PaidOn, Voucher: e.Voucher}
	case *domain.PayoutBooked:
		c := &domain.BookPayout{Head: h, Payout: e.Payout, Application: e.Application, SupportYear: e.SupportYear, Amount: e.Amount,
			PaidOn: e.PaidOn, Voucher: e.Voucher}
		if e.Application == "" {
			c.Enterprise, c.Clause = e.Charge.Enterprise, e.Charge.Clause
			c.Project, c.Award = named(e.Charge.Subject)
		}
		return c
	case *domain.PayoutReturned:
		return &domain.ReturnPayout{Head: h, Payout: e.Payout, Amount: e.Amount, Reason: e.Reason}
	case *domain.ClawbackOrdered:
		return &domain.OrderClawback{Head: h, Clawback: e.Clawback, Payout: e.Payout, Amount: e.Amount, Cause: e.Cause, Reason: e.Reason}
	case *domain.ClawbackWaived:
		return &domain.WaiveClawback{Head: h, Clawback: e.Clawback, Amount: e.Amount, Document: e.Document}
	case *domain.RecoveryReceived:
		return &domain.ReceiveRecovery{Head: h, Recovery: e.Recovery, Clawback: e.Clawback, Amount: e.Amount, Interest: e.Interest, ReceivedOn: e.ReceivedOn}
	case *domain.RecoveryBooked:
		c := &domain.BookRecovery{Head: h, Recovery: e.Recovery, Payout: e.Payout, SupportYear: e.SupportYear, Amount: e.Amount, Cause: e.Cause,
			ReceivedOn: e.ReceivedOn}
		if e.Payout == "" {
			c.Enterprise, c.Clause = e.Charge.Enterprise, e.Charge.Clause
			c.Project, c.Award = named(e.Charge.Subject)
		}
		return c
	case *domain.RecoveryReversed:
		return &domain.ReverseRecovery{Head: h, Recovery: e.Recovery, Reason: e.Reason}
	}
	return nil
}

func named(s domain.Subject) (project, award string) {
	switch s.Kind {
	case domain.SubjectProject:
		return s.ID, ""
	case domain.SubjectAward:
		return "", s.ID
	}
	return "", ""
}

// forms are the other commands that say the same as one from [CommandOf]: each has some of the fields left out that may
// be.
func forms(c domain.Command) []domain.Command {
	switch c := c.(type) {
	case *domain.MakePayout:
		return without(*c, c.PaidOn == c.Date, func(o *domain.MakePayout) { o.PaidOn = domain.Date{} })
	case *domain.BookPayout:
		return without(*c, c.PaidOn == c.Date, func(o *domain.BookPayout) { o.PaidOn = domain.Date{} })
	case *domain.RecordTreasuryPayment:
		return without(*c, c.PaidOn == c.Date, func(o *domain.RecordTreasuryPayment) { o.PaidOn = domain.Date{} })
	case *domain.ReceiveRecovery:
		return without(*c, c.ReceivedOn == c.Date, func(o *domain.ReceiveRecovery) { o.ReceivedOn = domain.Date{} })
	case *domain.BookRecovery:
		return bookRecoveryForms(*c)
	case *domain.RevokeException:
		return revokeForms(*c)
	}
	return nil
}

// without is a copy of a command with a field left out, where that says the same. P is a pointer to the command.
func without[C any, P interface {
	*C
	domain.Command
}](c C, same bool, leaveOut func(*C)) []domain.Command {
	if !same {
		return nil
	}
	leaveOut(&c)
	return []domain.Command{P(&c)}
}

func bookRecoveryForms(c domain.BookRecovery) []domain.Command {
	var all []domain.Command
	for mask := 1; mask < 4; mask++ {
		o := c
		if mask&1 != 0 {
			if c.ReceivedOn != c.Date {
				continue
			}
			o.ReceivedOn = domain.Date{}
		}
		if mask&2 != 0 {
			if c.Payout == "" {
				continue
			}
			o.SupportYear = 0
		}
		all = append(all, &o)
	}
	return all
}

func revokeForms(c domain.RevokeException) []domain.Command {
	var all []domain.Command
	for mask := 1; mask < 8; mask++ {
		o := c
		if mask&1 != 0 {
			o.Clause = ""
		}
		if mask&2 != 0 {
			o.Subject = ""
		}
		if mask&4 != 0 {
			o.SupportYear = 0
		}
		all = append(all, &o)
	}
	return all
}

// anyProject reports whether a command may have named a project that its event does not hold, so that its hash cannot be made
// again.
func anyProject(e domain.Event) bool {
	switch e := e.(type) {
	case *domain.PayoutBooked:
		return e.Application == "" && e.Charge.Subject.Kind == domain.SubjectEnterprise
	case *domain.RecoveryBooked:
		return e.Payout == "" && e.Charge.Subject.Kind == domain.SubjectEnterprise
	}
	return false
}

// sameCommand reports whether a hash is that of a command, in any of the forms that say the same.
func sameCommand(c domain.Command, hash string) (bool, error) {
	got, err := wire.HashCommand(c)
	if err != nil || got == hash {
		return got == hash, err
	}
	for _, o := range forms(c) {
		if got, err = wire.HashCommand(o); err != nil || got == hash {
			return got == hash, err
		}
	}
	return false, nil
}
