package eventstore

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// played is a log whose server's answers are made by a test: a leader that has just changed, as it may be met between two questions.
func played(t *testing.T, answer func(what string, m *nats.Msg) string) *Log {
	t.Helper()
	ns := must[*server.Server](t)(server.NewServer(&server.Options{Host: "127.0.0.1", Port: server.RANDOM_PORT, NoSigs: true, NoLog: true}))
	ns.Start()
	t.Cleanup(func() { ns.Shutdown(); ns.WaitForShutdown() })
	if !ns.ReadyForConnections(readyTimeout) {
		t.Fatal("the server does not come up")
	}
	nc := must[*nats.Conn](t)(nats.Connect(ns.ClientURL()))
	t.Cleanup(nc.Close)
	must[*nats.Subscription](t)(nc.Subscribe("$JS.API.>", func(m *nats.Msg) {
		what := strings.Join(strings.Split(strings.TrimPrefix(m.Subject, "$JS.API."), ".")[:2], ".")
		if text := answer(what, m); text != "" {
			check(t, m.Respond([]byte(text)))
		}
	}))
	return &Log{nc: nc, cfg: Config{Stream: "PLAYED"}.withDefaults(), logger: Config{}.withDefaults().Logger}
}

const notFound = `{"error":{"code":404,"err_code":10037,"description":"no message found"}}`

func stored(seq int) string {
	return fmt.Sprintf(`{"message":{"subject":"a","seq":%d,"data":"e30="}}`, seq)
}

func ending(last int64) string { return fmt.Sprintf(`{"config":{},"state":{"last_seq":%d}}`, last) }

// A follower at the log's end whose consumer is taken away asks whether the next event is gone. An event that comes just then is none that is gone, and
// neither is one that a new leader does not have yet.
func TestAnEventThatComesBetweenTwoQuestionsIsNoGap(t *testing.T) {
	t.Parallel()
	for name, whenThere := range map[string]func(asked int64) bool{
		"it comes behind the first question": func(asked int64) bool { return asked > 1 },
		"a leader is a moment behind":        func(asked int64) bool { return asked > 4 },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var asked atomic.Int64 // for the event
			var l *Log
			l = played(t, func(what string, m *nats.Msg) string {
				switch what {
				case "CONSUMER.CREATE":
					var request struct {
						Config struct {
							To string `json:"deliver_subject"`
						} `json:"config"`
					}
					check(t, json.Unmarshal(m.Data, &request))
					gone := nats.NewMsg(request.Config.To)
					gone.Header.Set("Status", "409")
					check(t, l.nc.PublishMsg(gone))
				case "STREAM.MSG":
					if whenThere(asked.Add(1)) {
						return stored(8)
					}
					return notFound
				case "STREAM.INFO":
					return ending(8)
				}
				return "{}"
			})
			f := l.openFeed(8)
			defer f.stop()
			records, err := f.take(deadline(t), 10)
			if err != nil || len(records) != 1 || records[0].Seq != 8 {
				t.Errorf("%v, %v", records, err)
			}
		})
	}
}

// A record that was there is not gone because a new leader does not have it yet.
func TestARecordThatALeaderHasAMomentLaterIsFound(t *testing.T) {
	t.Parallel()
	var asked atomic.Int64
	l := played(t, func(string, *nats.Msg) string {
		if asked.Add(1) > 3 {
			return stored(8)
		}
		return notFound
	})
	if r, err := l.Find(deadline(t), 8); err != nil || r.Seq != 8 {
		t.Errorf("%v, %v", r, err)
	}
}

// A log that a new leader ends too early for a moment is not too short.
func TestALeaderThatIsAMomentBehindEndsNoLog(t *testing.T) {
	t.Parallel()
	var asked atomic.Int64
	l := played(t, func(string, *nats.Msg) string { return ending(6 + asked.Add(1)) })
	if err := l.Require(deadline(t), 9); err != nil {
		t.Error(err)
	}
	if err := l.Require(deadline(t), 1000); !errors.Is(err, ErrShort) {
		t.Errorf("got %v, want ErrShort", err)
	}
}

