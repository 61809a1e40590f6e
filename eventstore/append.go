package eventstore

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/synadia-io/orbit.go/jetstreamext"
)

// Codes of a guard that did not hold.
const (
	codeWrongLastSequence         = 10071
	codeWrongLastSequenceConstant = 10164
)

// maxIncomplete is how often a batch is sent anew after the server answered that it arrived incomplete, which happens
// when the leader changes under it.
const maxIncomplete = 5

// maxRefusals is how often an append whose answer was lost is sent again against a server that refuses it.
const maxRefusals = 5

// Append writes the drafts right behind position expectedLast and returns the position of the last. They are durable
// when it returns. The drafts are whole commands, in order, at most Config.MaxBatch events (else ErrTooLarge).
//
// They land together or not at all, with one exception: fewer than Config.BatchFrom drafts that are all commands of one
// event are published one after another, each under its guard, because that is faster. A command is never half on the log.
//
// On an error, last is how far the log is known to hold the drafts: expectedLast is none of them, and only in the
// exception above can it be more. ErrOutOfTurn: the log does not end at last; nothing more was written. ErrUnknown: ctx ended
// before it could be found out whether the rest landed; it may, still. Any other error: nothing more was written.
//
// An answer that is lost (a broken connection, a leader gone) is looked for on the log itself, at the leader: the drafts
// lie at expectedLast+1, or somebody else's event does, or nothing does, and then they are sent again under the
// same guard, which lets them land once at most. So a ctx without a deadline waits for as long as nobody leads.
func (l *Log) Append(ctx context.Context, expectedLast uint64, drafts []Draft) (last uint64, err error) {
	if l.cfg.ReadOnly {
		return expectedLast, fmt.Errorf("appending to log %s: %w", l.cfg.Stream, ErrReadOnly)
	}
	if err := l.checkDrafts(drafts); err != nil {
		return expectedLast, fmt.Errorf("appending to log %s: %w", l.cfg.Stream, err)
	}
	step := len(drafts)
	if l.oneByOne(drafts) {
		step = 1
	}
	last = expectedLast
	for part := range slices.Chunk(drafts, step) {
		a := attempt{log: l, expected: last, drafts: part}
		end, err := a.run(ctx)
		if err != nil {
			return last, fmt.Errorf("appending %d events behind position %d of log %s: %w", len(part), last, l.cfg.Stream, err)
		}
		last = end
	}
	return last, nil
}

// oneByOne tells whether the drafts are better published one after another.
func (l *Log) oneByOne(drafts []Draft) bool {
	return len(drafts) < l.cfg.BatchFrom &&
		!slices.ContainsFunc(drafts, func(d Draft) bool { return d.Envelope.Count > 1 })
}

// checkDrafts refuses what must not get to the log.
func (l *Log) checkDrafts(drafts []Draft) error {
	if len(drafts) == 0 {
		return errors.New("no events")
	}
	if len(drafts) > l.cfg.MaxBatch {
		return fmt.Errorf("%w: %d events, at most %d; cut it between two commands", ErrTooLarge, len(drafts), l.cfg.MaxBatch)
	}
	size := 0
	for i, d := range drafts {
		if err := l.checkDraft(d); err != nil {
			return fmt.Errorf("event %d of %d: %w", i+1, len(drafts), err)
		}
		size += len(d.Subject) + len(d.Data)
	}
	if size > MaxBatchBytes {
		return fmt.Errorf("%w: %d bytes, at most %d; cut it between two commands", ErrTooLarge, size, MaxBatchBytes)
	}
	return checkWhole(drafts)
}

func (l *Log) checkDraft(d Draft) error {
	if len(d.Subject) > maxSubjectBytes {
		return fmt.Errorf("%w: its subject is %d bytes long, at most %d", ErrSubject, len(d.Subject), maxSubjectBytes)
	}
	_, rest, _ := strings.Cut(d.Subject, ".") // of a log beside the fund's the first token is another, which the stream's subjects say
	if _, _, _, _, err := ParseSubject(subjectRoot + "." + rest); err != nil {
		return err
	}
	if !slices.ContainsFunc(l.cfg.Subjects, func(pattern string) bool { return covers(pattern, d.Subject) }) {
		return fmt.Errorf("%w: stream %s does not take %q", ErrSubject, l.cfg.Stream, d.Subject)
	}
	return d.Envelope.Validate()
}

