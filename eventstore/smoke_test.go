package eventstore

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"
)

func drafts(n int, id string) []Draft {
	out := make([]Draft, n)
	for i := range out {
		out[i] = Draft{Subject: Subject("f", "application", id, "happened"), Data: []byte(`{"a":1}`), Envelope: Envelope{
			ID: EventID(id, i), Source: "/funds/f", Type: "t.happened", Version: 1, Time: time.Now(), Subject: "application/" + id,
			CommandID: id, CommandHash: strings.Repeat("0", 64), Command: "do", Index: i, Count: n, Actor: "张三"}}
	}
	return out
}

func TestSmoke(t *testing.T) {
	for _, n := range []int{1, 3} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			ctx := context.Background()
			c, err := StartCluster(t.TempDir(), n, nil)
			if n == 1 {
				s, err := StartServer(ServerConfig{Dir: t.TempDir()})
				if err != nil {
					t.Fatal(err)
				}
				defer s.Shutdown()
				c.Shutdown()
				c.nodes[0] = s
				c.opts[0].Password = s.Password()
			}
			if err != nil {
				t.Fatal(err)
			}
			defer c.Shutdown()
			nc, err := c.Connect()
			if err != nil {
				t.Fatal(err)
			}
			defer nc.Close()
			l, err := Open(ctx, nc, Config{Stream: "S", Subjects: []string{"fund.f.>"}, Replicas: n})
			if err != nil {
				t.Fatal(err)
			}
			last := uint64(0)
			for i := range 20 {
				if last, err = l.Append(ctx, last, drafts(i+1, fmt.Sprint("c", i))); err != nil {
					t.Fatal(err)
				}
			}
			got := 0
			if err := l.Read(ctx, 1, 0, func(r []Record) error {
				for _, x := range r {
					if _, err := ParseEnvelope(x); err != nil {
						return err
					}
				}
				got += len(r)
				return nil
			}); err != nil || got != 210 {
				t.Fatal(got, err)
			}
			_, err = l.Append(ctx, 3, drafts(2, "x"))
			t.Log(err)
			_, err = l.Append(ctx, 3, drafts(1, "x"))
			t.Log(err, l.Require(ctx, 211))
		})
	}
}
