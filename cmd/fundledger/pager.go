package main

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"syscall"
)

// pager is the program that shows what is longer than a screen: what PAGER names, or else less, which ends where one screen is enough. None where
// nobody wants it, or the machine has none.
func pager() *exec.Cmd {
	named, said := os.LookupEnv("PAGER")
	if os.Getenv("NO_PAGER") != "" || said && (named == "" || named == "cat") {
		return nil
	}
	if !said {
		if _, err := exec.LookPath("less"); err != nil {
			return nil
		}
	}
	return exec.Command("sh", "-c", cmp.Or(named, "less -FRX"))
}

// paging does something whose standard output goes through a pager, where it is a terminal. Whoever ends the pager has seen enough.
func (s *Settings) paging(c Shape, do func(*Settings) error) error {
	var show *exec.Cmd
	if c.Pager && c.Out == "" && terminal(s.stdout) {
		show = pager()
	}
	if show == nil {
		return do(s)
	}
	if _, said := os.LookupEnv("LESSCHARSET"); !said {
		show.Env = append(os.Environ(), "LESSCHARSET=utf-8") // whatever the locale, for the tables are
	}
	show.Stdout, show.Stderr = s.stdout, s.stderr
	in, err := show.StdinPipe()
	if err == nil {
		err = show.Start()
	}
	if err != nil {
		return fmt.Errorf(s.say("启动分页程序：%w；可用 --no-pager 不分页", "starting the pager: %w; --no-pager goes without"), err)
	}
	through := *s
	through.stdout = in
	err = do(&through)
	if errors.Is(err, syscall.EPIPE) {
		err = nil
	}
	_ = in.Close()  // it has ended where this fails
	_ = show.Wait() // how it ended is its own affair
	return err
}
