package web

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/wire"
)

const (
	batchLines  = 500 // that go to the ledger together
	batchBytes  = 8 << 20
	batchFlight = 4 // groups on their way: what a batch holds is bounded, however long it is
)

// lineGroup is lines that were handed over together.
type lineGroup struct {
	lines []batchLine
	batch *ledger.Batch // of those that have no answer yet
	last  error         // the body ends here, for this reason
}

type batchLine struct {
	number int
	id     domain.CommandID
	answer *line // decided before the ledger: it could not be read, or may not be given
}

// answers are the answers to a group's lines; results are those of the lines that went to the ledger.
func (g lineGroup) answers(results []ledger.Result) []line {
	list := make([]line, len(g.lines))
	for i, l := range g.lines {
		if l.answer != nil {
			list[i] = *l.answer
			continue
		}
		list[i], results = lineOf(l.number, l.id, results[0]), results[1:]
	}
	return list
}

// postBatch decides the commands of a body, one a line, and answers each in order while more are read, or later if that is preferred.
func (s *Server) postBatch(w http.ResponseWriter, r *http.Request) error {
	if err := needsMedia(r, "application/x-ndjson", "application/jsonl", "application/ndjson"); err != nil {
		return err
	}
	control := http.NewResponseController(w)
	b := &batchReader{s: s, ledger: s.cfg.Ledger, body: r.Body, actAs: r.Header.Get("X-Act-As"), wait: func() { _ = control.SetReadDeadline(time.Now().Add(s.cfg.Stall)) }}
	b.viewer, _ = ViewerOf(r)
	switch actors := r.URL.Query().Get("actors"); {
	case actors == "lines" && !b.viewer.Has(domain.Admin):
		return problem(http.StatusForbidden, "import_not_allowed")
	case actors == "lines":
		b.origin.ImportedBy = b.viewer.ID
	case actors != "" && actors != "mine":
		return problem(http.StatusBadRequest, "parameter_invalid", "parameter", "actors", "value", actors, "reason", "mine, lines")
	}
	switch retry := r.URL.Query().Get("retry_refused"); {
	case retry == "true" && b.origin.ImportedBy != "", b.origin.ImportedBy == "" && retry == "":
	case retry == "" || retry == "false" && b.origin.ImportedBy != "":
		var err error
		if b.refusedUpTo, err = s.cfg.Ledger.RefusedSoFar(r.Context()); err != nil {
			return err
		}
	default:
		return problem(http.StatusBadRequest, "parameter_invalid", "parameter", "retry_refused", "value", retry, "reason", "actors=lines, true, false")
	}
	later := respondAsync(r)
	switch dry := r.URL.Query().Get("dry_run"); {
	case dry == "true" && b.origin.ImportedBy != "" && !later:
		rehearsal, done, err := s.Rehearse(r.Context())
		if err != nil {
			return err
		}
		defer done()
		b.ledger = rehearsal
	case dry != "" && dry != "false":
		return problem(http.StatusBadRequest, "parameter_invalid", "parameter", "dry_run", "value", dry, "reason", "actors=lines, no respond-async")
	}
	if later {
		return s.takeJob(w, r, b)
	}
	_ = control.EnableFullDuplex() // HTTP/2 always is
	// The server ends the request's context when its body breaks off. What came before is still decided and answered.
	ctx, cancel := context.WithCancel(context.WithoutCancel(r.Context()))
	defer cancel()
	groups := make(chan lineGroup, batchFlight)
	go func() {
		defer close(groups)
		defer func() { // nobody else recovers what runs beside the handler
			if why := recover(); why != nil {
				s.cfg.Logger.Error("reading a batch", "code", "fault", "panic", why, "stack", string(debug.Stack()))
				groups <- lineGroup{batch: b.ledger.Start(ctx, nil), last: errors.New("a fault of ours")}
			}
		}()
		b.read(ctx, groups)
	}()
	w.Header().Set("Content-Type", "application/x-ndjson")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusOK)
	failed := s.answerGroups(ctx, w, control, groups)
	if failed == nil && (r.ProtoMajor > 1 || b.readRest(control)) {
		return nil
	}
	cancel()
	_ = control.SetReadDeadline(time.Now()) // so that a read that waits for the client ends
	for range groups {
	}
	cut(control)
	return nil
}

const (
	restBytes = 64 << 20        // read of a body behind what ended its batch
	restFor   = 5 * time.Second // it may take to come
)

// readRest reads what was left unread of a body, and reports whether that was all. On a connection that goes both ways at once the server
// would read it only behind the handler, beside the next request, whose body then panics in whoever reads it.
func (b *batchReader) readRest(control *http.ResponseController) bool {
	_ = control.SetReadDeadline(time.Now().Add(restFor))
	_, err := io.CopyN(io.Discard, b.body, restBytes)
	return errors.Is(err, io.EOF)
}

// cut ends a connection in the middle of its answer, which must not look whole. A handler's panic would do it too, but the
// server would first wait for the rest of a body that does not come.
func cut(control *http.ResponseController) {
	conn, _, err := control.Hijack()
	if err != nil {
		panic(http.ErrAbortHandler) // HTTP/2, which resets the stream
	}
	_ = conn.Close()
}

