package main

import (
	"fmt"
	"sync"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
)

// progress shows how far something has come: a bar on a terminal, a line every few seconds elsewhere, nothing where it is
// over within a second.
type progress struct {
	settings *Settings
	name     string
	began    time.Time
	said     time.Time
	mu       sync.Mutex
	bars     *mpb.Progress
	bar      *mpb.Bar
}

const (
	quiet     = time.Second     // what is over sooner needs no bar
	sayEvery  = 5 * time.Second // how often a line is written where there is no terminal
	barsWidth = 60
)

// progress begins to measure.
func (s *Settings) progress(name string) *progress {
	return &progress{settings: s, name: name, began: time.Now(), said: time.Now()}
}

// at says that done of total is done; a total of 0 is unknown.
func (p *progress) at(done, total int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if time.Since(p.began) < quiet {
		return
	}
	if !terminal(p.settings.stderr) {
		if time.Since(p.said) >= sayEvery {
			p.said = time.Now()
			fmt.Fprintf(p.settings.stderr, "%s: %d / %d\n", p.name, done, total)
		}
		return
	}
	if p.bar == nil {
		p.bars = mpb.New(mpb.WithOutput(p.settings.stderr), mpb.WithWidth(barsWidth))
		p.bar = p.bars.AddBar(total, mpb.PrependDecorators(decor.Name(p.name+" ")),
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
	p.bar.SetTotal(p.bar.Current(), true)
	p.bars.Wait()
	p.bar = nil
}
