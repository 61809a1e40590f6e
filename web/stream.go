package web

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/fundledger/fundledger/domain"
)

const (
	streamPulse = 250 * time.Millisecond // the most often that a live connection is told something
	streamBeat  = 15 * time.Second       // the longest silence: a proxy must not think it dead
	streamsEach = 20                     // live connections of one viewer
)

// streams counts live connections, for they are held open and each costs memory.
type streams struct {
	most  int
	mu    sync.Mutex
	all   int
	count map[domain.PersonID]int
}

func newStreams(most int) *streams { return &streams{most: most, count: map[domain.PersonID]int{}} }

func (s *streams) enter(id domain.PersonID) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.all >= s.most || s.count[id] >= streamsEach {
		return false
	}
	s.all++
	s.count[id]++
	return true
}

func (s *streams) leave(id domain.PersonID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all--
	if s.count[id]--; s.count[id] == 0 {
		delete(s.count, id)
	}
}

func (s *streams) open() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.all
}

// getStream tells a browser where the projections are, whenever they move: "event: position", data {"projected", "last"}.
func (s *Server) getStream(w http.ResponseWriter, r *http.Request) error {
	v, _ := ViewerOf(r)
	if !s.streams.enter(v.ID) {
		return problem(http.StatusTooManyRequests, "too_many_streams").after(30)
	}
	defer s.streams.leave(v.ID)
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	defer context.AfterFunc(s.ctx, cancel)()
	control := http.NewResponseController(w)
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Accel-Buffering", "no")
	w.WriteHeader(http.StatusOK)
	pulse := time.NewTicker(streamPulse)
	defer pulse.Stop()
	for told := (Lag{}); ; {
		if _, ok := v.known(); !ok {
			return nil
		}
		lag, err := s.Lag(ctx)
		if err != nil {
			return nil // the browser connects again
		}
		if told != lag || told == (Lag{}) {
			_ = control.SetWriteDeadline(time.Now().Add(s.cfg.Stall))
			if _, err := fmt.Fprintf(w, "event: position\nid: %d\ndata: {\"projected\":%d,\"last\":%d}\n\n", lag.Projected, lag.Projected, lag.Last); err != nil {
				return nil
			}
			if err := control.Flush(); err != nil {
				return nil
			}
			told = lag
		}
		if !s.moved(ctx, v, w, control, lag) {
			return nil
		}
		select {
		case <-pulse.C:
		case <-ctx.Done():
			return nil
		}
	}
}

// moved waits until the projections are further than a position, sending a beat when nothing happens for long. It is false
// when nobody listens any more.
func (s *Server) moved(ctx context.Context, v Viewer, w http.ResponseWriter, control *http.ResponseController, lag Lag) bool {
	for {
		waiting, cancel := context.WithTimeout(ctx, streamBeat)
		err := s.cfg.Projector.WaitFor(waiting, lag.Projected+1)
		cancel()
		if err == nil {
			return true
		}
		if ctx.Err() != nil || s.cfg.Projector.Err() != nil {
			return false
		}
		if _, ok := v.known(); !ok {
			return false
		}
		_ = control.SetWriteDeadline(time.Now().Add(s.cfg.Stall))
		if _, err := fmt.Fprint(w, ": still here\n\n"); err != nil {
			return false
		}
		if err := control.Flush(); err != nil {
			return false
		}
	}
}
