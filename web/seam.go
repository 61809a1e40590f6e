package web

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/wire"
)

// Grant is what [accounts.Grant] is: who asks is known by what they are granted.
type Grant = accounts.Grant

// ParseGrant is [accounts.ParseGrant].
func ParseGrant(text string) (Grant, error) { return accounts.ParseGrant(text) }

// The units that pages show amounts in.
const (
	UnitYuan = "yuan" // 元
	UnitWan  = "wan"  // 万元
	UnitYi   = "yi"   // 亿元
)

// Viewer is the person behind a request, and how they like to see things.
type Viewer struct {
	ID     domain.PersonID
	Name   string // as people read it; the id where there is none
	Grants []Grant
	Token  string // the name of the API token that was used; empty: signed in by a session

	ReadOnly bool // the token asks only
	First    bool // the password is to be changed before anything else

	Lang  string // "zh" or "en": ?lang=, the cookie "lang", Accept-Language, Chinese
	Unit  string // UnitYuan, UnitWan or UnitYi: ?unit=, the cookie "unit"
	Theme string // "light", "dark" or "" for the system's: ?theme=, the cookie "theme"

	epoch uint64                // of the session, as it was admitted; 0: a token's viewer
	kept  func() bool           // whether the session lies on the shelf still; nil: a token's viewer
	again func() (Viewer, bool) // who the session or token stands for by now
}

// Again is the viewer with what they may do by now; false for one whose session or token is over, or who was removed. What takes long
// asks it time and again.
func (v Viewer) Again() (Viewer, bool) {
	if v.kept != nil && !v.kept() {
		return v, false
	}
	return v.known()
}

// known is [Viewer.Again] by what this instance knows by itself, for what asks all the time: who signed out is not seen by it.
func (v Viewer) known() (Viewer, bool) {
	if v.again == nil {
		return v, true
	}
	now, ok := v.again()
	v.Grants, v.ReadOnly, v.First = now.Grants, now.ReadOnly, now.First
	return v, ok
}

// mayNot is why the viewer gives no command, whatever they are granted.
func (v Viewer) mayNot() *Problem {
	switch {
	case v.First:
		return problem(http.StatusForbidden, "password_change_needed")
	case v.ReadOnly:
		return problem(http.StatusForbidden, "token_read_only")
	}
	return nil
}

// Actor is the viewer in one of their grants: what a command says of who gives it.
func (v Viewer) Actor(g Grant) domain.Actor {
	return domain.Actor{ID: v.ID, Role: g.Role, Department: g.Department, For: g.For}
}

// Has reports whether the viewer has one of the roles.
func (v Viewer) Has(roles ...domain.Role) bool {
	return slices.ContainsFunc(v.Grants, func(g Grant) bool { return slices.Contains(roles, g.Role) })
}

// May lists the viewer's grants whose role may give a command, those of the command's first role first; none when none
// may. The rules judge again, by department and by case.
func (v Viewer) May(command string) []Grant {
	var grants []Grant
	verb, _ := domain.VerbNamed(command)
	for _, role := range verb.Roles {
		for _, g := range v.Grants {
			if g.Role == role {
				grants = append(grants, g)
			}
		}
	}
	return grants
}

type knownKey struct{}

// known is who asks, and whom.
type known struct {
	viewer Viewer
	server *Server
}

// ViewerOf is who asks; false on the few public routes, when nobody is signed in.
func ViewerOf(r *http.Request) (Viewer, bool) {
	k, ok := r.Context().Value(knownKey{}).(known)
	return k.viewer, ok
}

func (s *Server) withViewer(r *http.Request, v Viewer) *http.Request {
	return r.WithContext(context.WithValue(r.Context(), knownKey{}, known{v, s}))
}

// LoginForm is what the page of /login shows.
type LoginForm struct {
	Name    string       // as it was typed
	Next    string       // where to go afterwards: a path of this site
	Lang    string       // "zh" or "en"
	Problem *domain.Text // why it did not work; nil at first
	OIDC    string       // where to sign in by the organisation's account; empty: there is none
}

// NotFor is what a page answers to a viewer who has none of the roles that it is for.
func NotFor(roles ...domain.Role) error {
	return problem(http.StatusForbidden, "route_not_allowed", "allowed", joinRoles(roles))
}

// Only keeps a handler to viewers of one of the roles.
func Only(h http.Handler, roles ...domain.Role) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		no := problem(http.StatusForbidden, "route_not_allowed", "allowed", joinRoles(roles))
		switch k, ok := r.Context().Value(knownKey{}).(known); {
		case !ok:
			writeProblem(w, r, no)
		case !k.viewer.Has(roles...):
			k.server.answerProblem(w, r, no)
		default:
			h.ServeHTTP(w, r)
		}
	})
}

