package main

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/rogpeppe/go-internal/testscript"
)

// The sessions in testdata/script are the command line as its users see it: each runs the real program, which starts a NATS
// and a PostgreSQL of its own.
func TestMain(m *testing.M) {
	// Tests of real processes mostly wait for them: a few beside each other, whatever the number of cores. A flag that is given counts.
	if err := flag.Set("test.parallel", "4"); err != nil {
		panic(err)
	}
	testscript.Main(m, map[string]func(){
		"fundledger":  func() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) },
		"nats-server": natsServer,
	})
}

// natsServer is the program of that name, of the version that the module embeds: the cluster of the tests runs it as processes.
func natsServer() {
	options, err := server.ConfigureOptions(flag.NewFlagSet("nats-server", flag.ExitOnError), os.Args[1:], nil, nil, nil)
	if err != nil {
		server.PrintAndDie(err.Error())
	}
	s, err := server.NewServer(options)
	if err != nil {
		server.PrintAndDie(err.Error())
	}
	s.ConfigureLogger()
	if err := server.Run(s); err != nil {
		server.PrintAndDie(err.Error())
	}
	s.WaitForShutdown()
}

// update writes what the sessions print into them: go test ./cmd/fundledger -update
var update = flag.Bool("update", false, "write what the sessions print into their files")

func TestSessions(t *testing.T) {
	shipped, err := filepath.Abs("../../policies")
	if err != nil {
		t.Fatal(err)
	}
	edition, err := filepath.Abs("testdata/edition-1")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:           "testdata/script",
		UpdateScripts: *update,
		Cmds:          map[string]func(*testscript.TestScript, bool, []string){"recompute": recompute},
		Setup: func(env *testscript.Env) error {
			env.Setenv("FUNDLEDGER_DATA", env.WorkDir+"/ledger")
			env.Setenv("FUNDLEDGER_LANG", "en")
			env.Setenv("FUNDLEDGER_ACTOR", "officer")
			env.Setenv("POLICIES", shipped)
			env.Setenv("EDITION", edition)
			return nil
		},
	})
}
