// Package rivals has contests of clients for what there is not enough of, and the models of what one decider that did one thing after another
// could have told them: for the tests of one ledger, of several on one log, and of the whole program while it is killed.
package rivals

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/anishathalye/porcupine"
)

// Applications share what there is: so many units.
const (
	Applications = 14
	Cap          = 10
)

// What a client is told.
const (
	Booked  = "booked"
	Refused = "refused"
)

// Op is one command of a contest.
type Op struct {
	Verb        string
	Application int
	Units       int
}

// Contest is what clients compete in.
type Contest struct {
	verbs []string
	// step is what a command makes of the account, where it is allowed.
	step func(a account, op Op) (account, bool)
}

// The contests.
var (
	// OneCap is for a cap: approve, reduce, release.
	OneCap = Contest{[]string{"approve", "approve", "reduce", "release"}, account.granted}

	// Budget is for a budget that refuses what is beyond it, and is itself set anew, by "set budget" to [Op.Sets] units.
	Budget = Contest{[]string{"approve", "approve", "approve", "reduce", "release", "set budget", "set budget"}, account.budgeted}

	// Succession is for a cap that carries the use of an earlier one: applications of even numbers are under the earlier clause, whose own
	// cap is [EarlierCap]. Only they are reduced, by "reduce earlier": of two neighbours the earlier one.
	Succession = Contest{[]string{"approve", "approve", "approve", "reduce earlier"}, account.grantedCarried}

	// Merger is for two caps that become one by "merge": applications of even numbers are under the one, the others under the other.
	Merger = Contest{[]string{"approve", "approve", "approve", "approve", "approve", "reduce", "reduce", "merge"}, account.grantedApart}

	// Closing is of a budget year with so many units: pay, close, reopen, and carry over what is left.
	Closing = Contest{[]string{"pay", "pay", "pay", "close", "reopen", "carry"}, account.inYear}
)

// EarlierCap is what the earlier clause of a [Succession] has.
const EarlierCap = 8

// AnyOp is a command by chance.
func (c Contest) AnyOp() Op {
	return Op{c.verbs[rand.IntN(len(c.verbs))], rand.IntN(Applications), 1 + rand.IntN(6)}
}

// Earlier reports whether an application of a [Succession] is under the earlier clause, or one of a [Merger] under the first cap.
func (o Op) Earlier() bool { return o.Application%2 == 0 }

// Sets is how many units a "set budget" of a [Budget] leaves.
func (o Op) Sets() int { return 2 * o.Units }

// Told is a command with what its client was told, and when it called and was answered, on one clock.
type Told struct {
	Client       int
	Op           Op
	Said         string
	Call, Return time.Duration
}

// account is how a contest stands: what is approved of each application (-1: not approved) and in all, of it under the earlier clause; what of a
// year's budget is paid and carried over, and whether the year is closed, or what is apart is merged; and by how much a budget that is set anew is less than [Cap].
type account struct {
	used, earlier, carried, less int
	closed                       bool
	of                           [Applications]int
}

func (a account) granted(op Op) (account, bool) {
	was := a.of[op.Application]
	if op.Verb == "approve" {
		a.of[op.Application], a.used = op.Units, a.used+op.Units
		return a, was < 0 && a.used <= Cap-a.less
	}
	a.of[op.Application], a.used = was-op.Units, a.used-op.Units
	return a, was >= op.Units
}

// budgeted: a budget is never set below what is approved of it.
func (a account) budgeted(op Op) (account, bool) {
	if op.Verb != "set budget" {
		return a.granted(op)
	}
	a.less = Cap - op.Sets()
	return a, a.used <= op.Sets()
}

// grantedCarried: an approval under the earlier clause is held against the later cap where that has a use of its own.
func (a account) grantedCarried(op Op) (account, bool) {
	if op.Verb == "reduce earlier" {
		op.Application -= op.Application % 2
	}
	later := a.used - a.earlier
	next, allowed := a.granted(op)
	if op.Earlier() {
		next.earlier += next.used - a.used
		was := a.of[op.Application]
		if op.Verb == "approve" {
			allowed = was < 0 && next.earlier <= EarlierCap && (later == 0 || next.used <= Cap)
		}
	}
	return next, allowed
}

// grantedApart: each of two has a cap of its own, until they are one.
func (a account) grantedApart(op Op) (account, bool) {
	if op.Verb == "merge" {
		merged := a.closed
		a.closed = true
		return a, !merged
	}
	next, allowed := a.granted(op)
	if op.Earlier() {
		next.earlier += next.used - a.used
	}
	if op.Verb == "approve" {
		own := next.used - next.earlier
		if op.Earlier() {
			own = next.earlier
		}
		if a.closed {
			own = next.used
		}
		allowed = a.of[op.Application] < 0 && own <= Cap
	}
	return next, allowed
}

func (a account) inYear(op Op) (account, bool) {
	open := !a.closed
	switch op.Verb {
	case "pay":
		a.used += op.Units
		return a, open && a.used+a.carried <= Cap
	case "carry":
		a.carried += op.Units
		return a, !open && a.used+a.carried <= Cap
	case "close":
		a.closed = true
		return a, open
	}
	a.closed = false
	return a, !open
}

func (c Contest) model() porcupine.Model {
	return porcupine.Model{
		Init: func() any {
			var a account
			for i := range a.of {
				a.of[i] = -1
			}
			return a
		},
		Step: func(state, input, output any) (bool, any) {
			next, allowed := c.step(state.(account), input.(Op))
			if !allowed {
				return output == Refused, state
			}
			return output == Booked, next
		},
		DescribeOperation: func(input, output any) string { return fmt.Sprint(input, " ", output) },
	}
}

// Check says why a contest's answers could not have come from one decider, or that nobody raced in it.
func (c Contest) Check(history []Told, patience time.Duration) error {
	operations := make([]porcupine.Operation, len(history))
	booked := 0
	for i, h := range history {
		operations[i] = porcupine.Operation{ClientId: h.Client, Input: h.Op, Output: h.Said, Call: int64(h.Call), Return: int64(h.Return)}
		if h.Said == Booked {
			booked++
		}
	}
	if result := porcupine.CheckOperationsTimeout(c.model(), operations, patience); result != porcupine.Ok {
		return fmt.Errorf("the answers are not linearizable (%s): %+v", result, history)
	}
	if booked == 0 || booked == len(history) {
		return fmt.Errorf("%d of %d commands were booked: nobody raced", booked, len(history))
	}
	return nil
}
