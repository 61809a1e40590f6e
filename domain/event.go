package domain

// Event is something that happened. The set is closed: an event without an effect does not compile. Every event says
// by itself what it is charged to, so that it is understood without the ones before it.
type Event interface {
	// Name is the event's name on the wire, such as "payout_made".
	Name() string
	// Entity is what the event happened to: the kind and the identifier in its subject on the log.
	Entity() (kind, id string)

	// apply changes the state.
	apply(s *State, by Deed)
}

// Edition is the edition of the rules that [Decide] knows. Every event carries the one it was decided by; an event that
// carries none is of the first.
const Edition = 2

// Deed is who did what led to an event, and when: what [Apply] needs to know of it besides the event.
type Deed struct {
	Actor Actor
	Date  Date // the business date of the command
}

// Apply lets an event happen to a state. Any event that [Decide] made of a state applies to it.
func Apply(s *State, e Event, by Deed) { e.apply(s, by) }

// Events is the table of contents: a maker of an empty event of every kind.
var Events = []func() Event{
	func() Event { return new(PolicyPublished) },
	func() Event { return new(ClauseAmended) },
	func() Event { return new(EnterpriseRegistered) },
	func() Event { return new(EnterpriseRenamed) },
	func() Event { return new(CreditRestricted) },
	func() Event { return new(CreditRestored) },
	func() Event { return new(BeneficiaryAdmitted) },
	func() Event { return new(ApplicationSubmitted) },
	func() Event { return new(ApplicationAccepted) },
	func() Event { return new(ApplicationReturned) },
	func() Event { return new(ApplicationWithdrawn) },
	func() Event { return new(ApplicationSuspended) },
	func() Event { return new(ApplicationResumed) },
	func() Event { return new(ApplicationReviewed) },
	func() Event { return new(ApplicationApproved) },
	func() Event { return new(ApplicationRejected) },
	func() Event { return new(ApprovalReduced) },
	func() Event { return new(ApprovalReleased) },
	func() Event { return new(ExceptionGranted) },
	func() Event { return new(ExceptionRevoked) },
	func() Event { return new(PayoutMade) },
	func() Event { return new(PayoutBooked) },
	func() Event { return new(PayoutReturned) },
	func() Event { return new(ClawbackOrdered) },
	func() Event { return new(ClawbackWaived) },
	func() Event { return new(RecoveryReceived) },
	func() Event { return new(RecoveryBooked) },
	func() Event { return new(RecoveryReversed) },
	func() Event { return new(AppropriationSet) },
	func() Event { return new(FindingDisposed) },
	func() Event { return new(TreasuryPaymentRecorded) },
	func() Event { return new(TreasuryPaymentVoided) },
	func() Event { return new(CheckpointKeyRotated) },
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

// Finding is a rule that a booked fact breaks: recorded with it, for a fact is never refused (R3).
type Finding struct {
	Code    string  `json:"code"`
	Rule    string  `json:"rule"`
	Figures Figures `json:"figures,omitempty"`
}
