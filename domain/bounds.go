package domain

import (
	"fmt"
	"math"
)

// Nothing that is accepted may be beyond what can be kept (R1). One amount is bounded where it is read. A sum of many is
// bounded here: the fund's totals, kind by kind, never pass maxSum. No kind of amount is ever negative on a line, so that
// the total of an account, an enterprise, a clause, a year or a budget is at most the fund's, and no other bound is needed.

// maxSum bounds the fund's total of one kind of amount: 9,999,999,999,999.99. Columns and an int64 of fen have room beyond it.
const maxSum = 999_999_999_999_999

// maxReach bounds what is added up of amounts that do not cancel out: everything ever moved, in either direction, and the
// caps of all lines. It keeps any sum that a question can ask for, over any lines and any days, in an int64 of fen.
const maxReach = 9_000_000_000_000_000_000

// maxName bounds an enterprise's name, which tables are sorted by: an index entry holds some 2,700 bytes.
const maxName = 500

// maxVersions bounds how many versions a clause has: each decision on it looks through them.
const maxVersions = 1000

// maxListed bounds how many clauses, departments, industries, facts and indicators a policy has.
const maxListed = 1000

// maxRequired bounds how many requirements a clause lists: each stands beside every form of it.
const maxRequired = 50

// checkName checks the name of an enterprise.
func checkName(name string) *Refusal {
	if r := checkNeeded("name", name); r != nil {
		return r
	}
	if len(name) > maxName {
		return refuse(CodeFieldInvalid, "field", "name", "value", Clip(name, 60), "reason", ReasonBytes, "limit", maxName)
	}
	return nil
}

// checkCeiling checks an amount that may be nought: a cap or an appropriation.
func checkCeiling(field string, m Money) *Refusal {
	if m.IsZero() {
		return nil
	}
	return checkAmount(field, m)
}

// checkCounts bounds what a policy lists.
func (p *Policy) checkCounts() error {
	for _, list := range []struct {
		path string
		n    int
	}{{"departments", len(p.Departments)}, {"industries", len(p.Industries)}, {"clauses", len(p.Clauses)}, {"facts", len(p.Facts)}, {"indicators", len(p.Indicators)}} {
		if list.n > maxListed {
			return wrong(list.path, "共 %d 项，至多 %d 项", "there are %d, at most %d are taken", list.n, maxListed)
		}
	}
	for i, c := range p.Clauses {
		if len(c.Departments) > maxListed || len(c.Industries) > maxListed || len(c.RefersTo) > maxListed {
			return wrong(fmt.Sprintf("clauses[%d]", i), "其中有列表超过 %d 项", "a list in it has more than %d entries", maxListed)
		}
		if len(c.Requires) > maxRequired {
			return wrong(fmt.Sprintf("clauses[%d].requires", i), "共 %d 项，至多 %d 项", "there are %d, at most %d are taken", len(c.Requires), maxRequired)
		}
	}
	return nil
}

// measure is a kind of amount that the fund totals.
type measure uint8

const (
	sumRequested measure = iota
	sumApproved
	sumOutside
	sumPaid
	sumReturned
	sumOrdered
	sumWaived
	sumRecoveredError // what came in beyond what went out included
	sumRecoveredBreach
	sumBeyond // of both
	sumInterest
	sumExceptions
	sumAppropriated
	sumInitial // appropriations as first set
	sumTreasuryPayments
	sumUse // approved and outside: what comes back may do so later
	sumLimits
	sumMoved
	sumWrittenOff
	measures int = iota
)

// measureNames are the fields that refusals name.
var measureNames = [measures]string{"requested", "approved", "outside", "paid", "returned", "clawback_ordered", "clawback_waived",
	"recovered_error", "recovered_breach", "received_beyond", "interest", "exceptions", "appropriation", "appropriation", "treasury_payments", "use", "annual_limit",
	"turnover", "written_off"}

func (m measure) limit() int64 {
	if m == sumLimits || m == sumMoved {
		return maxReach
	}
	return maxSum
}

// sums are amounts by measure, in fen.
type sums [measures]int64

// add adds an amount to a measure. It stops at what can be held: a log of before the bound replays whatever it holds.
func (s *sums) add(m measure, fen int64) {
	s[m] = bounded(s[m], fen)
	if m == sumApproved || m == sumOutside {
		s[sumUse] = bounded(s[sumUse], fen)
	}
	if m != sumLimits && m != sumInitial {
		s[sumMoved] = bounded(s[sumMoved], max(fen, -fen))
	}
}

// bounded is a + b, or the nearest number that can be held.
func bounded(a, b int64) int64 {
	switch {
	case b > 0 && a > math.MaxInt64-b:
		return math.MaxInt64
	case b < 0 && a < math.MinInt64-b:
		return math.MinInt64
	}
	return a + b
}

// reach is how many lines a clause may have at most, and the highest cap that it ever had. Their product bounds every sum of
// its caps, such as an enterprise's annual limit over many projects.
type reach struct {
	lines   int64
	highest Money
}

// moved is what an event adds to the fund's totals.
type moved struct {
	sums
	clause  ClauseID // whose lines may become more, or whose cap may rise
	lines   int64    // at most so many more
	highest Money    // the cap that the event gives the clause
}

