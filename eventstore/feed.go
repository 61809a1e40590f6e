package eventstore

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nuid"
)

const (
	// feedHeartbeat is how often an idle feed hears from the server; after feedSilence it is taken for dead.
	feedHeartbeat = time.Second
	feedSilence   = 3 * feedHeartbeat
	// feedOrphan is how long the server keeps a consumer nobody listens to: after a killed process, not longer.
	feedOrphan = 30 * time.Second
	// feedGone is how long a stream may be gone before who follows it is told: where its settings were damaged, it is made again of its messages
	// as the server starts.
	feedGone = 10 * time.Second
	// fetchBytes bounds what one short read asks for at once.
	fetchBytes = 32 << 20
)

// feed delivers a stream's events in order from one position, without gaps, for as long as it is open. It is one
// push consumer with flow control at a time: a fresh one replaces it whenever an event is missing, the server falls silent,
// or the connection was lost. What the server pushes ahead is bounded by its flow control window, 32 MiB.
type feed struct {
	log  *Log
	next uint64 // the position to deliver next

	sub      *nats.Subscription
	consumer string // the consumer's name; "": none
	fresh    bool   // nothing came from this consumer yet

	mu      sync.Mutex
	space   *sync.Cond // pending fell below the limit, or the feed was closed
	pending []Record   // arrived, not taken
	last    uint64     // the last position that arrived
	heard   time.Time  // when the server was last heard
	broken  bool       // this consumer left something out
	current string     // the consumer whose messages count; those of earlier ones do not
	ready   chan struct{}
}

func (l *Log) openFeed(from uint64) *feed {
	f := &feed{log: l, next: from, ready: make(chan struct{}, 1)}
	f.space = sync.NewCond(&f.mu)
	return f
}

// take waits for events and returns all that have arrived, at least one, starting with f.next, and at most about limit.
func (f *feed) take(ctx context.Context, limit int) ([]Record, error) {
	ticker := time.NewTicker(feedHeartbeat)
	defer ticker.Stop()
	for {
		if f.consumer == "" {
			if err := f.start(ctx, limit); err != nil {
				return nil, err
			}
		}
		records, broken := f.drain(limit)
		if len(records) > 0 {
			f.next, f.fresh = records[len(records)-1].Seq+1, false
			return records, nil
		}
		if broken {
			if records, err := f.mend(ctx); err != nil || len(records) > 0 {
				return records, err
			}
			continue
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-f.ready:
		case <-ticker.C:
		}
	}
}

// drain takes what has arrived. broken: nothing more will come from this consumer.
func (f *feed) drain(limit int) (records []Record, broken bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	records = f.pending
	if len(records) > 0 {
		f.pending = make([]Record, 0, min(limit, 2*len(records)))
		f.space.Signal()
		return records, false
	}
	return nil, f.broken || time.Since(f.heard) > feedSilence
}

// mend gives the consumer up. When a fresh one began behind the position asked for, the leader is asked whether that event is
// gone for good, which is ErrGap.
func (f *feed) mend(ctx context.Context) ([]Record, error) {
	f.mu.Lock()
	skipped := f.fresh && f.broken
	f.mu.Unlock()
	f.stop()
	if !skipped {
		return nil, nil
	}
	r, err := f.log.Get(ctx, f.next)
	if errors.Is(err, ErrNotFound) {
		if err := f.log.lacks(ctx, f.next); err != nil {
			return nil, err
		}
		return nil, pause(ctx, firstPause)
	}
	if err != nil {
		return nil, err
	}
	f.next++
	return []Record{r}, nil
}

