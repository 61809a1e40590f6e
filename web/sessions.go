package web

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/alexedwards/scs/v2"

	"github.com/fundledger/fundledger/eventstore"
)

// sharedSessions keeps sessions on the shelf, where every instance of the service finds them: a person behind a balancer is signed in at all of
// them, and signed out of all. While the shelf cannot be asked, a session that was seen lately stays good: who was removed is turned away in any
// case, for that the accounts tell. It is safe for concurrent use.
type sharedSessions struct {
	shelf *eventstore.Shelf
	now   func() time.Time

	mu    sync.Mutex
	seen  map[string]seenSession
	sweep time.Time // the next

	listing sync.Mutex
	names   map[string]bool // of the sessions on the shelf, as they were listed last
	listed  time.Time
}

type seenSession struct {
	data []byte
	ends time.Time // as it is written
}

const (
	sessionsOn   = "session."
	sweepEvery   = 5 * time.Minute
	shelfWait    = 2 * time.Second
	prolongAfter = time.Minute // a session that only goes on is written so often: each writing waits for the disk
	maxSeen      = 100_000
	listEvery    = time.Second
)

var _ scs.CtxStore = (*sharedSessions)(nil)

// foundKey finds the session that a request found: what is written behind it is that session or nothing.
type foundKey struct{}

type foundSession struct {
	token    string
	revision eventstore.Revision // 0: it was remembered, not read
	crowded  func() bool         // whether so many unknown sessions come from where this one comes from that the shelf is not asked for each
}

// finding is a context in which one session is found and written.
func finding(ctx context.Context, crowded func() bool) context.Context {
	return context.WithValue(ctx, foundKey{}, &foundSession{crowded: crowded})
}

func found(ctx context.Context, token string, revision eventstore.Revision) {
	if f, ok := ctx.Value(foundKey{}).(*foundSession); ok {
		f.token, f.revision = token, revision
	}
}

// FindCtx finds what a session holds.
func (m *sharedSessions) FindCtx(ctx context.Context, token string) ([]byte, bool, error) {
	if m.shelf.Away() {
		data, ok := m.remembered(token)
		found(ctx, token, 0)
		return data, ok, nil
	}
	ctx, cancel := context.WithTimeout(ctx, shelfWait)
	defer cancel()
	if f, ok := ctx.Value(foundKey{}).(*foundSession); ok {
		if _, known := m.remembered(token); !known && f.crowded() && !m.there(ctx, token) {
			found(ctx, token, 0)
			return nil, false, nil
		}
	}
	text, revision, err := m.shelf.Get(ctx, sessionsOn+token)
	found(ctx, token, revision)
	switch {
	case errors.Is(err, eventstore.ErrNotFound):
		m.forget(token)
		return nil, false, nil
	case err != nil:
		found(ctx, token, 0)
		data, ok := m.remembered(token)
		return data, ok, nil
	}
	ends, data, ok := openSession(text)
	if !ok || !m.now().Before(ends) {
		return nil, false, nil
	}
	m.remember(token, data, ends)
	return data, true, nil
}

// there tells whether a session may lie on the shelf, by a list of all that do. It is made once a second at most, however many invent sessions;
// whoever has a true one that is newer than the last list waits for the next.
func (m *sharedSessions) there(ctx context.Context, token string) bool {
	came := time.Now()
	m.listing.Lock()
	defer m.listing.Unlock()
	if m.names[token] || m.listed.After(came) {
		return m.names[token]
	}
	if pause(ctx, listEvery-time.Since(m.listed)) != nil {
		return false
	}
	names, err := m.shelf.Names(ctx, sessionsOn)
	m.listed = time.Now()
	if err != nil {
		return false
	}
	m.names = make(map[string]bool, len(names))
	for _, name := range names {
		m.names[name] = true
	}
	return m.names[token]
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// openSession takes a session's end, in RFC 3339, from before what it holds.
func openSession(text []byte) (ends time.Time, data []byte, ok bool) {
	end, data, ok := bytes.Cut(text, []byte("\n"))
	if !ok {
		return ends, nil, false
	}
	err := ends.UnmarshalText(end)
	return ends, data, err == nil
}

// CommitCtx keeps what a session holds until it ends. One that was found is kept only where it lies still: a request that was under way while
// somebody signed out, at any instance, does not bring their session back, however long it takes.
func (m *sharedSessions) CommitCtx(ctx context.Context, token string, data []byte, ends time.Time) error {
	m.mu.Lock()
	was, ok := m.seen[token]
	m.mu.Unlock()
	if ok && bytes.Equal(was.data, data) && (ends.Sub(was.ends).Abs() < prolongAfter || m.shelf.Away()) {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), shelfWait) // a client that leaves has signed in all the same
	defer cancel()
	end, err := ends.UTC().MarshalText()
	if err != nil {
		return err
	}
	f, _ := ctx.Value(foundKey{}).(*foundSession)
	err = m.write(ctx, token, append(append(end, '\n'), data...), time.Until(ends)+time.Second, f)
	if errors.Is(err, eventstore.ErrNotFound) {
		m.forget(token)
		return nil
	}
	if err != nil {
		return problem(http.StatusServiceUnavailable, "accounts_away").because(err).after(5)
	}
	m.remember(token, data, ends)
	return nil
}

