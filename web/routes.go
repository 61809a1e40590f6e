package web

import (
	"net/http"
	"reflect"
	"slices"
	"strings"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
)

// route is one way in: what answers it, and who may.
type route struct {
	method, path string
	roles        []domain.Role // who may; nil: anybody, signed in or not
	summary      domain.Text
	list         *list // of a list; nil: serve answers
	serve        func(s *Server, w http.ResponseWriter, r *http.Request) error
	described    bool         // it stands in /openapi.json
	params       []param      // of what serve answers
	answer       reflect.Type // of what serve answers in JSON
	body         reflect.Type // of what it takes in JSON; nil: nothing
	media        string       // of what serve answers where it is not JSON
}

// mayCommand are the roles that some command is for; the rules say which.
var mayCommand = []domain.Role{domain.Clerk, domain.Reviewer, domain.Approver, domain.Treasurer, domain.Authority, domain.Auditor, domain.Admin}

// routes is the table of who may ask what. Whoever may sign in may read the ledger: it is the public's money, and the
// people here keep it.
var routes = append([]route{
	{method: "POST", path: "/v1/commands", roles: mayCommand, described: true, serve: (*Server).postCommand,
		summary: domain.Text{ZH: "提交一条指令", EN: "Give one command"}},
	{method: "POST", path: "/v1/commands/batch", roles: mayCommand, described: true, serve: (*Server).postBatch,
		summary: domain.Text{ZH: "逐行提交指令（NDJSON），逐行答复", EN: "Give commands, one a line (NDJSON), and get one answer a line"}},
	{method: "GET", path: "/v1/jobs/{id}", roles: mayCommand, described: true, serve: (*Server).getJob, answer: reflect.TypeFor[Job](),
		summary: domain.Text{ZH: "异步批次的进度（仅提交人）", EN: "How far a batch is that is answered later; for who gave it"}},
	{method: "GET", path: "/v1/jobs/{id}/outcomes", roles: mayCommand, described: true, serve: (*Server).getJobOutcomes,
		summary: domain.Text{ZH: "异步批次的逐行答复（NDJSON）", EN: "The answers of such a batch, one a line, once it has ended"}},
	{method: "GET", path: "/v1/applications/{id}", roles: everyone, described: true, serve: (*Server).getApplication, answer: reflect.TypeFor[applicationNow](),
		summary: domain.Text{ZH: "申请的现状、额度与经办人", EN: "An application as decisions see it now, with its headroom and who did what"}},
	{method: "GET", path: "/v1/me", roles: everyone, described: true, serve: (*Server).getMe, answer: reflect.TypeFor[me](),
		summary: domain.Text{ZH: "当前用户及其身份", EN: "Who asks, and what they may be"}},
	{method: "GET", path: "/v1/stream", roles: everyone, serve: (*Server).getStream},
	{method: "GET", path: "/openapi.json", roles: everyone, serve: (*Server).getSpec},
	{method: "GET", path: "/docs", roles: everyone, serve: (*Server).getDocs},
	{method: "GET", path: "/docs.css", serve: (*Server).getDocsStyle},
	{method: "GET", path: "/login", serve: (*Server).showLogin},
	{method: "GET", path: "/login/oidc", serve: (*Server).leaveForOIDC},
	{method: "GET", path: "/login/oidc/callback", serve: (*Server).returnFromOIDC},
	{method: "POST", path: "/login", serve: (*Server).logIn},
	{method: "POST", path: "/logout", serve: (*Server).logOut},
	{method: "GET", path: "/healthz", serve: (*Server).getAlive},
	{method: "GET", path: "/livez", serve: (*Server).getAlive},
	{method: "GET", path: "/readyz", serve: (*Server).getReady},
}, slices.Concat(listRoutes(), fileRoutes, closingRoutes, proofRoutes, officeRoutes, accountRoutes, userRoutes, webhookRoutes)...)

// listRoutes are the ways to every list.
func listRoutes() []route {
	var made []route
	for _, declared := range projections.Lists() {
		l := listOf(declared)
		made = append(made, route{method: "GET", path: l.Address, roles: everyone, summary: l.Title, list: &l, described: true})
	}
	return made
}

