package ledger

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/wire"
)

// hold makes the next append wait, and then do as told.
func (f *faulty) hold(t *testing.T) (release func(error)) {
	t.Helper()
	told := make(chan error, 1)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.next = func(ctx context.Context, expected uint64, drafts []eventstore.Draft) (uint64, error) {
		if err := <-told; err != nil {
			return expected, err
		}
		return f.Log.Append(ctx, expected, drafts)
	}
	return func(err error) { told <- err }
}

// untilDecided waits until so many commands are decided on top of the append that is under way.
func untilDecided(t *testing.T, l *Ledger, n int) {
	t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); {
		decided := -1
		if err := l.View(t.Context(), func(*domain.State, uint64) { decided = len(l.decider.next.members) }); err != nil {
			t.Fatal(err)
		}
		if decided == n {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Fatalf("waited in vain for %d commands to be decided", n)
}

// untilSent waits until an append is under way.
func untilSent(t *testing.T, l *Ledger) {
	t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); {
		sent := false
		if err := l.View(t.Context(), func(*domain.State, uint64) { sent = l.decider.inFlight != nil }); err != nil {
			t.Fatal(err)
		}
		if sent {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Fatal("waited in vain for an append")
}

func answered(b *Batch) bool {
	select {
	case <-b.pending[0].done:
		return true
	default:
		return false
	}
}

// A refusal, a repetition and a booking that rest on an append under way wait for its end, and are what they are on the state
// that it leaves.
func TestNothingIsAnsweredBeforeWhatItRestsOnIsDurable(t *testing.T) {
	for _, fault := range []error{nil, errors.New("disk full")} {
		t.Run(fmt.Sprint("append ends with ", fault), func(t *testing.T) {
			l, on := faultyLedger(t)
			mustBook(t, l.Do(t.Context(), submit("a", 1_000_000)))
			mustBook(t, l.Do(t.Context(), submit("b", 1_000_000)))
			before := last(t, l)
			release := on.hold(t)
			first := l.Start(t.Context(), []Order{approve("approve-a", "a", 1_000_000)})
			untilSent(t, l)
			same := l.Start(t.Context(), []Order{approve("approve-a", "a", 1_000_000)})
			other := l.Start(t.Context(), []Order{approve("approve-b", "b", 1_000_000)})
			untilDecided(t, l, 2)
			if answered(first) || answered(same) || answered(other) {
				t.Fatal("answered before the append ended")
			}
			release(fault)
			one, two, three := first.Wait(t.Context())[0], same.Wait(t.Context())[0], other.Wait(t.Context())[0]
			if fault == nil {
				if o := mustBook(t, one); o.Repeated {
					t.Error("the first is a repetition")
				}
			} else if one.Err == nil || errors.Is(one.Err, ErrUnknown) {
				t.Errorf("the command whose append failed is answered with %+v", one)
			}
			if o := mustBook(t, two); o.Repeated != (fault == nil) || o.FirstSeq != before+1 {
				t.Errorf("the same command is answered with %+v", o)
			}
			mustRefuse(t, three, domain.CodeCapExceeded)
			if n := last(t, l); n != before+1 {
				t.Errorf("the log went from %d to %d", before, n)
			}
		})
	}
}

// The same, where nothing else needs an append: the refusal rested on what did not land.
func TestARefusalFallsWithTheAppendItRestedOn(t *testing.T) {
	l, on := faultyLedger(t)
	mustBook(t, l.Do(t.Context(), submit("a", 1_000_000)))
	mustBook(t, l.Do(t.Context(), submit("b", 1_000_000)))
	release := on.hold(t)
	first := l.Start(t.Context(), []Order{approve("approve-a", "a", 1_000_000)})
	untilSent(t, l)
	second := l.Start(t.Context(), []Order{approve("approve-b", "b", 1_000_000)})
	untilDecided(t, l, 1)
	release(errors.New("disk full"))
	if r := first.Wait(t.Context())[0]; r.Err == nil {
		t.Errorf("a failed append gave %+v", r)
	}
	mustBook(t, second.Wait(t.Context())[0])
	if kept := refusalsOf(t, l); len(kept) != 0 {
		t.Errorf("a refusal that was not given was kept: %+v", kept)
	}
}

// What one command holds that cannot be written is no fault of those in its group.
func TestACommandThatCannotBeWrittenFailsAlone(t *testing.T) {
	_, nc := server(t)
	l := opened(t, nc)
	bad, large := submit("bad", 10), submit("large", 10)
	bad.Origin.CorrelationID = "line\nbreak"
	c := large.Command.(*domain.SubmitApplication)
	for i := range 100 {
		c.Attachments = append(c.Attachments, domain.Attachment{Name: fmt.Sprint(i, strings.Repeat("n", 3900)), SHA256: strings.Repeat("0", 64)})
	}
	results := l.DoAll(t.Context(), []Order{submit("a", 10), bad, large, submit("b", 10)})
	mustBook(t, results[0])
	mustBook(t, results[3])
	mustBook(t, results[2])
	if results[1].Err == nil || errors.Is(results[1].Err, ErrUnknown) {
		t.Errorf("a command that cannot be written gave %+v", results[1])
	}
	mustRefuse(t, l.Do(t.Context(), approve("approve-bad", "bad", 10)), domain.CodeApplicationUnknown)

	cfg := Config{Fund: fund, maxMessage: 200 << 10}.withDefaults()
	small, err := start(t.Context(), cfg, l.Log(), l.Log(), &refusals{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer small.Close()
	c.ID, c.Application = "larger", "larger"
	results = small.DoAll(t.Context(), []Order{large, submit("c", 10)})
	mustRefuse(t, results[0], domain.CodeCommandTooLarge)
	mustBook(t, results[1])
}

// Many large commands at once are more than one append holds.
func TestLargeCommandsAreSpreadOverAppends(t *testing.T) {
	_, nc := server(t)
	l := opened(t, nc)
	var orders []Order
	for i := range 180 {
		o := submit(fmt.Sprint("a", i), 10)
		c := o.Command.(*domain.SubmitApplication)
		for n := range 100 {
			c.Attachments = append(c.Attachments, domain.Attachment{Name: fmt.Sprint(n, strings.Repeat("n", 3900)), SHA256: strings.Repeat("0", 64)})
		}
		orders = append(orders, o)
	}
	for _, r := range l.DoAll(t.Context(), orders) {
		mustBook(t, r)
	}
}

// restartable is a server that comes back at the address it had.
func restartable(t *testing.T) (restart func(), stop func(), nc *nats.Conn) {
	t.Helper()
	dir, listen := t.TempDir(), "127.0.0.1:0"
	cfg := eventstore.ServerConfig{Dir: dir, Listen: &listen, Username: "u", Password: "p"}
	var s *eventstore.Server
	restart = func() {
		t.Helper()
		var err error
		if s, err = eventstore.StartServer(cfg); err != nil {
			t.Fatal(err)
		}
	}
	restart()
	t.Cleanup(func() { s.Shutdown() })
	address := strings.TrimPrefix(s.ClientURL(), "nats://")
	if _, _, err := net.SplitHostPort(address); err != nil {
		t.Fatal(err)
	}
	listen = address
	nc, err := nats.Connect(s.ClientURL(), nats.UserInfo("u", "p"), nats.MaxReconnects(-1), nats.ReconnectWait(10*time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	return restart, func() { s.Shutdown() }, nc
}

// A server that goes away and comes back: who waited is answered, or asks again; nothing lies on the log twice.
func TestTheServerGoesAndComesBack(t *testing.T) {
	restart, stop, nc := restartable(t)
	l := opened(t, nc)
	var orders []Order
	for i := range 2000 {
		orders = append(orders, submit(fmt.Sprint("a", i), 10))
	}
	batch := l.Start(t.Context(), orders)
	untilSent(t, l)
	stop()
	restart()
	impatient, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	unknown := 0
	for i, r := range batch.Wait(impatient) {
		switch {
		case r.Refusal != nil:
			t.Fatalf("command %d is refused: %v", i, r.Refusal)
		case r.Err != nil:
			unknown++
		}
	}
	for _, r := range l.DoAll(t.Context(), orders) {
		mustBook(t, r)
	}
	if n := last(t, l); n != 2002 {
		t.Errorf("the log holds %d events, not 2002; %d answers were errors", n, unknown)
	}
	_, state := readAll(t, l.Log())
	sameState(t, l, state)
}

// A server that stays away: errors, no answer made up, and a ledger that can be closed. When the server is back, the same
// commands are accepted, once each.
func TestTheServerStaysAway(t *testing.T) {
	restart, stop, nc := restartable(t)
	opened(t, nc).Close()
	l := openWith(t, nc, Config{Fund: fund, patience: 200 * time.Millisecond})
	mustBook(t, l.Do(t.Context(), submit("a", 1_000_000)))
	mustBook(t, l.Do(t.Context(), submit("b", 1_000_000)))
	stop()
	orders := []Order{approve("approve-a", "a", 1_000_000), approve("approve-b", "b", 1_000_000), submit("c", 10), approve("x", "unknown", 1), submit("a", 1_000_000)}
	for i, r := range l.DoAll(t.Context(), orders) {
		if r.Err == nil {
			t.Errorf("without a server, command %d gave %+v", i, r)
		}
	}
	if r := l.Do(t.Context(), approve("x", "unknown", 1)); r.Err == nil {
		t.Errorf("without a server, a command that would be refused gave %+v", r)
	}
	l.Close()

	restart()
	l = openWith(t, nc, Config{Fund: fund})
	results := l.DoAll(t.Context(), orders)
	mustRefuse(t, results[3], domain.CodeApplicationUnknown)
	if o := mustBook(t, results[4]); !o.Repeated {
		t.Errorf("what was booked before is answered with %+v", o)
	}
	mustBook(t, results[2])
	booked := 0
	for _, r := range results[:2] {
		if r.Refusal == nil && r.Err == nil {
			booked++
		}
	}
	at, state := readAll(t, l.Log())
	if booked != 1 || len(at) != 6 {
		t.Errorf("%d of two approvals for the last million are booked; the log holds %d commands", booked, len(at))
	}
	sameState(t, l, state)
}

// Every event carries the moment at which its command was decided, and every refusal too, also within one group.
func TestEachCommandHasAMomentOfItsOwn(t *testing.T) {
	l, on := faultyLedger(t)
	now := time.Date(2025, 5, 31, 15, 59, 59, 0, time.UTC) // a second before midnight in Shanghai
	// The decider lets itself be viewed between two commands: there its clock can be changed.
	if err := l.View(t.Context(), func(*domain.State, uint64) { l.cfg.Now = func() time.Time { return now } }); err != nil {
		t.Fatal(err)
	}
	release := on.hold(t)
	first := l.Start(t.Context(), []Order{submit("first", 10)})
	untilSent(t, l)
	june := func(id string) Order {
		o := submit(id, 10)
		o.Command.(*domain.SubmitApplication).Date = domain.DateOf(2025, 6, 1)
		return o
	}
	before := l.Start(t.Context(), []Order{submit("before", 10), june("early")})
	untilDecided(t, l, 2)
	midnight := now.Add(time.Second)
	if err := l.View(t.Context(), func(*domain.State, uint64) { now = midnight }); err != nil {
		t.Fatal(err)
	}
	after := l.Start(t.Context(), []Order{june("after")})
	untilDecided(t, l, 3)
	release(nil)
	mustBook(t, first.Wait(t.Context())[0])
	results := before.Wait(t.Context())
	mustRefuse(t, results[1], domain.CodeDateInFuture)
	times := map[uint64]time.Time{mustBook(t, results[0]).FirstSeq: midnight.Add(-time.Second), mustBook(t, after.Wait(t.Context())[0]).FirstSeq: midnight}
	for seq, want := range times {
		r, err := l.Log().Get(t.Context(), seq)
		if err != nil {
			t.Fatal(err)
		}
		if entry, err := wire.Decode(r); err != nil || !entry.Envelope.Time.Equal(want) {
			t.Errorf("event %d was decided at %s, not %s: %v", seq, entry.Envelope.Time, want, err)
		}
	}
	if kept := refusalsOf(t, l); len(kept) != 1 || !kept[0].At.Equal(midnight.Add(-time.Second)) || kept[0].Position != 4 {
		t.Errorf("kept: %+v", kept)
	}
}

// A full disk: errors, no phantom headroom, and with room again the same commands are accepted. Of a batch that the disk could
// not hold to its end, the server writes the rest when it starts again: until then its outcome is unknown.
func TestAFullDisk(t *testing.T) {
	dir := t.TempDir()
	s, err := eventstore.StartServer(eventstore.ServerConfig{Dir: dir, MaxStore: 300 << 10})
	if err != nil {
		t.Fatal(err)
	}
	nc := connect(t, s)
	l := opened(t, nc)
	var orders []Order
	for i := range 600 {
		name := fmt.Sprint("a", i)
		orders = append(orders, submit(name, 1000), approve("approve-"+name, name, 1000))
	}
	var results []Result
	for first := 0; first < len(orders); first += 200 {
		results = append(results, l.DoAll(t.Context(), orders[first:first+200])...)
	}
	at, state := readAll(t, l.Log())
	sameState(t, l, state)
	booked, failed := 0, 0
	for i, r := range results {
		switch {
		case r.Err == nil && r.Refusal == nil && at[r.Outcome.CommandID] == r.Outcome.FirstSeq:
			booked++
		case r.Err != nil && at[orders[i].Command.Given().ID] == 0:
			failed++
		}
	}
	if failed == 0 || booked == 0 || booked+failed != len(orders) {
		t.Fatalf("%d commands were booked and %d failed, of %d", booked, failed, len(orders))
	}
	l.Close()
	nc.Close()
	s.Shutdown()

	if s, err = eventstore.StartServer(eventstore.ServerConfig{Dir: dir}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Shutdown)
	l = open(t, connect(t, s))
	for i, r := range l.DoAll(t.Context(), orders) {
		o := mustBook(t, r)
		if seq := at[o.CommandID]; seq != 0 && (!o.Repeated || o.FirstSeq != seq) {
			t.Fatalf("asked again: %+v, before it lay at %d", o, seq)
		}
		if o.Repeated && results[i].Err != nil && !errors.Is(results[i].Err, ErrUnknown) {
			t.Fatalf("it was said that %s is not booked, and it lies at %d", o.CommandID, o.FirstSeq)
		}
	}
	at, state = readAll(t, l.Log())
	if len(at) != len(orders)+2 {
		t.Errorf("the log holds %d commands", len(at))
	}
	sameState(t, l, state)
}

// A refusal that cannot be kept is not given as if it were.
func TestARefusalThatCannotBeKeptIsAnError(t *testing.T) {
	_, nc := server(t)
	l := opened(t, nc)
	l.refusals.maxMessage = headerBytes + 100
	if r := l.Do(t.Context(), approve("approve-x", "x", 1)); r.Err == nil || r.Refusal != nil || !strings.Contains(r.Err.Error(), domain.CodeApplicationUnknown) {
		t.Errorf("it gave %+v", r)
	}
}

func refusalsOf(t testing.TB, l *Ledger) []KeptRefusal {
	t.Helper()
	var all []KeptRefusal
	if err := Refusals(t.Context(), l.Refused(), fund, wire.Case{}, 1, 0, func(k KeptRefusal) error { all = append(all, k); return nil }); err != nil {
		t.Fatal(err)
	}
	return all
}

func TestRefusalsAreKeptWithWhoAskedWhatWhenAndWhyNot(t *testing.T) {
	_, nc := server(t)
	l := opened(t, nc)
	mustBook(t, l.Do(t.Context(), submit("a", 1_000_000)))
	mustBook(t, l.Do(t.Context(), submit("b", 1_000_000)))
	imported := approve("approve-b", "b", 1_000_000)
	imported.Origin.ImportedBy = "who-imports"
	pay := Order{Command: &domain.MakePayout{Head: head("pay", domain.Treasurer), Payout: "p", Application: "a", SupportYear: 2025, Amount: domain.Yuan(10)}}
	back := func(id string, yuan int64) Order {
		return Order{Command: &domain.ReturnPayout{Head: head(id, domain.Treasurer), Payout: "p", Amount: domain.Yuan(yuan)}}
	}
	before := time.Now()
	results := l.DoAll(t.Context(), []Order{approve("approve-a", "a", 1_000_000), imported, pay, back("back", 11)})
	mustBook(t, results[0])
	mustRefuse(t, results[1], domain.CodeCapExceeded)
	mustBook(t, results[2])
	kept := refusalsOf(t, l)
	if len(kept) != 2 {
		t.Fatalf("kept: %+v", kept)
	}
	for i, want := range []KeptRefusal{
		{Seq: 1, Name: "approve_application", ID: "approve-b", Actor: domain.Actor{ID: "person-approver", Role: domain.Approver, Department: "finance"},
			Refused: wire.Refused{Position: 5, Application: "b", Enterprise: "e", ImportedBy: "who-imports"}},
		{Seq: 2, Name: "return_payout", ID: "back", Actor: domain.Actor{ID: "person-treasurer", Role: domain.Treasurer, Department: "finance"},
			Refused: wire.Refused{Position: 6, Application: "a", Enterprise: "e"}},
	} {
		got, refusal := kept[i], results[1+2*i].Refusal
		if got.Seq != want.Seq || got.Name != want.Name || got.ID != want.ID || got.Actor != want.Actor || got.Position != want.Position ||
			got.Application != want.Application || got.Enterprise != want.Enterprise || got.ImportedBy != want.ImportedBy {
			t.Errorf("kept %+v, want %+v", got, want)
		}
		if got.Refusal.Code != refusal.Code || got.Message != refusal.Message() || got.At.Before(before.Add(-time.Second)) || got.Recorded.IsZero() {
			t.Errorf("kept %+v, the answer was %+v", got, refusal)
		}
		if c, r := wire.DecodeCommand(got.Command); r != nil || c.Given().ID != want.ID {
			t.Errorf("the command that was refused cannot be read again: %v", r)
		}
	}
	if n := last(t, l); n != 6 {
		t.Errorf("the log holds %d events", n)
	}
}

// Thousands of refusals at once, a conflict after each: all are answered and kept, in their order.
func TestManyRefusalsAreKept(t *testing.T) {
	_, nc := server(t)
	l := opened(t, nc)
	var orders []Order
	for i := range 6000 {
		orders = append(orders, approve(fmt.Sprint("id-", i), "unknown", 1))
	}
	for _, r := range l.DoAll(t.Context(), orders) {
		mustRefuse(t, r, domain.CodeApplicationUnknown)
	}
	for i, k := range refusalsOf(t, l) {
		if k.ID != domain.CommandID(fmt.Sprint("id-", i)) || k.Position != 2 {
			t.Fatalf("refusal %d is %+v", i, k)
		}
	}
	if n := last(t, l); n != 2 {
		t.Errorf("refusals moved the log to %d", n)
	}
}

// Whatever a command is refused for, a personal number in it is not kept (R15), and a credit code that looks like one is.
func TestNoRefusalKeepsAPersonalNumber(t *testing.T) {
	const number = "11010519491231002X"
	_, nc := server(t)
	l := opened(t, nc)
	mustBook(t, l.Do(t.Context(), submit("a", 10)))
	conflict := submit("a", 10)
	conflict.Command.(*domain.SubmitApplication).Title = "张三 " + number
	mustRefuse(t, l.Do(t.Context(), conflict), domain.CodeCommandConflict)
	forbidden := submit("b", 10)
	c := forbidden.Command.(*domain.SubmitApplication)
	c.Title, c.Actor.Role, c.Date = number, domain.Analyst, domain.Date{}
	r := l.Do(t.Context(), forbidden)
	if r.Refusal == nil {
		t.Fatalf("it gave %+v", r)
	}
	kept := refusalsOf(t, l)
	if len(kept) != 2 {
		t.Fatalf("kept: %+v", kept)
	}
	for _, k := range kept {
		if strings.Contains(string(k.Command), number) || k.Name != "submit_application" || k.ID != "" {
			t.Errorf("kept: %+v", k)
		}
	}
}

// What was decided before the ledger closes is answered as decided, refusals too.
func TestCloseAnswersRefusals(t *testing.T) {
	_, nc := server(t)
	l := opened(t, nc)
	var orders []Order
	for i := range 1500 {
		orders = append(orders, approve(fmt.Sprint("id-", i), "unknown", 1))
	}
	batch := l.Start(t.Context(), orders)
	l.Close()
	for _, r := range batch.Wait(t.Context()) {
		mustRefuse(t, r, domain.CodeApplicationUnknown)
	}
}
