package eventstore

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/klauspost/compress/s2"
	"github.com/nats-io/nats-server/v2/server/archive"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// An archive of a stream is what the server's own snapshots are made of, unpacked: NATSARC1, an entry state.json, one entry a
// message in their order, each with its sequence, its moment, its subject and its very bytes, and an empty entry at the end.
// Only a server can give a message back the moment at which it was stored, and this is what it takes for that.

// ErrArchive says that an archive is not what [Log.WriteArchive] writes: it was cut, changed, or is something else.
var ErrArchive = errors.New("not a whole archive of a stream")

// ErrStreamExists says that a stream is there already where one should be restored.
var ErrStreamExists = errors.New("the stream is there already")

const (
	archiveState   = "state.json"
	maxStateBytes  = 1 << 20
	maxStoredBytes = 64 << 20 // of one message, headers included; no server takes larger ones

	snapshotChunk   = 256 << 10
	snapshotWindow  = 8 << 20
	snapshotSilence = 15 * time.Second // after which a snapshot is given up; the server gives up after 5
	snapshotTries   = 4                // of a snapshot that does not begin: in an election nobody answers
	// restoreChunk is small, for the server takes a restore for stalled when one chunk's messages are not on the disk within 5 s.
	restoreChunk    = 64 << 10
	restorePatience = time.Minute     // for the server to take one chunk, or to end
	restoreSilence  = 5 * time.Second // after which the server gives up a restore that sent it nothing
)

// archivedState is the server's StreamState, as far as a restore reads it.
type archivedState struct {
	Messages  uint64    `json:"messages"`
	Bytes     uint64    `json:"bytes"`
	First     uint64    `json:"first_seq"`
	FirstTime time.Time `json:"first_ts"`
	Last      uint64    `json:"last_seq"`
	LastTime  time.Time `json:"last_ts"`
	Consumers int       `json:"consumer_count"`
}

// WriteArchive writes what the stream holds now, as an archive, and shows each message to each, in order. It takes the
// server's snapshot of one moment, while others go on writing; of upTo, where it is not 0, what lies behind is left out. commands says that the messages are commands' events: then it
// ends where the last whole command ends. begun, where it is not nil, hears the last position before anything is written. Of an
// empty stream that is 0, and nothing is written.
func (l *Log) WriteArchive(ctx context.Context, to io.Writer, upTo uint64, commands bool, begun func(last uint64), each func(Record) error) (last uint64, err error) {
	s, err := l.snapshot(ctx)
	if err != nil {
		return 0, fmt.Errorf("taking a snapshot of log %s: %w", l.cfg.Stream, err)
	}
	defer s.close()
	if last = s.state.Last; upTo > 0 {
		last = min(last, upTo)
	}
	if commands {
		if last, err = l.wholeEnd(ctx, last); err != nil {
			return 0, err
		}
	}
	if begun != nil {
		begun(last)
	}
	if last == 0 {
		return 0, nil
	}
	first := uint64(1)
	if l.cfg.Plain {
		first = max(s.state.First, 1) // its beginning may have been taken away
	}
	state := archivedState{Messages: last + 1 - first, Bytes: s.state.Bytes, First: first, FirstTime: s.state.FirstTime, Last: last, LastTime: s.state.LastTime}
	told := func(r Record) error { r.Time = l.told(r.Time); return each(r) }
	if err := copyArchive(s, to, state, told); err != nil {
		return 0, fmt.Errorf("taking a snapshot of log %s: %w", l.cfg.Stream, err)
	}
	return last, nil
}

// copyArchive writes the messages of a server's snapshot up to the last of a state.
func copyArchive(snapshot io.Reader, to io.Writer, state archivedState, each func(Record) error) error {
	out := archive.NewWriter(to)
	if err := writeState(out, state); err != nil {
		return err
	}
	// The messages behind the last whole command are read too, and left out: who stops listening makes the server complain.
	begun := func(archivedState) error { return nil } // of the server's, which is not the one that is written
	_, err := readMessages(s2.NewReader(snapshot, s2.ReaderMaxBlockSize(4<<20)), begun, func(h *archive.Header, text []byte, r Record) error {
		if h.Sequence > state.Last {
			return nil
		}
		if err := writeEntry(out, h, text); err != nil {
			return err
		}
		return each(r)
	})
	if err != nil {
		return err
	}
	return writeEntry(out, &archive.Header{}, nil)
}

func writeState(out *archive.Writer, state archivedState) error {
	text, err := json.Marshal(state)
	if err != nil {
		return err
	}
	return writeEntry(out, &archive.Header{Name: archiveState, PayloadSize: int64(len(text))}, text)
}

