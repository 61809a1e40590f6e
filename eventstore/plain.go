package eventstore

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nuid"
)

// A stream of plain records is kept as a log is, and differs in three things: its records are no events, its beginning may be taken away,
// and it is read where records are missing. What a reader of it promises, it promises of the records that are there.

// Plain is a record that is no event, and not on its stream yet.
type Plain struct {
	Subject string
	Data    []byte
}

// ErrShut says that a stream takes nothing for the moment, for its beginning is being taken away. Nothing was written.
var ErrShut = errors.New("the stream takes nothing for the moment")

// Put writes plain records right behind a position, under the same guard as [Log.Append], and with the same errors. last is the position
// up to which they landed; they land together or, where they are few, one after another.
func (l *Log) Put(ctx context.Context, expectedLast uint64, records []Plain) (last uint64, err error) {
	if l.cfg.ReadOnly {
		return expectedLast, fmt.Errorf("writing to %s: %w", l.cfg.Stream, ErrReadOnly)
	}
	drafts := make([]Draft, len(records))
	for i, r := range records {
		drafts[i] = Draft{Subject: r.Subject, Data: r.Data, plain: true}
	}
	last = expectedLast
	step := len(drafts)
	if step < l.cfg.BatchFrom {
		step = 1
	}
	for len(drafts) > 0 {
		part := drafts[:min(step, len(drafts))]
		a := attempt{log: l, expected: last, drafts: part}
		end, err := a.run(ctx)
		if apiCode(err) == codeTooLong {
			err = fmt.Errorf("%w: %w", ErrShut, err)
		}
		if err != nil {
			return last, fmt.Errorf("writing %d records behind position %d of %s: %w", len(part), last, l.cfg.Stream, err)
		}
		last, drafts = end, drafts[len(part):]
	}
	return last, nil
}

// codeTooLong is the server's answer to a message that is longer than the stream takes.
const codeTooLong = 10054

// Ends are the positions of the first and the last record that are there; of an empty stream the first is one behind the last.
func (l *Log) Ends(ctx context.Context) (first, last uint64, err error) {
	info, err := l.streamInfo(ctx)
	if err != nil {
		return 0, 0, fmt.Errorf("finding the ends of %s: %w", l.cfg.Stream, err)
	}
	return max(info.State.FirstSeq, 1), info.State.LastSeq, nil
}

const (
	scanBatch = 500
	scanTries = 5
)

// Scan hands over the records from one position to another that are there, in order and in batches, of the subjects that are named; of none
// named, all. A to of 0 means the end of this moment. It ends with fn's first error. fn may keep what it gets.
func (l *Log) Scan(ctx context.Context, from, to uint64, subjects []string, fn func([]Record) error) error {
	last, err := l.Last(ctx)
	if err != nil {
		return err
	}
	if to == 0 || to > last {
		to = last
	}
	next := max(from, 1)
	for failed := 0; next <= to; {
		at, end, err := l.scanOnce(ctx, next, to, subjects, fn)
		var own *handlerError
		switch {
		case errors.As(err, &own):
			return own.error
		case err == nil && end:
			return nil
		case at > next:
			failed = 0
		default:
			if failed++; failed > scanTries || ctx.Err() != nil {
				return errors.Join(fmt.Errorf("reading %s at position %d: %w", l.cfg.Stream, at, err), ctx.Err())
			}
		}
		next = at
	}
	return nil
}

// handlerError is an error of who reads, not of the reading.
type handlerError struct{ error }

// scanOnce reads with one consumer as far as that gets: next is where to go on, and end says that there is nothing more.
func (l *Log) scanOnce(ctx context.Context, from, to uint64, subjects []string, fn func([]Record) error) (next uint64, end bool, err error) {
	name, inbox := nuid.Next(), l.nc.NewInbox()
	sub, err := l.nc.SubscribeSync(inbox)
	if err != nil {
		return from, false, err
	}
	// The connection may be closed already: then there is nothing to unsubscribe from.
	defer func() { _ = sub.Unsubscribe() }()
	if err := sub.SetPendingLimits(-1, -1); err != nil {
		return from, false, err
	}
	config := map[string]any{}
	if len(subjects) > 0 {
		config["filter_subjects"] = subjects
	}
	if err := l.createConsumer(ctx, name, from, config); err != nil {
		return from, false, err
	}
	defer l.deleteConsumer(name)
	request := fmt.Appendf(nil, `{"batch":%d,"max_bytes":%d,"no_wait":true}`, scanBatch, fetchBytes)
	for next = from; !end; {
		if err := l.nc.PublishRequest("$JS.API.CONSUMER.MSG.NEXT."+l.cfg.Stream+"."+name, inbox, request); err != nil {
			return next, false, err
		}
		records, ended, err := l.scanBatch(ctx, sub, name, to)
		if err != nil {
			return next, false, err
		}
		if end = ended; len(records) == 0 {
			continue
		}
		if err := fn(records); err != nil {
			return next, false, &handlerError{err}
		}
		next = records[len(records)-1].Seq + 1
	}
	return next, true, nil
}

