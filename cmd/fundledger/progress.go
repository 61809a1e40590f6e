package main

import (
	"cmp"
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"github.com/fundledger/fundledger/eventstore"
)

// progress shows how far something has come: a bar on a terminal, a line every few seconds elsewhere, nothing where it is
// over within a second. How much there is may not be known: then it shows how long it has taken.
type progress struct {
	settings *Settings
	name     string
	began    time.Time
	said     time.Time
	mu       sync.Mutex
	bars     *mpb.Progress
	bar      *mpb.Bar
}

// pace is how soon something is shown, and how often; 0: a second, and five.
type pace struct {
	quiet time.Duration // what is over sooner needs no bar
	every time.Duration // how often a line is written where there is no terminal
}

const barsWidth = 60

// progress begins to measure.
func (s *Settings) progress(name string) *progress {
	return &progress{settings: s, name: name, began: time.Now(), said: time.Now()}
}

// waiting shows that something is still at work that cannot say how far it is, until done is called.
func (s *Settings) waiting(name string) (done func()) {
	p := s.progress(name)
	over, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(cmp.Or(s.pace.quiet, time.Second) / 4)
		defer tick.Stop()
		for {
			select {
			case <-over:
				return
			case <-tick.C:
				p.at(0, 0)
			}
		}
	}()
	return sync.OnceFunc(func() { close(over); <-ended; p.done() })
}

// readLog is a log that shows how far it is read, whoever reads it: each reading that takes its time has a bar of its own.
type readLog struct {
	*eventstore.Log
	settings *Settings
}

// Read is [eventstore.Log.Read].
func (l readLog) Read(ctx context.Context, from, to uint64, fn func([]eventstore.Record) error) error {
	bar := l.settings.progress(l.settings.say("读取日志", "reading the log"))
	defer bar.done()
	end := to
	if end == 0 {
		end, _ = l.Log.Last(ctx) // the reading itself says what is wrong
	}
	return l.Log.Read(ctx, from, to, func(records []eventstore.Record) error {
		err := fn(records)
		if n := len(records); n > 0 {
			bar.at(int64(records[n-1].Seq), int64(end))
		}
		return err
	})
}

// at says that done of total is done; a total of 0 is unknown.
func (p *progress) at(done, total int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if time.Since(p.began) < cmp.Or(p.settings.pace.quiet, time.Second) {
		return
	}
	if !terminal(p.settings.stderr) {
		if time.Since(p.said) < cmp.Or(p.settings.pace.every, 5*time.Second) {
			return
		}
		p.said = time.Now()
		switch {
		case total > 0:
			fmt.Fprintf(p.settings.stderr, "%s: %d / %d\n", p.name, done, total)
		case done > 0:
			fmt.Fprintf(p.settings.stderr, "%s: %d\n", p.name, done)
		default:
			fmt.Fprintf(p.settings.stderr, "%s: %s\n", p.name, time.Since(p.began).Round(time.Second))
		}
		return
	}
	if p.bar == nil {
		p.bars = mpb.New(mpb.WithOutput(p.settings.stderr), mpb.WithWidth(barsWidth))
	}
	if p.bar == nil && total == 0 {
		counted := decor.Any(func(st decor.Statistics) string {
			if st.Current == 0 {
				return ""
			}
			return fmt.Sprintf("%d ", st.Current)
		})
		p.bar = p.bars.New(0, mpb.SpinnerStyle(), mpb.BarWidth(1), mpb.PrependDecorators(decor.Name(p.name+" ")), mpb.AppendDecorators(counted, decor.Elapsed(decor.ET_STYLE_GO)))
	}
	if p.bar == nil { // of no total yet: a bar that is made with one ends when it is reached, and not before
		p.bar = p.bars.AddBar(0, mpb.PrependDecorators(decor.Name(p.name+" ")),
			mpb.AppendDecorators(decor.CountersNoUnit("%d / %d "), decor.AverageSpeed(0, "%.0f/s ")))
	}
	p.bar.SetTotal(total, false)
	p.bar.SetCurrent(done)
}

// done ends it, and leaves the bar where it stood.
func (p *progress) done() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bar == nil {
		return
	}
	p.bar.SetTotal(max(p.bar.Current(), 1), true)
	p.bars.Wait()
	p.bar = nil
}
