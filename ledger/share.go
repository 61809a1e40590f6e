package ledger

import (
	"time"

	"github.com/go-json-experiment/json"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/wire"
)

// RefusalLimits bound what is kept of the refusals of one person in an hour; of an import, of who imports. Beyond them a command is refused
// all the same, and its refusal counted: a note on the stream says how many were not kept, whose, from when until when. Each instance counts
// for itself, from its start. 0 is what [RefusalLimits.WithDefaults] says, below 0 there is no limit.
type RefusalLimits struct {
	Lines int
	Bytes int64
}

// WithDefaults are the limits with what they leave out.
func (l RefusalLimits) WithDefaults() RefusalLimits {
	if l.Lines == 0 {
		l.Lines = 10_000
	}
	if l.Bytes == 0 {
		l.Bytes = 16 << 20
	}
	return l
}

const (
	shareFor  = time.Hour
	tellAfter = 30 * time.Second // a flood has two notes a minute
	// recordBytes is about what a record has beside the command.
	recordBytes = 700
)

// shares are what is kept of each person's refusals. They are not safe for concurrent use.
type shares struct {
	limits RefusalLimits
	of     map[domain.PersonID]*share
	swept  time.Time
}

// share is one person's.
type share struct {
	since time.Time // of the hour that is counted
	lines int
	bytes int64
	over  counted // what was not kept, and not told yet
}

// counted are refusals that were not kept.
type counted struct {
	refusals    int
	bytes       int64
	from, until time.Time
	position    uint64
}

// takes reports whether a refusal is to be kept, and counts it.
func (s *shares) takes(m *decided, now time.Time) bool {
	who := m.pending.order.Origin.ImportedBy
	if who == "" {
		who = clipped(m.pending.order.Command.Given().Actor.ID)
	}
	s.sweep(now)
	one := s.of[who]
	if one == nil {
		one = &share{since: now}
		s.of[who] = one
	}
	if now.Sub(one.since) >= shareFor {
		one.since, one.lines, one.bytes = now, 0, 0
	}
	size := int64(min(len(m.pending.text), wire.MaxKeptCommand)) + recordBytes
	if s.limits.Lines >= 0 && one.lines >= s.limits.Lines || s.limits.Bytes >= 0 && one.bytes+size > s.limits.Bytes {
		if one.over.refusals == 0 {
			one.over.from = m.at
		}
		one.over.refusals++
		one.over.bytes += int64(len(m.pending.text))
		one.over.until, one.over.position = m.at, m.on
		return false
	}
	one.lines++
	one.bytes += size
	return true
}

// sweep forgets whose hour is over, now and then.
func (s *shares) sweep(now time.Time) {
	if now.Sub(s.swept) < shareFor {
		return
	}
	s.swept = now
	for who, one := range s.of {
		if now.Sub(one.since) >= shareFor && one.over.refusals == 0 {
			delete(s.of, who)
		}
	}
}

// untold is what was not kept since it was told last, by person.
func (s *shares) untold() map[domain.PersonID]counted {
	all := map[domain.PersonID]counted{}
	for who, one := range s.of {
		if one.over.refusals > 0 {
			all[who], one.over = one.over, counted{}
		}
	}
	return all
}

// retell takes back what could not be told.
func (s *shares) retell(who domain.PersonID, c counted) {
	one := s.of[who]
	if one == nil {
		one = &share{}
		s.of[who] = one
	}
	if one.over.refusals == 0 {
		one.over = c
		return
	}
	one.over.from = c.from
	one.over.refusals += c.refusals
	one.over.bytes += c.bytes
}

func (c counted) note(who domain.PersonID) wire.Refused {
	const layout = "2006-01-02 15:04:05"
	if domain.HoldsPersonalID(string(who)) {
		who = "…" // written nowhere (R15)
	}
	refusal := *domain.NewRefusal(domain.CodeRefusalsNotKept, "person", who, "value", c.refusals, "use", c.bytes,
		"from", c.from.In(domain.Shanghai).Format(layout), "until", c.until.In(domain.Shanghai).Format(layout))
	said, _ := json.Marshal(struct { // of texts alone, which can be written
		Date  domain.Date  `json:"date"`
		Actor domain.Actor `json:"actor"`
	}{domain.DateIn(c.until, domain.Shanghai), domain.Actor{ID: who}}, json.Deterministic(true))
	return wire.Refused{At: c.until.UTC(), Position: c.position, Command: said, Refusal: refusal, Message: refusal.Message()}
}