// scanBatch takes what one request yields, up to a position. ended: nothing that is wanted comes behind it.
func (l *Log) scanBatch(ctx context.Context, sub *nats.Subscription, consumer string, to uint64) (records []Record, ended bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, 4*requestTimeout)
	defer cancel()
	for len(records) < scanBatch {
		m, err := sub.NextMsgWithContext(ctx)
		if err != nil {
			return nil, false, err
		}
		if status := m.Header.Get("Status"); len(m.Data) == 0 && status != "" {
			return records, status == "404", nil
		}
		r, err := l.delivered(m, consumer)
		if err != nil {
			return nil, false, err
		}
		if r.Seq > to {
			return records, true, nil
		}
		records = append(records, r)
		meta, err := m.Metadata()
		if err != nil {
			return nil, false, err
		}
		if r.Seq == to || meta.NumPending == 0 {
			return records, true, nil
		}
	}
	return records, false, nil
}

// CutBefore takes the records before a position away, for good. It needs a server's user that may update streams. While it works the
// stream takes nothing ([ErrShut]), so that just those go; whatever it was cut off at, it can be called again.
func (l *Log) CutBefore(ctx context.Context, position uint64) error {
	first, last, err := l.Ends(ctx)
	if err != nil || position <= first {
		return errors.Join(err, l.set(ctx, nil))
	}
	if position > last {
		return fmt.Errorf("cutting %s before %d: %w: it ends at %d", l.cfg.Stream, position, ErrNotFound, last)
	}
	// A stream that denies purging is cut by its own limit. It is shut first, and looked at once every copy has what was taken until then.
	if err := l.set(ctx, func(c *jetstream.StreamConfig) { c.MaxMsgSize = shutSize }); err != nil {
		return err
	}
	err = l.cut(ctx, position)
	opening, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*requestTimeout)
	defer cancel()
	return errors.Join(err, l.set(opening, nil))
}

func (l *Log) cut(ctx context.Context, position uint64) error {
	info, err := l.quiet(ctx)
	if err != nil {
		return err
	}
	if info.Config.MaxMsgSize != shutSize {
		// Somebody who took it for left shut opened it: what is counted now is not what is there when the limit comes.
		return fmt.Errorf("cutting %s before %d: another process opened the stream meanwhile, and nothing was taken away: try again", l.cfg.Stream, position)
	}
	keep := int64(info.State.Msgs)
	if info.State.FirstSeq < position {
		gone := 0
		for _, seq := range info.State.Deleted {
			if seq < position {
				gone++
			}
		}
		keep -= int64(position-info.State.FirstSeq) - int64(gone)
	}
	if err := l.set(ctx, func(c *jetstream.StreamConfig) {
		c.MaxMsgSize, c.MaxMsgs, c.Discard = shutSize, keep, jetstream.DiscardOld
	}); err != nil {
		return err
	}
	if info, err = l.settled(ctx); err == nil && (info.State.FirstSeq > position || int64(info.State.Msgs) != keep) {
		err = fmt.Errorf("cutting %s before %d: it begins at %d now", l.cfg.Stream, position, info.State.FirstSeq)
	}
	return err
}

// shutSize is the longest message that a stream takes while it is shut: enough for the question of [Log.taken], less than any record, whose header
// names the stream besides.
const shutSize = 48