// covers tells whether a subscription to pattern would get subject.
func covers(pattern, subject string) bool {
	for pattern != "" && subject != "" {
		var want, have string
		want, pattern, _ = strings.Cut(pattern, ".")
		have, subject, _ = strings.Cut(subject, ".")
		if want == ">" {
			return true
		}
		if want != "*" && want != have {
			return false
		}
	}
	return pattern == "" && subject == ""
}

// checkWhole refuses half a command: with it on the log, no follower could tell where it may cut.
func checkWhole(drafts []Draft) error {
	for i := 0; i < len(drafts); {
		first := drafts[i].Envelope
		for index := range first.Count {
			if i+index >= len(drafts) {
				return fmt.Errorf("%w: command %q has %d events, the append ends after %d", ErrEnvelope, first.CommandID, first.Count, index)
			}
			e := drafts[i+index].Envelope
			if e.CommandID != first.CommandID || e.Index != index || e.Count != first.Count {
				return fmt.Errorf("%w: event %d of the append is %d of %d of command %q, where %d of %d of %q belongs",
					ErrEnvelope, i+index+1, e.Index, e.Count, e.CommandID, index, first.Count, first.CommandID)
			}
		}
		i += first.Count
	}
	return nil
}

// attempt is one Append under way.
type attempt struct {
	log        *Log
	expected   uint64
	drafts     []Draft
	unsure     bool // a try was sent and may land, or have landed
	incomplete int  // how often the server took the batch for incomplete
	refusals   int  // how often the server refused since unsure
}

func (a *attempt) run(ctx context.Context) (uint64, error) {
	for wait := firstPause; ; wait = pauseAfter(wait) {
		last, err := a.send(ctx)
		if err == nil {
			return last, a.checkAck(last)
		}
		last, done, err := a.judge(ctx, err)
		if done {
			return last, err
		}
		if pauseErr := pause(ctx, wait); pauseErr != nil {
			return 0, a.unknown(pauseErr, err)
		}
	}
}

// judge decides what a failed try means: an answer for the caller (done), or another try.
func (a *attempt) judge(ctx context.Context, err error) (last uint64, done bool, _ error) {
	refused := isOutOfTurn(err)
	if !a.unsure {
		switch {
		case refused:
			return 0, true, fmt.Errorf("%w: %w", ErrOutOfTurn, err)
		case surelyNot(err):
			if a.incomplete += countIncomplete(err); a.incomplete <= maxIncomplete {
				return 0, false, err
			}
			return 0, true, err
		case isPermanent(err):
			return 0, true, err
		}
		a.unsure = true
		a.log.logger.Warn("an append's answer was lost; looking for it on the log", "stream", a.log.cfg.Stream, "expected", a.expected, "error", err)
	}
	last, found, lookErr := a.look(ctx)
	switch {
	case errors.Is(lookErr, ErrNotFound):
		// Where the guard says that the log moved and the log says that it did not, the leader is changing.
		if apiCode(err) == codeBatchTooLarge { // then no try of it was ever taken
			return 0, true, err
		}
		if isPermanent(err) && !refused {
			a.refusals++
		}
		if a.refusals > maxRefusals {
			return 0, true, a.unknown(errors.New("the server refuses it"), err)
		}
		return 0, false, err
	case lookErr != nil:
		return 0, true, a.unknown(lookErr, err)
	case found:
		return last, true, nil
	}
	return 0, true, fmt.Errorf("%w: another event lies at %d", ErrOutOfTurn, a.expected+1)
}

func (a *attempt) unknown(end, cause error) error {
	if !a.unsure {
		return fmt.Errorf("%w (last answer: %w)", end, cause)
	}
	return fmt.Errorf("%w: %w (last answer: %w); read the log from position %d before deciding anything more",
		ErrUnknown, end, cause, a.expected+1)
}

