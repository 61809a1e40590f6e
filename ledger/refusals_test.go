package ledger

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/wire"
)

// linked holds a stream of refusals to its links, and returns how many of its records say one.
func linked(t *testing.T, log *eventstore.Log) (n int) {
	t.Helper()
	var link wire.Link
	var next uint64
	err := log.Scan(t.Context(), 1, 0, nil, func(records []eventstore.Record) error {
		for _, r := range records {
			said := linkSaid(r.Data)
			switch {
			case next == 0 || said == link:
			case said == (wire.Link{}):
			default:
				t.Errorf("record %d says %s, before it is %s", r.Seq, said, link)
			}
			if said != (wire.Link{}) {
				link = said
				n++
			}
			if next != 0 && r.Seq != next {
				t.Errorf("record %d stands where %d should", r.Seq, next)
			}
			link, next = link.Then(r.Seq, r.Subject, r.Data), r.Seq+1
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// Three instances that refuse at once keep one chain, each record once and in the order in which each instance was asked.
func TestInstancesKeepOneChainOfRefusals(t *testing.T) {
	s, nc := server(t)
	all := []*Ledger{opened(t, nc), open(t, connect(t, s)), open(t, connect(t, s))}
	const each = 60
	var asking sync.WaitGroup
	for i, l := range all {
		asking.Go(func() {
			for from := 0; from < each; from += 20 { // some at once, some one after another
				var orders []Order
				for n := range 20 {
					orders = append(orders, approve(fmt.Sprintf("%d-%03d", i, from+n), "unknown", 1))
				}
				for _, r := range l.DoAll(t.Context(), orders) {
					if r.Refusal == nil {
						t.Errorf("not refused: %+v", r)
					}
				}
				if r := l.Do(t.Context(), approve(fmt.Sprintf("%d-%03d-lone", i, from+19), "unknown", 1)); r.Refusal == nil {
					t.Errorf("not refused: %+v", r)
				}
			}
		})
	}
	asking.Wait()
	kept := refusalsOf(t, all[0])
	if want := len(all) * (each + each/20); len(kept) != want {
		t.Errorf("%d of %d refusals are kept", len(kept), want)
	}
	for i := range all {
		var own []string
		for _, k := range kept {
			if strings.HasPrefix(string(k.ID), fmt.Sprint(i, "-")) {
				own = append(own, string(k.ID))
			}
		}
		if !slices.IsSorted(own) || len(slices.Compact(own)) != len(own) {
			t.Errorf("instance %d: %v", i, own)
		}
	}
	if n := linked(t, all[0].Refused()); n != len(kept)-1 {
		t.Errorf("%d of %d records are linked", n, len(kept))
	}
}

// A stream that an earlier release began goes on, and what is there is under the chain from the next refusal on.
func TestTheChainGoesOnBehindWhatEarlierReleasesKept(t *testing.T) {
	_, nc := server(t)
	l := opened(t, nc)
	earlier := func(n int, subject string) {
		t.Helper()
		data, err := wire.EncodeRefused(wire.Refused{At: time.Now(), Command: fmt.Appendf(nil, `{"command":"approve_application","id":"old-%d"}`, n), Refusal: domain.Refusal{Code: domain.CodeApplicationUnknown}})
		if err == nil {
			err = nc.Publish(subject, data)
		}
		if err == nil {
			err = nc.Flush()
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for i := range 3 {
		earlier(i, "refused.test."+domain.CodeApplicationUnknown)
	}
	mustRefuse(t, l.Do(t.Context(), approve("new", "unknown", 1)), domain.CodeApplicationUnknown)
	earlier(3, "refused.test."+domain.CodeApplicationUnknown)
	mustRefuse(t, l.Do(t.Context(), approve("newer", "unknown", 1)), domain.CodeApplicationUnknown)
	var ids []domain.CommandID
	for _, k := range refusalsOf(t, l) {
		ids = append(ids, k.ID)
	}
	if !slices.Equal(ids, []domain.CommandID{"old-0", "old-1", "old-2", "new", "old-3", "newer"}) {
		t.Errorf("kept: %v", ids)
	}
	if n := linked(t, l.Refused()); n != 2 {
		t.Errorf("%d are linked", n)
	}
	link, err := LinkAt(t.Context(), l.Refused(), 4)
	record, getErr := l.Refused().Get(t.Context(), 5)
	next, linkErr := LinkAt(t.Context(), l.Refused(), 5)
	if err != nil || getErr != nil || linkErr != nil || next != link.Then(5, record.Subject, record.Data) {
		t.Errorf("the link behind a record without one: %v %v %v", err, getErr, linkErr)
	}
}

// Who asks about one case reads its refusals, those of earlier releases, and nothing else.
func TestRefusalsAreFoundByTheirCase(t *testing.T) {
	_, nc := server(t)
	l := opened(t, nc)
	mustBook(t, l.Do(t.Context(), register("r2", "other")))
	mustBook(t, l.Do(t.Context(), submit("a.*", 10)))
	tooMuch := approve("too-much", "a.*", 1000)
	mustRefuse(t, l.Do(t.Context(), tooMuch), domain.CodeRequestedExceeded)
	mustRefuse(t, l.Do(t.Context(), approve("unknown", "b", 1)), domain.CodeApplicationUnknown)
	long := domain.ApplicationID(strings.Repeat("长", 60))
	mustRefuse(t, l.Do(t.Context(), approve("long", string(long), 1)), domain.CodeApplicationUnknown)
	imported := approve("imported", "c", 1)
	imported.Origin.ImportedBy = "who-imports"
	mustRefuse(t, l.Do(t.Context(), imported), domain.CodeApplicationUnknown)
	except := &domain.GrantException{Head: head("except", domain.Clerk), Exception: "x", Clause: "1", Subject: "e", SupportYear: 2025, Amount: domain.Yuan(1)}
	if r := l.Do(t.Context(), Order{Command: except}); r.Refusal == nil {
		t.Fatalf("an exception by a clerk: %+v", r)
	}
	if _, err := nc.Request("refused.test.old", []byte(`{"command":{"id":"old"},"refusal":{"code":"old"}}`), patience); err != nil { // the stream says that it has it
		t.Fatal(err)
	}
	account := domain.Account{Clause: "1", Subject: domain.Subject{Kind: domain.SubjectEnterprise, ID: "e"}}
	for want, of := range map[string]wire.Case{
		"too-much except old":  {Application: "a.*", Accounts: []domain.Account{account}},
		"too-much old":         {Application: "a.*", Accounts: []domain.Account{}},
		"unknown except old":   {Application: "b"},
		"long old":             {Application: long, Accounts: []domain.Account{}},
		"too-much except old ": {Enterprise: "e"},
		"old":                  {Enterprise: "other"},
		"imported old":         {Imported: true},
	} {
		var found []string
		err := Refusals(t.Context(), l.Refused(), fund, of, 1, 0, func(k KeptRefusal) error { found = append(found, string(k.ID)); return nil })
		if got := strings.Join(found, " "); err != nil || got != strings.TrimSpace(want) {
			t.Errorf("%+v: %q, want %q (%v)", of, got, want, err)
		}
	}
}

// A command that is long is refused before it is judged, and what is kept of it is its digest and what identifies it; an import that is given
// again is not asked again.
func TestALongRefusedCommandIsKeptAsItsDigest(t *testing.T) {
	_, nc := server(t)
	l := opened(t, nc)
	order := submit("a", 10)
	c := order.Command.(*domain.SubmitApplication)
	c.Enterprise = "unknown"
	for i := range 300 {
		c.DistinctFrom = append(c.DistinctFrom, fmt.Sprintf("%03d-%s", i, strings.Repeat("x", 60)))
	}
	order.Origin.ImportedBy = "who-imports"
	mustRefuse(t, l.Do(t.Context(), order), domain.CodeEnterpriseUnknown)
	huge := submit("b", 10)
	huge.Command.(*domain.SubmitApplication).Title = strings.Repeat("字", 200_000)
	mustRefuse(t, l.Do(t.Context(), huge), domain.CodeCommandTooLarge)
	wide := submit("c", 10)
	wide.Command.(*domain.SubmitApplication).Title = strings.Repeat("字", 20_000)
	if r := l.Do(t.Context(), wide); r.Refusal == nil || r.Refusal.Code != domain.CodeFieldInvalid || r.Refusal.Figures["field"] != "title" {
		t.Errorf("a title of 60 KB: %+v", r.Refusal)
	}
	kept := refusalsOf(t, l)
	for i, k := range kept {
		record, err := l.Refused().Get(t.Context(), uint64(i+1))
		if err != nil || len(record.Data) > 4096 {
			t.Errorf("refusal %d has %d bytes: %v", i+1, len(record.Data), err)
		}
		if k.Digest == nil || k.Digest.Bytes <= wire.MaxKeptCommand || k.Name != "submit_application" || k.Actor.ID != "person-clerk" {
			t.Errorf("kept: %+v", k)
		}
	}
	text, err := wire.EncodeCommand(order.Command)
	if err != nil || kept[0].ID != order.Command.Given().ID || kept[0].Digest.SHA256 != wire.HashText(text) || kept[0].Application != "a" {
		t.Errorf("kept %+v of %d bytes: %v", kept[0], len(text), err)
	}
	if order.RefusedUpTo, err = l.RefusedSoFar(t.Context()); err != nil {
		t.Fatal(err)
	}
	if r := l.Do(t.Context(), order); !r.Before {
		t.Errorf("it was asked again: %+v", r)
	}
}

// Who is refused without end fills no disk: they are told the truth each time, and what is not kept is counted, theirs alone.
func TestAFloodOfRefusalsIsCountedAndNotKept(t *testing.T) {
	_, nc := server(t)
	cfg := Config{Fund: fund, Refusals: RefusalLimits{Lines: 10}}
	l, err := Open(t.Context(), nc, cfg)
	if err != nil {
		t.Fatal(err)
	}
	mustBook(t, l.Do(t.Context(), publish()))
	var orders []Order
	for i := range 500 {
		orders = append(orders, approve(fmt.Sprint("id-", i), "unknown", 1))
	}
	for _, r := range l.DoAll(t.Context(), orders) {
		mustRefuse(t, r, domain.CodeApplicationUnknown)
	}
	mustRefuse(t, l.Do(t.Context(), submit("a", -1)), domain.CodeEnterpriseUnknown)
	l.Close() // which tells at once
	again := open(t, nc)
	kept := refusalsOf(t, again)
	if len(kept) != 12 {
		t.Fatalf("%d records are kept", len(kept))
	}
	if kept[10].Name != "submit_application" {
		t.Errorf("another's refusal is not kept: %+v", kept[10])
	}
	note := kept[11]
	if f := note.Refusal.Figures; note.IsCommand() || note.Refusal.Code != domain.CodeRefusalsNotKept || f["value"] != "490" || f["person"] != "person-approver" ||
		f["from"] == "" || f["until"] == "" || note.Actor.ID != "person-approver" || note.Message.ZH == "" {
		t.Errorf("the note says %+v", note)
	}
	linked(t, again.Refused())
}

// The bytes are bounded as the lines are, and an hour later there is room again.
func TestTheBoundOfRefusalsIsOfAnHour(t *testing.T) {
	now := time.Date(2026, 3, 1, 9, 0, 0, 0, domain.Shanghai)
	s := shares{limits: RefusalLimits{Lines: -1, Bytes: 3 * (recordBytes + 100)}, of: map[domain.PersonID]*share{}}
	one := func() *decided {
		return &decided{pending: &pending{order: approve("x", "y", 1), text: make([]byte, 100)}, at: now}
	}
	for i := range 5 {
		if kept := s.takes(one(), now); kept != (i < 3) {
			t.Errorf("refusal %d: %t", i+1, kept)
		}
	}
	now = now.Add(shareFor)
	if !s.takes(one(), now) {
		t.Error("an hour later there is no room")
	}
	over := s.untold()
	if len(over) != 1 || len(s.untold()) != 0 {
		t.Errorf("told: %+v", over)
	}
	for who, c := range over {
		if note := c.note(who); note.Refusal.Figures["value"] != "2" {
			t.Errorf("told: %+v", note)
		}
	}
}

// What was not kept is counted, and told when the log is back that was away when it was to be told first.
func TestWhatWasNotKeptIsToldWhenTheLogIsBack(t *testing.T) {
	t.Parallel()
	restart, stop, nc := restartable(t)
	counted := 0
	l := openWith(t, nc, Config{Fund: fund, Refusals: RefusalLimits{Lines: 1}, NotKept: func() { counted++ }, patience: 4 * time.Second})
	mustBook(t, l.Do(t.Context(), publish()))
	refuse := func(n int) {
		for i := range n {
			mustRefuse(t, l.Do(t.Context(), approve(fmt.Sprint(counted, "-", i), "unknown", 1)), domain.CodeApplicationUnknown)
		}
	}
	told := func() (values []string) {
		l.refusals.tell()
		l.refusals.waiting.Wait()
		for _, k := range refusalsOf(t, l) {
			if k.Refusal.Code == domain.CodeRefusalsNotKept {
				values = append(values, k.Refusal.Figures["value"])
			}
		}
		return values
	}
	refuse(3)
	stop()
	l.refusals.tell()
	l.refusals.waiting.Wait()
	restart()
	if got := told(); !slices.Equal(got, []string{"2"}) {
		t.Errorf("told: %v", got)
	}
	refuse(2)
	if got := told(); !slices.Equal(got, []string{"2", "2"}) || counted != 4 {
		t.Errorf("told: %v; counted: %d", got, counted)
	}
}

// Of two who retire at once, the second does not note over what the first has noted, and takes nothing away.
func TestTheSecondOfTwoRetirementsIsTold(t *testing.T) {
	t.Parallel()
	_, nc := server(t)
	l := opened(t, nc)
	for i := range 6 {
		mustRefuse(t, l.Do(t.Context(), approve(fmt.Sprint("r-", i), "unknown", 1)), domain.CodeApplicationUnknown)
	}
	cfg := Config{Fund: fund}
	var both [2]*Retirement
	for i := range both {
		var err error
		if both[i], err = RetireBefore(t.Context(), nc, cfg, time.Now().Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	noted := func(last uint64) wire.Retired {
		return wire.Retired{First: 1, Last: last, File: "f", SHA256: "s", Until: time.Date(2025, 1, 1, 0, 0, 0, 0, domain.Shanghai)}
	}
	if err := both[0].Retire(t.Context(), nc, cfg, noted(2)); err != nil {
		t.Fatal(err)
	}
	if err := both[1].Retire(t.Context(), nc, cfg, noted(5)); err == nil {
		t.Error("the second notes over the first")
	}
	if first, _, err := l.Refused().Ends(t.Context()); err != nil || first != 3 {
		t.Errorf("it begins at %d: %v", first, err)
	}
	if all, err := Retired(t.Context(), l.Refused(), cfg.Fund); err != nil || len(all) != 1 || all[0].Last != 2 {
		t.Errorf("noted: %+v %v", all, err)
	}
	third, err := RetireBefore(t.Context(), nc, cfg, time.Now().Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	if err := third.Retire(t.Context(), nc, cfg, noted(4)); err != nil {
		t.Errorf("one after the other: %v", err)
	}
}

// Who asks what may be retired sets nothing: the stream stays shut where somebody else is cutting it, who would count amiss what came in meanwhile.
func TestWhoAsksWhatMayBeRetiredSetsNothing(t *testing.T) {
	t.Parallel()
	s, nc := server(t)
	l := opened(t, nc)
	mustRefuse(t, l.Do(t.Context(), approve("s", "unknown", 1)), domain.CodeApplicationUnknown)
	listener := connect(t, s)
	heard, err := listener.SubscribeSync("$JS.API.STREAM.UPDATE." + RefusedStream(fund))
	if err == nil {
		err = listener.Flush()
	}
	if err != nil {
		t.Fatal(err)
	}
	if _, err := RetireBefore(t.Context(), nc, Config{Fund: fund}, time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	m, err := heard.NextMsg(10 * time.Second)
	if err != nil {
		t.Fatalf("it did not ask whether it may: %v", err)
	}
	if strings.Contains(string(m.Data), RefusedStream(fund)) {
		t.Errorf("it asks for %s", m.Data)
	}
}

// The beginning of the stream is taken away while commands are refused: none of what comes is lost, and the chain goes on.
func TestTheBeginningIsTakenAwayWhileRefusalsCome(t *testing.T) {
	_, nc := server(t)
	l := opened(t, nc)
	for i := range 50 {
		mustRefuse(t, l.Do(t.Context(), approve(fmt.Sprint("before-", i), "unknown", 1)), domain.CodeApplicationUnknown)
	}
	ctx, stop := context.WithCancel(t.Context())
	asked := make(chan int)
	go func() {
		n := 0
		for ; ctx.Err() == nil; n++ {
			if r := l.Do(t.Context(), approve(fmt.Sprint("meanwhile-", n), "unknown", 1)); r.Refusal == nil {
				t.Errorf("not refused: %+v", r)
			}
		}
		asked <- n
	}()
	for _, position := range []uint64{11, 31, 31} {
		if err := l.Refused().CutBefore(t.Context(), position); err != nil {
			t.Error(err)
		}
		if first, _, err := l.Refused().Ends(t.Context()); err != nil || first != position {
			t.Errorf("it begins at %d, not at %d: %v", first, position, err)
		}
	}
	stop()
	n := <-asked
	mustRefuse(t, l.Do(t.Context(), approve("after", "unknown", 1)), domain.CodeApplicationUnknown)
	if kept := refusalsOf(t, l); len(kept) != 50+n+1-30 {
		t.Errorf("%d are kept of %d", len(kept), 50+n+1-30)
	}
	linked(t, l.Refused())
	if err := l.Refused().CutBefore(t.Context(), 1_000_000); err == nil {
		t.Error("it was cut behind its end")
	}
	if _, err := l.Refused().Check(t.Context()); err != nil {
		t.Errorf("its settings are not as they were: %v", err)
	}
}