// quiet is what the stream's leader says once every copy has all that the leader took. Before it was shut it may have taken what no copy
// counts yet: counted too early, that would push one record more over the limit than was to go.
func (l *Log) quiet(ctx context.Context) (*jetstream.StreamInfo, error) {
	for wait := firstPause; ; wait = pauseAfter(wait) {
		taken, err := l.taken(ctx)
		if err != nil {
			return nil, fmt.Errorf("asking what %s has taken: %w", l.cfg.Stream, err)
		}
		info, err := l.settled(ctx)
		if err != nil || info.State.LastSeq == taken {
			return info, err
		}
		if err := pause(ctx, wait); err != nil {
			return nil, fmt.Errorf("waiting for %d of %s, which ends at %d: %w", taken, l.cfg.Stream, info.State.LastSeq, err)
		}
	}
}

// taken is the position of the last record that the stream's leader took, be it on its copies yet or not. It offers a record that would have to be the
// first of all: the refusal names the end.
func (l *Log) taken(ctx context.Context) (uint64, error) {
	question := &nats.Msg{
		Subject: strings.NewReplacer("*", "taken", ">", "taken").Replace(l.cfg.Subjects[0]),
		Header:  nats.Header{jetstream.ExpectedLastSeqHeader: {"0"}},
	}
	for wait := firstPause; ; wait = pauseAfter(wait) {
		asking, cancel := context.WithTimeout(ctx, l.cfg.AckTimeout)
		_, err := l.publish(asking, question)
		cancel()
		var said *jetstream.APIError
		if errors.As(err, &said) && said.ErrorCode == codeWrongLastSequence {
			digits := strings.TrimPrefix(said.Description, "wrong last sequence: ")
			return strconv.ParseUint(digits, 10, 64)
		}
		if err == nil {
			return 0, errors.New("it took a record that does not follow its last")
		}
		if !isTransient(err) {
			return 0, err
		}
		if pauseErr := pause(ctx, wait); pauseErr != nil {
			return 0, fmt.Errorf("%w (last answer: %w)", pauseErr, err)
		}
	}
}

// settled is what the stream's leader says once every copy is as far as the leader.
func (l *Log) settled(ctx context.Context) (*jetstream.StreamInfo, error) {
	request := []byte(`{"deleted_details":true}`)
	for wait := firstPause; ; wait = pauseAfter(wait) {
		var answer struct {
			*jetstream.StreamInfo
			Error *jetstream.APIError `json:"error"`
		}
		if err := l.ask(ctx, "STREAM.INFO."+l.cfg.Stream, request, &answer); err != nil {
			return nil, fmt.Errorf("asking about the stream: %w", err)
		}
		if answer.Error != nil {
			return nil, fmt.Errorf("asking about the stream: %w", answer.Error)
		}
		behind := false
		if c := answer.Cluster; c != nil {
			for _, r := range c.Replicas {
				behind = behind || !r.Current || r.Lag > 0
			}
		}
		if !behind {
			return answer.StreamInfo, nil
		}
		if err := pause(ctx, wait); err != nil {
			return nil, fmt.Errorf("waiting for every copy of %s: %w", l.cfg.Stream, err)
		}
	}
}

// set gives the stream its settings, but for what change says.
func (l *Log) set(ctx context.Context, change func(*jetstream.StreamConfig)) error {
	cfg := streamConfig(l.cfg)
	if change != nil {
		change(&cfg)
	}
	request, err := json.Marshal(cfg)
	if err != nil {
		return err
	}
	said, err := l.update(ctx, request)
	if err == nil && said != nil {
		err = fmt.Errorf("setting the stream %s: %w", l.cfg.Stream, said)
	}
	return err
}

// update asks for another configuration of the stream. said is why the server does not take it.
func (l *Log) update(ctx context.Context, request []byte) (said *jetstream.APIError, err error) {
	var answer struct {
		Error *jetstream.APIError `json:"error"`
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	if err := l.ask(ctx, "STREAM.UPDATE."+l.cfg.Stream, request, &answer); err != nil {
		return nil, fmt.Errorf("setting the stream %s: %w; may this user update streams?", l.cfg.Stream, err)
	}
	return answer.Error, nil
}

// MayCut is why [Log.CutBefore] could not be asked for: the server's user may not update streams. It asks for a configuration that is none, which every
// server refuses who hears of it: the stream stays as it is, and shut where somebody is cutting it.
func (l *Log) MayCut(ctx context.Context) error {
	_, err := l.update(ctx, []byte("{}"))
	return err
}

// Token writes a text as one token of a subject, as [Subject] does.
func Token(text string) string {
	var b strings.Builder
	escapeToken(&b, text)
	return b.String()
}
