package web

import (
	"context"
	"crypto/subtle"
	"errors"
	"html/template"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/domain"
)

// What a session holds.
const (
	sessionUser = "user"
	sessionAt   = "epoch" // of the user, as it was at the sign-in
)

// sessionViewer is who is signed in. A session ends with its user, with a change of their password or roles, at its deadline, and when they sign out.
func (s *Server) sessionViewer(r *http.Request) (Viewer, bool) {
	id := s.sessions.GetString(r.Context(), sessionUser)
	if id == "" {
		return Viewer{}, false
	}
	at := uint64(s.sessions.GetInt64(r.Context(), sessionAt))
	token, ends := s.sessions.Token(r.Context()), s.sessions.Deadline(r.Context())
	still := func() (Viewer, bool) {
		user, ok := s.cfg.Users.Since(r.Context(), domain.PersonID(id), at)
		if !ok || !time.Now().Before(ends) {
			return Viewer{}, false
		}
		return s.viewer(user), true
	}
	v, ok := still()
	v.again, v.epoch, v.kept = still, at, func() bool { return s.keptSession(token, id) }
	return v, ok
}

// keptSession looks a session up anew. One that a batch or a job goes on in is not idle.
func (s *Server) keptSession(token, id string) bool {
	ctx, err := s.sessions.Load(finding(context.Background(), func() bool { return false }), token)
	if err != nil || s.sessions.GetString(ctx, sessionUser) != id {
		return false
	}
	if _, _, err := s.sessions.Commit(ctx); err != nil {
		s.cfg.Logger.Warn("a session is not prolonged", "user", id, "error", err)
	}
	return true
}

// signIn begins a session, under a new name: one that was planted before is worth nothing.
func (s *Server) signIn(r *http.Request, user accounts.User) error {
	if err := s.sessions.RenewToken(r.Context()); err != nil {
		return err
	}
	s.sessions.Put(r.Context(), sessionUser, string(user.ID))
	s.sessions.Put(r.Context(), sessionAt, int64(user.Epoch))
	return nil
}

func (s *Server) showLogin(w http.ResponseWriter, r *http.Request) error {
	next := Local(r.URL.Query().Get("next"))
	if _, signedIn := ViewerOf(r); signedIn {
		http.Redirect(w, r, next, http.StatusSeeOther)
		return nil
	}
	s.loginPage(w, r, http.StatusOK, LoginForm{Next: next})
	return nil
}

func (s *Server) loginPage(w http.ResponseWriter, r *http.Request, status int, f LoginForm) {
	f.Lang = langOf(r)
	if s.oidc != nil {
		f.OIDC = "/login/oidc?next=" + url.QueryEscape(f.Next)
	}
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if s.cfg.Pages != nil {
		w.WriteHeader(status)
		s.cfg.Pages.Login(w, r, f)
		return
	}
	w.WriteHeader(status)
	problem := ""
	if f.Problem != nil {
		problem = f.Problem.In(f.Lang)
	}
	_ = plainLogin.Execute(w, map[string]any{"Form": f, "Problem": problem, "EN": f.Lang == "en"}) // a client that is gone needs no page
}

func (s *Server) logIn(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return problem(http.StatusBadRequest, "body_unreadable").because(err)
	}
	name, password, next := r.PostForm.Get("name"), r.PostForm.Get("password"), Local(r.PostForm.Get("next"))
	f := LoginForm{Name: domain.Clip(name, 100), Next: next}
	gates := gatesOf(domain.Clip(name, 100), s.address(r), s.knownDevice(r, domain.PersonID(name)))
	if wait := s.logins.begin(r.Context(), gates); wait > 0 {
		p := throttled(wait)
		f.Problem = p.Message
		w.Header().Set("Retry-After", p.Figures["seconds"])
		s.loginPage(w, r, p.Status, f)
		return nil
	}
	user, err := s.cfg.Users.CheckPassword(r.Context(), domain.PersonID(name), password)
	if err != nil && !errors.Is(err, accounts.ErrWrongPassword) {
		p := ErrorProblem(err)
		s.cfg.Logger.Error("nobody can sign in", "error", err)
		f.Problem = p.Message
		w.Header().Set("Retry-After", strconv.Itoa(p.retry))
		s.loginPage(w, r, p.Status, f)
		return nil
	}
	if err != nil {
		s.cfg.Logger.Warn("a sign-in failed", "user", domain.Clip(name, 100), "address", s.address(r))
		f.Problem = problem(http.StatusUnauthorized, "login_failed").Message
		s.loginPage(w, r, http.StatusUnauthorized, f)
		return nil
	}
	s.logins.succeeded(r.Context(), gates)
	if err := s.signIn(r, user); err != nil {
		return err
	}
	s.rememberDevice(w, r, user)
	http.Redirect(w, r, next, http.StatusSeeOther)
	return nil
}

