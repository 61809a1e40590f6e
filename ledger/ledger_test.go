package ledger

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"go.uber.org/goleak"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/wire"
)

// patience is how long anything may take before it counts as stuck: no measure of the machine.
const patience = 2 * time.Minute

func TestMain(m *testing.M) {
	runChild()
	code := m.Run()
	// A server in the process that was stopped ends its own goroutines when it comes to it: on a busy machine later than goleak waits.
	deadline := time.Now().Add(patience)
	for code == 0 {
		err := goleak.Find()
		if err == nil {
			break
		}
		if time.Now().After(deadline) {
			fmt.Fprintln(os.Stderr, "goroutines left after the tests:", err)
			code = 1
		}
	}
	os.Exit(code)
}

const fund = "test"

func testPolicy() domain.Policy {
	name := func(s string) domain.Text { return domain.Text{ZH: s, EN: s} }
	return domain.Policy{Fund: fund, Title: name("试"), IssuedOn: domain.DateOf(2024, 11, 15),
		Term: domain.Term{From: domain.DateOf(2024, 11, 15), To: domain.DateOf(2026, 12, 31)}, Currency: "CNY", Beneficiary: domain.Opaque,
		Treasury: "finance", Authority: "government",
		Departments: []domain.Department{{ID: "finance", Name: name("财政")}, {ID: "government", Name: name("政府")}},
		Clauses: []domain.Clause{{ID: "1", Name: name("一"), Departments: []domain.DepartmentID{"finance"},
			Cap: domain.Cap{Amount: domain.Stated(domain.Yuan(1_000_000)), Subject: domain.SubjectEnterprise, Period: domain.PerYear}}},
	}
}

func head(id string, role domain.Role) domain.Head {
	return domain.Head{ID: domain.CommandID(id), Date: domain.DateOf(2025, 3, 1),
		Actor: domain.Actor{ID: domain.PersonID("person-" + string(role)), Role: role, Department: "finance"}}
}

func register(id, enterprise string) Order {
	return Order{Command: &domain.RegisterEnterprise{Head: head(id, domain.Clerk), Enterprise: domain.EnterpriseID(enterprise), Title: "企业"}}
}

func submit(application string, yuan int64) Order {
	return Order{Command: &domain.SubmitApplication{Head: head("submit-"+application, domain.Clerk), Application: domain.ApplicationID(application), Enterprise: "e",
		Clause: "1", Title: "项目", Requested: []domain.Instalment{{SupportYear: 2025, Amount: domain.Yuan(yuan)}}}}
}

func approve(id, application string, yuan int64) Order {
	return Order{Command: &domain.ApproveApplication{Head: head(id, domain.Approver), Application: domain.ApplicationID(application),
		Instalments: []domain.Instalment{{SupportYear: 2025, Amount: domain.Yuan(yuan)}}}}
}

// server starts a server in the test's process.
func server(t testing.TB) (*eventstore.Server, *nats.Conn) {
	t.Helper()
	s, err := eventstore.StartServer(eventstore.ServerConfig{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Shutdown)
	return s, connect(t, s)
}

func connect(t testing.TB, s *eventstore.Server) *nats.Conn {
	t.Helper()
	nc, err := s.Connect()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	return nc
}

func open(t testing.TB, nc *nats.Conn) *Ledger {
	t.Helper()
	l, err := Open(t.Context(), nc, Config{Fund: fund})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Close)
	return l
}

// opened is a ledger with the policy published and an enterprise registered: two events.
func opened(t testing.TB, nc *nats.Conn) *Ledger {
	t.Helper()
	l := open(t, nc)
	for _, r := range l.DoAll(t.Context(), []Order{{Command: &domain.PublishPolicy{Head: head("publish", domain.Admin), Policy: testPolicy()}}, register("register", "e")}) {
		mustBook(t, r)
	}
	return l
}

func mustBook(t testing.TB, r Result) Outcome {
	t.Helper()
	if r.Err != nil || r.Refusal != nil {
		t.Fatalf("not booked: %v %v", r.Refusal, r.Err)
	}
	return r.Outcome
}

