package web

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/language"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/domain"
)

// securityHeaders are on every answer. Nothing is loaded from elsewhere, nothing runs that is not a file of ours, and no other
// site may frame a page.
var securityHeaders = map[string]string{
	"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
		"font-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
	"X-Content-Type-Options":       "nosniff",
	"X-Frame-Options":              "DENY",
	"Referrer-Policy":              "same-origin",
	"Cross-Origin-Opener-Policy":   "same-origin",
	"Cross-Origin-Resource-Policy": "same-origin",
	"Permissions-Policy":           "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}

// wrapped puts around the routes what every request goes through, the first named first.
func (s *Server) wrapped(routes http.Handler) http.Handler {
	crossSite := http.NewCrossOriginProtection()
	crossSite.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.answerProblem(w, r, problem(http.StatusForbidden, "cross_site"))
	}))
	return s.guarded(compressed(crossSite.Handler(s.bounded(s.known(routes)))))
}

// guarded sets the headers, counts, and answers a fault of ours where a handler panics.
func (s *Server) guarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for name, value := range securityHeaders {
			w.Header().Set(name, value)
		}
		w.Header().Set("Vary", "Accept, Accept-Encoding, Accept-Language, Cookie, Authorization")
		if s.cfg.Secure {
			w.Header().Set("Strict-Transport-Security", "max-age=31536000")
		}
		rec := &recorder{ResponseWriter: w}
		began := time.Now()
		r = r.WithContext(context.WithValue(r.Context(), patternKey{}, &rec.pattern))
		r, ended := s.traced(r)
		defer func() {
			fault := recover()
			defer ended(rec)
			s.metrics.answered(r.Method, rec.pattern, rec.status, time.Since(began))
			if fault == nil {
				return
			}
			if err, ok := fault.(error); ok && errors.Is(err, http.ErrAbortHandler) {
				panic(fault) // an answer that must not look whole
			}
			s.cfg.Logger.Error("a handler panicked", "method", r.Method, "path", r.URL.Path, "fault", fault, "stack", string(debug.Stack()))
			if rec.status != 0 {
				panic(http.ErrAbortHandler)
			}
			s.answerProblem(rec, r, problem(http.StatusInternalServerError, "fault").because(fmt.Errorf("%v", fault)))
		}()
		next.ServeHTTP(rec, r)
	})
}

// recorder remembers what was answered.
type recorder struct {
	http.ResponseWriter
	status  int
	pattern string // of the route
}

// patternKey finds a recorder's pattern: the mux is given a copy of the request, and names its route there.
type patternKey struct{}

func (r *recorder) WriteHeader(status int) {
	if r.status == 0 && status >= 200 {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(p []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	return r.ResponseWriter.Write(p)
}

// Unwrap is for http.ResponseController.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// bodyLimit is how much a route reads at most; the batch bounds its lines instead, and what keeps files each of them.
func bodyLimit(r *http.Request) int64 {
	switch {
	case r.URL.Path == "/v1/commands/batch", r.URL.Path == "/v1/files":
		return -1
	case r.URL.Path == "/v1/commands":
		return maxCommandBody
	case strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/form-data"):
		return maxUpload
	}
	return maxFormBytes
}

const (
	maxCommandBody = 4<<20 + 1 // one more than wire.MaxCommandBytes, which says so itself
	maxUpload      = 64 << 20
)

func (s *Server) bounded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if most := bodyLimit(r); most >= 0 && r.Body != nil {
			r.Body = http.MaxBytesReader(w, r.Body, most)
		}
		next.ServeHTTP(w, r)
	})
}

// publicPath reports whether a path needs no sign-in.
func (s *Server) publicPath(path string) bool {
	switch path {
	case "/login", "/logout", "/login/oidc", "/login/oidc/callback", "/healthz", "/livez", "/readyz", "/favicon.ico", "/docs.css", "/robots.txt":
		return true
	case "/metrics":
		return s.cfg.OpenMetrics
	}
	if s.cfg.OpenTiles && openTile(path) {
		return true
	}
	return strings.HasPrefix(path, "/static/")
}

