package eventstore_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"strings"
	"time"

	"github.com/fundledger/fundledger/eventstore"
)

func Example() {
	dir, err := os.MkdirTemp("", "log")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	server, err := eventstore.StartServer(eventstore.ServerConfig{Dir: dir})
	if err != nil {
		log.Fatal(err)
	}
	defer server.Shutdown()
	nc, err := server.Connect()
	if err != nil {
		log.Fatal(err)
	}
	defer nc.Close()

	ctx := context.Background()
	events, err := eventstore.Open(ctx, nc, eventstore.Config{Stream: "FUND-x", Subjects: []string{"fund.x.>"}})
	if err != nil {
		log.Fatal(err)
	}
	draft := eventstore.Draft{
		Subject: eventstore.Subject("x", "application", "A-1", "submitted"),
		Envelope: eventstore.Envelope{
			ID: eventstore.EventID("cmd-1", 0), Source: "/funds/x", Type: "fundledger.submitted", Version: 1,
			Time: time.Date(2025, 3, 1, 8, 0, 0, 0, time.UTC), Subject: "application/A-1",
			CommandID: "cmd-1", CommandHash: strings.Repeat("0", 64), Command: "submit_application", Index: 0, Count: 1,
			Actor: "李四",
		},
		Data: []byte(`{"requested":"100.00"}`),
	}
	last, err := events.Append(ctx, 0, []eventstore.Draft{draft})
	if err != nil {
		log.Fatal(err)
	}
	err = events.Read(ctx, 1, last, func(batch []eventstore.Record) error {
		for _, r := range batch {
			e, err := eventstore.ParseEnvelope(r)
			if err != nil {
				return err
			}
			fmt.Println(r.Seq, r.Subject, e.ID, e.Actor, string(r.Data))
		}
		return nil
	})
	if err != nil {
		log.Fatal(err)
	}
	// Output: 1 fund.x.application.A-1.submitted cmd-1#0 李四 {"requested":"100.00"}
}
