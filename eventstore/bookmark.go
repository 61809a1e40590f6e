package eventstore

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Bookmark is a reader's place on a log that the server keeps: it outlives its reader, and is one for all processes that read by it. One record is
// handed out at a time, to one of them, and the next when that one is done with. A server that is killed may forget the last moment: then it hands
// out again what was done with then. It takes nothing from the log.
type Bookmark struct {
	log  *Log
	name string
	from uint64
}

// Handed is the record that a bookmark stands at. Until it is [Handed.Done] or left to somebody for [Handed.Later], nobody gets it or another one; who
// neither does nor says [Handed.Busy] for [HandedFor] has lost it.
type Handed struct {
	Record
	Tries int       // how often it was handed out, this time included
	Until time.Time // when it is taken for lost, unless its holder says [Handed.Busy] before: then somebody else may have it

	log   *Log
	reply string
}

// Standing is where a bookmark is.
type Standing struct {
	Position uint64 // everything up to it is done with
	Behind   uint64 // records that are not
}

// HandedFor is how long who was handed a record, or said to be at work on it, is believed: so long nobody goes on behind one that was killed.
const HandedFor = 2 * time.Second

// doneWithin is how long the server may take to hear that a record is done with.
const doneWithin = 30 * time.Second

// handedWait is how long a request for the next record waits at the server.
const handedWait = time.Second

// Bookmark is the bookmark of a name, which is made where there is none: it begins at a position then. The name is one token of letters, digits and -.
func (l *Log) Bookmark(name string, from uint64) *Bookmark {
	return &Bookmark{log: l, name: name, from: max(from, 1)}
}

// make makes the bookmark; one that is there stays where it is. One of an earlier release waited longer for who was killed.
func (b *Bookmark) make(ctx context.Context) error {
	config := map[string]any{
		"name": b.name, "durable_name": b.name, "deliver_policy": "by_start_sequence", "opt_start_seq": b.from, "ack_policy": "explicit",
		"ack_wait": HandedFor, "max_deliver": -1, "max_ack_pending": 1, "replay_policy": "instant",
	}
	var there struct{ Config map[string]any }
	switch err := b.ask(ctx, "INFO", nil, &there); {
	case err == nil && there.Config["ack_wait"] == float64(HandedFor):
		return nil
	case err == nil:
		config = there.Config
		config["ack_wait"] = HandedFor
	case !errors.Is(err, ErrNotFound):
		return err
	}
	request, err := json.Marshal(map[string]any{"stream_name": b.log.cfg.Stream, "config": config})
	if err != nil {
		return err
	}
	return b.ask(ctx, "CREATE", request, &struct{}{})
}

// ask asks about the bookmark. What the server answers with an error is one, ErrNotFound where there is no such bookmark.
func (b *Bookmark) ask(ctx context.Context, what string, request []byte, v any) error {
	var answer json.RawMessage
	if err := b.log.ask(ctx, "CONSUMER."+what+"."+b.log.cfg.Stream+"."+b.name, request, &answer); err != nil {
		return fmt.Errorf("the bookmark %s on log %s: %w", b.name, b.log.cfg.Stream, err)
	}
	var head struct {
		Error *jetstream.APIError `json:"error"`
	}
	if err := json.Unmarshal(answer, &head); err != nil {
		return fmt.Errorf("decoding the server's answer: %w", err)
	}
	if head.Error != nil && head.Error.ErrorCode == jetstream.JSErrCodeConsumerNotFound {
		return fmt.Errorf("the bookmark %s on log %s: %w", b.name, b.log.cfg.Stream, ErrNotFound)
	}
	if head.Error != nil {
		return fmt.Errorf("the bookmark %s on log %s: %w", b.name, b.log.cfg.Stream, head.Error)
	}
	return json.Unmarshal(answer, v)
}

// Next waits until the next record is handed out, to this process, or ctx ends.
func (b *Bookmark) Next(ctx context.Context) (Handed, error) {
	made := false
	for ctx.Err() == nil {
		if !made {
			if err := b.make(ctx); err != nil {
				return Handed{}, err
			}
			made = true
		}
		h, err := b.next(ctx)
		if err == nil {
			return h, nil
		}
		if !errors.Is(err, errNothing) { // nobody leads, or the bookmark is gone
			made = false
			if err := pause(ctx, 20*firstPause); err != nil {
				return Handed{}, err
			}
		}
	}
	return Handed{}, ctx.Err()
}

var errNothing = errors.New("nothing is handed out at this moment")