// routed is the mux with every route, each kept to its roles, and the pages.
func (s *Server) routed() http.Handler {
	mux := http.NewServeMux()
	for _, rt := range routes {
		mux.Handle(rt.method+" "+rt.path, s.only(rt))
	}
	mux.Handle("GET /metrics", s.metrics.handler(s))
	if s.cfg.Pages != nil {
		s.cfg.Pages.Register(mux, s)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h, pattern := mux.Handler(r)
		if pattern != "" {
			if name, ok := r.Context().Value(patternKey{}).(*string); ok {
				*name = pattern
			}
			mux.ServeHTTP(w, r)
			return
		}
		probe := &statusOnly{header: http.Header{}}
		h.ServeHTTP(probe, r)
		if probe.status == http.StatusMethodNotAllowed {
			w.Header().Set("Allow", probe.header.Get("Allow"))
			s.answerProblem(w, r, problem(http.StatusMethodNotAllowed, "method_not_allowed"))
			return
		}
		s.answerProblem(w, r, problem(http.StatusNotFound, "not_found"))
	})
}

// statusOnly takes the mux's own answer apart.
type statusOnly struct {
	header http.Header
	status int
}

func (s *statusOnly) Header() http.Header         { return s.header }
func (s *statusOnly) Write(p []byte) (int, error) { return len(p), nil }
func (s *statusOnly) WriteHeader(status int)      { s.status = status }

// only keeps a route to its roles and answers its errors.
func (s *Server) only(rt route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if v, ok := ViewerOf(r); rt.roles != nil && (!ok || !v.Has(rt.roles...)) {
			s.answerProblem(w, r, problem(http.StatusForbidden, "route_not_allowed", "allowed", joinRoles(rt.roles)))
			return
		}
		err := s.run(rt, w, r)
		if err == nil || clientGone(r, err) {
			return
		}
		s.answerProblem(w, r, ErrorProblem(err))
	})
}

func (s *Server) run(rt route, w http.ResponseWriter, r *http.Request) error {
	if rt.list == nil {
		if err := rt.presentOnly(r); err != nil {
			return err
		}
		return rt.serve(s, w, r)
	}
	if err := rt.list.refusePast(r.URL.RawQuery); err != nil {
		return err
	}
	a, err := readQuery(r.URL.RawQuery, rt.list.params)
	if err != nil {
		return err
	}
	return s.respond(w, r, *rt.list, a)
}

// presentOnly refuses a past moment where an address has none: what it answers would be of now.
func (rt route) presentOnly(r *http.Request) error {
	if r.Method != http.MethodGet || !strings.Contains(r.URL.RawQuery, "as_of") && !strings.Contains(r.URL.RawQuery, "on=") {
		return nil
	}
	for _, p := range pastParams {
		if r.URL.Query().Has(p.Name) && !slices.ContainsFunc(rt.params, func(own param) bool { return own.Name == p.Name }) {
			return problem(http.StatusBadRequest, "present_only", "parameter", p.Name, "list", "")
		}
	}
	return nil
}

// me is who asks.
type me struct {
	ID       domain.PersonID `json:"id"`
	Name     string          `json:"name"`
	Grants   []Grant         `json:"grants"`
	Token    string          `json:"token,omitzero"`
	Commands []string        `json:"commands"` // that one of the grants is for
	Lang     string          `json:"lang"`
}

func (s *Server) getMe(w http.ResponseWriter, r *http.Request) error {
	v, _ := ViewerOf(r)
	m := me{ID: v.ID, Name: v.Name, Grants: v.Grants, Token: v.Token, Commands: []string{}, Lang: v.Lang}
	for _, verb := range domain.Verbs {
		if verb.Local {
			continue
		}
		if len(v.May(verb.Name)) > 0 {
			m.Commands = append(m.Commands, verb.Name)
		}
	}
	return writeJSON(w, http.StatusOK, m)
}

func (s *Server) getSpec(w http.ResponseWriter, _ *http.Request) error {
	return writeText(w, "application/json", s.spec)
}

func (s *Server) getDocs(w http.ResponseWriter, r *http.Request) error {
	page := s.docs
	if langOf(r) == "en" {
		page = s.docsEN
	}
	return writeText(w, "text/html; charset=utf-8", page)
}

func (s *Server) getDocsStyle(w http.ResponseWriter, _ *http.Request) error {
	return writeText(w, "text/css; charset=utf-8", docsStyle)
}

func writeText(w http.ResponseWriter, kind string, text []byte) error {
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Cache-Control", "private, max-age=60")
	_, _ = w.Write(text) // a client that is gone needs no answer
	return nil
}

// splitPattern is a mux pattern's method and path.
func splitPattern(pattern string) (method, path string) {
	method, path, ok := strings.Cut(pattern, " ")
	if !ok {
		return "", method
	}
	return method, path
}