// A cluster that is just coming up has a leader before that leader has heard of every node, and refuses streams that are to lie on
// all of them until then.
func TestALogWaitsForTheNodesItIsToLieOn(t *testing.T) {
	var asked atomic.Int32
	l := played(t, func(what string, _ *nats.Msg) string {
		switch {
		case what == "STREAM.INFO":
			return `{"config":{"name":"PLAYED"},"state":{}}`
		case asked.Add(1) <= 3:
			return `{"error":{"code":400,"err_code":10005,"description":"no suitable peers for placement, peer offline"}}`
		default:
			return `{}`
		}
	})
	must[*jetstream.StreamInfo](t)(l.create(deadline(t)))
	if n := asked.Load(); n != 4 {
		t.Errorf("the stream was asked for %d times, not until it could be placed", n)
	}
}

// A restored log is placed as a new one is; what is there is not asked for again.
func TestARestoreWaitsForTheNodesItIsToLieOn(t *testing.T) {
	var asked atomic.Int32
	l := played(t, func(string, *nats.Msg) string {
		if asked.Add(1) <= 3 {
			return `{"error":{"code":400,"err_code":10005,"description":"no suitable peers for placement, peer offline"}}`
		}
		return `{"error":{"code":400,"err_code":10130,"description":"stream name already in use, cannot restore"}}`
	})
	if err := RestoreArchive(deadline(t), l.nc, l.cfg, 1, 1, strings.NewReader("")); !errors.Is(err, ErrStreamExists) {
		t.Errorf("got %v, want ErrStreamExists", err)
	}
	if n := asked.Load(); n != 4 {
		t.Errorf("the stream was asked for %d times, not until it could be placed", n)
	}
}

// A cluster that is electing a leader gives no snapshot yet: it is asked again, each time for one that comes to a place of its own.
func TestASnapshotWaitsForALeader(t *testing.T) {
	places := map[string]bool{}
	l := played(t, func(what string, m *nats.Msg) string {
		var request struct {
			Inbox string `json:"deliver_subject"`
		}
		check(t, json.Unmarshal(m.Data, &request))
		if places[request.Inbox] = true; len(places) < 3 {
			return `{"error":{"code":503,"err_code":10009,"description":"JetStream cluster can not handle request"}}`
		}
		return `{"state":{"last_seq":0}}`
	})
	if last, err := l.WriteArchive(deadline(t), nil, 0, false, nil, nil); err != nil || last != 0 {
		t.Errorf("%d, %v", last, err)
	}
	if len(places) != 3 {
		t.Errorf("asked for %d places", len(places))
	}
}

// What a leader took before it was shut, and no copy counts yet, is waited for: counted without it, a record would go that nobody wrote down.
func TestACutWaitsForWhatIsStillOnItsWay(t *testing.T) {
	var asked atomic.Int32
	var limit struct {
		Kept int64 `json:"max_msgs"`
	}
	l := played(t, func(what string, m *nats.Msg) string {
		const held = `{"config":{"max_msg_size":%d},"state":{"messages":%d,"first_seq":%d,"last_seq":%d}}`
		switch {
		case what == "STREAM.UPDATE":
			check(t, json.Unmarshal(m.Data, &limit))
			return "{}"
		case limit.Kept > 0:
			return fmt.Sprintf(held, shutSize, limit.Kept, 12-limit.Kept, 11)
		case asked.Add(1) < 3:
			return fmt.Sprintf(held, shutSize, 10, 1, 10)
		default:
			return fmt.Sprintf(held, shutSize, 11, 1, 11)
		}
	})
	l.cfg.Subjects = []string{"plain.>"}
	must[*nats.Subscription](t)(l.nc.Subscribe("plain.*", func(m *nats.Msg) {
		if m.Header.Get(jetstream.ExpectedLastSeqHeader) != "0" || m.Size() > shutSize+len(m.Subject)+len(m.Reply) {
			t.Errorf("asked with %v", m.Header)
		}
		check(t, m.Respond([]byte(`{"error":{"code":400,"err_code":10071,"description":"wrong last sequence: 11"}}`)))
	}))
	check(t, l.cut(deadline(t), 8))
	if asked.Load() != 3 || limit.Kept != 4 {
		t.Errorf("asked %d times and kept %d of 11, not 8 to 11", asked.Load(), limit.Kept)
	}
}
