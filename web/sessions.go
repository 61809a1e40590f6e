package web

import (
	"net/http"
	"sync"
	"time"

	"github.com/alexedwards/scs/v2"
)

// sessionsInMemory keeps sessions until they end. The library's own such store starts a goroutine that races with its stop, so
// this one sweeps as it goes. It is safe for concurrent use.
type sessionsInMemory struct {
	mu    sync.Mutex
	now   func() time.Time
	kept  map[string]keptSession
	sweep time.Time // the next
}

type keptSession struct {
	data []byte
	ends time.Time
}

const sweepEvery = 5 * time.Minute

// Find finds what a session holds.
func (m *sessionsInMemory) Find(token string) ([]byte, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	s, ok := m.kept[token]
	if !ok || !m.now().Before(s.ends) {
		return nil, false, nil
	}
	return s.data, true, nil
}

// Commit keeps what a session holds until it ends.
func (m *sessionsInMemory) Commit(token string, data []byte, ends time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if now := m.now(); now.After(m.sweep) {
		for name, s := range m.kept {
			if !now.Before(s.ends) {
				delete(m.kept, name)
			}
		}
		m.sweep = now.Add(sweepEvery)
	}
	m.kept[token] = keptSession{data, ends}
	return nil
}

// Delete ends a session.
func (m *sessionsInMemory) Delete(token string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.kept, token)
	return nil
}

// newSessions says how sessions are kept and what their cookie is like.
func (s *Server) newSessions() *scs.SessionManager {
	m := &scs.SessionManager{IdleTimeout: sessionIdle, Lifetime: s.cfg.SessionFor, HashTokenInStore: true, Codec: scs.GobCodec{}, Store: s.cfg.Sessions,
		Cookie: scs.SessionCookie{Name: sessionCookie, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: s.cfg.Secure}}
	m.ErrorFunc = func(w http.ResponseWriter, r *http.Request, err error) {
		s.answerProblem(w, r, problem(http.StatusInternalServerError, "fault").because(err))
	}
	if m.Store == nil {
		m.Store = &sessionsInMemory{now: time.Now, kept: map[string]keptSession{}}
	}
	return m
}