// known finds out who asks, and turns away who may not.
func (s *Server) known(next http.Handler) http.Handler {
	inSession := s.sessions.LoadAndSave(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v, ok := s.sessionViewer(r)
		s.admit(next, w, r, v, ok)
	}))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		signingIn := strings.HasPrefix(r.URL.Path, "/login") || r.URL.Path == "/logout" // that is for sessions
		if header := r.Header.Get("Authorization"); header != "" && !signingIn {
			// An unknown token is asked of the accounts' log: not as often as somebody makes one up.
			if !s.cfg.Users.HasToken(bearer(header)) && !s.limits.allow("addr:"+s.address(r), s.cfg.PublicRate) {
				s.answerProblem(w, r, problem(http.StatusTooManyRequests, "too_many_requests").after(1))
				return
			}
			v, ok := s.tokenViewer(r.Context(), header)
			if !ok {
				s.answerProblem(w, r, problem(http.StatusUnauthorized, "token_invalid"))
				return
			}
			s.admit(next, w, r, v, true)
			return
		}
		_, err := r.Cookie(s.sessions.Cookie.Name)
		if err != nil && !signingIn {
			s.admit(next, w, r, Viewer{}, false)
			return
		}
		crowded := func() bool { return !s.limits.allow("session:"+s.address(r), s.cfg.PublicRate) }
		inSession.ServeHTTP(w, r.WithContext(finding(r.Context(), crowded)))
	})
}

// admit lets a request through to the routes, as its viewer.
func (s *Server) admit(next http.Handler, w http.ResponseWriter, r *http.Request, v Viewer, signedIn bool) {
	if signedIn {
		v.Lang, v.Unit, v.Theme = langOf(r), preference(r, "unit", UnitYuan, UnitWan, UnitYi), preference(r, "theme", "", "light", "dark")
		if !s.limits.allow("user:"+string(v.ID), s.cfg.Rate) {
			s.answerProblem(w, r, problem(http.StatusTooManyRequests, "too_many_requests").after(1))
			return
		}
		if s.held(w, r, v) {
			return
		}
		s.keepPreferences(w, r)
		if err := s.awaitSeq(r); err != nil {
			s.answerProblem(w, r, ErrorProblem(err))
			return
		}
		next.ServeHTTP(w, s.withViewer(r, v))
		return
	}
	public := s.publicPath(r.URL.Path)
	if !strings.HasPrefix(r.URL.Path, "/static/") && !probe(r.URL.Path) && !s.limits.allow("addr:"+s.address(r), s.cfg.PublicRate) {
		s.answerProblem(w, r, problem(http.StatusTooManyRequests, "too_many_requests").after(1))
		return
	}
	if public {
		s.keepPreferences(w, r)
		if err := s.awaitSeq(r); err != nil {
			s.answerProblem(w, r, ErrorProblem(err))
			return
		}
		next.ServeHTTP(w, r)
		return
	}
	if wantsHTML(r) && r.Method == http.MethodGet {
		http.Redirect(w, r, "/login?next="+url.QueryEscape(r.URL.RequestURI()), http.StatusSeeOther)
		return
	}
	s.answerProblem(w, r, problem(http.StatusUnauthorized, "sign_in_needed"))
}

// held answers a viewer who may not go on to where they ask: a token that only reads changes nothing, and who signed in with a password that somebody
// else set chooses another one before anything else.
func (s *Server) held(w http.ResponseWriter, r *http.Request, v Viewer) bool {
	reading := r.Method == http.MethodGet || r.Method == http.MethodHead
	switch {
	case v.ReadOnly && !reading, v.First && !firstPath(r.URL.Path):
	default:
		return false
	}
	if v.First && reading && wantsHTML(r) && s.cfg.Pages != nil {
		http.Redirect(w, r, PasswordPage+"?next="+url.QueryEscape(r.URL.RequestURI()), http.StatusSeeOther)
		return true
	}
	s.answerProblem(w, r, v.mayNot())
	return true
}

// PasswordPage is where the pages let a viewer choose another password.
const PasswordPage = "/me/password"

func firstPath(path string) bool {
	switch path {
	case PasswordPage, "/v1/me", "/v1/me/password", "/logout", "/login", "/healthz", "/livez", "/readyz", "/favicon.ico":
		return true
	}
	return strings.HasPrefix(path, "/static/")
}

func probe(path string) bool {
	return path == "/healthz" || path == "/livez" || path == "/readyz" || path == "/metrics"
}

