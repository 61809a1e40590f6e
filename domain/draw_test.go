package domain

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"pgregory.net/rapid"
)

// What follows draws commands: most of them sensible, so that histories go deep, the rest anything.

func pick[T any](w *world, of ...T) T { return of[rapid.IntRange(0, len(of)-1).Draw(w.rt, "pick")] }

func (w *world) oneIn(n int) bool { return rapid.IntRange(1, n).Draw(w.rt, "one in") == n }

func (w *world) id(prefix string, n int) string {
	if w.plain && strings.Contains("MBRCX", prefix) && !w.oneIn(12) { // mostly a new one
		w.ids++
		return fmt.Sprintf("%s%d", prefix, 100+w.ids)
	}
	return fmt.Sprintf("%s%d", prefix, rapid.IntRange(1, n).Draw(w.rt, prefix))
}

func (w *world) amount() Money {
	if w.oneIn(25) {
		return pick(w, Fen(0), Fen(-1), Fen(maxFen), Fen(maxFen+1))
	}
	return pick(w, Fen(1), Fen(99), Yuan(400_000), Yuan(1_000_000), Yuan(2_500_000), Yuan(5_000_000), Yuan(20_000_000), Yuan(30_000_000),
		Yuan(60_000_000), Yuan(100_000_000))
}

func (w *world) year() SupportYear {
	if w.oneIn(20) {
		return pick(w, SupportYear(0), 2023, 2027, 65535)
	}
	return pick(w, SupportYear(2025), 2025, 2026)
}

func (w *world) date() Date {
	return pick(w, day("2025-01-10"), day("2025-03-01"), day("2025-07-01"), day("2026-02-01"))
}

func (w *world) clause() ClauseID {
	if w.oneIn(25) {
		return pick(w, ClauseID("9"), "", "1.3b")
	}
	c := pick(w, ClauseID("1.1a"), "1.1a", "1.2a", "1.2b", "1.1b", "1.3a", "2.4.3", "6", "6", "3")
	if w.two && (w.day.After(day("2025-06-30")) != w.oneIn(6)) {
		return "n" + c
	}
	return c
}

func (w *world) instalments() []Instalment {
	list := []Instalment{{w.year(), w.amount()}}
	for w.oneIn(3) {
		list = append(list, Instalment{w.year(), w.amount()})
	}
	return list
}

// command draws a command and who gives it, when.
func (w *world) command() Command {
	if w.oneIn(15) && (!w.plain || w.oneIn(3)) { // days pass, and seldom past the term
		w.day = latest(w.day, pick(w, w.date(), w.date(), w.date(), day("2026-05-01"), day("2027-03-01")))
	}
	c := w.planned()
	if c == nil {
		c = w.any()
	}
	h := reflect.ValueOf(c).Elem().FieldByName("Head").Addr().Interface().(*Head)
	w.head(c)
	switch {
	case w.oneIn(20):
		h.Actor = person(pick(w, Roles...), pick(w, DepartmentID("commerce"), "finance", "government", "reform", ""))
	case w.oneIn(4):
		h.Actor.ID = pick(w, PersonID("甲"), "乙", "Li", "ｌｉ")
	}
	if w.oneIn(5) { // a deputy: of somebody who may have done something themselves, and seldom of themselves
		h.Actor.For = pick(w, "甲", "乙", "LI", "丙", person(pick(w, Roles...), h.Actor.Department).ID)
	}
	if w.oneIn(8) {
		h.Date = w.date()
	}
	return c
}

func (w *world) any() Command {
	switch {
	case w.oneIn(10):
		return w.appropriation()
	case w.oneIn(30):
		return w.amendment()
	case w.oneIn(20):
		return w.linkage()
	}
	switch rapid.IntRange(0, 9).Draw(w.rt, "kind") {
	case 0, 1, 2, 3, 4:
		return w.onward()
	case 5, 6:
		return w.moneyBack()
	case 7:
		return w.booking()
	case 8:
		return w.government()
	}
	return w.anyStep()
}