// start makes a consumer from f.next on, and asks again while a cluster has no leader.
func (f *feed) start(ctx context.Context, limit int) error {
	inbox := f.log.nc.NewInbox()
	name := nuid.Next()
	f.mu.Lock()
	f.pending, f.last, f.heard, f.broken, f.current = nil, f.next-1, time.Now(), false, name
	f.mu.Unlock()
	sub, err := f.log.nc.Subscribe(inbox, func(m *nats.Msg) { f.arrive(m, name, limit) })
	if err != nil {
		return fmt.Errorf("following log %s: %w", f.log.cfg.Stream, err)
	}
	if err := sub.SetPendingLimits(-1, -1); err != nil {
		return fmt.Errorf("following log %s: %w", f.log.cfg.Stream, err)
	}
	f.sub, f.consumer, f.fresh = sub, name, true
	err = f.createConsumer(ctx, inbox)
	for end := time.Now().Add(feedGone); isGone(err) && time.Now().Before(end); err = f.createConsumer(ctx, inbox) {
		if err := pause(ctx, 20*firstPause); err != nil {
			f.stop()
			return err
		}
	}
	if err != nil {
		f.stop()
		return fmt.Errorf("following log %s: %w", f.log.cfg.Stream, err)
	}
	return nil
}

// isGone reports whether the server says that it has no such stream.
func isGone(err error) bool {
	var api *jetstream.APIError
	return errors.As(err, &api) && api.ErrorCode == jetstream.JSErrCodeStreamNotFound
}

func (f *feed) createConsumer(ctx context.Context, inbox string) error {
	return f.log.createConsumer(ctx, f.consumer, f.next, map[string]any{
		"deliver_subject": inbox,
		"flow_control":    true,
		"idle_heartbeat":  feedHeartbeat,
		"max_deliver":     1,
	})
}

// createConsumer makes a consumer that delivers every event from a position on, keeps no state worth keeping, and
// goes by itself when it is forgotten.
func (l *Log) createConsumer(ctx context.Context, name string, from uint64, config map[string]any) error {
	maps.Copy(config, map[string]any{
		"name":               name,
		"deliver_policy":     "by_start_sequence",
		"opt_start_seq":      from,
		"ack_policy":         "none",
		"replay_policy":      "instant",
		"inactive_threshold": feedOrphan,
		"num_replicas":       1,
		"mem_storage":        true,
	})
	request, err := json.Marshal(map[string]any{"stream_name": l.cfg.Stream, "config": config})
	if err != nil {
		return err
	}
	var answer struct {
		Error *jetstream.APIError `json:"error"`
	}
	if err := l.ask(ctx, "CONSUMER.CREATE."+l.cfg.Stream+"."+name, request, &answer); err != nil {
		return fmt.Errorf("creating a consumer: %w", err)
	}
	if answer.Error != nil {
		return fmt.Errorf("creating a consumer: %w", answer.Error)
	}
	return nil
}

// deleteConsumer deletes a consumer. Where it cannot, the server does, after feedOrphan.
func (l *Log) deleteConsumer(name string) {
	var answer struct{}
	if err := l.askOnce(context.Background(), requestTimeout, "CONSUMER.DELETE."+l.cfg.Stream+"."+name, nil, &answer); err != nil {
		l.logger.Debug("deleting a consumer; the server will, once it is idle", "stream", l.cfg.Stream, "consumer", name, "error", err)
	}
}

// fetch asks once for n events from a position on and returns those that came, without a gap; fewer when the connection broke,
// the consumer's replica is behind, or an event is missing.
func (l *Log) fetch(ctx context.Context, from uint64, n int) ([]Record, error) {
	name, inbox := nuid.Next(), l.nc.NewInbox()
	sub, err := l.nc.SubscribeSync(inbox)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err := sub.Unsubscribe(); err != nil {
			l.logger.Debug("ending a subscription", "stream", l.cfg.Stream, "error", err)
		}
	}()
	if err := sub.SetPendingLimits(-1, -1); err != nil {
		return nil, err
	}
	if err := l.createConsumer(ctx, name, from, map[string]any{}); err != nil {
		return nil, err
	}
	defer l.deleteConsumer(name)
	request := fmt.Appendf(nil, `{"batch":%d,"max_bytes":%d,"no_wait":true}`, n, fetchBytes)
	if err := l.nc.PublishRequest("$JS.API.CONSUMER.MSG.NEXT."+l.cfg.Stream+"."+name, inbox, request); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	records := make([]Record, 0, n)
	for len(records) < n {
		m, err := sub.NextMsgWithContext(ctx)
		if err != nil {
			return records, nil
		}
		r, err := l.delivered(m, name)
		if err != nil || r.Seq != from+uint64(len(records)) {
			return records, nil
		}
		records = append(records, r)
	}
	return records, nil
}