// tokenViewer is whose token an Authorization header carries.
func (s *Server) tokenViewer(ctx context.Context, header string) (Viewer, bool) {
	user, of, ok := s.cfg.Users.CheckToken(ctx, bearer(header))
	if !ok {
		return Viewer{}, false
	}
	v := s.viewer(user)
	if of.Department != "" {
		v.Grants = slices.DeleteFunc(slices.Clone(v.Grants), func(g Grant) bool { return g.Department != of.Department })
		if len(v.Grants) == 0 { // its owner is nobody there any more
			return Viewer{}, false
		}
	}
	v.First = false // who has a token had it made, and changes the password where there is a page for it
	v.Token, v.ReadOnly, v.again = of.Name, of.ReadOnly, func() (Viewer, bool) { return s.tokenViewer(context.WithoutCancel(ctx), header) }
	return v, true
}

// bearer is the token of an Authorization header; empty where it has none.
func bearer(header string) string {
	scheme, token, _ := strings.Cut(header, " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}

func (s *Server) viewer(user accounts.User) Viewer {
	return Viewer{ID: user.ID, Name: orElse(user.Name, string(user.ID)), Grants: s.cfg.Users.Grants(user), First: user.First}
}

// address is the client's, without its port.
func (s *Server) address(r *http.Request) string {
	if s.cfg.TrustProxy {
		list := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
		if ip := net.ParseIP(strings.TrimSpace(list[len(list)-1])); ip != nil {
			return ip.String()
		}
	}
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// wantsHTML reports whether a browser asks for a page.
func wantsHTML(r *http.Request) bool {
	return strings.Contains(r.Header.Get("Accept"), "text/html") && !strings.HasPrefix(r.URL.Path, "/v1/")
}

var languages = language.NewMatcher([]language.Tag{language.Chinese, language.English})

// langOf is the language of an answer: what the address says, the cookie, the browser; Chinese.
func langOf(r *http.Request) string {
	if lang := preference(r, "lang", "", "zh", "en"); lang != "" {
		return lang
	}
	header := r.Header.Get("Accept-Language")
	if header == "" || len(header) > 200 {
		return "zh"
	}
	tags, _, err := language.ParseAcceptLanguage(header)
	if err != nil || len(tags) == 0 {
		return "zh"
	}
	if _, at, sure := languages.Match(tags...); at == 1 && sure != language.No {
		return "en"
	}
	return "zh"
}

// preference is one of the known values: of the address, or of the cookie of that name; the first without either.
func preference(r *http.Request, name string, known ...string) string {
	asked := ""
	if strings.Contains(r.URL.RawQuery, name+"=") {
		asked = r.URL.Query().Get(name)
	}
	if asked == "" {
		if c, err := r.Cookie(name); err == nil {
			asked = c.Value
		}
	}
	for _, value := range known {
		if value == asked {
			return value
		}
	}
	return known[0]
}

// keepPreferences sets the cookies of what the address of a page says. They hold nothing secret.
func (s *Server) keepPreferences(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet || r.URL.RawQuery == "" || strings.HasPrefix(r.URL.Path, "/v1/") {
		return
	}
	known := map[string][]string{"lang": {"zh", "en"}, "unit": {UnitYuan, UnitWan, UnitYi}, "theme": {"light", "dark", "auto"}}
	for name, values := range known {
		asked := r.URL.Query().Get(name)
		for _, value := range values {
			if value == asked {
				http.SetCookie(w, &http.Cookie{Name: name, Value: value, Path: "/", MaxAge: 365 * 24 * 3600, HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: s.cfg.Secure})
			}
		}
	}
}

// answerProblem answers a problem: a page to a browser, JSON to programs. A fault of ours goes to the log.
func (s *Server) answerProblem(w http.ResponseWriter, r *http.Request, p *Problem) {
	if p.Status >= 500 {
		request := rand.Text()[:10]
		level := slog.LevelError
		if p.retry > 0 { // what is missing for a while was said when it went
			level = slog.LevelWarn
		}
		s.cfg.Logger.Log(r.Context(), level, "a request failed", "request", request, "method", r.Method, "path", r.URL.Path, "code", p.Code, "error", p.cause)
		if p.Code == "fault" {
			p = problem(p.Status, p.Code, "request", request)
		}
	}
	if s.cfg.Pages != nil && wantsHTML(r) {
		if p.retry > 0 {
			w.Header().Set("Retry-After", fmt.Sprint(p.retry))
		}
		s.cfg.Pages.Problem(w, r, p.In(langOf(r)))
		return
	}
	writeProblem(w, r, p)
}

// Local is a path of this site to go on to; "/" where it is none.
func Local(next string) string {
	u, err := url.Parse(next)
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || strings.ContainsAny(next, "\\\r\n\t") {
		return "/"
	}
	return next
}

// everyone is every role: who may sign in may read.
var everyone = domain.Roles
