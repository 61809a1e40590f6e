package eventstore

import (
	"fmt"
	"testing"

	"github.com/nats-io/nats.go/jetstream"
)

// A stream that was opened while its beginning was to be taken away keeps everything, and one that was left shut opens again.
func TestAPlainStreamIsCutOnlyWhileItIsShut(t *testing.T) {
	t.Parallel()
	s := must[*Server](t)(StartServer(ServerConfig{Dir: t.TempDir()}))
	t.Cleanup(s.Shutdown)
	nc, err := s.Connect()
	check(t, err)
	t.Cleanup(nc.Close)
	ctx, cfg := deadline(t), Config{Stream: "PLAIN", Subjects: []string{"plain.>"}, Plain: true}
	l := must[*Log](t)(Open(ctx, nc, cfg))
	last := uint64(0)
	for i := range 4 {
		last, err = l.Put(ctx, last, []Plain{{Subject: fmt.Sprint("plain.", i), Data: []byte("{}")}})
		check(t, err)
	}
	if err := l.cut(ctx, 3); err == nil {
		t.Error("it was cut while everybody could write")
	}
	if first, last, err := l.Ends(ctx); err != nil || first != 1 || last != 4 {
		t.Errorf("it holds %d to %d: %v", first, last, err)
	}
	check(t, l.set(ctx, func(c *jetstream.StreamConfig) { c.MaxMsgSize = shutSize }))
	again := must[*Log](t)(Open(ctx, nc, cfg))
	if _, err := again.Put(ctx, last, []Plain{{Subject: "plain.after", Data: []byte("{}")}}); err != nil {
		t.Errorf("it was left shut: %v", err)
	}
}
