package audit

import (
	"slices"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/fundledger/fundledger/demo"
	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/policies"
	"github.com/fundledger/fundledger/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func day(text string) domain.Date {
	d, err := domain.ParseDate(text)
	if err != nil {
		panic(err)
	}
	return d
}

// scribe writes a log in memory as a ledger would.
type scribe struct {
	t       testing.TB
	fund    domain.FundID
	state   *domain.State
	records Records
	refused []wire.Refused
	hour    time.Time
}

func newScribe(t testing.TB) *scribe { return &scribe{t: t, state: domain.NewState()} }

// give decides a command on its own date, and books it or keeps the refusal.
func (s *scribe) give(c domain.Command) *domain.Refusal {
	s.t.Helper()
	h := c.Given()
	if p, ok := c.(*domain.PublishPolicy); ok {
		s.fund = p.Policy.Fund
		hash, err := wire.PolicyHash(&p.Policy)
		if err != nil {
			s.t.Fatal(err)
		}
		p.Hash = hash
	}
	at := h.Date.Time(shanghai).Add(10 * time.Hour)
	if at.Before(s.hour) {
		at = s.hour
	}
	s.hour = at.Add(time.Second)
	decision, refusal := domain.Decide(s.state, c, domain.DateIn(at, shanghai))
	if refusal != nil {
		s.refuse(c, refusal, at)
		return refusal
	}
	hash, err := wire.HashCommand(c)
	if err != nil {
		s.t.Fatal(err)
	}
	s.write(c, decision, hash, at)
	return nil
}

func (s *scribe) refuse(c domain.Command, r *domain.Refusal, at time.Time) {
	text, err := wire.EncodeCommand(c)
	if err != nil {
		s.t.Fatal(err)
	}
	s.refused = append(s.refused, wire.Refused{At: at.UTC(), Position: uint64(len(s.records)), Command: text, Refusal: *r, Message: r.Message()})
}

func (s *scribe) write(c domain.Command, d domain.Decision, hash string, at time.Time) {
	drafts, err := wire.Drafts(s.fund, c, hash, d, wire.Origin{}, at.UTC())
	if err != nil {
		s.t.Fatal(err)
	}
	for i, draft := range drafts {
		h := draft.Envelope.Header()
		h["Nats-Expected-Last-Sequence"] = []string{"1"}
		s.records = append(s.records, eventstore.Record{Seq: uint64(len(s.records) + 1), Time: at.Add(3 * time.Millisecond).UTC(), Subject: draft.Subject,
			Header: h, Data: draft.Data})
		domain.Apply(s.state, d.Events[i], domain.Deed{Actor: c.Given().Actor, Date: c.Given().Date})
	}
}

func changning(t testing.TB) domain.Policy {
	t.Helper()
	p, err := policies.Named("changning-2024")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func publish(p domain.Policy) domain.Command {
	return &domain.PublishPolicy{Head: domain.Head{ID: "publish", Date: p.IssuedOn, Actor: domain.Actor{ID: "admin", Role: domain.Admin}}, Policy: p}
}

var twoYears = sync.OnceValue(func() *scribe {
	t := &testing.B{}
	s := newScribe(t)
	p := changning(t)
	s.give(publish(p))
	for step := range demo.Changning(p, day("2026-11-20")) {
		s.give(step.Command)
	}
	return s
})

// sampled is two sample years on a log. Nothing may change it: [copied] gives a log that may be changed.
func sampled() *scribe { return twoYears() }

func copied(l Records) Records {
	out := slices.Clone(l)
	for i, r := range out {
		out[i].Data = slices.Clone(r.Data)
		out[i].Header = map[string][]string{}
		for name, values := range r.Header {
			out[i].Header[name] = slices.Clone(values)
		}
	}
	return out
}
