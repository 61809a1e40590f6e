package domain

import "slices"

// Event is something that happened. The set is closed: an event that has no effect, or does not say what it
// is about, what it answers and what happened, does not compile. Every event says
// by itself what it is charged to, so that it is understood without the ones before it.
type Event interface {
	// Name is the event's name on the wire, such as "payout_made".
	Name() string
	// Entity is what the event happened to: the kind and the identifier in its subject on the log.
	Entity() (kind, id string)

	// apply changes the state.
	apply(s *State, by Deed)
	// concerns says what the event is about.
	concerns() Concern
	// command makes the command again that the event answers.
	command(h Head) Command
	// describe says in a sentence what happened.
	describe() Text
}

// Edition is the edition of the rules that [Decide] knows. Every event carries the one it was decided by; an event that
// carries none is of the first.
const Edition = 2

// Deed is who did what led to an event, and when: what [Apply] needs to know of it besides the event.
type Deed struct {
	Actor Actor
	Date  Date // the business date of the command
	// ImportedBy is who imported the command, where it came in a file with other persons' names.
	ImportedBy PersonID
}

// Apply lets an event happen to a state. Any event that [Decide] made of a state applies to it.
func Apply(s *State, e Event, by Deed) {
	s.count()
	s.tally(e)
	e.apply(s, by)
	if by.ImportedBy == "" && Decides(e) {
		s.use()
	}
}

// Named is the enterprise that an event names, and its name from then on; false where it names none.
func Named(e Event) (id EnterpriseID, name string, named bool) {
	switch e := e.(type) {
	case *EnterpriseRegistered:
		return e.Enterprise, e.Title, true
	case *EnterpriseRenamed:
		return e.Enterprise, e.Title, true
	}
	return "", "", false
}

// Decides reports whether an event is a decision or a payout that a person answers for, not a fact that is booked.
func Decides(e Event) bool {
	switch e := e.(type) {
	case *ApplicationMoved:
		return !e.Merged
	case *ApplicationAccepted, *ApplicationReviewed, *ApplicationApproved, *ApplicationRejected, *ApprovalReduced, *ApprovalReleased,
		*ApprovalSupplemented, *ApplicationVoided, *ExceptionGranted, *ExceptionRevoked, *PayoutMade, *ClawbackOrdered, *ClawbackWaived,
		*ClawbackWrittenOff:
		return true
	}
	return false
}

// Charge says whose money it is and whose cap it counts against.
type Charge struct {
	Enterprise EnterpriseID `json:"enterprise"`
	Clause     ClauseID     `json:"clause"`       // the clause whose account is charged
	Via        ClauseID     `json:"via,omitzero"` // the by-reference clause it was applied for under, if any
	Subject    Subject      `json:"subject"`
}

// Account is the account that is charged.
func (c Charge) Account() Account { return Account{Clause: c.Clause, Subject: c.Subject} }

// Applied is the clause that was applied for: the by-reference clause where there is one. Its departments decide.
func (c Charge) Applied() ClauseID {
	if c.Via != "" {
		return c.Via
	}
	return c.Clause
}

// Instalment is a part of a request or of an approval: an amount for a support year.
type Instalment struct {
	SupportYear SupportYear `json:"support_year"`
	Amount      Money       `json:"amount"`
}

// Finding is a rule that a recorded fact breaks, or that a decision goes by the side of: recorded with it, for a fact is never
// refused (R3).
type Finding struct {
	Code    string  `json:"code"`
	Rule    string  `json:"rule"`
	Figures Figures `json:"figures,omitempty"`
}

// FindingCodes are the codes that the findings of events may have.
var FindingCodes = []string{CodeDateBeforePolicy, CodeYearOutsideTerm, CodeLooksLike, CodeIndustryNotServed, CodeCreditRestricted, CodeApplicationState,
	CodeDateOrder, CodeInstalmentUnknown, CodeInstalmentExceeded, CodeFourEyes, CodeApplicationSuspended, CodeCapExceeded, CodeAccountOverCap,
	CodeAppropriationExceed, CodeBudgetExceeded, CodeAppropriationCommitted, CodeRecoveryExceeded, CodeYearNotAppliedFor, CodeYearRequestExceeded, CodeBudgetYearClosed,
	CodeOutsideDistrict, CodeOwesMoney, CodeInterestDiffers, CodeGroupCapExceeded, CodeEnterpriseMerged, CodeRateExceeded}

// FindingsOf are the findings that an event carries, in its order.
func FindingsOf(e Event) []Finding {
	if fact, may := e.(interface{ broken() []Finding }); may {
		return fact.broken()
	}
	return nil
}

// Found reports whether an event carries a finding of a code.
func Found(e Event, code string) bool {
	return slices.ContainsFunc(FindingsOf(e), func(f Finding) bool { return f.Code == code })
}

func (e *PayoutMade) broken() []Finding          { return e.Findings }
func (e *PayoutBooked) broken() []Finding        { return e.Findings }
func (e *ReturnReversed) broken() []Finding      { return e.Findings }
func (e *PayoutReturned) broken() []Finding      { return e.Findings }
func (e *BookingReversed) broken() []Finding     { return e.Findings }
func (e *RecoveryBooked) broken() []Finding      { return e.Findings }
func (e *RecoveryReceived) broken() []Finding    { return e.Findings }
func (e *RecoveryReversed) broken() []Finding    { return e.Findings }
func (e *ApplicationAmended) broken() []Finding  { return e.Findings }
func (e *ApplicationMoved) broken() []Finding    { return e.Findings }
func (e *AppropriationSet) broken() []Finding    { return e.Findings }
func (e *EnterpriseCorrected) broken() []Finding { return e.Findings }
func (e *AdmissionRevoked) broken() []Finding    { return e.Findings }
func (e *FactRecorded) broken() []Finding        { return e.Findings }
func (e *FactCorrected) broken() []Finding       { return e.Findings }
