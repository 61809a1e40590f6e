package main

import (
	"os"
	"testing"
	"time"
)

// What is thrown away needs no bar: a bar that nothing draws is waited for, for ever.
func TestProgressIntoNothingEnds(t *testing.T) {
	nothing, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer nothing.Close()
	s := &Settings{stderr: nothing}
	for _, last := range []int64{0, 50, 100} {
		p := s.progress("something")
		p.began = time.Now().Add(-time.Hour)
		for done := range last + 1 {
			p.at(done, 100)
		}
		ended := make(chan struct{})
		go func() { defer close(ended); p.done() }()
		select {
		case <-ended:
		case <-time.After(patience):
			t.Fatal("it is waited for")
		}
	}
}