// onward is what an application waits for.
func (w *world) onward() Command {
	id := ApplicationID(w.id("A", 8))
	a, ok := w.state.applications.find(id)
	switch {
	case ok && a.state == Approved && w.oneIn(3):
		return w.life(id, a)
	case !ok || a.state == Returned || a.state == Voided:
		c := submit(id, code(rapid.IntRange(1, 3).Draw(w.rt, "firm")), w.clause(), pick(w, "P1", "P2", ""), w.instalments()...)
		if c.Clause == "1.3a" {
			c.RefersTo = pick(w, ClauseID("1.1a"), "1.2b", "6")
		}
		if c.Clause == "n1.3a" {
			c.RefersTo = pick(w, ClauseID("n1.1a"), "n1.2b", "1.1a")
		}
		if a.state == Voided || w.oneIn(12) {
			c.Replaces = pick(w, id, id, ApplicationID(w.id("A", 8)), "")
		}
		return c
	case w.two && a.state != Approved && w.day.After(day("2025-06-30")) && a.charge.Clause[0] != 'n' && w.oneIn(2):
		return w.movedOn(id, a)
	case a.state == Submitted && w.state.reviewedBy(a).Acceptance:
		return accept(id)
	case a.state == Approved && w.oneIn(3):
		return w.plan(id, pick(w, a.schedule...))
	case a.state == Approved:
		part := pick(w, a.schedule...)
		return &MakePayout{Payout: PayoutID(w.id("M", 20)), Application: id, SupportYear: part.year,
			Amount: pick(w, w.amount(), part.amount.Sub(part.paid), part.amount.Sub(part.paid).Add(Fen(1)), Fen(part.amount.fen/2))}
	case counted(a.reviews, w.state.reviewedBy(a)) < w.state.reviewedBy(a).Reviews:
		return &RecordReview{Application: id, Opinion: pick(w, Support, Support, Oppose, Abstain, "shrug")}
	}
	c := &ApproveApplication{Application: id, Instalments: slices.Clone(a.filed)}
	if w.oneIn(5) {
		c.Instalments = w.instalments()
	}
	c.Fact, c.Period, c.Rate, c.Computed = w.rate()
	return c
}

// rate is by what an amount is reckoned: mostly by nothing.
func (w *world) rate() (fact FactID, period string, rate Rate, computed Money) {
	if !w.oneIn(4) {
		return "", "", "", NoMoney
	}
	return pick(w, FactID("turnover"), "turnover", "turnover", "turnover", "profit", ""), pick(w, "2024", "2024", "2024", "2024", "2023", ""),
		pick(w, Rate("1.5"), "1.5", "50", "1000", "0", ""), pick(w, NoMoney, NoMoney, NoMoney, money("500000.00"), money("30000000.00"))
}

// movedOn takes an application to the clause that continues its own.
func (w *world) movedOn(id ApplicationID, a application) Command {
	move := transfer(id, "n"+a.charge.Applied())
	if a.charge.Via != "" {
		move.RefersTo = "n" + a.charge.Clause
	}
	return by(move, person(Clerk, w.state.clauses.get(move.Clause).clause.Departments[0]))
}

// life is what may become of an application besides: it is amended, moved, voided, or more is approved on it.
func (w *world) life(id ApplicationID, a application) Command {
	rest, actor := a.requested.Sub(a.standing()), Actor{}
	if a.state == Approved {
		clause := w.state.clauses.get(a.charge.Applied()).clause
		actor = person(Approver, pick(w, clause.Departments...))
	}
	switch rapid.IntRange(0, 9).Draw(w.rt, "life") {
	case 0, 1:
		return by(&AmendApplication{Application: id, Requested: pick(w, w.instalments(), a.with([]Instalment{{2025, w.amount()}}), a.with(nil)), Reason: "r",
			Document: pick(w, "d", "d", "d", "")}, actor)
	case 2:
		return by(&AmendApplication{Application: id, Title: pick(w, "t", ""), Project: pick(w, "P1", "P2", "P3", ""), Reason: "r", Document: "d"}, actor)
	case 3, 4:
		return &RecordReview{Application: id, Opinion: pick(w, Support, Support, Oppose)}
	case 5, 6:
		c := &SupplementApproval{Head: Head{Actor: actor}, Application: id, Instalments: pick(w, []Instalment{{w.year(), Greater(rest, Fen(1))}}, []Instalment{{2025, Fen(max(1, rest.fen/2))}}, w.instalments()), Reason: "r"}
		c.Fact, c.Period, c.Rate, c.Computed = w.rate()
		return c
	case 7, 8:
		return &MoveApplication{Application: id, Enterprise: code(rapid.IntRange(1, 4).Draw(w.rt, "firm")), Document: pick(w, "d", "d", "d", "")}
	}
	return &VoidApplication{Application: id, Reason: "r", Document: pick(w, "d", "d", "d", "")}
}

func (w *world) payout() PayoutID {
	if ids := sorted(w.state.payouts.rows); len(ids) > 0 && !w.oneIn(15) {
		return pick(w, ids...)
	}
	return "none"
}