// Do gives a command in a viewer's name, in one of their grants: the actor of the command is set from them, whatever it
// was. A grant that the viewer does not have is refused as the rules refuse it.
func (s *Server) Do(ctx context.Context, v Viewer, g Grant, c domain.Command) ledger.Result {
	return s.doIf(ctx, v, g, c, nil)
}

// DoIf is [Server.Do] on a condition, which is asked on the state that the command is decided on. What the condition panics with does not end the
// ledger: it does not hold.
func (s *Server) DoIf(ctx context.Context, v Viewer, g Grant, c domain.Command, holds func(*domain.State) bool) ledger.Result {
	return s.doIf(ctx, v, g, c, conditioned(c, holds))
}

// conditioned is holds as [ledger.Order] has it; nil where there is none.
func conditioned(c domain.Command, holds func(*domain.State) bool) func(*domain.State, uint64) error {
	if holds == nil {
		return nil
	}
	id := c.Given().ID
	return func(state *domain.State, position uint64) (err error) {
		defer func() {
			if hurt := recover(); hurt != nil {
				err = fmt.Errorf("judging whether the command is to be given: %v", hurt)
			}
		}()
		if holds(state) {
			return nil
		}
		return problem(http.StatusPreconditionFailed, "changed_meanwhile", "asked", id, "position", position)
	}
}

// doIf is [Server.Do] on the condition of [ledger.Order].
func (s *Server) doIf(ctx context.Context, v Viewer, g Grant, c domain.Command, holds func(*domain.State, uint64) error) ledger.Result {
	now, ok := v.Again() // the body may have come long after its head
	if !ok {
		return ledger.Result{Err: problem(http.StatusUnauthorized, "signed_out")}
	}
	v = now
	if no := v.mayNot(); no != nil {
		return ledger.Result{Err: no}
	}
	if !slices.Contains(v.Grants, g) {
		return ledger.Result{Refusal: domain.NewRefusal(domain.CodeRoleNotAllowed, "command", c.Name(), "role", g, "allowed", joinGrants(v.Grants))}
	}
	domain.HeadOf(c).Actor = v.Actor(g)
	return s.cfg.Ledger.Do(ctx, ledger.Order{Command: c, Origin: wire.Origin{}, If: holds})
}

// Patient lets a client send a file for as long as it keeps sending, and the answer take as long as what is done with the file: at
// most so long from its last byte.
func (s *Server) Patient(w http.ResponseWriter, r *http.Request, answer time.Duration) {
	control := http.NewResponseController(w)
	wait := func() {
		_ = control.SetReadDeadline(time.Now().Add(s.cfg.Stall))
		_ = control.SetWriteDeadline(time.Now().Add(s.cfg.Stall + answer))
	}
	wait() // of a form that was read already there is nothing more to come
	r.Body = &patientBody{r.Body, wait}
}