// answerGroups writes the groups' answers as they become durable.
func (s *Server) answerGroups(ctx context.Context, w http.ResponseWriter, control *http.ResponseController, groups <-chan lineGroup) error {
	var out bytes.Buffer
	for g := range groups {
		out.Reset()
		if err := encodeLines(&out, g.answers(g.batch.Wait(ctx))); err != nil {
			return err
		}
		_ = control.SetWriteDeadline(time.Now().Add(s.cfg.Stall))
		if _, err := w.Write(out.Bytes()); err != nil {
			return err
		}
		if err := control.Flush(); err != nil {
			return err
		}
		if g.last != nil {
			return g.last
		}
	}
	return nil
}

// batchReader reads the lines of a body into groups.
type batchReader struct {
	s      *Server
	ledger *ledger.Ledger // that decides: the live one, or a rehearsal
	body   io.Reader
	wait   func() // called before each read: it lets the client have some more time
	actAs  string // X-Act-As
	viewer Viewer
	origin wire.Origin
	number int
	over   string // the code why nothing more is taken; empty: it is

	refusedUpTo uint64 // of an import that does not ask again what was refused before
}

// read hands groups over until the body ends. A group is what has arrived: a client that waits for an answer gets it.
func (b *batchReader) read(ctx context.Context, groups chan<- lineGroup) {
	in := bufio.NewReaderSize(b.body, 64<<10)
	for ctx.Err() == nil {
		g, orders, err := b.group(ctx, in)
		g.batch = b.ledger.Start(ctx, orders)
		if err != nil && !errors.Is(err, io.EOF) {
			g.last = err
		}
		groups <- g // they are taken to the end, also when nobody is answered any more
		if err != nil {
			return
		}
	}
}

func (b *batchReader) group(ctx context.Context, in *bufio.Reader) (g lineGroup, orders []ledger.Order, err error) {
	for bytesRead := 0; len(g.lines) < batchLines && bytesRead < batchBytes; {
		if len(g.lines) > 0 && !wholeLineBuffered(in) {
			return g, orders, nil
		}
		text, err := b.line(in)
		bytesRead += len(text)
		if errors.Is(err, errLongLine) {
			refused := saysNo(b.number+1, "", problem(http.StatusRequestEntityTooLarge, "line_too_large", "line", b.number+1, "limit", wire.MaxCommandBytes))
			g.lines = append(g.lines, batchLine{number: b.number + 1, answer: &refused})
			return g, orders, io.EOF
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return g, orders, err // a line that was cut off is not decided
		}
		if len(bytes.TrimSpace(text)) > 0 && len(g.lines) == 0 {
			if gone := b.gone(); gone != nil {
				b.over = gone.Code
				refused := saysNo(b.number+1, "", gone)
				g.lines = append(g.lines, batchLine{number: b.number + 1, answer: &refused})
				return g, orders, io.EOF
			}
		}
		b.number++
		if len(bytes.TrimSpace(text)) > 0 {
			one, order := b.take(ctx, text)
			g.lines = append(g.lines, one)
			if order != nil {
				orders = append(orders, *order)
			}
		}
		if err != nil {
			return g, orders, err
		}
	}
	return g, orders, nil
}

// gone looks again who asks, before each group: a batch may be sent for hours, by somebody whose rights end meanwhile.
func (b *batchReader) gone() *Problem {
	now, ok := b.viewer.Again()
	switch {
	case !ok:
		return problem(http.StatusUnauthorized, "signed_out")
	case now.mayNot() != nil:
		return now.mayNot()
	case b.origin.ImportedBy != "" && !now.Has(domain.Admin):
		return problem(http.StatusForbidden, "import_not_allowed")
	}
	b.viewer = now
	return nil
}

func wholeLineBuffered(in *bufio.Reader) bool {
	waiting, _ := in.Peek(in.Buffered())
	return bytes.IndexByte(waiting, '\n') >= 0
}

var errLongLine = errors.New("a line is too long")

// line reads one line of bounded length.
func (b *batchReader) line(in *bufio.Reader) ([]byte, error) {
	var text []byte
	for {
		b.wait()
		part, err := in.ReadSlice('\n')
		if len(text)+len(part) > wire.MaxCommandBytes+1 {
			return nil, errLongLine
		}
		text = append(text, part...)
		if !errors.Is(err, bufio.ErrBufferFull) {
			return text, err
		}
	}
}

// take reads a line's command; what may not go to the ledger is answered at once.
func (b *batchReader) take(ctx context.Context, text []byte) (batchLine, *ledger.Order) {
	one := batchLine{number: b.number}
	var formerly domain.CommandID
	if b.origin.ImportedBy != "" {
		formerly, text = wire.CutFormerly(text)
	}
	command, refusal := wire.DecodeCommand(text)
	if refusal != nil {
		one.id = domain.CommandID(wire.CommandID(text))
		answer := saysNo(one.number, one.id, RefusalProblem(refusal))
		one.answer = &answer
		return one, nil
	}
	one.id = command.Given().ID
	if b.origin.ImportedBy == "" {
		g, err := b.s.grantFor(ctx, b.viewer, command, b.actAs)
		if err != nil {
			answer := saysNo(one.number, one.id, ErrorProblem(err))
			one.answer = &answer
			return one, nil
		}
		domain.HeadOf(command).Actor = b.viewer.Actor(g)
	}
	order := &ledger.Order{Command: command, Formerly: formerly, Origin: b.origin, RefusedUpTo: b.refusedUpTo}
	if by := b.origin.ImportedBy; by != "" {
		b.s.asImported(order, by)
	}
	return one, order
}