// next asks once. It does not give up while the server may be handing something out, which nobody else would get for a while.
func (b *Bookmark) next(ctx context.Context) (Handed, error) {
	inbox := b.log.nc.NewInbox()
	sub, err := b.log.nc.SubscribeSync(inbox)
	if err != nil {
		return Handed{}, err
	}
	defer func() {
		if err := sub.Unsubscribe(); err != nil && !errors.Is(err, nats.ErrConnectionClosed) {
			b.log.logger.Debug("ending a subscription", "stream", b.log.cfg.Stream, "error", err)
		}
	}()
	request, asked := fmt.Appendf(nil, `{"batch":1,"expires":%d}`, handedWait), time.Now()
	if err := b.log.nc.PublishRequest("$JS.API.CONSUMER.MSG.NEXT."+b.log.cfg.Stream+"."+b.name, inbox, request); err != nil {
		return Handed{}, err
	}
	m, err := sub.NextMsg(handedWait + requestTimeout)
	if err != nil {
		return Handed{}, err
	}
	if len(m.Data) == 0 && m.Header.Get("Status") != "" {
		if m.Header.Get("Status") == "408" {
			return Handed{}, errNothing
		}
		return Handed{}, fmt.Errorf("%s %s", m.Header.Get("Status"), m.Header.Get("Description"))
	}
	r, err := b.log.delivered(m, b.name)
	if err != nil {
		return Handed{}, err
	}
	h := Handed{Record: r, Tries: deliveries(m), Until: asked.Add(HandedFor), log: b.log, reply: m.Reply}
	if ctx.Err() != nil {
		return h, errors.Join(ctx.Err(), h.Later(0))
	}
	return h, nil
}

// deliveries is how often a message was handed out.
func deliveries(m *nats.Msg) int {
	meta, err := m.Metadata()
	if err != nil {
		return 1
	}
	return int(meta.NumDelivered)
}

// Done says that a record is done with. It is known to the server when it returns without an error. A server whose leader has just changed may not
// know that it had handed the record out, and answers nothing: then it hands it out again.
func (h Handed) Done(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, doneWithin)
	defer cancel()
	for wait := firstPause; ; wait = pauseAfter(wait) {
		asking, cancel := context.WithTimeout(ctx, requestTimeout)
		_, err := h.log.nc.RequestWithContext(asking, h.reply, []byte("+ACK"))
		cancel()
		if err == nil || !isTransient(err) {
			return err
		}
		if pauseErr := pause(ctx, wait); pauseErr != nil {
			return fmt.Errorf("%w (last answer: %w)", pauseErr, err)
		}
	}
}

// Later gives a record back: it is handed out again after a while.
func (h Handed) Later(after time.Duration) error {
	return h.log.nc.Publish(h.reply, []byte(`-NAK {"delay":`+strconv.FormatInt(int64(after), 10)+`}`))
}

// Busy says that somebody is at work on a record still.
func (h Handed) Busy() error { return h.log.nc.Publish(h.reply, []byte("+WPI")) }

// Standing says where the bookmark is. ErrNotFound: nobody has read by it yet.
func (b *Bookmark) Standing(ctx context.Context) (Standing, error) {
	var info jetstream.ConsumerInfo
	if err := b.ask(ctx, "INFO", nil, &info); err != nil {
		return Standing{}, err
	}
	position := info.AckFloor.Stream
	if info.AckFloor.Stream == 0 {
		position = b.from - 1
	}
	return Standing{Position: position, Behind: info.NumPending + uint64(info.NumAckPending)}, nil
}

// Remove takes the bookmark away. Where there is none, there is nothing to do.
func (b *Bookmark) Remove(ctx context.Context) error {
	err := b.ask(ctx, "DELETE", nil, &struct{}{})
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	return err
}

// Bookmarks lists the names of the log's bookmarks that begin with a prefix.
func (l *Log) Bookmarks(ctx context.Context, prefix string) ([]string, error) {
	var names []string
	for offset := 0; ; {
		var answer struct {
			Consumers []string            `json:"consumers"`
			Total     int                 `json:"total"`
			Error     *jetstream.APIError `json:"error"`
		}
		if err := l.ask(ctx, "CONSUMER.NAMES."+l.cfg.Stream, fmt.Appendf(nil, `{"offset":%d}`, offset), &answer); err != nil {
			return nil, fmt.Errorf("listing the bookmarks on log %s: %w", l.cfg.Stream, err)
		}
		if answer.Error != nil {
			return nil, fmt.Errorf("listing the bookmarks on log %s: %w", l.cfg.Stream, answer.Error)
		}
		for _, name := range answer.Consumers {
			if len(name) > len(prefix) && name[:len(prefix)] == prefix {
				names = append(names, name)
			}
		}
		if offset += len(answer.Consumers); offset >= answer.Total || len(answer.Consumers) == 0 {
			return names, nil
		}
	}
}