// At is this service's address as a request came to it.
func (s *Server) At(r *http.Request) string {
	if s.cfg.Secure || r.TLS != nil {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

// PatientWriter writes to a client for as long as it takes what is written, and gives up when it takes nothing for a while, or is no longer
// who asked: then the answer has to break off.
func (s *Server) PatientWriter(w http.ResponseWriter, r *http.Request) io.Writer {
	return s.taker(w, r)
}

// patientBody is a body whose client has some more time with every part that comes.
type patientBody struct {
	io.ReadCloser
	wait func()
}

func (b *patientBody) Read(p []byte) (int, error) {
	b.wait()
	return b.ReadCloser.Read(p)
}

// DoAll is [Server.Do] of several commands, in order.
func (s *Server) DoAll(ctx context.Context, v Viewer, g Grant, commands []domain.Command) []ledger.Result {
	list := make([]Given, len(commands))
	for i, c := range commands {
		list[i] = Given{Command: c, Grant: g}
	}
	return s.GiveAll(ctx, v, list)
}

// Given is a command that a viewer gives in one of their grants, on a condition as [Server.DoIf] has it; nil: on none.
type Given struct {
	Command domain.Command
	Grant   Grant
	Holds   func(*domain.State) bool
}

// GiveAll is [Server.DoIf] of several commands, in order, with nothing else of this instance between them.
func (s *Server) GiveAll(ctx context.Context, v Viewer, list []Given) []ledger.Result {
	results := make([]ledger.Result, len(list))
	if now, ok := v.Again(); !ok {
		for i := range results {
			results[i].Err = problem(http.StatusUnauthorized, "signed_out")
		}
		return results
	} else {
		v = now
	}
	if v.mayNot() != nil || slices.ContainsFunc(list, func(one Given) bool { return !slices.Contains(v.Grants, one.Grant) }) {
		for i, one := range list {
			results[i] = s.DoIf(ctx, v, one.Grant, one.Command, one.Holds)
		}
		return results
	}
	orders := make([]ledger.Order, len(list))
	for i, one := range list {
		domain.HeadOf(one.Command).Actor = v.Actor(one.Grant)
		orders[i] = ledger.Order{Command: one.Command, If: conditioned(one.Command, one.Holds)}
	}
	return s.cfg.Ledger.DoAll(ctx, orders)
}

// Choose picks the grant in which a viewer gives a command, when they have not said: the first of those whose role may
// give it that the rules do not refuse for its role or department at this moment. Without any it is the viewer's first
// grant, and the rules will say no.
func (s *Server) Choose(ctx context.Context, v Viewer, c domain.Command) (Grant, error) {
	grants := v.May(c.Name())
	switch {
	case len(grants) == 1:
		return grants[0], nil
	case len(grants) == 0 && len(v.Grants) == 0:
		return Grant{}, nil
	case len(grants) == 0:
		return v.Grants[0], nil
	}
	chosen, head, today := grants[0], domain.HeadOf(c), s.today()
	given := head.Actor
	err := s.cfg.Ledger.View(ctx, func(state *domain.State, _ uint64) {
		for _, g := range grants {
			head.Actor = v.Actor(g)
			_, refusal := domain.Decide(state, c, today)
			if refusal == nil || refusal.Code != domain.CodeRoleNotAllowed && refusal.Code != domain.CodeDepartmentNotAllowed {
				chosen = g
				return
			}
		}
	})
	head.Actor = given
	return chosen, err
}

// Answer answers an error for a page: a refusal, a [Problem], what a query said, or a fault of ours, by [Pages.Problem] to a browser.
func (s *Server) Answer(w http.ResponseWriter, r *http.Request, err error) {
	if clientGone(r, err) {
		return
	}
	s.answerProblem(w, r, ErrorProblem(err))
}

// View shows the live state, and the position that it is of.
func (s *Server) View(ctx context.Context, see func(*domain.State, uint64)) error {
	return s.cfg.Ledger.View(ctx, see)
}

// Record is an event as it lies on the log.
func (s *Server) Record(ctx context.Context, seq uint64) (eventstore.Record, error) {
	return s.cfg.Ledger.Log().Get(ctx, seq)
}

// Queries answers questions from the projections.
func (s *Server) Queries() Queries { return discreet{s.cfg.Queries, s.policyNow} }

// Fund is the fund that is served.
func (s *Server) Fund() domain.FundID { return s.cfg.Fund }

// Now is the service's clock.
func (s *Server) Now() time.Time { return s.cfg.Now() }

// SampleClock reports whether the service's clock is a sample's, ahead of today.
func (s *Server) SampleClock() bool { return s.cfg.SampleClock }

func (s *Server) today() domain.Date { return domain.DateIn(s.cfg.Now(), domain.Shanghai) }

// Lag is how far the projections are.
type Lag struct {
	Projected uint64 `json:"projected"` // the position that answers are from
	Last      uint64 `json:"last"`      // the position of the log's last event
}

// Behind is how many events are not projected yet.
func (l Lag) Behind() uint64 { return max(l.Last, l.Projected) - l.Projected }

// Lag asks how far the projections are.
func (s *Server) Lag(ctx context.Context) (Lag, error) {
	ctx, cancel := context.WithTimeout(ctx, lookPatience)
	defer cancel()
	projected := s.cfg.Projector.Position()
	last, err := s.cfg.Ledger.Log().Last(ctx)
	if err != nil {
		err = fmt.Errorf("%w: %w", ledger.ErrUnavailable, err)
	}
	return Lag{Projected: projected, Last: max(last, projected)}, err
}

// WaitFor waits until an event is projected, so that the page behind a form shows what it did; at most [Config.Patience].
func (s *Server) WaitFor(ctx context.Context, seq uint64) error {
	ctx, cancel := context.WithTimeout(ctx, s.cfg.Patience)
	defer cancel()
	return s.cfg.Projector.WaitFor(ctx, seq)
}

func joinRoles(roles []domain.Role) string {
	names := make([]string, len(roles))
	for i, r := range roles {
		names[i] = string(r)
	}
	return strings.Join(names, ", ")
}

func joinGrants(grants []Grant) string {
	names := make([]string, len(grants))
	for i, g := range grants {
		names[i] = g.String()
	}
	return strings.Join(names, ", ")
}
