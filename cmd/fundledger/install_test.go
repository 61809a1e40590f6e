package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The machine has no PostgreSQL that fits. The service says so, and changes nothing on the machine: neither its package manager nor the
// network is asked, until it is told to.
func TestServeInstallsNothingUnasked(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "ledger")
	output(t, "policy", "publish", "elsewhere-2025", "--data", dir)
	if err := os.WriteFile(filepath.Join(dir, "postgres", "data", "PG_VERSION"), []byte("9\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	// Whatever it would run or ask is here, and leaves a trace.
	bin, home, asked := t.TempDir(), t.TempDir(), filepath.Join(t.TempDir(), "asked")
	if err := os.WriteFile(filepath.Join(bin, "apt-get"), []byte("#!/bin/sh\necho \"$@\" >> "+asked+"\nexit 1\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	try := func(flags ...string) string {
		c := program(t, append([]string{"serve", "--data", dir, "--listen", "127.0.0.1:0"}, flags...)...)
		c.Env = append(c.Env, "PATH="+bin+":"+os.Getenv("PATH"), "HOME="+home, "XDG_CACHE_HOME="+home)
		said, err := c.CombinedOutput()
		if err == nil || c.ProcessState.ExitCode() != 1 {
			t.Fatalf("it serves, or ends otherwise: %v\n%s", err, said)
		}
		return string(said)
	}
	if said := try(); !strings.Contains(said, "--install-postgres") || !strings.Contains(said, "postgresql-9") || present(asked) {
		t.Errorf("it asked for a package (%v), or does not say what to do:\n%s", present(asked), said)
	}
	if left, err := os.ReadDir(home); err != nil || len(left) > 0 {
		t.Errorf("it left %v behind, %v", left, err)
	}
	if os.Geteuid() == 0 && debian() {
		if said := try("--install-postgres"); !present(asked) {
			t.Errorf("it was told to install, and asked nobody:\n%s", said)
		}
	}
}

func debian() bool { return present("/etc/debian_version") }
