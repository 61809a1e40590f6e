package domain

import (
	"flag"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"
)

// The judge decides every command of a random history again, by the design's text alone: from the list of what happened, with the
// recount's sums, by none of the code that Decide uses. It says every rule that a command breaks; Decide names one of them, accepts a
// command that breaks none, and notes with a fact those that the fact breaks.

var decisions = flag.Int("decisions", 20_000, "how many random decisions the judge holds against Decide")

func TestDecisionsAreAsTheDesignSays(t *testing.T) {
	var histories, decided, accepted, split int
	by, done := map[string]int{}, map[string]int{}
	began := time.Now()
	for decided < *decisions {
		rapid.Check(t, func(rt *rapid.T) {
			w := newWorld(t, rt)
			w.plain = true
			j := judgeOf(w)
			for range rapid.IntRange(100, 400).Draw(rt, "commands") {
				c := w.command()
				w.head(c)
				j.take(w.history)
				today := or(w.today, w.day)
				broken, found := j.judge(c, today)
				d, r := Decide(w.state, c, today)
				switch {
				case r != nil && r.Code == CodeAmountTooLarge && r.Figures["use"] != "":
					// The bound of the fund's sums is the business of another test.
				case r != nil && !slices.Contains(broken, r.Code):
					rt.Fatalf("%s was refused with %v %v, and breaks %v: %+v", c.Name(), r.Code, r.Figures, broken, c)
				case r == nil && len(broken) > 0:
					rt.Fatalf("%s was accepted, and breaks %v: %+v", c.Name(), broken, c)
				case r == nil:
					if said := codesOf(d.Events[0]); !slices.Equal(said, found) {
						rt.Fatalf("%s was recorded with %v, and breaks %v: %+v", c.Name(), said, found, c)
					}
					if said, splits := splitTold(d.Events), j.split(c); !slices.Equal(said, splits) {
						rt.Fatalf("%s was split into %q, and is %q: %+v", c.Name(), said, splits, c)
					}
					split += len(d.Events) - 1
					w.apply(c, d)
					accepted++
					done[c.Name()]++
				}
				if r != nil {
					by[r.Code]++
				}
				decided++
			}
			j.take(w.history)
			if len(j.wrong) > 0 {
				rt.Fatal(j.wrong[0])
			}
			w.totalsEqualTheRecount()
			histories++
		})
		if t.Failed() {
			return
		}
	}
	t.Logf("%d histories, %d decisions, %d accepted, %d events beside the first, no disagreement, %s", histories, decided, accepted, split, time.Since(began).Round(time.Second))
	t.Log("accepted: " + inOrder(done))
	t.Log("refused: " + inOrder(by))
}

func inOrder(of map[string]int) string {
	var list []string
	for _, name := range slices.Sorted(maps.Keys(of)) {
		list = append(list, fmt.Sprintf("%s %d", name, of[name]))
	}
	return strings.Join(list, ", ")
}

// codesOf are the findings that an event carries, in the order of their names.
func codesOf(e Event) []string {
	var list []Finding
	switch e := e.(type) {
	case *ApplicationApproved:
		list = e.Findings
	case *ApprovalSupplemented:
		list = e.Findings
	case *ApplicationAmended:
		list = e.Findings
	case *ApplicationMoved:
		list = e.Findings
	case *AppropriationSet:
		list = e.Findings
	case *PaymentPlanned:
		list = e.Findings
	case *PayoutMade:
		list = e.Findings
	case *PayoutBooked:
		list = e.Findings
	case *RecoveryBooked:
		list = e.Findings
	case *RecoveryReceived:
		list = e.Findings
	case *RecoveryReversed:
		list = e.Findings
	case *ReturnReversed:
		list = e.Findings
	case *PayoutReturned:
		list = e.Findings
	case *BookingReversed:
		list = e.Findings
	case *EnterpriseCorrected:
		list = e.Findings
	case *AdmissionRevoked:
		list = e.Findings
	}
	return codeSet(func(note func(bool, string)) {
		for _, f := range list {
			note(true, f.Code)
		}
	})
}

func codeSet(fill func(note func(bool, string))) []string {
	set := map[string]bool{}
	fill(func(broken bool, code string) {
		if broken {
			set[code] = true
		}
	})
	return slices.Sorted(maps.Keys(set))
}

// judge says which rules a command breaks: those that refuse it, and those that are noted with a fact.
func (j *judge) judge(c Command, today Date) (broken, found []string) {
	found = []string{}
	broken = codeSet(func(no func(bool, string)) {
		found = codeSet(func(note func(bool, string)) { j.judgeAll(c, today, no, note) })
	})
	return broken, found
}