// arrive takes one message from the server, on the subscription's goroutine. It waits while limit events lie untaken, and
// with it the server's flow control.
func (f *feed) arrive(m *nats.Msg, consumer string, limit int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for len(f.pending) >= limit && f.current == consumer {
		f.space.Wait()
	}
	if f.current != consumer || f.broken {
		return
	}
	f.heard = time.Now()
	if len(m.Data) == 0 && m.Header.Get("Status") != "" {
		f.control(m)
		return
	}
	r, err := f.log.delivered(m, consumer)
	switch {
	case err != nil || r.Seq > f.last+1:
		f.broken = true
	case r.Seq <= f.last:
		return
	default:
		f.last = r.Seq
		f.pending = append(f.pending, r)
	}
	f.wake()
}

// control answers the server's flow control, which makes it push on, and notices a consumer that is gone.
func (f *feed) control(m *nats.Msg) {
	if m.Header.Get("Status") != "100" {
		f.broken = true
		f.wake()
		return
	}
	to := m.Reply
	if to == "" {
		to = m.Header.Get("Nats-Consumer-Stalled")
	}
	if to != "" {
		if err := f.log.nc.Publish(to, nil); err != nil {
			f.broken = true
			f.wake()
		}
	}
	// A heartbeat tells what was sent last: what has not arrived by then was lost on the way.
	if sent, err := strconv.ParseUint(m.Header.Get("Nats-Last-Stream"), 10, 64); err == nil && sent > f.last {
		f.broken = true
		f.wake()
	}
}

func (f *feed) wake() {
	select {
	case f.ready <- struct{}{}:
	default:
	}
}

// stop gives the current consumer up and deletes it. On a broken connection the server does that, after feedOrphan.
func (f *feed) stop() {
	if f.consumer == "" {
		return
	}
	f.mu.Lock()
	f.current, f.pending = "", nil
	f.space.Broadcast()
	f.mu.Unlock()
	name := f.consumer
	f.consumer = ""
	if err := f.sub.Unsubscribe(); err != nil && !errors.Is(err, nats.ErrConnectionClosed) {
		f.log.logger.Warn("leaving a consumer", "stream", f.log.cfg.Stream, "error", err)
	}
	f.log.deleteConsumer(name)
}

// delivered reads an event from a consumer's message. Its position and time lie in the reply subject:
// $JS.ACK.<stream>.<consumer>.<deliveries>.<stream seq>.<consumer seq>.<time>.<pending>, with
// <domain>.<account> before the stream on newer servers.
func (l *Log) delivered(m *nats.Msg, consumer string) (Record, error) {
	tokens := strings.Split(m.Reply, ".")
	if len(tokens) >= 11 {
		tokens = append(tokens[:2:2], tokens[4:]...)
	}
	if len(tokens) < 9 || tokens[0] != "$JS" || tokens[1] != "ACK" || tokens[3] != consumer {
		return Record{}, errors.New("not an event of this consumer")
	}
	seq, err := strconv.ParseUint(tokens[5], 10, 64)
	if err != nil {
		return Record{}, fmt.Errorf("its position: %w", err)
	}
	nanos, err := strconv.ParseInt(tokens[7], 10, 64)
	if err != nil {
		return Record{}, fmt.Errorf("its time: %w", err)
	}
	return Record{Seq: seq, Time: l.told(time.Unix(0, nanos)), Subject: m.Subject, Header: m.Header, Data: m.Data}, nil
}
