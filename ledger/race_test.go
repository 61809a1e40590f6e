package ledger

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/internal/rivals"
)

// raceOrder is a rival's command, in units of 100,000: the account's cap is 1,000,000.
func raceOrder(op rivals.Op, id string) Order {
	name, yuan := fmt.Sprint("a", op.Application), int64(op.Units)*100_000
	a, amount := domain.ApplicationID(name), domain.Yuan(yuan)
	switch op.Verb {
	case "reduce":
		return Order{Command: &domain.ReduceApproval{Head: head(id, domain.Approver), Application: a, SupportYear: 2025, Amount: amount}}
	case "release":
		return Order{Command: &domain.ReleaseApproval{Head: head(id, domain.Approver), Application: a, SupportYear: 2025, Amount: amount}}
	}
	return approve(id, name, yuan)
}

// race lets clients of several instances compete for one account, and checks that what they were told could have come from one
// decider that did one thing after another.
func race(t *testing.T, instances []*Ledger, clients, ops int) {
	t.Helper()
	for i := range rivals.Applications {
		mustBook(t, instances[0].Do(t.Context(), submit(fmt.Sprint("a", i), 1_000_000)))
	}
	compete(t, rivals.OneCap, instances, clients, ops, raceOrder)
}

// compete lets clients of several instances take part in a contest, as [race] does.
func compete(t *testing.T, contest rivals.Contest, instances []*Ledger, clients, ops int, order func(op rivals.Op, id string) Order) {
	t.Helper()
	var mu sync.Mutex
	var history []rivals.Told
	var all sync.WaitGroup
	began := time.Now()
	for client := range clients {
		all.Go(func() {
			on := instances[client%len(instances)]
			for i := range ops {
				op := contest.AnyOp()
				called := time.Since(began)
				said := ask(t, on, order(op, fmt.Sprintf("race-%d-%d", client, i)))
				mu.Lock()
				history = append(history, rivals.Told{Client: client, Op: op, Said: said, Call: called, Return: time.Since(began)})
				mu.Unlock()
			}
		})
	}
	all.Wait()
	if err := contest.Check(history, patience); err != nil {
		t.Error(err)
	}
	_, state := readAll(t, instances[0].Log())
	for _, l := range instances {
		l.DoAll(t.Context(), []Order{register("register", "e")}) // a repetition: it has the instance read up to the end
		sameState(t, l, state)
	}
}

// ask asks until it is known what became of the command.
func ask(t *testing.T, l *Ledger, o Order) string {
	for {
		switch r := l.Do(t.Context(), o); {
		case r.Refusal != nil && r.Refusal.Code == domain.CodeCommandConflict:
			t.Errorf("a conflict: %v", r.Refusal)
			return rivals.Refused
		case r.Refusal != nil:
			return rivals.Refused
		case r.Err == nil:
			return rivals.Booked
		case t.Context().Err() != nil:
			return "given up"
		}
	}
}

func TestAnswersAreLinearizable(t *testing.T) {
	for _, n := range []int{1, 2, 3} {
		t.Run(fmt.Sprint(n, " instances"), func(t *testing.T) {
			s, nc := server(t)
			instances := []*Ledger{opened(t, nc)}
			for range n - 1 {
				instances = append(instances, open(t, connect(t, s)))
			}
			race(t, instances, 6, 25)
		})
	}
}

// Three nodes, an instance at each, and leaders that change while clients wait.
func TestAnswersAreLinearizableOnThreeNodes(t *testing.T) {
	c, err := eventstore.StartCluster(t.TempDir(), 3, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Shutdown)
	cfg := Config{Fund: fund, Replicas: 3}
	var instances []*Ledger
	for range 3 {
		nc, err := c.Connect()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(nc.Close)
		instances = append(instances, openWith(t, nc, cfg))
	}
	for _, r := range instances[0].DoAll(t.Context(), []Order{publish(), register("register", "e")}) {
		mustBook(t, r)
	}
	changing, stop := context.WithCancel(t.Context())
	var changes sync.WaitGroup
	changes.Go(func() {
		for changing.Err() == nil {
			_ = c.StepDown(changing, StreamName(fund)) // without a leader there is none to step down
			select {
			case <-changing.Done():
			case <-time.After(300 * time.Millisecond):
			}
		}
	})
	race(t, instances, 6, 25)
	stop()
	changes.Wait()
}