func writeEntry(out *archive.Writer, h *archive.Header, text []byte) error {
	if err := out.WriteHeader(h); err != nil {
		return err
	}
	_, err := out.Write(text)
	return err
}

// ReadArchive reads an archive that [Log.WriteArchive] wrote, shows each message to each, in order, and returns how many there
// are. It holds one message at a time. [ErrArchive]: it is not whole, or has a gap, or anything behind its end, or is written otherwise.
func ReadArchive(from io.Reader, each func(Record) error) (last uint64, err error) {
	read, written := sha256.New(), sha256.New()
	again := archive.NewWriter(written)
	last, err = readMessages(io.TeeReader(from, read), func(state archivedState) error { return writeState(again, state) },
		func(h *archive.Header, text []byte, r Record) error {
			if err := writeEntry(again, h, text); err != nil {
				return err
			}
			return each(r)
		})
	if err == nil {
		err = writeEntry(again, &archive.Header{}, nil)
	}
	if err == nil && !bytes.Equal(read.Sum(nil), written.Sum(nil)) {
		err = fmt.Errorf("%w: it is not as its messages are written", ErrArchive)
	}
	return last, err
}

func readMessages(from io.Reader, begun func(archivedState) error, each func(*archive.Header, []byte, Record) error) (last uint64, err error) {
	in := archive.NewReader(from)
	state, err := readState(in)
	if err != nil {
		return 0, err
	}
	if err := begun(state); err != nil {
		return 0, err
	}
	for next := max(state.First, 1); ; next++ {
		h, err := in.Next()
		if err != nil {
			return 0, fmt.Errorf("%w: after message %d: %w", ErrArchive, next-1, whole(err))
		}
		if *h == (archive.Header{}) {
			last = next - 1
			break
		}
		if h.Sequence != next {
			return 0, fmt.Errorf("%w: message %d stands where %d should", ErrArchive, h.Sequence, next)
		}
		text, r, err := readMessage(in, h)
		if err != nil {
			return 0, fmt.Errorf("%w: in message %d: %w", ErrArchive, next, err)
		}
		if err := each(h, text, r); err != nil {
			return 0, err
		}
	}
	if last != state.Last {
		return 0, fmt.Errorf("%w: it ends at message %d, and says %d", ErrArchive, last, state.Last)
	}
	if _, err := in.Next(); !errors.Is(err, io.EOF) {
		return 0, fmt.Errorf("%w: there is something behind its end", ErrArchive)
	}
	return last, nil
}

