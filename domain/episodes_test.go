package domain

import "fmt"

// Some rules are met by several commands in a row only: an exception that an approval relies on, a cheque that bounces after its headroom
// was granted anew, a return that makes recoveries give way. An episode plans such a row; other commands come in between.

// planned is the next command of an episode, sometimes; nil where there is none.
func (w *world) planned() Command {
	if !w.plain {
		return nil
	}
	if len(w.next) == 0 && w.oneIn(25) {
		w.next = pick(w, w.reliedOn, w.bounced, w.gaveWay, w.datedBack, w.keptBack, w.keptBack)()
	}
	if len(w.next) == 0 || w.oneIn(4) {
		return nil
	}
	c := w.next[0]()
	w.next = w.next[1:]
	return c
}

func (w *world) fresh(prefix string) string {
	w.ids++
	return fmt.Sprintf("%s%d", prefix, 1000+w.ids)
}

// room is what an account has left, as the state has it.
func (w *world) room(c ClauseID, project string, y SupportYear) Money {
	view, _ := w.state.Account(Account{c, Subject{SubjectProject, project}}, y, w.day)
	return view.Cap.Amount.Add(view.Exceptions).Sub(view.Use).OrNone()
}

func say(c Command) func() Command { return func() Command { return c } }

// granted are the commands that take an application for an amount all the way.
func (w *world) granted(id ApplicationID, c ClauseID, project string, y SupportYear, amount func() Money) []func() Command {
	asked := Instalment{y, NoMoney}
	return []func() Command{func() Command {
		asked.Amount = amount()
		return submit(id, code(1), c, project, asked)
	}, say(accept(id)), func() Command { return &RecordReview{Application: id, Opinion: Support} },
		func() Command { return &ApproveApplication{Application: id, Instalments: []Instalment{asked}} }}
}

// reliedOn grants an exception, uses it, lowers or raises the cap, and revokes it by little and by much.
func (w *world) reliedOn() []func() Command {
	x, id, p := ExceptionID(w.fresh("X")), ApplicationID(w.fresh("A")), w.fresh("E")
	amend := &AmendClause{Clause: "1.2a", Cap: NewCap{Stated(pick(w, Yuan(80_000_000), Yuan(100_000_000), Yuan(120_000_000))), true}, EffectiveOn: w.date(),
		Retroactive: w.oneIn(3), Document: "d"}
	list := append([]func() Command{say(amend), say(except(x, "1.2a", p, 2025, "20000000.00"))},
		w.granted(id, "1.2a", p, 2025, func() Money { return w.room("1.2a", p, 2025).Sub(pick(w, NoMoney, Yuan(5_000_000))).OrNone() })...)
	other := ApplicationID(w.fresh("A"))
	list = append(list, say(&AmendClause{Clause: "1.2a", Cap: NewCap{Stated(Yuan(90_000_000)), true}, EffectiveOn: w.date(), Document: "d"}))
	list = append(list, w.granted(other, "1.2a", p, 2025, func() Money { return Greater(Fen(1), w.room("1.2a", p, 2025)) })...)
	return append(list, say(&RevokeException{Exception: x, Amount: Fen(1), Document: "d"}), say(&RevokeException{Exception: x, Amount: Yuan(5_000_000), Document: "d"}),
		say(&RevokeException{Exception: x, Amount: Yuan(20_000_000), Document: "d"}))
}

// bounced grants anew what was recovered, under a lower cap, and lets a cheque bounce.
func (w *world) bounced() []func() Command {
	a, b, p := ApplicationID(w.fresh("A")), ApplicationID(w.fresh("A")), w.fresh("E")
	pay1, claw, r1, r2 := PayoutID(w.fresh("M")), ClawbackID(w.fresh("C")), w.fresh("R"), w.fresh("R")
	var full, quarter Money
	list := w.granted(a, "6", p, 2025, func() Money {
		full = Greater(Fen(4), w.room("6", p, 2025))
		quarter = Fen(full.fen / 4)
		return full
	})
	lower := func() Command {
		return &AmendClause{Clause: "6", Cap: NewCap{Stated(full.Sub(quarter)), true}, EffectiveOn: w.day, Document: "d"}
	}
	list = append(list, func() Command { return &MakePayout{Payout: pay1, Application: a, SupportYear: 2025, Amount: full} },
		func() Command {
			return &OrderClawback{Clawback: claw, Payout: pay1, Amount: quarter.Add(quarter), Cause: CauseError}
		},
		func() Command { return &ReceiveRecovery{Recovery: RecoveryID(r1), Clawback: claw, Amount: quarter} },
		func() Command { return &ReceiveRecovery{Recovery: RecoveryID(r2), Clawback: claw, Amount: quarter} }, lower)
	list = append(list, w.granted(b, "6", p, 2025, func() Money { return Greater(Fen(1), quarter) })...)
	list = append(list, func() Command { return reverse(RecoveryID(r1)) },
		func() Command {
			return &MakePayout{Payout: PayoutID(w.fresh("M")), Application: b, SupportYear: 2025, Amount: Fen(1)}
		},
		func() Command {
			return &ReleaseApproval{Application: b, SupportYear: 2025, Amount: Fen(quarter.fen / 2)}
		},
		func() Command {
			return &MakePayout{Payout: PayoutID(w.fresh("M")), Application: b, SupportYear: 2025, Amount: Fen(1)}
		},
		func() Command { return reverse(RecoveryID(r2)) })
	return append(list, say(&AmendClause{Clause: "6", Cap: NewCap{Stated(Yuan(5_000_000)), true}, EffectiveOn: w.date(), Retroactive: w.oneIn(2), Document: "d"}))
}