// checkAck holds the server to its guard.
func (a *attempt) checkAck(last uint64) error {
	if want := a.expected + uint64(len(a.drafts)); last != want {
		return fmt.Errorf("the server put the last event at %d, where only %d is possible: do not use this server", last, want)
	}
	return nil
}

// look reads where the drafts would lie. ErrNotFound: nothing lies there. found is whether all drafts do.
func (a *attempt) look(ctx context.Context) (last uint64, found bool, err error) {
	for i, d := range a.drafts {
		r, err := a.log.Get(ctx, a.expected+1+uint64(i))
		if i > 0 && errors.Is(err, ErrNotFound) {
			// A batch lands whole: the rest is a moment behind, on a leader that is just catching up.
			return 0, false, err
		}
		if err != nil {
			return 0, false, err
		}
		if !d.Is(r) {
			return 0, false, nil
		}
		last = r.Seq
	}
	return last, true, nil
}

// Is tells whether a record is the draft, landed: same subject, same attributes, same data.
func (d Draft) Is(r Record) bool {
	if r.Subject != d.Subject || !bytes.Equal(r.Data, d.Data) {
		return false
	}
	wanted := d.header()
	for name, values := range r.Header {
		if !strings.HasPrefix(name, "ce-") {
			continue
		}
		if !slices.Equal(wanted[name], values) {
			return false
		}
		delete(wanted, name)
	}
	return len(wanted) == 0
}

// send tries once: a lone event as a plain publish, several as one atomic batch, the guard on the first.
func (a *attempt) send(ctx context.Context) (uint64, error) {
	ctx, cancel := context.WithTimeout(ctx, a.log.cfg.AckTimeout)
	defer cancel()
	messages := make([]*nats.Msg, len(a.drafts))
	for i, d := range a.drafts {
		messages[i] = &nats.Msg{Subject: d.Subject, Header: d.header(), Data: d.Data}
	}
	first := messages[0].Header
	first[jetstream.ExpectedLastSeqHeader] = []string{strconv.FormatUint(a.expected, 10)}
	first[jetstream.ExpectedStreamHeader] = []string{a.log.cfg.Stream}
	if len(messages) == 1 {
		return a.log.publish(ctx, messages[0])
	}
	// Only after a batch that arrived incomplete is its first message waited for: then the server says why.
	flow := jetstreamext.BatchFlowControl{AckFirst: a.incomplete > 0, AckTimeout: a.log.cfg.AckTimeout}
	ack, err := jetstreamext.PublishMsgBatch(ctx, a.log.js, messages, flow)
	if err != nil {
		return 0, err
	}
	return ack.Sequence, nil
}

// publish sends one message and waits for its acknowledgement.
func (l *Log) publish(ctx context.Context, m *nats.Msg) (uint64, error) {
	answer, err := l.nc.RequestMsgWithContext(ctx, m)
	if err != nil {
		return 0, err
	}
	var ack struct {
		jetstream.PubAck
		Error *jetstream.APIError `json:"error"`
	}
	if err := json.Unmarshal(answer.Data, &ack); err != nil {
		return 0, fmt.Errorf("%w: %w", jetstream.ErrInvalidJSAck, err)
	}
	if ack.Error != nil {
		return 0, ack.Error
	}
	return ack.Sequence, nil
}

func apiCode(err error) jetstream.ErrorCode {
	var api *jetstream.APIError
	if errors.As(err, &api) {
		return api.ErrorCode
	}
	return 0
}

func isOutOfTurn(err error) bool {
	code := apiCode(err)
	return code == codeWrongLastSequence || code == codeWrongLastSequenceConstant
}

// surelyNot tells whether a failed try left nothing behind and may be sent again as it is.
func surelyNot(err error) bool {
	return errors.Is(err, nats.ErrNoResponders) || countIncomplete(err) == 1 || apiCode(err) != 0 && isTransient(err)
}

func countIncomplete(err error) int {
	if apiCode(err) == codeIncompleteBatch {
		return 1
	}
	return 0
}

// isPermanent tells whether a failed try left nothing behind and would fail again: the server refused it, or it
// never left this process.
func isPermanent(err error) bool {
	return apiCode(err) != 0 || errors.Is(err, nats.ErrMaxPayload) || errors.Is(err, nats.ErrBadSubject)
}