func (w *world) moneyBack() Command {
	p := w.payout()
	left := w.state.payouts.get(p).reclaimable()
	amount := pick(w, w.amount(), left, Fen((left.fen+1)/2), Fen((left.fen+1)/2))
	cause := pick(w, CauseError, CauseError, CauseBreach, "whim")
	clawback, recovery := ClawbackID(w.id("C", 9)), RecoveryID(w.id("R", 9))
	received := pick(w, Date{}, Date{}, w.date())
	if ids := sorted(w.state.clawbacks.rows); len(ids) > 0 && w.oneIn(2) {
		clawback = pick(w, ids...)
	}
	switch rapid.IntRange(0, 8).Draw(w.rt, "back") {
	case 8:
		return w.repayments(clawback)
	case 0:
		return &ReturnPayout{Payout: p, Amount: amount}
	case 7:
		returned := w.state.payouts.get(p).returned
		return pick[Command](w, &ReturnPayout{Payout: p, Amount: amount}, &ReverseReturn{Payout: p, Amount: pick(w, amount, returned, Fen((returned.fen+1)/2)), Reason: "r"},
			&ReverseBooking{Payout: p, Reason: "r", Document: "d"})
	case 1, 2:
		return &OrderClawback{Clawback: clawback, Payout: p, Amount: amount, Cause: cause, DueOn: pick(w, Date{}, Date{}, w.date())}
	case 3:
		if w.oneIn(3) {
			return &WriteOff{Clawback: clawback, Amount: pick(w, amount, w.state.clawbacks.get(clawback).outstanding(), Fen(1)), Reason: pick(w, "r", "r", ""), Document: pick(w, "d", "d", "")}
		}
		return &WaiveClawback{Clawback: clawback, Amount: pick(w, amount, w.state.clawbacks.get(clawback).outstanding()), Document: "d"}
	case 4, 5:
		return &ReceiveRecovery{Recovery: recovery, Clawback: clawback, Amount: pick(w, amount, w.state.clawbacks.get(clawback).outstanding()),
			Interest: pick(w, NoMoney, Fen(7)), ReceivedOn: received}
	}
	if ids := sorted(w.state.recoveries.rows); len(ids) > 0 && !w.oneIn(8) {
		recovery = pick(w, ids...)
	}
	return reverse(recovery)
}

// repayments is a schedule of what is outstanding of a clawback: mostly one that adds up.
func (w *world) repayments(id ClawbackID) Command {
	left := w.state.clawbacks.get(id).outstanding()
	first := Fen(max(1, left.fen/3))
	return &ScheduleRecovery{Clawback: id, Instalments: pick(w, []Repayment{{w.date(), left}}, []Repayment{{w.date(), first}, {w.date(), left.Sub(first)}},
		[]Repayment{{w.day, first}, {day("2026-09-01"), left.Sub(first)}}, []Repayment{{day("2026-03-01"), left}}, []Repayment{{w.date(), w.amount()}})}
}

func (w *world) booking() Command {
	p := PayoutID(w.id("B", 12))
	firm, clause, project := code(rapid.IntRange(1, 4).Draw(w.rt, "firm")), w.clause(), pick(w, "P1", "P3", "")
	switch rapid.IntRange(0, 4).Draw(w.rt, "booking") {
	case 0, 1:
		return &BookPayout{Payout: p, Application: ApplicationID(w.id("A", 8)), SupportYear: w.year(), Amount: w.amount(), PaidOn: w.date()}
	case 2:
		return &BookPayout{Payout: p, Enterprise: firm, Clause: clause, Project: project, SupportYear: w.year(), Amount: w.amount()}
	case 3:
		return &BookRecovery{Recovery: RecoveryID(w.id("R", 9)), Payout: w.payout(), Amount: w.amount(), Cause: CauseError, ReceivedOn: pick(w, Date{}, w.date())}
	}
	return &BookRecovery{Recovery: RecoveryID(w.id("R", 9)), Enterprise: firm, Clause: clause, Project: project, SupportYear: w.year(),
		Amount: w.amount(), Cause: pick(w, CauseError, CauseBreach)}
}