// datedBack frees headroom of an account by a cut, a return, the reversal of a booking or a recovery, undoes some of it, and decides for a day
// before that: an approval, a payout, the revocation of an exception.
func (w *world) datedBack() []func() Command {
	a, b, x, p := ApplicationID(w.fresh("A")), ApplicationID(w.fresh("A")), ExceptionID(w.fresh("X")), w.fresh("E")
	out, paid, claw := PayoutID(w.fresh("B")), PayoutID(w.fresh("M")), ClawbackID(w.fresh("C"))
	early, some := w.day, Yuan(20_000_000)
	before := func(c Command) func() Command {
		return func() Command {
			HeadOf(c).Date = pick(w, early, early, w.day)
			return c
		}
	}
	list := []func() Command{say(except(x, "1.2a", p, 2025, "20000000.00")), say(bookOn(out, b, 2025, "20000000.00"))}
	if w.oneIn(2) { // on an application that it fills later
		list = append(w.granted(b, "1.2a", p, 2025, func() Money { return some })[:3], list...)
	} else {
		list[1] = say(book(out, code(1), "1.2a", p, 2025, "20000000.00"))
	}
	list = append(list, w.granted(a, "1.2a", p, 2025, func() Money { return Greater(Fen(1), w.room("1.2a", p, 2025)) })...)
	list = append(list, say(&MakePayout{Payout: paid, Application: a, SupportYear: 2025, Amount: some}), func() Command {
		w.day = latest(w.day, pick(w, w.date(), day("2026-02-01")))
		return &OrderClawback{Clawback: claw, Payout: paid, Amount: some, Cause: CauseError}
	})
	for range 3 {
		list = append(list, say(pick[Command](w, &ReleaseApproval{Application: a, SupportYear: 2025, Amount: some}, &ReduceApproval{Application: a, SupportYear: 2025, Amount: some},
			&ReturnPayout{Payout: pick(w, out, paid), Amount: some}, &ReturnPayout{Payout: pick(w, out, paid), Amount: Yuan(5_000_000)},
			&ReverseReturn{Payout: pick(w, out, paid), Amount: Yuan(5_000_000), Reason: "r"}, &ReverseBooking{Payout: out, Reason: "r", Document: "d"}, &ReceiveRecovery{Recovery: RecoveryID(w.fresh("R")), Clawback: claw, Amount: some})))
	}
	last := w.granted(ApplicationID(w.fresh("A")), "1.2a", p, 2025, func() Money { return some })
	for i, c := range last {
		last[i] = func() Command { return before(c())() }
	}
	list = append(list, before(&ApproveApplication{Application: b, Instalments: []Instalment{{2025, some}}}),
		before(&RevokeException{Exception: x, Amount: pick(w, some, Yuan(5_000_000)), Document: "d"}))
	rest := func(c Command, amount *Money) func() Command {
		return func() Command {
			part, _ := w.state.applications.get(a).instalment(2025)
			*amount = pick(w, Fen(1), part.amount.Sub(part.paid))
			return before(c)()
		}
	}
	pay, give := &MakePayout{Payout: PayoutID(w.fresh("M")), Application: a, SupportYear: 2025}, &ReleaseApproval{Application: a, SupportYear: 2025}
	return append(append(list, last...), rest(pay, &pay.Amount), rest(give, &give.Amount))
}