func mustRefuse(t testing.TB, r Result, code string) {
	t.Helper()
	if r.Err != nil || r.Refusal == nil || r.Refusal.Code != code {
		t.Fatalf("want the refusal %s, got %+v", code, r)
	}
}

func last(t testing.TB, l *Ledger) uint64 {
	t.Helper()
	n, err := l.Log().Last(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// Worked example 8: the same command id ten times from ten clients at once, on two instances.
func TestExample08TheSameCommandTenTimesIsBookedOnce(t *testing.T) {
	s, nc := server(t)
	a := opened(t, nc)
	b := open(t, connect(t, s))
	results := make([]Result, 10)
	var clients sync.WaitGroup
	for i := range results {
		clients.Go(func() { results[i] = []*Ledger{a, b}[i%2].Do(t.Context(), register("same", "f")) })
	}
	clients.Wait()
	for i, r := range results {
		if o := mustBook(t, r); o.FirstSeq != 3 || o.LastSeq != 3 || o.CommandID != "same" {
			t.Errorf("answer %d is %+v", i, o)
		}
	}
	if n := last(t, a); n != 3 {
		t.Errorf("the log holds %d events, not 3", n)
	}
}

// Worked example 9: approvals race for the last 1,000,000 of an account, on two instances.
func TestExample09OneOfTwoApprovalsGetsTheLastMillion(t *testing.T) {
	s, nc := server(t)
	a := opened(t, nc)
	b := open(t, connect(t, s))
	for round := range 10 {
		enterprise := fmt.Sprintf("e%d", round)
		mustBook(t, a.Do(t.Context(), register("r-"+enterprise, enterprise)))
		for _, name := range []string{"x", "y"} {
			order := submit(fmt.Sprint(name, round), 1_000_000)
			order.Command.(*domain.SubmitApplication).Enterprise = domain.EnterpriseID(enterprise)
			mustBook(t, a.Do(t.Context(), order))
		}
		results := make([]Result, 2)
		var clients sync.WaitGroup
		for i, name := range []string{"x", "y"} {
			clients.Go(func() {
				application := fmt.Sprint(name, round)
				results[i] = []*Ledger{a, b}[i].Do(t.Context(), approve("approve-"+application, application, 1_000_000))
			})
		}
		clients.Wait()
		booked := 0
		for _, r := range results {
			switch {
			case r.Err != nil:
				t.Fatal(r.Err)
			case r.Refusal == nil:
				booked++
			case r.Refusal.Code != domain.CodeCapExceeded || r.Refusal.Figures["short_by"] != "1000000.00":
				t.Fatalf("refused with %+v", r.Refusal)
			}
		}
		if booked != 1 {
			t.Fatalf("round %d: %d of two approvals are booked", round, booked)
		}
	}
}

func TestACommandIsKnownAfterARestart(t *testing.T) {
	_, nc := server(t)
	l := opened(t, nc)
	first := mustBook(t, l.Do(t.Context(), submit("a", 10)))
	l.Close()
	l = open(t, nc)
	again := mustBook(t, l.Do(t.Context(), submit("a", 10)))
	if !again.Repeated || again.FirstSeq != first.FirstSeq || again.LastSeq != first.LastSeq {
		t.Errorf("asked again after a restart: %+v, at first %+v", again, first)
	}
	mustRefuse(t, l.Do(t.Context(), submit("a", 11)), domain.CodeCommandConflict)
	if n := last(t, l); n != 3 {
		t.Errorf("the log holds %d events, not 3", n)
	}
}

func TestARefusalBindsNobodyAndIsKept(t *testing.T) {
	_, nc := server(t)
	l := opened(t, nc)
	order := submit("a", 10)
	order.Command.(*domain.SubmitApplication).Enterprise = "later"
	mustRefuse(t, l.Do(t.Context(), order), domain.CodeEnterpriseUnknown)
	if n := last(t, l); n != 2 {
		t.Errorf("a refusal moved the log to %d", n)
	}
	mustBook(t, l.Do(t.Context(), register("r2", "later")))
	mustBook(t, l.Do(t.Context(), order))

	kept, err := OpenRefusals(t.Context(), nc, Config{Fund: fund}, true)
	if err != nil {
		t.Fatal(err)
	}
	record, err := kept.Get(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	r, err := wire.DecodeRefused(record.Data)
	if err != nil {
		t.Fatal(err)
	}
	if r.Refusal.Code != domain.CodeEnterpriseUnknown || r.Position != 2 || r.Message.ZH == "" || record.Subject != "refused.test.enterprise_unknown.later.a.%.given" {
		t.Errorf("kept under %s: %+v", record.Subject, r)
	}
	if c, refusal := wire.DecodeCommand(r.Command); refusal != nil || c.Given().ID != "submit-a" {
		t.Errorf("the command that was refused cannot be read again: %v", refusal)
	}
}

func TestAPersonalNumberIsNotKeptWithItsRefusal(t *testing.T) {
	_, nc := server(t)
	l := opened(t, nc)
	const number = "11010519491231002X"
	mustRefuse(t, l.Do(t.Context(), Order{Command: &domain.RegisterEnterprise{Head: head("r-"+number, domain.Clerk), Enterprise: "p", Title: "张三 " + number}}), domain.CodePersonalID)
	kept, err := OpenRefusals(t.Context(), nc, Config{Fund: fund}, true)
	if err != nil {
		t.Fatal(err)
	}
	record, err := kept.Get(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(record.Data), number) || !strings.Contains(string(record.Data), "register_enterprise") {
		t.Errorf("kept: %s", record.Data)
	}
}

// A refusal may rest on what another instance has written since.
func TestARefusalIsNotGivenOnAnOldState(t *testing.T) {
	s, nc := server(t)
	a := opened(t, nc)
	b := open(t, connect(t, s))
	mustBook(t, a.Do(t.Context(), register("r2", "new")))
	order := submit("a", 10)
	order.Command.(*domain.SubmitApplication).Enterprise = "new"
	mustBook(t, b.Do(t.Context(), order))
}

func TestCommandsBuildOnEachOtherWithinAGroup(t *testing.T) {
	_, nc := server(t)
	l := opened(t, nc)
	var orders []Order
	for i := range 1500 {
		name := fmt.Sprint("a", i)
		orders = append(orders, submit(name, 1000), approve("approve-"+name, name, 1000), approve("approve-"+name, name, 1000))
	}
	results := l.DoAll(t.Context(), orders)
	for i, r := range results {
		switch n := i / 3; {
		case i%3 == 0:
			mustBook(t, r)
		case n < 1000:
			if o := mustBook(t, r); o.Repeated != (i%3 == 2) || i%3 == 2 && o.FirstSeq != results[i-1].Outcome.FirstSeq {
				t.Fatalf("answer %d is %+v", i, o)
			}
		default:
			mustRefuse(t, r, domain.CodeCapExceeded)
		}
	}
	if n := last(t, l); n != 2+1500+1000 {
		t.Errorf("the log holds %d events", n)
	}
}

// faulty is a log whose next append goes wrong in a way of the test's choice.
type faulty struct {
	*eventstore.Log
	mu    sync.Mutex
	calls int
	next  func(ctx context.Context, expected uint64, drafts []eventstore.Draft) (uint64, error)
}

func (f *faulty) count() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.calls
}

func (f *faulty) Append(ctx context.Context, expected uint64, drafts []eventstore.Draft) (uint64, error) {
	f.mu.Lock()
	next := f.next
	f.next = nil
	f.calls++
	f.mu.Unlock()
	if next != nil {
		return next(ctx, expected, drafts)
	}
	return f.Log.Append(ctx, expected, drafts)
}

func faultyLedger(t *testing.T) (*Ledger, *faulty) {
	t.Helper()
	_, nc := server(t)
	opened(t, nc).Close()
	cfg := Config{Fund: fund}.withDefaults()
	log, err := OpenLog(t.Context(), nc, cfg, false)
	if err != nil {
		t.Fatal(err)
	}
	kept, refused, err := openRefusals(t.Context(), nc, cfg)
	if err != nil {
		t.Fatal(err)
	}
	on := &faulty{Log: log}
	l, err := start(t.Context(), cfg, log, on, kept, refused)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Close)
	return l, on
}

func TestAFailedAppendLeavesNoPhantomHeadroom(t *testing.T) {
	l, on := faultyLedger(t)
	mustBook(t, l.Do(t.Context(), submit("a", 1_000_000)))
	mustBook(t, l.Do(t.Context(), submit("b", 1_000_000)))
	on.mu.Lock()
	on.next = func(context.Context, uint64, []eventstore.Draft) (uint64, error) { return 0, errors.New("disk full") }
	on.mu.Unlock()
	if r := l.Do(t.Context(), approve("approve-a", "a", 1_000_000)); r.Err == nil || errors.Is(r.Err, ErrUnknown) {
		t.Fatalf("a failed append gave %+v", r)
	}
	mustBook(t, l.Do(t.Context(), approve("approve-b", "b", 1_000_000)))
	mustRefuse(t, l.Do(t.Context(), approve("approve-a", "a", 1_000_000)), domain.CodeCapExceeded)
}

// A part of a group may have landed when its append fails: its commands are told so, the others that they are not booked.
func TestAPartlyLandedGroupIsAnsweredByTheLog(t *testing.T) {
	l, on := faultyLedger(t)
	on.mu.Lock()
	on.next = func(ctx context.Context, expected uint64, drafts []eventstore.Draft) (uint64, error) {
		landed, err := on.Log.Append(ctx, expected, drafts[:2])
		return landed, errors.Join(err, errors.New("the connection broke"))
	}
	on.mu.Unlock()
	results := l.DoAll(t.Context(), []Order{submit("a", 1), submit("b", 2), submit("c", 3)})
	for i, r := range results[:2] {
		if o := mustBook(t, r); o.FirstSeq != uint64(3+i) || o.Repeated {
			t.Errorf("answer %d is %+v", i, o)
		}
	}
	if results[2].Err == nil {
		t.Errorf("what did not land is answered with %+v", results[2])
	}
	if o := mustBook(t, l.Do(t.Context(), submit("c", 3))); o.FirstSeq != 5 || o.Repeated {
		t.Errorf("asked again: %+v", o)
	}
}

func TestAnUnknownOutcomeIsSaidAndFoundOutByAskingAgain(t *testing.T) {
	l, on := faultyLedger(t)
	var held []eventstore.Draft
	var behind uint64
	on.mu.Lock()
	on.next = func(_ context.Context, expected uint64, drafts []eventstore.Draft) (uint64, error) {
		held, behind = drafts, expected
		return 0, eventstore.ErrUnknown
	}
	on.mu.Unlock()
	if r := l.Do(t.Context(), submit("a", 1)); !errors.Is(r.Err, ErrUnknown) {
		t.Fatalf("an unknown outcome gave %+v", r)
	}
	if _, err := on.Log.Append(t.Context(), behind, held); err != nil { // it lands after all
		t.Fatal(err)
	}
	if o := mustBook(t, l.Do(t.Context(), submit("a", 1))); o.FirstSeq != 3 {
		t.Errorf("asked again: %+v", o)
	}
	if n := last(t, l); n != 3 {
		t.Errorf("the log holds %d events, not 3", n)
	}
}

func TestARehearsalDecidesAndWritesNothing(t *testing.T) {
	_, nc := server(t)
	l := opened(t, nc)
	mustBook(t, l.Do(t.Context(), submit("a", 600_000)))
	r, err := Rehearse(t.Context(), nc, Config{Fund: fund})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	mustBook(t, r.Do(t.Context(), approve("approve-a", "a", 600_000)))
	mustBook(t, r.Do(t.Context(), submit("b", 500_000)))
	mustRefuse(t, r.Do(t.Context(), approve("approve-b", "b", 500_000)), domain.CodeCapExceeded)
	if n := last(t, l); n != 3 {
		t.Errorf("a rehearsal moved the log to %d", n)
	}
	mustBook(t, l.Do(t.Context(), approve("approve-a", "a", 600_000)))
}

func TestCloseFinishesWhatItHasAndTakesNoMore(t *testing.T) {
	_, nc := server(t)
	l := opened(t, nc)
	var orders []Order
	for i := range 3000 {
		orders = append(orders, submit(fmt.Sprint("a", i), 10))
	}
	batch := l.Start(t.Context(), orders)
	l.Close()
	for _, r := range batch.Wait(t.Context()) {
		mustBook(t, r)
	}
	if r := l.Do(t.Context(), submit("late", 10)); !errors.Is(r.Err, ErrClosed) {
		t.Errorf("a closed ledger answers %+v", r)
	}
	if err := l.View(t.Context(), func(*domain.State, uint64) {}); !errors.Is(err, ErrClosed) {
		t.Errorf("a closed ledger lets itself be viewed: %v", err)
	}
}

func TestAnImpatientCallerIsToldThatTheOutcomeIsUnknown(t *testing.T) {
	l, on := faultyLedger(t)
	hold := make(chan struct{})
	on.mu.Lock()
	on.next = func(ctx context.Context, expected uint64, drafts []eventstore.Draft) (uint64, error) {
		<-hold
		return on.Log.Append(ctx, expected, drafts)
	}
	on.mu.Unlock()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if r := l.Do(ctx, submit("a", 1)); !errors.Is(r.Err, ErrUnknown) {
		t.Errorf("an impatient caller got %+v", r)
	}
	close(hold)
	mustBook(t, l.Do(t.Context(), submit("a", 1)))
}

func TestThePolicyOfAnotherFundIsRefused(t *testing.T) {
	_, nc := server(t)
	l := open(t, nc)
	p := testPolicy()
	p.Fund = "elsewhere"
	mustRefuse(t, l.Do(t.Context(), Order{Command: &domain.PublishPolicy{Head: head("publish", domain.Admin), Policy: p}}), domain.CodePolicyInvalid)
}

func TestStreamNamesAreTheDeployments(t *testing.T) {
	if StreamName("changning-2024") != "FUND_changning-2024" || RefusedStream("changning-2024") != "REFUSED_changning-2024" ||
		SubjectsOf("changning-2024")[0] != "fund.changning-2024.>" || RefusedSubjects("changning-2024")[0] != "refused.changning-2024.>" {
		t.Error("deploy/nats/streams.sh creates streams of other names")
	}
	if a, b := StreamName("长宁.2024"), StreamName("长宁 2024"); a == b {
		t.Error("two funds share a stream")
	}
}

func Example() {
	dir := mustTemp()
	defer os.RemoveAll(dir)
	server, err := eventstore.StartServer(eventstore.ServerConfig{Dir: dir})
	if err != nil {
		panic(err)
	}
	defer server.Shutdown()
	nc, err := server.Connect()
	if err != nil {
		panic(err)
	}
	defer nc.Close()
	ctx := context.Background()
	l, err := Open(ctx, nc, Config{Fund: fund})
	if err != nil {
		panic(err)
	}
	defer l.Close()
	booked := l.Do(ctx, Order{Command: &domain.PublishPolicy{Head: head("publish", domain.Admin), Policy: testPolicy()}})
	refused := l.Do(ctx, submit("A-1", 1_000_000))
	fmt.Println(booked.Outcome.LastSeq, refused.Refusal.Code)
	// Output: 1 enterprise_unknown
}

// A fault of who asks is theirs: nothing is decided less for it.
func TestAQuestionThatPanicsEndsNothing(t *testing.T) {
	_, nc := server(t)
	l := opened(t, nc)
	said := func() (hurt any) {
		defer func() { hurt = recover() }()
		_ = l.View(t.Context(), func(*domain.State, uint64) { panic("of the asker") })
		return nil
	}()
	if said != "of the asker" {
		t.Errorf("who asked was told %v", said)
	}
	mustBook(t, l.Do(t.Context(), submit("after", 10)))
}
