package eventstore

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Errors that a caller branches on.
var (
	// ErrOutOfTurn says that the log has grown past the expected position: nothing was written. Read what is
	// there, decide again, append again.
	ErrOutOfTurn = errors.New("the log has moved on since the expected position")
	// ErrUnknown says that it could not be found out whether an append landed. It may still land. Read the log
	// again from the expected position before deciding anything more.
	ErrUnknown = errors.New("unknown whether the append landed")
	// ErrReadOnly says that this log was opened for reading.
	ErrReadOnly = errors.New("the log was opened read-only")
	// ErrTooLarge says that an append holds more than one atomic batch takes: cut it between two commands.
	ErrTooLarge = errors.New("more than one append takes")
	// ErrNotFound says that there is no such position on the log.
	ErrNotFound = errors.New("no such position on the log")
	// ErrGap says that a position that once held an event holds none: the log was damaged or cut.
	ErrGap = errors.New("the log has a gap")
	// ErrShort says that the log ends before a position already acted on: events were lost, or this is not
	// the log it was.
	ErrShort = errors.New("the log ends too early")
	// ErrNoStream says that a read-only log's stream is not there.
	ErrNoStream = errors.New("there is no such stream")
)

const (
	// DefaultMaxBatch is how many events one append takes unless Config says otherwise: the server's own limit.
	DefaultMaxBatch = 1000
	// DefaultFollowBatch is how many events Follow and Read hand over at once at most, unless Config says otherwise.
	DefaultFollowBatch = 2000
	// MaxBatchBytes bounds the subjects, headers and data of one append: half of what a server queues.
	MaxBatchBytes = 64 << 20

	// BatchFromOneNode is where an atomic batch begins to be faster than as many plain publishes in a row, on one node that syncs
	// always: BenchmarkAppend measured 0.3 to 0.4 ms a publish, and 3.7 ms for a batch of 2, 4.2 ms of 8, 5.3 ms of 16, because
	// the server stages a batch in a file store made for it.
	BatchFromOneNode = 12
	// BatchFromThreeNodes is the same on three nodes, where a batch is staged in memory: a publish took 0.9 ms, a batch of 2 took 1.1 ms.
	BatchFromThreeNodes = 2

	defaultAckTimeout = 2 * time.Second
	requestTimeout    = 2 * time.Second
	placementPatience = 30 * time.Second       // how long a new stream waits for the nodes that it is to lie on
	firstPatience     = 250 * time.Millisecond // after which a question is asked again; doubles up to requestTimeout
)

// Config names a log and says how to open it.
type Config struct {
	Stream   string   // the stream's name
	Subjects []string // what it takes, e.g. "fund.changning-2024.>"
	Replicas int      // 1, or 3 on a cluster; 0 means 1
	ReadOnly bool     // Open creates nothing, Append refuses
	// Plain says that its records are no events, and that it opens as it is: what differs in its settings, or is missing from it, is logged
	// and no reason not to start. Who wants to know asks [Log.Check].
	Plain bool

	MaxBatch    int // events an append takes at most; 0: DefaultMaxBatch. More needs a server that allows more
	FollowBatch int // events Follow and Read hand over at most, but for a longer command; 0: DefaultFollowBatch
	// BatchFrom is from how many drafts on Append makes one atomic batch of commands of one event each; 0: as measured,
	// BatchFromOneNode or BatchFromThreeNodes. 2 makes every append all or nothing.
	BatchFrom  int
	AckTimeout time.Duration // how long an append waits for an answer before it looks for itself; 0: 2 s
	Logger     *slog.Logger  // nil: silent
	// Ahead is by how much a sample's clock is ahead of the server's: records are told as stored so much later. It is 0 but in a sample, and the
	// same for a stream as long as it lives.
	Ahead time.Duration

	shelf bool // see [Shelf]
}