func openWith(t testing.TB, nc *nats.Conn, cfg Config) *Ledger {
	t.Helper()
	l, err := Open(t.Context(), nc, cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Close)
	return l
}

// A large group takes longer to land than a small one: an import must not lose every race against an instance whose clients
// never pause.
func TestABusyInstanceDoesNotStarveAnother(t *testing.T) {
	s, nc := server(t)
	a := opened(t, nc)
	b := open(t, connect(t, s))
	done := make(chan struct{})
	var busy sync.WaitGroup
	busy.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-done:
				return
			default:
				if r := b.Do(context.Background(), submit(fmt.Sprint("b", i), 10)); r.Err != nil || r.Refusal != nil {
					t.Error(r)
					return
				}
			}
		}
	})
	bulk(t, a, 600, 2)
	close(done)
	busy.Wait()
}

// The clients of two instances ask for the same commands: one of the answers is the first, the others say that they repeat it.
func TestOneOfManyEqualAnswersIsTheFirst(t *testing.T) {
	s, nc := server(t)
	instances := []*Ledger{opened(t, nc), open(t, connect(t, s))}
	var mu sync.Mutex
	firsts, answers := map[string]int{}, map[string]uint64{}
	var clients sync.WaitGroup
	for client := range 6 {
		clients.Go(func() {
			for i := range 60 {
				name := fmt.Sprint("a", i)
				r := instances[client%2].Do(t.Context(), submit(name, 10))
				mu.Lock()
				if r.Err != nil || r.Refusal != nil {
					t.Error(r)
				}
				if !r.Outcome.Repeated {
					firsts[name]++
				}
				if seq := answers[name]; seq != 0 && seq != r.Outcome.FirstSeq {
					t.Errorf("%s lies at %d and at %d", name, seq, r.Outcome.FirstSeq)
				}
				answers[name] = r.Outcome.FirstSeq
				mu.Unlock()
			}
		})
	}
	clients.Wait()
	for name, n := range firsts {
		if n != 1 {
			t.Errorf("%d answers for %s are the first", n, name)
		}
	}
	if len(firsts) != 60 {
		t.Errorf("%d commands have a first answer", len(firsts))
	}
}

// A hundred clients, views among them: every state that is seen has all of a group or none.
func TestAHundredClientsAndViews(t *testing.T) {
	_, nc := server(t)
	l := opened(t, nc)
	var clients sync.WaitGroup
	for client := range 100 {
		clients.Go(func() {
			for i := range 10 {
				name := fmt.Sprintf("%d-%d", client, i)
				for _, r := range l.DoAll(t.Context(), []Order{submit(name, 1000), approve("approve-"+name, name, 1000)}) {
					if r.Err != nil || r.Refusal != nil {
						t.Error(r)
					}
				}
				var used, approved domain.Money
				err := l.View(t.Context(), func(s *domain.State, _ uint64) {
					v, _ := s.Account(s.Accounts()[0], 2025, domain.DateOf(2025, 3, 1))
					used = v.Use
					if a, _ := s.Application(domain.ApplicationID(name)); len(a.Instalments) > 0 {
						approved = a.Instalments[0].Amount
					}
				})
				if err != nil || approved != domain.Yuan(1000) || used.Less(approved) || used.More(domain.Yuan(1_000_000)) {
					t.Errorf("after %s was approved, %s of it and %s of the account were seen: %v", name, approved, used, err)
				}
			}
		})
	}
	clients.Wait()
	_, state := readAll(t, l.Log())
	sameState(t, l, state)
}

// Groups that are decided while others land are decided for the right place: alone, no append is out of turn.
func TestAloneNoRaceIsLost(t *testing.T) {
	l, on := faultyLedger(t)
	first, next := last(t, l), make(chan uint64, 1000)
	l.cfg.Grouped = func(events int, _ time.Duration) { next <- uint64(events) }
	var clients sync.WaitGroup
	for client := range 20 {
		clients.Go(func() {
			for i := range 20 {
				if r := l.Do(t.Context(), submit(fmt.Sprintf("%d-%d", client, i), 10)); r.Err != nil || r.Refusal != nil {
					t.Error(r)
				}
			}
		})
	}
	clients.Wait()
	l.Close()
	close(next)
	appends, events := 0, uint64(0)
	for n := range next {
		appends, events = appends+1, events+n
	}
	if on.count() != appends || events != 400 || last(t, l) != first+400 {
		t.Errorf("of %d appends %d landed, with %d events", on.count(), appends, events)
	}
}