func (w *world) government() Command {
	x := ExceptionID(w.id("X", 5))
	firm := code(rapid.IntRange(1, 3).Draw(w.rt, "firm"))
	switch rapid.IntRange(0, 9).Draw(w.rt, "government") {
	case 0, 1:
		return &GrantException{Exception: x, Clause: w.clause(), Subject: pick(w, string(firm), "P1", "P2"), SupportYear: w.year(),
			Amount: w.amount(), Document: pick(w, "d", "d", "")}
	case 2:
		if ids := sorted(w.state.exceptions.rows); len(ids) > 0 && !w.oneIn(8) {
			x = pick(w, ids...)
		}
		return &RevokeException{Exception: x, Amount: pick(w, w.amount(), w.state.exceptions.get(x).left), Document: "d"}
	case 3:
		return &AmendClause{Clause: w.clause(), Cap: NewCap{Ceiling{w.amount(), !w.oneIn(6)}, true}, EffectiveOn: w.date(), Retroactive: w.oneIn(2), Document: "d"}
	case 4:
		return &AdmitBeneficiary{Enterprise: firm, Document: "d"}
	case 5:
		return &RestrictCredit{Enterprise: firm, Reason: "r"}
	case 6:
		return &RestoreCredit{Enterprise: firm, Reason: "r"}
	case 7:
		return &CorrectEnterprise{Enterprise: firm, Industry: pick(w, IndustryID("ai"), "smart-internet", "other-services"), Reason: "r"}
	case 8:
		return &RevokeAdmission{Enterprise: firm, Document: "d"}
	}
	if w.oneIn(2) {
		return w.closing()
	}
	return w.amendment()
}

func (w *world) anyStep() Command {
	id := ApplicationID(w.id("A", 8))
	switch rapid.IntRange(0, 10).Draw(w.rt, "step") {
	case 9, 10:
		return w.life(id, w.state.applications.get(id))
	case 0:
		return &ReturnApplication{Application: id}
	case 1:
		return &WithdrawApplication{Application: id}
	case 2:
		return &SuspendApplication{Application: id}
	case 3, 4:
		return &ResumeApplication{Application: id}
	case 5:
		return &ReduceApproval{Application: id, SupportYear: w.year(), Amount: w.cut(id)}
	case 6:
		return &ReleaseApproval{Application: id, SupportYear: w.year(), Amount: w.cut(id)}
	case 7:
		return pick[Command](w, &RejectApplication{Application: id}, w.plan(id, instalment{year: w.year()}))
	}
	if w.plain {
		move := transfer(id, w.clause())
		if move.Clause == "n1.3a" {
			move.RefersTo = pick(w, ClauseID("n1.1a"), "n1.2b", "")
		}
		return pick[Command](w, w.onward(), move)
	}
	return w.anything()
}

// cut is an amount to take from what is approved: often so much that it reaches into what is planned.
func (w *world) cut(id ApplicationID) Money {
	schedule := w.state.applications.get(id).schedule
	if len(schedule) == 0 {
		return w.amount()
	}
	part := pick(w, schedule...)
	return pick(w, w.amount(), Fen(1), part.unplanned().Add(Fen(1)), Fen(part.unpaid().fen-1), Fen(part.unpaid().fen/2))
}

// anything is a command of any kind, its fields filled with whatever comes.
func (w *world) anything() Command {
	c := pick(w, Verbs...).New()
	w.scramble(reflect.ValueOf(c).Elem(), 3)
	return c
}

func (w *world) scramble(v reflect.Value, depth int) {
	switch {
	case v.Type() == reflect.TypeFor[Head]():
		return // completed as for any command
	case v.Type() == reflect.TypeFor[Money]():
		v.Set(reflect.ValueOf(w.amount()))
	case v.Type() == reflect.TypeFor[Date]():
		v.Set(reflect.ValueOf(w.date()))
	case v.Kind() == reflect.String:
		v.SetString(pick(w, "", "A1", "X1", "6", "commerce", "\x00", "\xff", "啊", string(code(1)), "110105194912310021", " a ", "\u202e"))
	case v.CanInt():
		v.SetInt(int64(rapid.IntRange(-3, 3000).Draw(w.rt, "int")))
	case v.CanUint():
		v.SetUint(uint64(rapid.Uint16().Draw(w.rt, "uint")))
	case v.Kind() == reflect.Bool:
		v.SetBool(rapid.Bool().Draw(w.rt, "bool"))
	case v.Kind() == reflect.Slice && depth > 0:
		v.Set(reflect.MakeSlice(v.Type(), rapid.IntRange(0, 2).Draw(w.rt, "len"), 2))
		for i := range v.Len() {
			w.scramble(v.Index(i), depth-1)
		}
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			if v.Field(i).CanSet() {
				w.scramble(v.Field(i), depth-1)
			}
		}
	}
}
