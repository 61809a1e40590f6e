package main

import (
	"bytes"
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fundledger/fundledger/replay"
)

var shownStep = regexp.MustCompile(`(?m)^(\d+)/4 `)

// playing is the steps that a player shows while keys are pressed.
func playing(t *testing.T, keys []string, ticks int) string {
	t.Helper()
	change := func(fields ...string) (s replay.Step) {
		for _, f := range fields {
			s.Changes = append(s.Changes, replay.Change{Field: f, Before: "a", After: "b"})
		}
		return s
	}
	var out bytes.Buffer
	p := &player{settings: &Settings{Lang: "en"}, name: "A-1", steps: []replay.Step{change("state"), change("approved.2025", "state"), change("paid.2025"), change("paid.2025", "state")}, out: &out}
	pressed, tick := make(chan string), make(chan time.Time)
	ended := make(chan error, 1)
	go func() { ended <- p.run(context.Background(), pressed, tick) }()
	for _, key := range keys {
		pressed <- key
	}
	for range ticks {
		tick <- time.Time{}
	}
	pressed <- "q"
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	seen := ""
	for _, found := range shownStep.FindAllStringSubmatch(strings.ReplaceAll(out.String(), "\r\n", "\n"), -1) {
		seen += found[1]
	}
	return seen
}

func TestThePlayerFollowsTheKeys(t *testing.T) {
	for name, c := range map[string]struct {
		keys  []string
		ticks int
		want  string
	}{
		"nothing":                         {nil, 0, "1"},
		"on and back":                     {[]string{"\x1b[C", "\x1b[C", "\x1b[D"}, 0, "1232"},
		"the ends":                        {[]string{"\x1b[F", "\x1b[H", "\x1b[D"}, 0, "1411"},
		"not beyond the last":             {[]string{"\x1b[4~", "\x1b[C"}, 0, "144"},
		"back to what changed the field":  {[]string{"\x1b[F", "2", "2"}, 0, "1421"},
		"a field that never changed":      {[]string{"9"}, 0, "11"},
		"it plays to the end":             {[]string{" "}, 5, "1123444"},
		"a key stops it":                  {[]string{" ", "\x1b[H"}, 2, "11111"},
		"another key that means nothing":  {[]string{"x"}, 0, "11"},
		"keys of people who know the way": {[]string{"l", "h"}, 0, "121"},
	} {
		if got := playing(t, c.keys, c.ticks); got != c.want {
			t.Errorf("%s: shows %s, want %s", name, got, c.want)
		}
	}
}

func TestWhatATerminalSendsIsPartedIntoKeys(t *testing.T) {
	for text, want := range map[string][]string{"q": {"q"}, "\x1b[C\x1b[D": {"\x1b[C", "\x1b[D"}, "\x1b[1~1": {"\x1b[1~", "1"}, "\x1bOH ": {"\x1bOH", " "}, "\x1b": {"\x1b"}, "\x1b[": {"\x1b", "["}, "": nil} {
		if got := splitKeys(text); !slices.Equal(got, want) {
			t.Errorf("%q is parted into %q, want %q", text, got, want)
		}
	}
	for use, want := range map[int64]string{0: strings.Repeat("·", 20), 50: strings.Repeat("█", 10) + strings.Repeat("·", 10), 100: strings.Repeat("█", 20), 101: strings.Repeat("█", 20) + "▲", -5: strings.Repeat("·", 20)} {
		if got := textMeter(use, 100); got != fmt.Sprintf("[%s]", want) {
			t.Errorf("%d of 100 is %s", use, got)
		}
	}
}
