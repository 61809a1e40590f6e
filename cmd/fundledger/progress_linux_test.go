package main

import (
	"fmt"
	"io"
	"os"
	"syscall"
	"testing"
	"time"
	"unsafe"
)

// A bar on a real terminal ends too, wherever it stood: one that waits to be full keeps a command for ever that was done before.
func TestProgressOnATerminalEnds(t *testing.T) {
	tty := pseudoTerminal(t)
	s := &Settings{stderr: tty}
	if !terminal(tty) {
		t.Fatal("it is no terminal")
	}
	for _, c := range []struct{ last, total int64 }{{0, 100}, {50, 100}, {100, 100}, {0, 0}, {2000, 0}} {
		p := s.progress("something")
		p.began = time.Now().Add(-time.Hour)
		p.at(0, c.total)
		p.at(c.last, c.total)
		ended := make(chan struct{})
		go func() { defer close(ended); p.done() }()
		select {
		case <-ended:
		case <-time.After(patience):
			t.Fatalf("at %d of %d it is waited for", c.last, c.total)
		}
	}
}

// pseudoTerminal is a terminal that a program reads.
func pseudoTerminal(t *testing.T) *os.File {
	t.Helper()
	program, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { program.Close() })
	var locked, number int32
	for request, value := range map[uintptr]*int32{syscall.TIOCSPTLCK: &locked, syscall.TIOCGPTN: &number} {
		if _, _, no := syscall.Syscall(syscall.SYS_IOCTL, program.Fd(), request, uintptr(unsafe.Pointer(value))); no != 0 {
			t.Fatal(no)
		}
	}
	tty, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { tty.Close() })
	go func() { _, _ = io.Copy(io.Discard, program) }()
	return tty
}
