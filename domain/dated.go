package domain

// dating is the budget year that what a command records is dated in, and what becomes of the command once that year is closed: a fact is
// recorded all the same, anything else is refused.
type dating struct {
	year int // 0: it lies in none
	fact bool
}

func inYear(d Date) dating { return dating{year: d.Year()} }
func factIn(d Date) dating { return dating{year: d.Year(), fact: true} }

// What moves money or a budget, orders it to, or corrects what did (R12), is dated in a budget year: payouts by the day of payment, what comes
// back by the day it was received, corrections by their own date, a budget by its year.

func (c *MakePayout) dated() dating            { return inYear(or(c.PaidOn, c.Date)) }
func (c *BookPayout) dated() dating            { return factIn(or(c.PaidOn, c.Date)) }
func (c *ReturnPayout) dated() dating          { return inYear(c.Date) }
func (c *ReverseReturn) dated() dating         { return inYear(c.Date) }
func (c *ReverseBooking) dated() dating        { return inYear(c.Date) }
func (c *PlanPayment) dated() dating           { return dating{year: c.Month.Year()} }
func (c *ReduceApproval) dated() dating        { return inYear(c.Date) }
func (c *ReleaseApproval) dated() dating       { return inYear(c.Date) }
func (c *OrderClawback) dated() dating         { return inYear(c.Date) }
func (c *WaiveClawback) dated() dating         { return inYear(c.Date) }
func (c *WriteOff) dated() dating              { return inYear(c.Date) }
func (c *OffsetRecovery) dated() dating        { return inYear(c.Date) }
func (c *ReceiveRecovery) dated() dating       { return factIn(or(c.ReceivedOn, c.Date)) }
func (c *BookRecovery) dated() dating          { return factIn(or(c.ReceivedOn, c.Date)) }
func (c *ReverseRecovery) dated() dating       { return factIn(c.Date) }
func (c *SetAppropriation) dated() dating      { return dating{year: c.BudgetYear} }
func (c *CarryOver) dated() dating             { return dating{year: c.To} }
func (c *RecordTreasuryPayment) dated() dating { return factIn(or(c.PaidOn, c.Date)) }
func (c *VoidTreasuryPayment) dated() dating   { return inYear(c.Date) }

// The others lie in no budget year: they say who may have what, and move nothing yet.

func (*PublishPolicy) dated() dating       { return dating{} }
func (*AmendClause) dated() dating         { return dating{} }
func (*AmendPolicy) dated() dating         { return dating{} }
func (*RegisterEnterprise) dated() dating  { return dating{} }
func (*RenameEnterprise) dated() dating    { return dating{} }
func (*RestrictCredit) dated() dating      { return dating{} }
func (*RestoreCredit) dated() dating       { return dating{} }
func (*AdmitBeneficiary) dated() dating    { return dating{} }
func (*CorrectEnterprise) dated() dating   { return dating{} }
func (*RevokeAdmission) dated() dating     { return dating{} }
func (*RecordPayeeAccount) dated() dating  { return dating{} }
func (*SubmitApplication) dated() dating   { return dating{} }
func (*AcceptApplication) dated() dating   { return dating{} }
func (*ReturnApplication) dated() dating   { return dating{} }
func (*WithdrawApplication) dated() dating { return dating{} }
func (*TransferApplication) dated() dating { return dating{} }
func (*SuspendApplication) dated() dating  { return dating{} }
func (*ResumeApplication) dated() dating   { return dating{} }
func (*RecordReview) dated() dating        { return dating{} }
func (*ApproveApplication) dated() dating  { return dating{} }
func (*RejectApplication) dated() dating   { return dating{} }
func (*AmendApplication) dated() dating    { return dating{} }
func (*MoveApplication) dated() dating     { return dating{} }
func (*VoidApplication) dated() dating     { return dating{} }
func (*SupplementApproval) dated() dating  { return dating{} }
func (*GrantException) dated() dating      { return dating{} }
func (*RevokeException) dated() dating     { return dating{} }
func (*LinkEnterprises) dated() dating     { return dating{} }
func (*EndLink) dated() dating             { return dating{} }
func (*MergeEnterprises) dated() dating    { return dating{} }
func (*VoidMerger) dated() dating          { return dating{} }
func (*RegisterProject) dated() dating     { return dating{} }
func (*SameProject) dated() dating         { return dating{} }
func (*CloseBudgetYear) dated() dating     { return dating{} }
func (*ReopenBudgetYear) dated() dating    { return dating{} }
func (*ScheduleRecovery) dated() dating    { return dating{} }
func (*DisposeFinding) dated() dating      { return dating{} }
func (*RotateCheckpointKey) dated() dating { return dating{} }
func (*OfferSupport) dated() dating        { return dating{} }
func (*ConfirmOffer) dated() dating        { return dating{} }
func (*DeclineOffer) dated() dating        { return dating{} }
func (*RecordFact) dated() dating          { return dating{} }
func (*CorrectFact) dated() dating         { return dating{} }
func (*SetTarget) dated() dating           { return dating{} }
func (*RecordEvaluation) dated() dating    { return dating{} }
func (*RecordRectification) dated() dating { return dating{} }

// checkDated refuses what is dated in a budget year that is closed, but for facts.
func (s *State) checkDated(c Command) *Refusal {
	if d := c.dated(); d.year != 0 && !d.fact {
		return s.checkYearOpen(d.year)
	}
	return nil
}

// closable is an event that moves what a budget year came to, and can be found to do so behind its close.
type closable interface {
	// moves is the budget year that it moves; on is the date of its command.
	moves(on Date) int
	// find notes what it breaks.
	find(Finding)
}

func (e *PayoutBooked) moves(Date) int        { return e.PaidOn.Year() }
func (e *PayoutReturned) moves(Date) int      { return e.PaidOn.Year() } // whose budget has it back, whenever it came
func (e *ReturnReversed) moves(Date) int      { return e.PaidOn.Year() }
func (e *BookingReversed) moves(Date) int     { return e.PaidOn.Year() }
func (e *RecoveryReceived) moves(Date) int    { return e.ReceivedOn.Year() }
func (e *RecoveryBooked) moves(Date) int      { return e.ReceivedOn.Year() }
func (e *RecoveryReversed) moves(on Date) int { return on.Year() }

func (e *PayoutBooked) find(f Finding)     { e.Findings = append(e.Findings, f) }
func (e *PayoutReturned) find(f Finding)   { e.Findings = append(e.Findings, f) }
func (e *ReturnReversed) find(f Finding)   { e.Findings = append(e.Findings, f) }
func (e *BookingReversed) find(f Finding)  { e.Findings = append(e.Findings, f) }
func (e *RecoveryReceived) find(f Finding) { e.Findings = append(e.Findings, f) }
func (e *RecoveryBooked) find(f Finding)   { e.Findings = append(e.Findings, f) }
func (e *RecoveryReversed) find(f Finding) { e.Findings = append(e.Findings, f) }

// findClosed notes on what was decided that it moves a closed budget year, as the last of its findings.
func (s *State) findClosed(events []Event, on Date) {
	for _, e := range events {
		if of, may := e.(closable); may {
			if r := s.checkYearOpen(of.moves(on)); r != nil {
				of.find(r.finding())
			}
		}
	}
}

// BookedAfterClose reports whether an event moved a budget year when that was closed.
func BookedAfterClose(e Event) bool { return Found(e, CodeBudgetYearClosed) }