// Log is one stream, opened and checked. It is safe for concurrent use. It holds nothing open but the connection
// it was given, which stays its caller's.
type Log struct {
	nc     *nats.Conn
	js     jetstream.JetStream
	cfg    Config
	logger *slog.Logger
}

// Open opens the log, and creates its stream when there is none (ReadOnly: ErrNoStream). A stream that is there must
// have every setting this log relies on, or *SettingsError lists those that differ. Open asks again until ctx ends
// while a cluster is electing its leaders.
func Open(ctx context.Context, nc *nats.Conn, cfg Config) (*Log, error) {
	if cfg.Stream == "" || len(cfg.Subjects) == 0 && !cfg.ReadOnly {
		return nil, errors.New("opening a log: name the stream and its subjects")
	}
	cfg = cfg.withDefaults()
	js, err := jetstream.New(nc, jetstream.WithDefaultTimeout(requestTimeout))
	if err != nil {
		return nil, fmt.Errorf("opening log %s: %w", cfg.Stream, err)
	}
	l := &Log{nc: nc, js: js, cfg: cfg, logger: cfg.Logger}
	info, err := l.streamInfo(ctx)
	if errors.Is(err, ErrNoStream) && !cfg.ReadOnly {
		info, err = l.create(ctx)
	}
	if err != nil {
		return nil, fmt.Errorf("opening log %s: %w", cfg.Stream, err)
	}
	if err := checkSettings(cfg, info); err != nil {
		if !cfg.Plain {
			return nil, fmt.Errorf("opening log %s: %w", cfg.Stream, err)
		}
		l.logger.Error("a stream is not as it should be; it is used as it is", "stream", cfg.Stream, "error", err)
		l.mend(ctx, info)
	}
	return l, nil
}

// leftShut is how long a stream stays shut before it is taken for one that was left so: whoever shut it may be at work.
const leftShut = 5 * time.Second

// mend opens a plain stream again that was left shut when its beginning was taken away.
func (l *Log) mend(ctx context.Context, info *jetstream.StreamInfo) {
	shut := func() bool {
		return info.Config.MaxMsgSize != -1 || info.Config.MaxMsgs != -1 || info.Config.Discard != jetstream.DiscardNew
	}
	if l.cfg.ReadOnly || !shut() {
		return
	}
	err := pause(ctx, leftShut)
	if err == nil {
		info, err = l.streamInfo(ctx)
	}
	if err == nil && shut() {
		err = l.set(ctx, nil)
	}
	if err != nil {
		l.logger.Error("the stream could not be set back", "stream", l.cfg.Stream, "error", err)
	}
}

