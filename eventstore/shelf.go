package eventstore

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Shelf keeps one text under each name, for every process on one server or cluster: what is put later takes the place of what was there. The logs
// keep everything for ever; a shelf is for what ends (a session), for what is to be forgotten (the hash of a password), and for what is asked for by
// its name. It reads from the leader, so it sees whatever was acknowledged. It is safe for concurrent use.
type Shelf struct {
	log  *Log
	root string // before every name: "kept.<fund>."
}

// OpenShelf opens a shelf as [Open] opens a log. The one subject of its configuration ends in ".>".
func OpenShelf(ctx context.Context, nc *nats.Conn, cfg Config) (*Shelf, error) {
	cfg.shelf = true
	log, err := Open(ctx, nc, cfg)
	if err != nil {
		return nil, err
	}
	return &Shelf{log: log, root: strings.TrimSuffix(cfg.Subjects[0], ">")}, nil
}

// Revision is which putting of a name is meant; 0: there is none.
type Revision uint64

// Get reads what lies under a name. ErrNotFound: nothing does; the revision is what [Shelf.Swap] needs then.
func (s *Shelf) Get(ctx context.Context, name string) ([]byte, Revision, error) {
	request, err := json.Marshal(map[string]string{"last_by_subj": s.root + name})
	if err != nil {
		return nil, 0, err
	}
	var answer storedAnswer
	if err := s.log.ask(ctx, "STREAM.MSG.GET."+s.log.cfg.Stream, request, &answer); err != nil {
		return nil, 0, fmt.Errorf("reading %s: %w", name, err)
	}
	r, err := answer.record()
	if err == nil && len(r.Data) == 0 { // it was taken away
		err = ErrNotFound
	}
	if err != nil {
		return nil, Revision(r.Seq), fmt.Errorf("reading %s: %w", name, err)
	}
	return r.Data, Revision(r.Seq), nil
}

// Put puts a text under a name, for a while; 0: for ever.
func (s *Shelf) Put(ctx context.Context, name string, text []byte, keep time.Duration) error {
	return s.put(ctx, name, text, keep, nil)
}

// Swap is [Shelf.Put] where what lies there is of a revision: else ErrOutOfTurn, and nothing is changed.
func (s *Shelf) Swap(ctx context.Context, name string, text []byte, was Revision, keep time.Duration) error {
	return s.put(ctx, name, text, keep, nats.Header{jetstream.ExpectedLastSubjSeqHeader: {strconv.FormatUint(uint64(was), 10)}})
}

// taken is how long a name that nothing lies under any more is remembered as such.
const taken = time.Hour

// Take takes away what lies under a name.
func (s *Shelf) Take(ctx context.Context, name string) error {
	return s.put(ctx, name, nil, taken, nil)
}

// put asks again while nobody leads. Two tries may land both, which is one putting twice.
func (s *Shelf) put(ctx context.Context, name string, text []byte, keep time.Duration, header nats.Header) error {
	m := &nats.Msg{Subject: s.root + name, Header: header, Data: text}
	if m.Header == nil {
		m.Header = nats.Header{}
	}
	m.Header[jetstream.ExpectedStreamHeader] = []string{s.log.cfg.Stream}
	if keep > 0 {
		m.Header[jetstream.MsgTTLHeader] = []string{strconv.Itoa(max(1, int(keep/time.Second))) + "s"}
	}
	for wait := firstPause; ; wait = pauseAfter(wait) {
		err := s.putOnce(ctx, m)
		switch {
		case err == nil:
			return nil
		case isOutOfTurn(err):
			return fmt.Errorf("putting %s: %w", name, ErrOutOfTurn)
		case !isTransient(err):
			return fmt.Errorf("putting %s: %w", name, err)
		}
		if pauseErr := pause(ctx, wait); pauseErr != nil {
			return fmt.Errorf("putting %s: %w (last answer: %w)", name, pauseErr, err)
		}
	}
}

func (s *Shelf) putOnce(ctx context.Context, m *nats.Msg) error {
	ctx, cancel := context.WithTimeout(ctx, s.log.cfg.AckTimeout)
	defer cancel()
	_, err := s.log.publish(ctx, m)
	return err
}

// Names lists the names that begin with a prefix of whole tokens ("checkpoint."), without it, in order; those that were taken away lately are among them.
func (s *Shelf) Names(ctx context.Context, under string) ([]string, error) {
	var names []string
	for {
		request, err := json.Marshal(map[string]any{"subjects_filter": s.root + under + ">", "offset": len(names)})
		if err != nil {
			return nil, err
		}
		var answer struct {
			*jetstream.StreamInfo
			Total int                 `json:"total"`
			Error *jetstream.APIError `json:"error"`
		}
		if err := s.log.ask(ctx, "STREAM.INFO."+s.log.cfg.Stream, request, &answer); err != nil {
			return nil, fmt.Errorf("listing %s: %w", under, err)
		}
		if answer.Error != nil {
			return nil, fmt.Errorf("listing %s: %w", under, answer.Error)
		}
		if answer.StreamInfo == nil {
			return nil, errors.New("listing names: the server's answer is empty")
		}
		for subject := range answer.State.Subjects {
			names = append(names, strings.TrimPrefix(subject, s.root+under))
		}
		if len(answer.State.Subjects) == 0 || len(names) >= answer.Total {
			slices.Sort(names)
			return names, nil
		}
	}
}

// Away reports whether there is no connection to the server at this moment: what is asked would wait.
func (s *Shelf) Away() bool { return !s.log.nc.IsConnected() }
