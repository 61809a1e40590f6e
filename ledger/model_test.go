package ledger

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/wire"
)

// show writes down all of a state that can be asked for, the same for the same state.
func show(s *domain.State) string {
	var b strings.Builder
	if s.Policy() == nil {
		return "nothing"
	}
	for _, account := range s.Lines() {
		v, _ := s.Account(account.Account, account.SupportYear, domain.DateOf(2025, 3, 1))
		fmt.Fprintf(&b, "%v %+v\n", account, v)
	}
	for _, name := range names {
		e, _ := s.Enterprise(domain.EnterpriseID(name))
		a, _ := s.Application(domain.ApplicationID(name))
		p, _ := s.Payout(domain.PayoutID(name))
		c, _ := s.Clawback(domain.ClawbackID(name))
		fmt.Fprintf(&b, "%s %+v %+v %+v %+v\n", name, e, a, p, c)
	}
	return b.String()
}

// names are the identifiers of everything in random histories: few, so that commands meet.
var names = []string{"e", "f", "a", "b", "c"}

// sameState compares what a ledger holds with a state.
func sameState(t testing.TB, l *Ledger, want *domain.State) {
	t.Helper()
	var got string
	if err := l.View(t.Context(), func(s *domain.State, _ uint64) { got = show(s) }); err != nil {
		t.Fatal(err)
	}
	if want := show(want); got != want {
		t.Fatalf("the ledger holds\n%s\nand should hold\n%s", got, want)
	}
}

// order is a random command: often one that may be carried out, sometimes one that was given before.
func order(t *rapid.T) Order {
	pick := func(label string, list ...string) string { return rapid.SampledFrom(list).Draw(t, label) }
	id := fmt.Sprint("id-", rapid.IntRange(1, 60).Draw(t, "id"))
	yuan := int64(rapid.IntRange(1, 6).Draw(t, "amount")) * 100_000
	application, amount := domain.ApplicationID(pick("application", "a", "b", "c")), domain.Yuan(yuan)
	head := func(role domain.Role) domain.Head { return head(id, role) }
	switch pick("command", "publish", "register", "submit", "submit", "approve", "approve", "reduce", "release", "pay", "return", "claw", "restrict", "restore", "withdraw") {
	case "publish":
		return publish()
	case "register":
		return register(id, pick("enterprise", "e", "f"))
	case "submit":
		o := submit(string(application), yuan)
		c := o.Command.(*domain.SubmitApplication)
		c.ID, c.Enterprise = domain.CommandID(id), domain.EnterpriseID(pick("enterprise", "e", "e", "f"))
		return o
	case "approve":
		return approve(id, string(application), yuan)
	case "reduce":
		return Order{Command: &domain.ReduceApproval{Head: head(domain.Approver), Application: application, SupportYear: 2025, Amount: amount}}
	case "release":
		return Order{Command: &domain.ReleaseApproval{Head: head(domain.Approver), Application: application, SupportYear: 2025, Amount: amount}}
	case "pay":
		return Order{Command: &domain.MakePayout{Head: head(domain.Treasurer), Payout: domain.PayoutID(pick("payout", "a", "b", "c")), Application: application,
			SupportYear: 2025, Amount: amount}}
	case "return":
		return Order{Command: &domain.ReturnPayout{Head: head(domain.Treasurer), Payout: domain.PayoutID(pick("payout", "a", "b", "c")), Amount: amount}}
	case "claw":
		return Order{Command: &domain.OrderClawback{Head: head(domain.Treasurer), Clawback: domain.ClawbackID(pick("clawback", "a", "b", "c")),
			Payout: domain.PayoutID(pick("payout", "a", "b", "c")), Amount: amount, Cause: domain.CauseError}}
	case "restrict":
		return Order{Command: &domain.RestrictCredit{Head: head(domain.Treasurer), Enterprise: "e"}}
	case "restore":
		return Order{Command: &domain.RestoreCredit{Head: head(domain.Treasurer), Enterprise: "e"}}
	}
	return Order{Command: &domain.WithdrawApplication{Head: head(domain.Clerk), Application: application}}
}

// model is the ledger without a log, without groups and without restarts: Decide, Apply, and ids.
type model struct {
	state *domain.State
	last  uint64
	seen  map[domain.CommandID]modelSeen
}

type modelSeen struct {
	hash string
	seq  uint64
}

// do is what the ledger should answer: a position, or the code of a refusal.
func (m *model) do(t *rapid.T, o Order) (seq uint64, repeated bool, code string) {
	hash, err := wire.HashCommand(o.Command)
	if err != nil {
		t.Fatal(err)
	}
	h := o.Command.Given()
	if s, ok := m.seen[h.ID]; ok {
		if s.hash != hash {
			return 0, false, domain.CodeCommandConflict
		}
		return s.seq, true, ""
	}
	d, refusal := domain.Decide(m.state, o.Command, domain.DateOf(2026, 1, 1))
	if refusal != nil {
		return 0, false, refusal.Code
	}
	for _, e := range d.Events {
		domain.Apply(m.state, e, domain.Deed{Actor: h.Actor, Date: h.Date})
		m.last++
	}
	m.seen[h.ID] = modelSeen{hash, m.last}
	return m.last, false, ""
}

// Whatever is asked, in groups of any size and with restarts at any moment, the ledger answers as Decide and Apply alone do.
func TestTheLedgerIsDecideAndApplyWithALog(t *testing.T) {
	s, _ := server(t)
	funds := 0
	rapid.Check(t, func(rt *rapid.T) {
		funds++
		nc, err := s.Connect()
		if err != nil {
			rt.Fatal(err)
		}
		defer nc.Close()
		cfg := Config{Fund: domain.FundID(fmt.Sprint("fund-", funds))}
		m := &model{state: domain.NewState(), seen: map[domain.CommandID]modelSeen{}}
		l, err := Open(t.Context(), nc, cfg)
		if err != nil {
			rt.Fatal(err)
		}
		defer func() { l.Close() }()
		for range rapid.IntRange(1, 12).Draw(rt, "groups") {
			orders := rapid.SliceOfN(rapid.Custom(order), 1, 20).Draw(rt, "orders")
			if len(m.seen) == 0 {
				orders = slices.Concat([]Order{publish(), register("r-e", "e")}, orders)
			}
			for _, o := range orders {
				if c, ok := o.Command.(*domain.PublishPolicy); ok {
					c.Policy.Fund = cfg.Fund
				}
			}
			for i, r := range l.DoAll(t.Context(), orders) {
				seq, repeated, code := m.do(rt, orders[i])
				switch {
				case r.Err != nil:
					rt.Fatal(r.Err)
				case code != "" && (r.Refusal == nil || r.Refusal.Code != code):
					rt.Fatalf("%T gave %+v, should be refused as %s", orders[i].Command, r, code)
				case code == "" && (r.Refusal != nil || r.Outcome.LastSeq != seq || r.Outcome.Repeated != repeated):
					rt.Fatalf("%T gave %+v (%v), should lie at %d, repeated %v", orders[i].Command, r, r.Refusal, seq, repeated)
				}
			}
			if rapid.Bool().Draw(rt, "restart") {
				l.Close()
				if l, err = Open(t.Context(), nc, cfg); err != nil {
					rt.Fatal(errors.Join(errors.New("opening again"), err))
				}
			}
			sameState(t, l, m.state)
		}
	})
}