func throttled(wait time.Duration) *Problem {
	seconds := math.Ceil(wait.Seconds())
	return problem(http.StatusTooManyRequests, "login_throttled", "seconds", seconds).after(int(seconds))
}

// A device that somebody signed in from with a password says so by a cookie that only who has the password's hash can make. It opens nothing;
// it ends with the password.
const (
	deviceCookie = "fundledger_device"
	deviceFor    = 180 * 24 * time.Hour
)

func (s *Server) rememberDevice(w http.ResponseWriter, r *http.Request, user accounts.User) {
	at := strconv.FormatInt(s.cfg.Now().Unix(), 10)
	http.SetCookie(w, &http.Cookie{Name: deviceCookie, Value: at + "." + s.deviceMark(r, user, at), Path: "/login", MaxAge: int(deviceFor / time.Second),
		HttpOnly: true, Secure: s.cfg.Secure, SameSite: http.SameSiteLaxMode})
}

func (s *Server) knownDevice(r *http.Request, name domain.PersonID) bool {
	cookie, err := r.Cookie(deviceCookie)
	user, ok := s.cfg.Users.Find(name)
	if err != nil || !ok || user.Credential == "" {
		return false
	}
	at, mark, _ := strings.Cut(cookie.Value, ".")
	seconds, err := strconv.ParseInt(at, 10, 64)
	return err == nil && s.cfg.Now().Sub(time.Unix(seconds, 0)) < deviceFor && mark != "" && subtle.ConstantTimeCompare([]byte(mark), []byte(s.deviceMark(r, user, at))) == 1
}

func (s *Server) deviceMark(r *http.Request, user accounts.User, at string) string {
	return s.cfg.Users.Mark(r.Context(), user, "device\x00"+string(user.ID)+"\x00"+at)
}

func (s *Server) logOut(w http.ResponseWriter, r *http.Request) error {
	if _, signedIn := ViewerOf(r); signedIn {
		if v, _ := ViewerOf(r); v.Token == "" {
			if err := s.sessions.Destroy(r.Context()); err != nil {
				return err
			}
		}
	}
	http.SetCookie(w, &http.Cookie{Name: s.sessions.Cookie.Name, Path: "/", Expires: time.Unix(1, 0), MaxAge: -1, HttpOnly: true, Secure: s.cfg.Secure, SameSite: http.SameSiteLaxMode})
	http.Redirect(w, r, "/login", http.StatusSeeOther)
	return nil
}

// plainLogin is the sign-in page where there are no pages.
var plainLogin = template.Must(template.New("login").Parse(`<!doctype html>
<html lang="{{if .EN}}en{{else}}zh-CN{{end}}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>fundledger</title><link rel="stylesheet" href="/docs.css"></head><body><main>
<h1>{{if .EN}}Sign in{{else}}登录{{end}}</h1>
{{with .Problem}}<p role="alert">{{.}}</p>{{end}}
<form method="post" action="/login"><input type="hidden" name="next" value="{{.Form.Next}}">
<p><label>{{if .EN}}Name{{else}}用户名{{end}} <input name="name" value="{{.Form.Name}}" autocomplete="username" required autofocus></label></p>
<p><label>{{if .EN}}Password{{else}}密码{{end}} <input name="password" type="password" autocomplete="current-password" required></label></p>
<p><button>{{if .EN}}Sign in{{else}}登录{{end}}</button></p></form>
{{with .Form.OIDC}}<p><a href="{{.}}">{{if $.EN}}Sign in by the organisation's account{{else}}用单位账号登录{{end}}</a></p>{{end}}
</main></body></html>
`))
