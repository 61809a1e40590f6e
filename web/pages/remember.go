package pages

import (
	"cmp"
	"context"
	"errors"
	"sync"
	"time"
)

// remembered keeps answers that cost a run through every line, by what was asked. An answer of the position that is asked for
// is given as it is. An older one is given too, while a newer is being made beside it, where making it took longer than a
// reader should wait and it is not much older than that: the answer itself says of which position it is. What was made quickly
// is always made anew, so a small ledger is never shown as it was. Those who ask the same at once wait for one answer.
type remembered[T any] struct {
	mu      sync.Mutex
	closed  bool
	makers  sync.WaitGroup
	kept    int // answers at most; 0: answersKept
	answers map[string]*answer[T]
}

// answer is what is known of a question: the last body that could be made, and the one that is being made.
type answer[T any] struct {
	body   T
	seq    uint64        // the position that it is of
	at     time.Time     // when that was
	took   time.Duration // to make it; 0: there is none yet
	making *making[T]
}

// making is an answer under way.
type making[T any] struct {
	seq  uint64        // the position that it is of, or an earlier one than it will be of
	done chan struct{} // closed when the rest is there
	body T
	err  error
}

// wait is the answer once it is there.
func (m *making[T]) wait(ctx context.Context) (T, error) {
	select {
	case <-m.done:
		return m.body, m.err
	case <-ctx.Done():
		var none T
		return none, ctx.Err()
	}
}

const (
	answersKept = 32
	worthAWait  = 150 * time.Millisecond // what is made within it is not given out of date
	outOfDate   = 10                     // times of what it takes to make one
	makesWithin = time.Minute
)

// get is the answer to a question at a position, by ask where none that will do is kept. What ask returns is not changed.
func (m *remembered[T]) get(ctx context.Context, question string, seq uint64, ask func(context.Context) (T, error)) (T, error) {
	m.mu.Lock()
	a := m.answer(question)
	late := a.took > 0 && a.seq != seq
	if a.took > 0 && (!late || a.took > worthAWait && time.Since(a.at) < outOfDate*a.took) {
		if late && a.making == nil {
			m.make(ctx, a, seq, ask)
		}
		defer m.mu.Unlock()
		return a.body, nil
	}
	if a.making == nil {
		m.make(ctx, a, seq, ask)
	}
	under := a.making
	m.mu.Unlock()
	return under.wait(ctx)
}

// exactly is the answer of a position or a later one, however long it takes: for what must show what the asker did just now.
func (m *remembered[T]) exactly(ctx context.Context, question string, seq uint64, ask func(context.Context) (T, error)) (T, error) {
	for {
		m.mu.Lock()
		a := m.answer(question)
		if a.took > 0 && a.seq >= seq {
			defer m.mu.Unlock()
			return a.body, nil
		}
		if a.making == nil {
			m.make(ctx, a, seq, ask)
		}
		under := a.making
		m.mu.Unlock()
		if body, err := under.wait(ctx); err != nil || under.seq >= seq {
			return body, err
		}
	}
}

// answer is the place of a question's answer.
func (m *remembered[T]) answer(question string) *answer[T] {
	if a := m.answers[question]; a != nil {
		return a
	}
	if m.answers == nil {
		m.answers = map[string]*answer[T]{}
	}
	if most := cmp.Or(m.kept, answersKept); len(m.answers) >= most {
		m.forget()
	}
	a := new(answer[T])
	m.answers[question] = a
	return a
}

// forget drops the answer that was made longest ago, and none that is being made while there is another.
func (m *remembered[T]) forget() {
	oldest := ""
	for question, a := range m.answers {
		if o := m.answers[oldest]; o == nil || o.making != nil && a.making == nil || (o.making == nil) == (a.making == nil) && a.at.Before(o.at) {
			oldest = question
		}
	}
	delete(m.answers, oldest)
}

var errClosed = errors.New("the pages are closed")

// make makes an answer in a goroutine of its own, which no reader's leaving ends.
func (m *remembered[T]) make(ctx context.Context, a *answer[T], seq uint64, ask func(context.Context) (T, error)) {
	under := &making[T]{seq: seq, done: make(chan struct{}), err: errClosed}
	if m.closed {
		close(under.done)
		a.making = under
		return
	}
	a.making = under
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), makesWithin)
	m.makers.Go(func() {
		defer cancel()
		began := time.Now()
		under.body, under.err = ask(ctx)
		m.mu.Lock()
		defer m.mu.Unlock()
		if a.making = nil; under.err == nil {
			a.body, a.seq, a.at, a.took = under.body, seq, time.Now(), max(time.Since(began), 1)
		}
		close(under.done)
	})
}

// close waits for what is under way.
func (m *remembered[T]) close() {
	m.mu.Lock()
	m.closed = true
	m.mu.Unlock()
	m.makers.Wait()
}