func (c Config) withDefaults() Config {
	if c.Replicas == 0 {
		c.Replicas = 1
	}
	if c.MaxBatch <= 0 {
		c.MaxBatch = DefaultMaxBatch
	}
	if c.FollowBatch <= 0 {
		c.FollowBatch = DefaultFollowBatch
	}
	if c.BatchFrom <= 0 && c.Replicas > 1 {
		c.BatchFrom = BatchFromThreeNodes
	}
	if c.BatchFrom <= 0 {
		c.BatchFrom = BatchFromOneNode
	}
	if c.AckTimeout <= 0 {
		c.AckTimeout = defaultAckTimeout
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return c
}

// create makes the stream. Another process may be making it too: whoever comes second finds it, and checks it. In a cluster the
// node that answers the question behind it may not have heard of the stream yet: then it is asked for again, which changes nothing
// where it is there.
func (l *Log) create(ctx context.Context) (info *jetstream.StreamInfo, err error) {
	request, err := json.Marshal(streamConfig(l.cfg))
	if err != nil {
		return nil, err
	}
	for wait := firstPause; ; wait = pauseAfter(wait) {
		err := placed(ctx, func() (err error) {
			info, err = l.createOnce(ctx, request)
			return err
		})
		if !errors.Is(err, ErrNoStream) {
			return info, err
		}
		if pauseErr := pause(ctx, wait); pauseErr != nil {
			return nil, fmt.Errorf("creating the stream: %w (last answer: %w)", pauseErr, err)
		}
	}
}

// placed makes a stream. A cluster that is just coming up has fewer nodes to place it on than it will have: it is given a while.
func placed(ctx context.Context, try func() error) error {
	began := time.Now()
	for wait := firstPause; ; wait = pauseAfter(wait) {
		err := try()
		if apiCode(err) != codeNoPeers || time.Since(began) >= placementPatience {
			return err
		}
		if pauseErr := pause(ctx, wait); pauseErr != nil {
			return fmt.Errorf("placing the stream: %w (last answer: %w)", pauseErr, err)
		}
	}
}

func (l *Log) createOnce(ctx context.Context, request []byte) (*jetstream.StreamInfo, error) {
	var answer struct {
		Error *jetstream.APIError `json:"error"`
	}
	if err := l.ask(ctx, "STREAM.CREATE."+l.cfg.Stream, request, &answer); err != nil {
		return nil, fmt.Errorf("creating the stream: %w", err)
	}
	if answer.Error != nil && answer.Error.ErrorCode != jetstream.JSErrCodeStreamNameInUse {
		return nil, fmt.Errorf("creating the stream: %w", answer.Error)
	}
	return l.streamInfo(ctx)
}

// streamInfo asks the stream's leader.
func (l *Log) streamInfo(ctx context.Context) (*jetstream.StreamInfo, error) {
	var answer struct {
		*jetstream.StreamInfo
		Error *jetstream.APIError `json:"error"`
	}
	if err := l.ask(ctx, "STREAM.INFO."+l.cfg.Stream, nil, &answer); err != nil {
		return nil, fmt.Errorf("asking about the stream: %w", err)
	}
	if answer.Error != nil {
		if answer.Error.ErrorCode == jetstream.JSErrCodeStreamNotFound {
			return nil, ErrNoStream
		}
		return nil, fmt.Errorf("asking about the stream: %w", answer.Error)
	}
	return answer.StreamInfo, nil
}

// Last is the position of the log's last event, from the leader; 0 when it is empty. It may lie inside a batch that is
// just landing.
func (l *Log) Last(ctx context.Context) (uint64, error) {
	info, err := l.streamInfo(ctx)
	if err != nil {
		return 0, fmt.Errorf("finding the end of log %s: %w", l.cfg.Stream, err)
	}
	return info.State.LastSeq, nil
}

// Links is how often the connection to the servers was made anew. A log that is put back to an earlier state behind its readers' backs is so while
// its servers are away.
func (l *Log) Links() uint64 { return l.nc.Stats().Reconnects }

// Size is what a stream holds, and on how many nodes.
type Size struct {
	Last, Messages, Bytes uint64
	Replicas, Current     int  // copies that there are to be, and those that are up to date
	Led                   bool // one of them leads: without a leader nothing is written
}

// Size asks the stream's leader.
func (l *Log) Size(ctx context.Context) (Size, error) {
	info, err := l.streamInfo(ctx)
	if err != nil {
		return Size{}, fmt.Errorf("measuring log %s: %w", l.cfg.Stream, err)
	}
	size := Size{Last: info.State.LastSeq, Messages: info.State.Msgs, Bytes: info.State.Bytes, Replicas: info.Config.Replicas, Current: 1, Led: true}
	if c := info.Cluster; c != nil && info.Config.Replicas > 1 {
		size.Led, size.Current = c.Leader != "", 0
		if size.Led {
			size.Current = 1
		}
		for _, peer := range c.Replicas {
			if peer.Current && !peer.Offline {
				size.Current++
			}
		}
	}
	return size, nil
}

// Check is [Log.Last], once every setting is as the log relies on, and nothing was taken from its beginning: else *SettingsError.
// [ErrNoStream]: it is gone.
func (l *Log) Check(ctx context.Context) (last uint64, err error) {
	info, err := l.streamInfo(ctx)
	if err != nil {
		return 0, fmt.Errorf("checking log %s: %w", l.cfg.Stream, err)
	}
	if err := checkSettings(l.cfg, info); err != nil {
		return info.State.LastSeq, fmt.Errorf("checking log %s: %w", l.cfg.Stream, err)
	}
	return info.State.LastSeq, nil
}

// faultStands is how long a log has to look wrong: a leader that has just changed may be a moment behind.
const faultStands = 2 * time.Second

// Require returns ErrShort when the log ends before a position already projected, checkpointed or acted on, and goes on doing so.
func (l *Log) Require(ctx context.Context, position uint64) error {
	last, err := l.Last(ctx)
	for began := time.Now(); err == nil && last < position && time.Since(began) < faultStands; last, err = l.Last(ctx) {
		if err := pause(ctx, 10*firstPause); err != nil {
			return err
		}
	}
	if err != nil {
		return err
	}
	if last < position {
		return fmt.Errorf("log %s: %w: it ends at %d, but position %d was already acted on; restore the log from a backup that holds it, or find out why events are missing, before starting again",
			l.cfg.Stream, ErrShort, last, position)
	}
	return nil
}

// Get reads one event from the leader, so it sees every acknowledged append. ErrNotFound: there is none.
func (l *Log) Get(ctx context.Context, seq uint64) (Record, error) {
	if seq == 0 {
		return Record{}, fmt.Errorf("reading event 0 of log %s: %w: positions count from 1", l.cfg.Stream, ErrNotFound)
	}
	request, err := json.Marshal(struct {
		Seq uint64 `json:"seq"`
	}{seq})
	if err != nil {
		return Record{}, err
	}
	var answer storedAnswer
	if err := l.ask(ctx, "STREAM.MSG.GET."+l.cfg.Stream, request, &answer); err != nil {
		return Record{}, fmt.Errorf("reading event %d of log %s: %w", seq, l.cfg.Stream, err)
	}
	r, err := answer.record()
	r.Time = l.told(r.Time)
	if err != nil {
		return Record{}, fmt.Errorf("reading event %d of log %s: %w", seq, l.cfg.Stream, err)
	}
	return r, nil
}

// lacks is ErrGap where an event is missing from within the log, and goes on missing; nil: it is there, or the log ends before it. The end is asked
// for first: what comes between the two questions is not missing.
func (l *Log) lacks(ctx context.Context, seq uint64) error {
	for began := time.Now(); ; {
		last, err := l.Last(ctx)
		if err != nil || last < seq {
			return err
		}
		if _, err := l.Get(ctx, seq); !errors.Is(err, ErrNotFound) {
			return err
		}
		if time.Since(began) >= faultStands {
			return fmt.Errorf("reading log %s: %w: event %d is gone, the log ends at %d; restore it from a backup", l.cfg.Stream, ErrGap, seq, last)
		}
		if err := pause(ctx, 10*firstPause); err != nil {
			return err
		}
	}
}

// Find is [Log.Get] of a record that was on the log when its end was asked for: ErrNotFound where it goes on missing.
func (l *Log) Find(ctx context.Context, seq uint64) (r Record, err error) {
	for began := time.Now(); ; {
		if r, err = l.Get(ctx, seq); !errors.Is(err, ErrNotFound) || time.Since(began) >= faultStands {
			return r, err
		}
		if err := pause(ctx, 10*firstPause); err != nil {
			return r, err
		}
	}
}

// storedAnswer is the server's answer to STREAM.MSG.GET.
type storedAnswer struct {
	Message *struct {
		Subject string    `json:"subject"`
		Seq     uint64    `json:"seq"`
		Header  []byte    `json:"hdrs"`
		Data    []byte    `json:"data"`
		Time    time.Time `json:"time"`
	} `json:"message"`
	Error *jetstream.APIError `json:"error"`
}

func (a storedAnswer) record() (Record, error) {
	switch {
	case a.Error != nil && a.Error.ErrorCode == jetstream.JSErrCodeMessageNotFound:
		return Record{}, ErrNotFound
	case a.Error != nil:
		return Record{}, a.Error
	case a.Message == nil:
		return Record{}, errors.New("the server's answer holds no event")
	}
	m := a.Message
	r := Record{Seq: m.Seq, Time: m.Time.UTC(), Subject: m.Subject, Data: m.Data}
	if len(m.Header) == 0 {
		return r, nil
	}
	var err error
	if r.Header, err = nats.DecodeHeadersMsg(m.Header); err != nil {
		return Record{}, fmt.Errorf("decoding its headers: %w", err)
	}
	return r, nil
}

// told is when a record is told as stored: by the server's clock, or a sample's that is ahead of it.
func (l *Log) told(stored time.Time) time.Time { return stored.Add(l.cfg.Ahead).UTC() }

// ask sends one request to the JetStream API and decodes the answer into v, which has the field Error. It asks again
// while nobody leads, the connection is down or the answer stays out, until ctx ends: requests asked here only read, or may be
// repeated.
func (l *Log) ask(ctx context.Context, what string, request []byte, v any) error {
	patience := firstPatience
	for wait := firstPause; ; wait = pauseAfter(wait) {
		err := l.askOnce(ctx, patience, what, request, v)
		if err == nil || !isTransient(err) {
			return err
		}
		patience = min(2*patience, requestTimeout)
		if pauseErr := pause(ctx, wait); pauseErr != nil {
			return fmt.Errorf("%w (last answer: %w); is the server up, and has the stream a leader?", pauseErr, err)
		}
	}
}

func (l *Log) askOnce(ctx context.Context, patience time.Duration, what string, request []byte, v any) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	answer, err := l.nc.RequestWithContext(ctx, "$JS.API."+what, request)
	if err != nil {
		return err
	}
	var head struct {
		Error *jetstream.APIError `json:"error"`
	}
	if err := json.Unmarshal(answer.Data, &head); err != nil {
		return fmt.Errorf("decoding the server's answer: %w", err)
	}
	if head.Error != nil && isTransient(head.Error) {
		return head.Error
	}
	if err := json.Unmarshal(answer.Data, v); err != nil {
		return fmt.Errorf("decoding the server's answer: %w", err)
	}
	return nil
}

