package scribe

import (
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/fundledger/fundledger/demo"
	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/policies"
	"github.com/fundledger/fundledger/wire"
)

// Day is a date as it is written.
func Day(text string) domain.Date {
	d, err := domain.ParseDate(text)
	if err != nil {
		panic(err)
	}
	return d
}

// Scribe writes a log in memory as a ledger would.
type Scribe struct {
	T       testing.TB
	Fund    domain.FundID
	State   *domain.State
	Records eventstore.Records
	Refused []wire.Refused
	hour    time.Time
}

// New is a scribe with an empty log.
func New(t testing.TB) *Scribe { return &Scribe{T: t, State: domain.NewState()} }

// Give decides a command on its own date, and books it or keeps the refusal.
func (s *Scribe) Give(c domain.Command) *domain.Refusal {
	s.T.Helper()
	h := c.Given()
	if p, ok := c.(*domain.PublishPolicy); ok {
		s.Fund = p.Policy.Fund
		hash, err := wire.PolicyHash(&p.Policy)
		if err != nil {
			s.T.Fatal(err)
		}
		p.Hash = hash
	}
	at := h.Date.Time(domain.Shanghai).Add(10 * time.Hour)
	if at.Before(s.hour) {
		at = s.hour
	}
	s.hour = at.Add(time.Second)
	decision, refusal := domain.Decide(s.State, c, domain.DateIn(at, domain.Shanghai))
	if refusal != nil {
		s.refuse(c, refusal, at)
		return refusal
	}
	hash, err := wire.HashCommand(c)
	if err != nil {
		s.T.Fatal(err)
	}
	s.write(c, decision, hash, at)
	return nil
}

func (s *Scribe) refuse(c domain.Command, r *domain.Refusal, at time.Time) {
	text, err := wire.EncodeCommand(c)
	if err != nil {
		s.T.Fatal(err)
	}
	s.Refused = append(s.Refused, wire.Refused{At: at.UTC(), Position: uint64(len(s.Records)), Command: text, Refusal: *r, Message: r.Message()})
}

func (s *Scribe) write(c domain.Command, d domain.Decision, hash string, at time.Time) {
	drafts, err := wire.Drafts(s.Fund, c, hash, d, wire.Origin{}, at.UTC())
	if err != nil {
		s.T.Fatal(err)
	}
	for i, draft := range drafts {
		h := draft.Envelope.Header()
		h["Nats-Expected-Last-Sequence"] = []string{"1"}
		s.Records = append(s.Records, eventstore.Record{Seq: uint64(len(s.Records) + 1), Time: at.Add(3 * time.Millisecond).UTC(), Subject: draft.Subject,
			Header: h, Data: draft.Data})
		domain.Apply(s.State, d.Events[i], domain.Deed{Actor: c.Given().Actor, Date: c.Given().Date})
	}
}

// Changning is the policy of the made-up years.
func Changning(t testing.TB) domain.Policy { return named(t, "changning-2024") }

// Successor is the policy that follows it.
func Successor(t testing.TB) domain.Policy { return named(t, "changning-2027") }

func named(t testing.TB, policy string) domain.Policy {
	t.Helper()
	p, err := policies.Named(policy)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// Publish is the command that publishes a policy on the day of its issue.
func Publish(p domain.Policy) domain.Command {
	return &domain.PublishPolicy{Head: domain.Head{ID: "publish", Date: p.IssuedOn, Actor: domain.Actor{ID: "admin", Role: domain.Admin}}, Policy: p}
}

var twoYears = sync.OnceValue(func() *Scribe {
	t := &testing.B{}
	s := New(t)
	p := Changning(t)
	s.Give(Publish(p))
	for step := range demo.Changning(p, Day("2026-11-20")) {
		s.Give(step.Command)
	}
	return s
})

// TwoYears is the two made-up years on a log. Nothing may change it: [Copied] gives a log that may be changed.
func TwoYears() *Scribe { return twoYears() }

// Copied is a log that shares nothing with another.
func Copied(l eventstore.Records) eventstore.Records {
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