func (j *judge) judgeAll(c Command, today Date, no, note func(bool, string)) {
	h := c.Given()
	v := verbsByName[c.Name()]
	no(h.Date.After(today), CodeDateInFuture)
	switch c.(type) {
	case *BookPayout, *BookRecovery: // facts
	case *RegisterEnterprise, *RenameEnterprise, *CorrectEnterprise, *RestrictCredit, *RestoreCredit, *AdmitBeneficiary, *RevokeAdmission,
		*RecordPayeeAccount, *SetAppropriation, *LinkEnterprises, *EndLink, *MergeEnterprises, *VoidMerger, *RegisterProject, *SameProject, *AmendClause, *AmendPolicy: // what prepares a term
	default:
		no(h.Date.Before(j.policies[0].Term.From), CodeDateBeforePolicy)
	}
	no(Key(string(h.Actor.For)) == Key(string(h.Actor.ID)), CodeFieldInvalid)
	no(!slices.Contains(v.Roles, h.Actor.Role), CodeRoleNotAllowed)
	switch v.Office {
	case TreasuryOffice:
		no(h.Actor.Department != "finance", CodeDepartmentNotAllowed)
	case AuthorityOffice:
		no(h.Actor.Department != "government", CodeDepartmentNotAllowed)
	}
	j.inBudgetYear(c, no, note)
	switch c := c.(type) {
	case *SubmitApplication:
		j.submit(c, no)
	case *ApproveApplication:
		j.approval(c, today, no, note)
	case *SupplementApproval:
		j.supplement(c, today, no, note)
	case *MoveApplication:
		j.move(c, today, no, note)
	case *MakePayout:
		j.payment(c, today, false, no, note)
	case *BookPayout:
		j.booking(c, today, no, note)
	case *ReturnPayout:
		j.undo(c.Payout, c.Amount, h.Date, no, func(p *judgedPayout) (decimal.Decimal, Date) {
			return decimal.Min(j.claimable(c.Payout), p.amount.Sub(p.returned).Sub(p.kept)), latest(p.on, p.und)
		}, CodeReturnExceeded)
	case *ReverseReturn:
		j.undo(c.Payout, c.Amount, h.Date, no, func(p *judgedPayout) (decimal.Decimal, Date) {
			return p.returned.Sub(p.givenOut), latest(p.on, p.returnedOn)
		}, CodeReturnExceeded)
		j.returnUndone(c, today, note)
	case *ReverseBooking:
		j.bookingUndone(c, no)
	case *OrderClawback:
		no(j.orders[c.Clawback] != nil, CodeClawbackExists)
		no(c.Cause != CauseError && c.Cause != CauseBreach, CodeFieldInvalid)
		no(!c.DueOn.IsZero() && c.DueOn.Before(h.Date), CodeDateOrder)
		j.undo(c.Payout, c.Amount, h.Date, no, func(p *judgedPayout) (decimal.Decimal, Date) { return j.claimable(c.Payout), p.on }, CodeClawbackExceeded)
	case *ScheduleRecovery:
		j.schedule(c, no)
	case *OffsetRecovery:
		j.offset(c, today, no)
	case *WriteOff:
		amount(c.Amount, no)
		no(c.Reason == "", CodeFieldMissing)
		no(c.Document == "", CodeDocumentRequired)
		o := j.orders[c.Clawback]
		no(o == nil, CodeClawbackUnknown)
		if o != nil {
			no(o.by.share(handsOf(h.Actor)), CodeFourEyes)
			no(h.Date.Before(o.on), CodeDateOrder)
			no(dec(c.Amount).GreaterThan(o.left()), CodeWriteOffExceeded)
		}
	case *WaiveClawback:
		amount(c.Amount, no)
		o := j.orders[c.Clawback]
		no(o == nil, CodeClawbackUnknown)
		if o != nil {
			no(o.by.share(handsOf(h.Actor)), CodeFourEyes)
			no(h.Date.Before(o.on), CodeDateOrder)
			no(dec(c.Amount).GreaterThan(o.left()), CodeWaiverExceeded)
		}
	case *ReceiveRecovery:
		j.receive(c, today, no, note)
	case *BookRecovery:
		j.bookRecovery(c, today, no, note)
	case *ReverseRecovery:
		j.bounce(c, today, no, note)
	case *GrantException:
		j.grant(c, today, no)
	case *RevokeException:
		j.revocation(c, today, no)
	case *ReduceApproval:
		j.smaller(c.Application, c.SupportYear, c.Amount, h, no)
	case *ReleaseApproval:
		j.smaller(c.Application, c.SupportYear, c.Amount, h, no)
	default:
		j.steps(c, h, today, no, note)
	}
}

func amount(m Money, no func(bool, string)) {
	no(m.fen < 0, CodeAmountNegative)
	no(m.fen == 0, CodeAmountZero)
	no(m.fen > 99_999_999_999_999, CodeAmountTooLarge)
}

func (j *judge) list(list []Instalment, c ClauseID, on Date, no func(bool, string)) {
	years := map[SupportYear]bool{}
	for _, i := range list {
		no(years[i.SupportYear], CodeDuplicateYear)
		years[i.SupportYear] = true
		no(j.outsideTerm(c, i.SupportYear, on), CodeYearOutsideTerm)
		amount(i.Amount, no)
	}
}