// whole is an error of reading what should go on: an end is one too early.
func whole(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// readMessage reads a message's bytes, headers first, and what they say.
func readMessage(in *archive.Reader, h *archive.Header) ([]byte, Record, error) {
	r := Record{Seq: h.Sequence, Time: time.Unix(0, h.Timestamp).UTC(), Subject: h.Name}
	if h.HeaderSize > maxStoredBytes || h.PayloadSize > maxStoredBytes-h.HeaderSize {
		return nil, r, fmt.Errorf("it says that it has %d bytes of headers and %d of data", h.HeaderSize, h.PayloadSize)
	}
	text := make([]byte, h.HeaderSize+h.PayloadSize)
	if _, err := io.ReadFull(in, text); err != nil {
		return nil, r, whole(err)
	}
	r.Data = text[h.HeaderSize:]
	if h.HeaderSize == 0 {
		return text, r, nil
	}
	var err error
	if r.Header, err = nats.DecodeHeadersMsg(text[:h.HeaderSize]); err != nil {
		return nil, r, fmt.Errorf("decoding its headers: %w", err)
	}
	return text, r, nil
}

func readState(in *archive.Reader) (archivedState, error) {
	var state archivedState
	h, err := in.Next()
	switch {
	case err != nil:
		return state, fmt.Errorf("%w: it does not begin as one of a NATS server of version 2.15 or later: %w", ErrArchive, whole(err))
	case h.Name != archiveState || h.Sequence != 0 || h.HeaderSize != 0 || h.PayloadSize > maxStateBytes:
		return state, fmt.Errorf("%w: it does not begin with %s", ErrArchive, archiveState)
	}
	text := make([]byte, h.PayloadSize)
	if _, err = io.ReadFull(in, text); err == nil {
		err = json.Unmarshal(text, &state)
	}
	switch {
	case err != nil:
		return state, fmt.Errorf("%w: in %s: %w", ErrArchive, archiveState, whole(err))
	case state.Consumers != 0 || state.Last > 0 && (state.First < 1 || state.First > state.Last || state.Messages != state.Last+1-state.First):
		return state, fmt.Errorf("%w: it holds %d messages from %d to %d, and %d consumers; what is archived has no gaps, and no consumers",
			ErrArchive, state.Messages, state.First, state.Last, state.Consumers)
	}
	return state, nil
}

// snapshot is one that the server is sending. It is read as the server packed it.
type snapshot struct {
	ctx    context.Context
	sub    *nats.Subscription
	state  archivedState
	chunks int
	rest   []byte
	ended  bool
}

func (l *Log) snapshot(ctx context.Context) (*snapshot, error) {
	patience := snapshotSilence
	for tries, wait := 1, firstPause; ; tries, wait = tries+1, pauseAfter(wait) {
		s, err := l.beginSnapshot(ctx, patience)
		if err == nil || !isTransient(err) || ctx.Err() != nil || tries == snapshotTries {
			return s, err
		}
		patience *= 2 // a large log is looked through before the server answers
		if pauseErr := pause(ctx, wait); pauseErr != nil {
			return nil, fmt.Errorf("%w (last answer: %w)", pauseErr, err)
		}
	}
}

// beginSnapshot asks for a snapshot once: what comes of another asking comes to another inbox, where nobody listens.
func (l *Log) beginSnapshot(ctx context.Context, patience time.Duration) (*snapshot, error) {
	inbox := l.nc.NewInbox()
	sub, err := l.nc.SubscribeSync(inbox)
	if err != nil {
		return nil, err
	}
	s := &snapshot{ctx: ctx, sub: sub}
	if err := s.begin(l, inbox, patience); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

func (s *snapshot) begin(l *Log, inbox string, patience time.Duration) error {
	if err := s.sub.SetPendingLimits(-1, 2*snapshotWindow); err != nil {
		return err
	}
	request, err := json.Marshal(struct {
		Inbox       string `json:"deliver_subject"`
		NoConsumers bool   `json:"no_consumers"`
		Chunk       int    `json:"chunk_size"`
		Window      int    `json:"window_size"`
		Check       bool   `json:"jsck"`
	}{inbox, true, snapshotChunk, snapshotWindow, true})
	if err != nil {
		return err
	}
	var answer struct {
		State archivedState       `json:"state"`
		Error *jetstream.APIError `json:"error"`
	}
	if err := l.askOnce(s.ctx, patience, "STREAM.SNAPSHOT."+l.cfg.Stream, request, &answer); err != nil {
		return fmt.Errorf("%w; is the server up, and may this user take snapshots?", err)
	}
	if answer.Error != nil {
		return answer.Error
	}
	s.state = answer.State
	return nil
}

func (s *snapshot) close() {
	// The connection may be closed already: then there is nothing to unsubscribe from.
	_ = s.sub.Unsubscribe()
}

// Read reads what the server sends, chunk by chunk, and tells it to go on.
func (s *snapshot) Read(p []byte) (int, error) {
	for len(s.rest) == 0 {
		if s.ended {
			return 0, io.EOF
		}
		if err := s.next(); err != nil {
			return 0, err
		}
	}
	n := copy(p, s.rest)
	s.rest = s.rest[n:]
	return n, nil
}

func (s *snapshot) next() error {
	ctx, cancel := context.WithTimeout(s.ctx, snapshotSilence)
	defer cancel()
	m, err := s.sub.NextMsgWithContext(ctx)
	if err != nil {
		return fmt.Errorf("waiting for the snapshot's chunk %d: %w; is the connection up?", s.chunks+1, err)
	}
	if len(m.Data) == 0 {
		if status := m.Header.Get("Status"); status != "" && status != "204" {
			return fmt.Errorf("the server broke the snapshot off: %s %s", status, m.Header.Get("Description"))
		}
		s.ended = true
		return nil
	}
	s.chunks++
	s.rest = m.Data
	if m.Reply == "" {
		return nil // the last chunk, which is shorter, needs no answer
	}
	if index := m.Reply[strings.LastIndexByte(m.Reply, '.')+1:]; index != strconv.Itoa(s.chunks) {
		return fmt.Errorf("chunk %s of the snapshot came where %d should: the connection lost something; try again", index, s.chunks)
	}
	return m.Respond(nil)
}

// StreamExists reports whether a server or cluster has a stream of a name.
func StreamExists(ctx context.Context, nc *nats.Conn, stream string) (bool, error) {
	l := &Log{nc: nc, cfg: Config{Stream: stream}}
	_, err := l.streamInfo(ctx)
	if errors.Is(err, ErrNoStream) {
		return false, nil
	}
	return err == nil, err
}

// RestoreArchive makes a log's stream of an archive, with the settings that every log has: sequences, moments and bytes
// are what they were. It holds the messages from first to last; only plain records may begin behind the first. [ErrStreamExists]: there is one already, which stays as it is. After any
// other error a part of the stream may be there, which [RemoveStream] takes away.
func RestoreArchive(ctx context.Context, nc *nats.Conn, cfg Config, first, last uint64, from io.Reader) error {
	if err := restoreArchive(ctx, nc, cfg.withDefaults(), first, last, from); err != nil {
		return fmt.Errorf("restoring stream %s: %w", cfg.Stream, err)
	}
	return nil
}

func restoreArchive(ctx context.Context, nc *nats.Conn, cfg Config, first, last uint64, from io.Reader) error {
	request, err := json.Marshal(struct {
		Config jetstream.StreamConfig `json:"config"`
		State  archivedState          `json:"state"`
	}{streamConfig(cfg), archivedState{Messages: last + 1 - first, First: first, Last: last}})
	if err != nil {
		return err
	}
	var answer struct {
		To    string              `json:"deliver_subject"`
		Error *jetstream.APIError `json:"error"`
	}
	l := &Log{nc: nc, cfg: cfg}
	// Asked once: asked again behind a lost answer, the first asking might have made the stream.
	err = placed(ctx, func() error {
		answer.Error = nil
		if err := l.askOnce(ctx, restorePatience, "STREAM.RESTORE."+cfg.Stream, request, &answer); err != nil {
			return fmt.Errorf("%w; is the server up, and may this user restore streams?", err)
		}
		if answer.Error != nil {
			return answer.Error
		}
		return nil
	})
	const nameInUse = 10130
	switch {
	case apiCode(err) == nameInUse:
		return ErrStreamExists
	case err != nil:
		return err
	}
	out := &restoring{ctx: ctx, nc: nc, to: answer.To}
	// Packed, a chunk would hold many more messages than the server can bring to the disk in time.
	packer := s2.NewWriter(out, s2.WriterUncompressed(), s2.WriterBlockSize(restoreChunk), s2.WriterConcurrency(1))
	if _, err := io.Copy(packer, from); err != nil {
		// The stream must not come about: the server is told to end with what is no archive. Why it complains is known.
		_, _ = out.send([]byte("cut"))
		return errors.Join(err, out.end())
	}
	if err := packer.Close(); err != nil {
		return err
	}
	return out.end()
}

// restoring sends what is written to it to a server that restores a stream, piece by piece, each when the one before it was
// taken.
type restoring struct {
	ctx   context.Context
	nc    *nats.Conn
	to    string
	heard bool // the server has taken a piece
}

func (r *restoring) Write(p []byte) (int, error) {
	for piece := range slices.Chunk(p, restoreChunk) {
		answer, err := r.send(piece)
		if err != nil {
			return 0, err
		}
		if len(answer) > 0 {
			return 0, refusedRestore(answer)
		}
	}
	return len(p), nil
}

func (r *restoring) send(piece []byte) ([]byte, error) {
	ctx, cancel := context.WithTimeout(r.ctx, restorePatience)
	defer cancel()
	began := time.Now()
	for wait := firstPause; ; wait = pauseAfter(wait) {
		m, err := r.nc.RequestWithContext(ctx, r.to, piece)
		if err == nil {
			r.heard = true
			return m.Data, nil
		}
		// In a cluster the subject may be named to us before our node has heard of it. What no one received can be sent again.
		// Once a piece was taken, nobody there means that the server gave up.
		if r.heard || !errors.Is(err, nats.ErrNoResponders) || time.Since(began) > restoreSilence {
			return nil, fmt.Errorf("sending to the server: %w", err)
		}
		if pauseErr := pause(ctx, wait); pauseErr != nil {
			return nil, fmt.Errorf("sending to the server: %w (last answer: %w)", pauseErr, err)
		}
	}
}

// end says that this was all, and hears whether the stream is there.
func (r *restoring) end() error {
	answer, err := r.send(nil)
	if err != nil {
		return err
	}
	return refusedRestore(answer)
}

func refusedRestore(text []byte) error {
	var answer struct {
		Error *jetstream.APIError `json:"error"`
	}
	if err := json.Unmarshal(text, &answer); err != nil {
		return fmt.Errorf("decoding the server's answer: %w", err)
	}
	if answer.Error != nil {
		return answer.Error
	}
	return nil
}

// RemoveStream takes away a stream that a restore did not finish. Where there is none, there is nothing to do.
func RemoveStream(ctx context.Context, nc *nats.Conn, stream string) error {
	l := &Log{nc: nc, cfg: Config{Stream: stream}}
	var answer struct {
		Error *jetstream.APIError `json:"error"`
	}
	err := l.ask(ctx, "STREAM.DELETE."+stream, nil, &answer)
	if err == nil && answer.Error != nil && answer.Error.ErrorCode != jetstream.JSErrCodeStreamNotFound {
		err = answer.Error
	}
	if err != nil {
		return fmt.Errorf("removing stream %s: %w", stream, err)
	}
	return nil
}