// Server error codes that mean "ask again in a moment".
const (
	codeClusterNotAvailable = 10008
	codeClusterNotLeader    = 10009
	codeTooManyRequests     = 10167
	codeTooManyBatches      = 10210
	codeIncompleteBatch     = 10176
)

// codeNoPeers is the server's answer to a stream that is to lie on more nodes than are there.
const codeNoPeers = 10005

// codeBatchTooLarge is the server's answer to an atomic batch that it would never take.
const codeBatchTooLarge = 10199

// isTransient tells whether an error passes by itself: an election, a broken connection, a lost answer.
func isTransient(err error) bool {
	var api *jetstream.APIError
	if errors.As(err, &api) {
		switch api.ErrorCode {
		case codeClusterNotAvailable, codeClusterNotLeader, codeTooManyRequests, codeTooManyBatches:
			return true
		}
		return false
	}
	for _, passing := range []error{
		context.DeadlineExceeded, nats.ErrTimeout, nats.ErrNoResponders, nats.ErrDisconnected, nats.ErrReconnectBufExceeded,
		nats.ErrConnectionReconnecting, nats.ErrStaleConnection,
	} {
		if errors.Is(err, passing) {
			return true
		}
	}
	return false
}

const firstPause = 10 * time.Millisecond

// pauseAfter doubles a pause, up to half a second.
func pauseAfter(d time.Duration) time.Duration { return min(2*d, 500*time.Millisecond) }

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
