// Package rivals is a contest of clients for one cap, and the model of what one decider that did one thing after another could
// have told them: for the tests of one ledger, of several on one log, and of the whole program while it is killed.
package rivals

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/anishathalye/porcupine"
)

// Applications share one account, whose cap is so many units.
const (
	Applications = 14
	Cap          = 10
)

// What a client is told.
const (
	Booked  = "booked"
	Refused = "refused"
)

// Op is one command on the account.
type Op struct {
	Verb        string // approve, reduce or release
	Application int
	Units       int
}

// AnyOp is one by chance.
func AnyOp() Op {
	return Op{[]string{"approve", "approve", "reduce", "release"}[rand.IntN(4)], rand.IntN(Applications), 1 + rand.IntN(6)}
}

// Told is a command with what its client was told, and when it called and was answered, on one clock.
type Told struct {
	Client       int
	Op           Op
	Said         string
	Call, Return time.Duration
}

// account is what is approved of each application (-1: not approved), and in all.
type account struct {
	used int
	of   [Applications]int
}

var model = porcupine.Model{
	Init: func() any {
		var a account
		for i := range a.of {
			a.of[i] = -1
		}
		return a
	},
	Step: func(state, input, output any) (bool, any) {
		a, op := state.(account), input.(Op)
		was := a.of[op.Application]
		allowed := was >= op.Units
		if op.Verb == "approve" {
			allowed = was < 0 && a.used+op.Units <= Cap
		}
		if !allowed {
			return output == Refused, a
		}
		change := -op.Units
		if op.Verb == "approve" {
			was, change = 0, op.Units
		}
		a.of[op.Application], a.used = was+change, a.used+change
		return output == Booked, a
	},
	DescribeOperation: func(input, output any) string { return fmt.Sprint(input, " ", output) },
}

// Check says why a contest's answers could not have come from one decider, or that nobody raced in it.
func Check(history []Told, patience time.Duration) error {
	operations := make([]porcupine.Operation, len(history))
	booked := 0
	for i, h := range history {
		operations[i] = porcupine.Operation{ClientId: h.Client, Input: h.Op, Output: h.Said, Call: int64(h.Call), Return: int64(h.Return)}
		if h.Said == Booked {
			booked++
		}
	}
	if result := porcupine.CheckOperationsTimeout(model, operations, patience); result != porcupine.Ok {
		return fmt.Errorf("the answers are not linearizable (%s): %+v", result, history)
	}
	if booked == 0 || booked == len(history) {
		return fmt.Errorf("%d of %d commands were booked: nobody raced", booked, len(history))
	}
	return nil
}
