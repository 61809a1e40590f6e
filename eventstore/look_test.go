package eventstore

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
)

// written is a server's folder with a log of n events, and the text of its only block.
func written(t *testing.T, n int) (dir, msgs string, block []byte, starts []int) {
	t.Helper()
	dir = t.TempDir()
	s, err := StartServer(ServerConfig{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	nc, err := s.Connect()
	if err != nil {
		t.Fatal(err)
	}
	js, err := nc.JetStream()
	if err != nil {
		t.Fatal(err)
	}
	log, err := Open(t.Context(), nc, Config{Stream: "LOG", Subjects: []string{"log.>"}})
	if err != nil {
		t.Fatal(err)
	}
	for i := range n {
		if _, err := js.Publish("log.x", fmt.Appendf(nil, "message %d, %0*d", i, 100+i, i)); err != nil {
			t.Fatal(err)
		}
	}
	if last, err := log.Last(t.Context()); err != nil || last != uint64(n) {
		t.Fatal(last, err)
	}
	nc.Close()
	s.Shutdown()
	msgs = filepath.Join(dir, "jetstream", "$G", "streams", "LOG", "msgs")
	if block, err = os.ReadFile(filepath.Join(msgs, "1.blk")); err != nil {
		t.Fatal(err)
	}
	for at := 0; at < len(block); at += int(binary.LittleEndian.Uint32(block[at:]) &^ headersBit) {
		starts = append(starts, at)
	}
	if len(starts) != n {
		t.Fatalf("%d records", len(starts))
	}
	return dir, msgs, block, starts
}

func TestLookTellsDamageFromWhatAnEndMayBe(t *testing.T) {
	dir, msgs, block, starts := written(t, 50)
	path, index := filepath.Join(msgs, "1.blk"), filepath.Join(msgs, "index.db")
	state, err := os.ReadFile(index)
	if err != nil {
		t.Fatal(err)
	}
	flip := func(at int) []byte {
		text := bytes.Clone(block)
		text[at] ^= 0x10
		return text
	}
	join := func(parts ...[]byte) []byte { return bytes.Join(parts, nil) }
	last := block[starts[49]:]
	unknown, whole, wrong := []byte(nil), state, []byte("this is no state of any stream at all, but it is long enough")
	for name, c := range map[string]struct {
		block, state []byte
		acted        uint64
		kind         Damage // "": none
		after        uint64
		behind       int
	}{
		"whole":                           {block: block, state: whole},
		"no state":                        {block: block, state: unknown},
		"a state that is none":            {block: block, state: wrong},
		"as long as was signed":           {block: block, state: unknown, acted: 50},
		"a bit of data":                   {block: flip(starts[19] + 60), state: whole, kind: DamageRecord, after: 19, behind: 30},
		"a bit of data, and no state":     {block: flip(starts[19] + 60), state: unknown, kind: DamageRecord, after: 19, behind: 30},
		"a bit of a length":               {block: flip(starts[19]), state: whole, kind: DamageRecord, after: 19, behind: 30},
		"a high bit of a length":          {block: flip(starts[19] + 3), state: unknown, kind: DamageRecord, after: 19, behind: 30},
		"a bit of a sequence":             {block: flip(starts[19] + 4), state: whole, kind: DamageRecord, after: 19, behind: 30},
		"a bit of a time":                 {block: flip(starts[19] + 12), state: whole, kind: DamageRecord, after: 19, behind: 30},
		"a bit of a subject":              {block: flip(starts[19] + 23), state: whole, kind: DamageRecord, after: 19, behind: 30},
		"a bit of a checksum":             {block: flip(starts[20] - 1), state: whole, kind: DamageRecord, after: 19, behind: 30},
		"a bit of the first":              {block: flip(60), state: whole, kind: DamageRecord, after: 0, behind: 49},
		"a bit of the last":               {block: flip(starts[49] + 60), state: unknown, kind: DamageRecord, after: 49},
		"a bit of the last one's length":  {block: flip(starts[49] + 1), state: unknown, kind: DamageRecord, after: 49},
		"a bit of its length, and signed": {block: flip(starts[49] + 3), state: unknown, kind: DamageRecord, after: 49},
		"a record is gone":                {block: join(block[:starts[19]], block[starts[20]:]), state: whole, kind: DamageMissing, after: 19},
		"the first is gone":               {block: block[starts[1]:], state: whole, kind: DamageMissing},
		"zeros in the middle":             {block: join(block[:starts[19]], make([]byte, starts[30]-starts[19]), block[starts[30]:]), state: unknown, kind: DamageRecord, after: 19, behind: 20},
		"cut between two":                 {block: block[:starts[30]], state: whole, kind: DamageCut, after: 30},
		"cut, no state, but signed":       {block: block[:starts[30]], state: unknown, acted: 50, kind: DamageCut, after: 30},
		"cut inside one":                  {block: block[:starts[30]+40], state: whole, kind: DamageRecord, after: 30},
		"cut inside one that was signed":  {block: block[:starts[30]+40], state: unknown, acted: 31, kind: DamageRecord, after: 30},
		"nothing left":                    {block: nil, state: whole, kind: DamageCut},
		// What a crash may leave of an event that was never acknowledged.
		"half of one behind":          {block: join(block, last[:len(last)/2]), state: whole},
		"some of its head":            {block: join(block, last[:7]), state: whole},
		"all but its last byte":       {block: join(block, last[:len(last)-1]), state: unknown},
		"room for it":                 {block: join(block, make([]byte, 4096)), state: whole},
		"its beginning and room":      {block: join(block, last[:len(last)-40], make([]byte, 40)), state: whole},
		"half of one that none knows": {block: block[:starts[49]+40], state: unknown, acted: 49},
	} {
		t.Run(name, func(t *testing.T) {
			if err := os.WriteFile(path, c.block, 0o600); err != nil {
				t.Fatal(err)
			}
			if _ = os.Remove(index); c.state != nil {
				if err := os.WriteFile(index, c.state, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			found, err := Look(dir, map[string]uint64{"LOG": c.acted})
			if err != nil {
				t.Fatal(err)
			}
			if c.kind == "" {
				if len(found) > 0 {
					t.Fatal(found[0])
				}
				return
			}
			if len(found) != 1 || found[0].Kind != c.kind || found[0].After != c.after || found[0].Behind != c.behind || found[0].Error() == "" {
				t.Errorf("found %+v, not %s behind %d with %d records behind", found, c.kind, c.after, c.behind)
			}
		})
	}
}

// What is called torn is what the server itself cuts, and nothing else: every length that a crash may leave of the last record.
func TestEveryTornEndStartsWithAllThatIsBeforeIt(t *testing.T) {
	dir, msgs, block, starts := written(t, 5)
	path := filepath.Join(msgs, "1.blk")
	for cut := starts[4] + 1; cut < len(block); cut += 17 {
		if err := os.WriteFile(path, block[:cut], 0o600); err != nil {
			t.Fatal(err)
		}
		_ = os.Remove(filepath.Join(msgs, "index.db"))
		if found, err := Look(dir, nil); err != nil || len(found) > 0 {
			t.Fatalf("cut at %d: %v %v", cut, found, err)
		}
	}
	s, err := StartServer(ServerConfig{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Shutdown()
	nc, err := s.Connect()
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	log, err := Open(t.Context(), nc, Config{Stream: "LOG", Subjects: []string{"log.>"}})
	if err != nil {
		t.Fatal(err)
	}
	if last, err := log.Last(t.Context()); err != nil || last != 4 {
		t.Errorf("the log ends at %d: %v", last, err)
	}
}

// Settings that were damaged are made again a moment after the server starts, of a stream that somebody follows: they wait for it.
func TestAFollowerOutlastsSettingsThatAreMadeAgain(t *testing.T) {
	t.Parallel()
	dir, damaged := t.TempDir(), false
	server := must[*Server](t)(StartServer(ServerConfig{Dir: dir, Look: func(dir string) error {
		if !damaged {
			return nil
		}
		return TakeSettings(must[[]string](t)(filepath.Glob(filepath.Join(dir, "jetstream", "*", "streams", "*")))[0])
	}}))
	t.Cleanup(server.Shutdown)
	nc := must[*nats.Conn](t)(server.Connect())
	t.Cleanup(nc.Close)
	cfg := Config{Stream: "LOG", Subjects: []string{"fund.test.>"}}
	l := must[*Log](t)(Open(deadline(t), nc, cfg))
	last := must[uint64](t)(l.Append(deadline(t), 0, commands("before", 3)))
	following, stop := context.WithCancel(deadline(t))
	seen, ended := make(chan uint64, 10), make(chan error, 1)
	go func() {
		ended <- l.Follow(following, 1, func(list []Record) error { seen <- list[len(list)-1].Seq; return nil })
	}()
	until(t, "what is there to be followed", func() bool { return len(seen) > 0 && <-seen == last })
	damaged = true
	check(t, server.Restart())
	until(t, "the stream to be gone", func() bool { return !must[bool](t)(StreamExists(deadline(t), nc, cfg.Stream)) })
	time.Sleep(feedSilence + feedHeartbeat) // the follower asks meanwhile
	l = must[*Log](t)(Open(deadline(t), nc, cfg))
	last = must[uint64](t)(l.Append(deadline(t), last, commands("behind", 1)))
	select {
	case err := <-ended:
		t.Fatal(err)
	case seq := <-seen:
		if seq != last {
			t.Errorf("followed was %d, not %d", seq, last)
		}
	case <-time.After(patience):
		t.Error("nothing more is followed")
	}
	stop()
	<-ended
}