// write puts a session on the shelf; one that was found in the place of itself only. ErrNotFound: it was ended.
func (m *sharedSessions) write(ctx context.Context, token string, text []byte, keep time.Duration, f *foundSession) error {
	name := sessionsOn + token
	if f == nil || f.token != token {
		return m.shelf.Put(ctx, name, text, keep) // it begins
	}
	for revision := f.revision; ; {
		err := eventstore.ErrOutOfTurn
		if revision != 0 {
			err = m.shelf.Swap(ctx, name, text, revision, keep)
		}
		if !errors.Is(err, eventstore.ErrOutOfTurn) {
			return err
		}
		if _, revision, err = m.shelf.Get(ctx, name); err != nil {
			return err
		}
	}
}

// DeleteCtx ends a session, at every instance.
func (m *sharedSessions) DeleteCtx(ctx context.Context, token string) error {
	m.forget(token)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), shelfWait)
	defer cancel()
	if err := m.shelf.Take(ctx, sessionsOn+token); err != nil {
		return problem(http.StatusServiceUnavailable, "accounts_away").because(err).after(5)
	}
	return nil
}

func (m *sharedSessions) remember(token string, data []byte, ends time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if now := m.now(); now.After(m.sweep) || len(m.seen) >= maxSeen {
		for name, s := range m.seen {
			if !now.Before(s.ends) {
				delete(m.seen, name)
			}
		}
		m.sweep = now.Add(sweepEvery)
	}
	if len(m.seen) < maxSeen {
		m.seen[token] = seenSession{data, ends}
	}
}

func (m *sharedSessions) remembered(token string) ([]byte, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	s, ok := m.seen[token]
	if !ok || !m.now().Before(s.ends) {
		return nil, false
	}
	return s.data, true
}

func (m *sharedSessions) forget(token string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.seen, token)
}

// Find, Commit and Delete are asked for by the library's interface, which calls those with a context where there are any.
func (m *sharedSessions) Find(token string) ([]byte, bool, error) {
	return m.FindCtx(context.Background(), token)
}

// Commit is [sharedSessions.CommitCtx].
func (m *sharedSessions) Commit(token string, data []byte, ends time.Time) error {
	return m.CommitCtx(context.Background(), token, data, ends)
}

// Delete is [sharedSessions.DeleteCtx].
func (m *sharedSessions) Delete(token string) error {
	return m.DeleteCtx(context.Background(), token)
}

// newSessions says how sessions are kept and what their cookie is like.
func (s *Server) newSessions() *scs.SessionManager {
	m := &scs.SessionManager{IdleTimeout: sessionIdle, Lifetime: s.cfg.SessionFor, HashTokenInStore: true, Codec: scs.GobCodec{},
		Store:  &sharedSessions{shelf: s.cfg.Users.Shelf(), now: time.Now, seen: map[string]seenSession{}},
		Cookie: scs.SessionCookie{Name: sessionCookie, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: s.cfg.Secure}}
	m.ErrorFunc = func(w http.ResponseWriter, r *http.Request, err error) {
		s.answerProblem(w, r, ErrorProblem(err))
	}
	return m
}