// gaveWay books money outside, lets it come back by two causes without a name, and returns it, undoes the return or the booking.
func (w *world) gaveWay() []func() Command {
	b, p := PayoutID(w.fresh("B")), w.fresh("E")
	back := func(amount int64, cause Cause) func() Command {
		return say(&BookRecovery{Recovery: RecoveryID(w.fresh("R")), Enterprise: code(1), Clause: "6", Project: p, SupportYear: 2025, Amount: Yuan(amount), Cause: cause})
	}
	part := Yuan(pick(w, int64(30), 60, 100))
	list := []func() Command{say(book(b, code(1), "6", p, 2025, "100.00")), back(30, pick(w, CauseError, CauseBreach)), back(50, CauseError), back(40, CauseBreach),
		say(&ReturnPayout{Payout: b, Amount: part}), say(&ReverseReturn{Payout: b, Amount: Fen(part.fen / 2), Reason: "r"}), say(&ReverseReturn{Payout: b, Amount: Fen(part.fen / 2), Reason: "r"})}
	if w.oneIn(2) {
		list = append(list, say(&ReverseBooking{Payout: b, Reason: "r", Document: "d"}))
	}
	return append(list, say(book(PayoutID(w.fresh("B")), code(1), "6", p, 2025, "10.00")))
}

// keptBack lets an enterprise owe on two orders, pays it what it is granted besides, and undoes what was kept back or paid of it.
func (w *world) keptBack() []func() Command {
	a, b, p, q := ApplicationID(w.fresh("A")), ApplicationID(w.fresh("A")), w.fresh("E"), w.fresh("E")
	out, paid, first, second := PayoutID(w.fresh("M")), PayoutID(w.fresh("M")), ClawbackID(w.fresh("C")), ClawbackID(w.fresh("C"))
	full := Yuan(2_000_000)
	later := func(days int, c Command) func() Command {
		return func() Command {
			if w.day.Year() < 2027 { // the judge of links looks no further
				w.day = w.day.after(days)
			}
			return c
		}
	}
	list := append(w.granted(a, "1.2a", p, 2025, func() Money { return full }), w.granted(b, "1.2a", q, 2025, func() Money { return full })...)
	ordered := func(id ClawbackID, amount int64, cause Cause) func() Command {
		return func() Command {
			return &OrderClawback{Clawback: id, Payout: out, Amount: Yuan(amount), Cause: cause, DueOn: pick(w, Date{}, w.day, w.day.after(1))}
		}
	}
	list = append(list, say(&MakePayout{Payout: out, Application: a, SupportYear: 2025, Amount: full}), later(40, &RestoreCredit{Enterprise: code(1), Reason: "r"}),
		ordered(first, 700_000, pick(w, CauseError, CauseBreach)), ordered(second, 300_000, CauseError))
	if w.oneIn(2) {
		list = append(list, func() Command {
			return scheduled(first, Repayment{w.day, Yuan(100_000)}, Repayment{w.day.after(1), Yuan(250_000)}, Repayment{w.day.after(35), Yuan(350_000)})
		})
	}
	amount := pick(w, Fen(1), Yuan(150_000), Yuan(600_000), Yuan(1_000_001), Yuan(1_400_000))
	list = append(list, later(pick(w, 2, 33, 40), &MakePayout{Payout: paid, Application: b, SupportYear: 2025, Amount: amount}))
	for range 6 {
		list = append(list, func() Command {
			more := PayoutID(w.fresh("M"))
			off := &OffsetRecovery{Recovery: RecoveryID(w.fresh("R")), Clawback: pick(w, first, second), Application: pick(w, a, b, b, b), SupportYear: 2025, Amount: pick(w, Fen(3), Yuan(200_000), Yuan(300_001)),
				Interest: pick(w, NoMoney, NoMoney, Yuan(800)), Payout: pick(w, "", paid, more)}
			return pick[Command](w, off, off, &WriteOff{Clawback: pick(w, first, second), Amount: pick(w, Fen(1), Yuan(300_000)), Reason: "r", Document: "d"}, reverse(off.Recovery), reverse(RecoveryID(paid)), reverse(RecoveryID(paid+"-2")), sendBack(paid, "1.00"), undoReturn(paid, "1.00"), order(ClawbackID(w.fresh("C")), paid, "1.00", CauseError),
				&MakePayout{Payout: more, Application: b, SupportYear: 2025, Amount: pick(w, Fen(7), Yuan(200_000))}, receive(RecoveryID(w.fresh("R")), second, "100000.00"),
				&MakePayout{Payout: more, Application: b, SupportYear: 2025, Amount: Yuan(400_000)})
		})
	}
	return list
}
