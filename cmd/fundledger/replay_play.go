package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"golang.org/x/term"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/replay"
)

// player shows a history in a terminal, one step at a time.
//
//	← →  Home End      a step back and on, the first and the last
//	space              play: a step every second and a half, until the end or another key
//	1 … 9              back to the step that changed that field before
//	q, Esc, Ctrl+C     leave
type player struct {
	settings *Settings
	name     string
	steps    []replay.Step
	policy   *domain.Policy
	at       int // from 0
	playing  bool
	out      io.Writer
}

// playEvery is how long a step is shown while the history plays.
const playEvery = 1500 * time.Millisecond

// play shows the history until its reader leaves.
func (s *Settings) play(ctx context.Context, name string, h replay.History) error {
	in := os.Stdin
	if !term.IsTerminal(int(in.Fd())) || !terminal(s.stdout) {
		return usageError{errors.New(s.say("--play 需要终端；没有终端时请去掉它", "--play needs a terminal: leave it out where there is none"))}
	}
	was, err := term.MakeRaw(int(in.Fd()))
	if err != nil {
		return fmt.Errorf("taking the keys of the terminal: %w", err)
	}
	defer func() { _ = term.Restore(int(in.Fd()), was) }()
	p := &player{settings: s, name: name, steps: h.Steps, policy: h.Policy, out: s.stdout}
	fmt.Fprint(p.out, "\x1b[?25l")           // no cursor
	defer fmt.Fprint(p.out, "\x1b[?25h\r\n") // and back
	return p.run(ctx, keysOf(in), time.NewTicker(playEvery).C)
}

// run follows the keys. A reader who leaves leaves the goroutine that waits for a key to the end of the process.
func (p *player) run(ctx context.Context, keys <-chan string, tick <-chan time.Time) error {
	for p.show(); ; p.show() {
		select {
		case <-ctx.Done():
			return nil
		case key, more := <-keys:
			if !more || !p.press(key) {
				return nil
			}
		case <-tick:
			if p.playing {
				p.move(p.at + 1)
				p.playing = p.at+1 < len(p.steps)
			}
		}
	}
}

func (p *player) move(to int) { p.at = min(max(to, 0), len(p.steps)-1) }

// press does what a key says, and reports whether the player goes on.
func (p *player) press(key string) bool {
	playing := p.playing
	p.playing = false
	switch key {
	case "q", "Q", "\x1b", "\x03", "\x04":
		return false
	case "\x1b[D", "\x1bOD", "h":
		p.move(p.at - 1)
	case "\x1b[C", "\x1bOC", "l", "\r", "\n":
		p.move(p.at + 1)
	case "\x1b[H", "\x1bOH", "\x1b[1~":
		p.move(0)
	case "\x1b[F", "\x1bOF", "\x1b[4~":
		p.move(len(p.steps) - 1)
	case " ":
		p.playing = !playing && p.at+1 < len(p.steps)
	default:
		if len(key) == 1 && key[0] >= '1' && key[0] <= '9' {
			p.back(int(key[0] - '1'))
		}
	}
	return true
}

// back goes to the step before this one that changed the same field as the n-th change here.
func (p *player) back(n int) {
	changes := p.steps[p.at].Changes
	if n >= len(changes) {
		return
	}
	for i := p.at - 1; i >= 0; i-- {
		if slices.ContainsFunc(p.steps[i].Changes, func(c replay.Change) bool { return c.Field == changes[n].Field }) {
			p.at = i
			return
		}
	}
}

const sliderWidth = 40

func (p *player) show() {
	var b strings.Builder
	b.WriteString("\x1b[H\x1b[2J")
	place := 0
	if len(p.steps) > 1 {
		place = p.at * (sliderWidth - 1) / (len(p.steps) - 1)
	}
	sign := " "
	if p.playing {
		sign = "▶"
	}
	fmt.Fprintf(&b, "%s  %s%s●%s\n\n", p.name, sign, strings.Repeat("─", place), strings.Repeat("─", sliderWidth-1-place))
	shown := *p.settings
	shown.stdout = &b
	shown.printStep(p.at+1, len(p.steps), p.steps[p.at], p.policy)
	for _, l := range p.steps[p.at].Lines {
		if meter := textMeter(l.After.Use.Fen(), l.After.Cap.Amount.Fen()); l.After.Cap.Stated && meter != "" {
			fmt.Fprintf(&b, "      %s %s %s\n", l.Clause, l.SupportYear, meter)
		}
	}
	fmt.Fprintf(&b, "\n%s\n", p.settings.say("← → 步进 · Home End 首末 · 空格 播放 · 1–9 该项上次变化 · q 离开", "← → step · Home End first, last · space plays · 1–9 that field's change before · q leaves"))
	_, _ = io.WriteString(p.out, strings.ReplaceAll(b.String(), "\n", "\r\n")) // a terminal that is gone ends the keys too
}

// textMeter is how much of a cap is used, in twenty parts; beyond it it says so.
func textMeter(use, cap int64) string {
	if cap <= 0 {
		return ""
	}
	parts := max(use, 0) / max(cap/20, 1)
	if parts > 20 || use > cap {
		return "[" + strings.Repeat("█", 20) + "▲]"
	}
	return "[" + strings.Repeat("█", int(parts)) + strings.Repeat("·", 20-int(parts)) + "]"
}

// keysOf reads a terminal's keys: what comes together is one key, as terminals send the sequences of theirs.
func keysOf(in io.Reader) <-chan string {
	keys := make(chan string)
	go func() {
		defer close(keys)
		buffer := make([]byte, 64)
		for {
			n, err := in.Read(buffer)
			for _, key := range splitKeys(string(buffer[:n])) {
				keys <- key
			}
			if err != nil {
				return
			}
		}
	}()
	return keys
}

// splitKeys parts what was read into keys: a sequence that begins with Esc [ or Esc O ends with a letter or "~".
func splitKeys(text string) (keys []string) {
	for text != "" {
		n := 1
		if len(text) > 2 && text[0] == 0x1b && (text[1] == '[' || text[1] == 'O') {
			n = 3
			for n < len(text) && (text[n-1] >= '0' && text[n-1] <= '9' || text[n-1] == ';') {
				n++
			}
		}
		keys, text = append(keys, text[:n]), text[n:]
	}
	return keys
}