// charge adds an amount that may be the first of a line.
func (m *moved) charge(of measure, c ClauseID, amount Money) {
	m.add(of, amount.fen)
	m.clause = c
	m.lines++
}

// shift adds what recoveries count for more or for less.
func (m *moved) shift(list []Shift) {
	for _, one := range list {
		m.add(sumBeyond, one.Beyond.fen)
	}
}

// take takes an event in, which may say itself what it counts; it reports whether it knows the event.
func (m *moved) take(event Event) bool {
	switch e := event.(type) {
	case interface{ counts(*moved) }:
		e.counts(m)
	case *ClauseAmended:
		m.clause, m.highest = e.Clause, e.Cap.Amount
	case *ApprovalReduced:
		m.add(sumApproved, -e.Amount.fen)
	case *ApprovalReleased:
		m.add(sumApproved, -e.Amount.fen)
	case *ExceptionGranted:
		m.charge(sumExceptions, e.Clause, e.Amount)
	case *ExceptionRevoked:
		m.add(sumExceptions, -e.Amount.fen)
	default:
		return m.takeMoney(event)
	}
	return true
}

// takeMoney takes in what moves money, or orders it to.
func (m *moved) takeMoney(event Event) bool {
	switch e := event.(type) {
	case *PayoutMade:
		m.add(sumPaid, e.Amount.fen)
	case *PayoutBooked:
		m.charge(sumPaid, e.Charge.Clause, e.Amount)
		m.add(sumOutside, e.Outside.fen)
	case *PayoutReturned:
		m.add(sumReturned, e.Amount.fen)
		m.add(sumOutside, -e.Outside.fen)
		m.add(sumApproved, -e.Released.fen)
		m.shift(e.Shifted)
	case *ReturnReversed:
		m.add(sumReturned, -e.Amount.fen)
		m.add(sumOutside, e.Outside.fen)
		m.add(sumApproved, e.Restored.fen)
		m.shift(e.Shifted)
	case *BookingReversed:
		m.add(sumPaid, -e.Amount.fen)
		m.add(sumReturned, -e.Returned.fen)
		m.add(sumOutside, -e.Outside.fen)
		m.add(sumApproved, -e.Released.fen)
		m.shift(e.Shifted)
	case *ClawbackOrdered:
		m.add(sumOrdered, e.Amount.fen)
	case *ClawbackWaived:
		m.add(sumWaived, e.Amount.fen)
	case *RecoveryReceived:
		m.add(recoveredBy(e.Cause), e.Amount.fen)
		m.add(sumBeyond, e.Beyond.fen)
		m.add(sumInterest, e.Interest.fen)
	case *RecoveryBooked:
		m.charge(recoveredBy(e.Cause), e.Charge.Clause, e.Amount)
		m.add(sumBeyond, e.Beyond.fen)
	case *RecoveryReversed:
		m.add(recoveredBy(e.Cause), -e.Amount.fen)
		m.add(sumBeyond, -e.Beyond.fen)
		m.add(sumInterest, -e.Interest.fen)
		m.shift(e.Shifted)
	case *TreasuryPaymentRecorded:
		m.add(sumTreasuryPayments, e.Amount.fen)
	case *TreasuryPaymentVoided:
		m.add(sumTreasuryPayments, -e.Amount.fen)
	default:
		return len(event.concerns().Years) == 0 // it moves no amount in any year; a policy's caps are taken in when it is applied
	}
	return true
}

func recoveredBy(c Cause) measure {
	if c == CauseError {
		return sumRecoveredError
	}
	return sumRecoveredBreach
}

// limits is by how much more the caps of a clause's lines may come to, and what its reach then is.
func (s *State) limits(m *moved) (more int64, then reach) {
	now := s.reaches.get(m.clause)
	then = reach{lines: now.lines + m.lines, highest: Greater(now.highest, m.highest)}
	return bounded(product(then), -product(now)), then
}

// product is a reach's lines times its cap, or the largest number that can be held.
func product(r reach) int64 {
	if r.highest.fen > 0 && r.lines > math.MaxInt64/r.highest.fen {
		return math.MaxInt64
	}
	return r.lines * r.highest.fen
}

// checkSums refuses events that would take a total of the fund beyond what is kept.
func (s *State) checkSums(events []Event) *Refusal {
	var m moved
	for _, e := range events {
		m.take(e)
	}
	if m.clause != "" {
		more, _ := s.limits(&m)
		m.add(sumLimits, more)
	}
	for i, more := range m.sums {
		of := measure(i)
		if then := bounded(s.sums[of], more); more > 0 && then > of.limit() {
			return refuse(CodeAmountTooLarge, "field", measureNames[of], "value", Fen(more), "use", Fen(s.sums[of]), "limit", Fen(of.limit()),
				"short_by", Fen(then-of.limit()))
		}
	}
	return nil
}

// tally adds an event to the fund's totals.
func (s *State) tally(e Event) {
	var m moved
	m.take(e)
	if m.clause != "" {
		more, then := s.limits(&m)
		m.add(sumLimits, more)
		s.reaches.put(m.clause, then)
	}
	if s.recording {
		old := s.sums
		s.undo = append(s.undo, func() { s.sums = old })
	}
	for i, more := range m.sums {
		s.sums[i] = bounded(s.sums[i], more)
	}
}
