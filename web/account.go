package web

import (
	"context"
	"io"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
)

// KeepsAccounts are the roles that see who granted what to whom.
var KeepsAccounts = []domain.Role{domain.Admin, domain.Auditor}

// accountRoutes are what a person asks and changes about their own account, and what is told of all.
var accountRoutes = []route{
	{method: "POST", path: "/v1/me/password", roles: everyone, described: true, serve: (*Server).postPassword, body: reflect.TypeFor[passwordChange](), answer: reflect.TypeFor[me](),
		summary: domain.Text{ZH: "更换本人密码；其他登录随之失效", EN: "Choose another password of one's own; other sessions end"}},
	{method: "POST", path: "/v1/me/sign-out", roles: everyone, described: true, serve: (*Server).postSignOut, answer: reflect.TypeFor[me](),
		summary: domain.Text{ZH: "结束本人的全部登录", EN: "End all sessions of one's own"}},
	{method: "GET", path: "/v1/me/tokens", roles: everyone, described: true, serve: (*Server).getTokens, answer: reflect.TypeFor[TokenList](),
		summary: domain.Text{ZH: "本人的令牌", EN: "One's own tokens"}},
	{method: "POST", path: "/v1/me/tokens", roles: everyone, described: true, serve: (*Server).postToken, body: reflect.TypeFor[TokenAsked](), answer: reflect.TypeFor[TokenMade](),
		summary: domain.Text{ZH: "新建本人的令牌；仅此一次显示", EN: "Make a token of one's own; it is shown this once"}},
	{method: "DELETE", path: "/v1/me/tokens/{name}", roles: everyone, described: true, serve: (*Server).deleteToken, answer: reflect.TypeFor[TokenList](),
		summary: domain.Text{ZH: "撤销本人的令牌", EN: "Revoke a token of one's own"}},
	{method: "GET", path: "/v1/me/deputies", roles: everyone, described: true, serve: (*Server).getDeputies, answer: reflect.TypeFor[DeputyList](),
		summary: domain.Text{ZH: "代本人办理的人", EN: "Who acts in one's place"}},
	{method: "POST", path: "/v1/me/deputies", roles: everyone, described: true, serve: (*Server).postDeputy, body: reflect.TypeFor[DeputyAsked](), answer: reflect.TypeFor[DeputyList](),
		summary: domain.Text{ZH: "指定代办：某人于一段时间内以本人的身份办理", EN: "Appoint a deputy: somebody acts in one's place, in one of one's roles, for a while"}},
	{method: "DELETE", path: "/v1/me/deputies/{person}", roles: everyone, described: true, serve: (*Server).deleteDeputy, answer: reflect.TypeFor[DeputyList](),
		params:  []param{byGrant},
		summary: domain.Text{ZH: "终止代办", EN: "Dismiss a deputy"}},
	{method: "GET", path: "/v1/account-changes", roles: KeepsAccounts, described: true, serve: (*Server).getAccountChanges, answer: reflect.TypeFor[AccountChanges](),
		params:  changesParams,
		summary: domain.Text{ZH: "账户变动记录：何人、何时、以何种方式授予何人何种权限", EN: "The trail of the accounts: who granted what to whom, when, by which means"}},
}

var (
	byGrant  param = &projections.Filter{Name: "grant", Kind: projections.Word, Meaning: domain.Text{ZH: "身份：角色@部门", EN: "the role: role@department"}}
	byPerson param = &projections.Filter{Name: "person", Kind: projections.Word, Meaning: domain.Text{ZH: "此人账户的变动，或此人所作的变动", EN: "of whose account, or by whom"}}

	beforeChange param = &projections.Filter{Name: "before", Kind: projections.Position, Meaning: domain.Text{ZH: "只列该位置之前的变动", EN: "only changes before this position: next of the page before"}}

	changesParams = []param{byPerson, beforeChange, byLimit}
)

// passwordChange is what a person sends who chooses another password.
type passwordChange struct {
	Present string `json:"present"`
	Next    string `json:"next"`
}

// TokenAsked is a token that somebody wants.
type TokenAsked struct {
	Name       string              `json:"name"`
	Expires    time.Time           `json:"expires"`
	ReadOnly   bool                `json:"read_only,omitzero"`
	Department domain.DepartmentID `json:"department,omitzero"`
}

// TokenMade is a token, this once.
type TokenMade struct {
	Token string `json:"token"`
}

// TokenRow is a token as its owner sees it.
type TokenRow struct {
	Name       string              `json:"name"`
	Created    time.Time           `json:"created"`
	Expires    time.Time           `json:"expires"`
	ReadOnly   bool                `json:"read_only"`
	Department domain.DepartmentID `json:"department,omitzero"`
}

// TokenList is a person's tokens.
type TokenList struct {
	Tokens []TokenRow `json:"tokens"`
}

// DeputyAsked is a deputy that somebody wants. Grant is "role@department".
type DeputyAsked struct {
	Person domain.PersonID `json:"person"`
	Grant  string          `json:"grant"`
	From   time.Time       `json:"from"`
	Until  time.Time       `json:"until"`
}

// DeputyList is who acts in a person's place.
type DeputyList struct {
	Deputies []DeputyAsked `json:"deputies"`
}

// AccountChanges is a page of the trail, the newest first.
type AccountChanges struct {
	Changes []accounts.Entry `json:"changes"`
	Next    uint64           `json:"next,omitzero"`
}

// bodyOf reads a body of JSON.
func bodyOf[T any](r *http.Request) (asked T, err error) {
	if err := needsMedia(r, "application/json"); err != nil {
		return asked, err
	}
	text, err := io.ReadAll(r.Body)
	if err != nil {
		return asked, unreadBody(err)
	}
	if err := json.Unmarshal(text, &asked, json.RejectUnknownMembers(true)); err != nil {
		return asked, problem(http.StatusBadRequest, "parameter_invalid", "parameter", "body", "value", "…", "reason", err)
	}
	return asked, nil
}

// handOf changes accounts in a viewer's name, for as long as their session goes on: a body may come slowly, or the change wait for its turn.
func (s *Server) handOf(v Viewer, means accounts.Means) (accounts.Hand, error) {
	if _, ok := v.Again(); !ok {
		return accounts.Hand{}, problem(http.StatusUnauthorized, "signed_out")
	}
	hand := s.cfg.Users.Hand(string(v.ID), means)
	hand.Epoch = v.epoch
	return hand, nil
}

// ownHand is [Server.handOf] for what is not done by a token: one that is found somewhere must not make others of itself.
func (s *Server) ownHand(v Viewer, means accounts.Means) (accounts.Hand, error) {
	if v.Token != "" {
		return accounts.Hand{}, problem(http.StatusForbidden, "session_needed")
	}
	return s.handOf(v, means)
}

// ChangePassword lets a viewer choose another password, at the cost of a failed sign-in where the present one is wrong. The session that asks goes on.
func (s *Server) ChangePassword(r *http.Request, v Viewer, means accounts.Means, present, next string) error {
	hand, err := s.handOf(v, means)
	if err != nil {
		return err
	}
	gates := gatesOf(string(v.ID), s.address(r), s.knownDevice(r, v.ID))
	if wait := s.logins.begin(r.Context(), gates); wait > 0 {
		return throttled(wait)
	}
	epoch, err := hand.ChangePassword(r.Context(), v.ID, present, next)
	if err != nil {
		return err
	}
	s.logins.succeeded(r.Context(), gates)
	return s.goOn(r, v, epoch)
}

// goOn begins the session anew of who asks, where all of theirs were ended. It is of the epoch that their own change began: what ends all sessions
// after that ends this one too.
func (s *Server) goOn(r *http.Request, v Viewer, epoch uint64) error {
	if v.Token != "" {
		return nil
	}
	return s.signIn(r, accounts.User{ID: v.ID, Epoch: epoch})
}

// SignOutEverywhere ends all sessions of a viewer but the one that asks.
func (s *Server) SignOutEverywhere(r *http.Request, v Viewer, means accounts.Means) error {
	hand, err := s.handOf(v, means)
	if err != nil {
		return err
	}
	epoch, err := hand.SignOut(v.ID)
	if err != nil {
		return err
	}
	return s.goOn(r, v, epoch)
}

// Tokens are a viewer's own.
func (s *Server) Tokens(v Viewer) []TokenRow {
	user, _ := s.cfg.Users.Find(v.ID)
	rows := make([]TokenRow, len(user.Tokens))
	for i, t := range user.Tokens {
		rows[i] = TokenRow{t.Name, t.Created, t.Expires, t.ReadOnly, t.Department}
	}
	return rows
}

// MakeToken makes a token of a viewer's own.
func (s *Server) MakeToken(v Viewer, means accounts.Means, asked TokenAsked) (string, error) {
	hand, err := s.ownHand(v, means)
	if err != nil {
		return "", err
	}
	return hand.CreateToken(v.ID, accounts.Token{Name: asked.Name, Expires: asked.Expires, ReadOnly: asked.ReadOnly, Department: asked.Department})
}

// RevokeToken ends a token of a viewer's own.
func (s *Server) RevokeToken(v Viewer, means accounts.Means, name string) error {
	hand, err := s.handOf(v, means)
	if err != nil {
		return err
	}
	return hand.RevokeToken(v.ID, name)
}

// Payer is the bank account that the treasury pays from, as it is set for the service.
type Payer struct {
	Holder  string
	Account domain.AccountNumber // in plain
	Bank    string
	Since   domain.Date // payments of earlier days were made from others
}

// Payer is the account that a payment of a day was made from, its number as a viewer may read it; false where none is set.
func (s *Server) Payer(v Viewer, paid domain.Date) (p Payer, number string, whole, set bool) {
	p = s.cfg.Payer
	if p.Account == "" || paid.Before(p.Since) {
		return Payer{}, "", false, false
	}
	number, whole = legible(v, string(p.Account))
	return p, number, whole, true
}

// seesNumbers reports whether a viewer reads account numbers whole.
func seesNumbers(v Viewer) bool { return v.Has(domain.Treasurer, domain.Auditor, domain.Admin) }

// legible is a number as a viewer may read it: whole, in groups, or its end.
func legible(v Viewer, plain string) (text string, whole bool) {
	if !seesNumbers(v) {
		return plain[len(plain)-4:], false
	}
	var groups []string
	for part := range slices.Chunk([]rune(plain), 4) {
		groups = append(groups, string(part))
	}
	return strings.Join(groups, " "), true
}

// Number is the number of a bank account as a viewer may read it: whole, in groups, to treasurers, auditors and admins; its end to others, and
// where it cannot be opened.
func (s *Server) Number(ctx context.Context, v Viewer, n domain.AccountNumber) (text string, whole bool) {
	if !seesNumbers(v) {
		return n.Tail(), false
	}
	plain, err := s.cfg.Users.Sealer().Open(ctx, n)
	if err != nil {
		s.cfg.Logger.Error("opening an account number", "error", err)
		return n.Tail(), false
	}
	return legible(v, string(plain))
}

// Called is what a person is called by now; the id where nobody of that id has a name.
func (s *Server) Called(id domain.PersonID) string {
	user, _ := s.cfg.Users.Find(id)
	return orElse(user.Name, string(id))
}

// Deputies are who acts in a viewer's place, or will.
func (s *Server) Deputies(v Viewer) []DeputyAsked {
	user, _ := s.cfg.Users.Find(v.ID)
	rows := make([]DeputyAsked, len(user.Deputies))
	for i, d := range user.Deputies {
		rows[i] = DeputyAsked{d.Person, d.Grant.String(), d.From, d.Until}
	}
	return rows
}

// Appoint lets somebody act in a viewer's place.
func (s *Server) Appoint(v Viewer, means accounts.Means, asked DeputyAsked) error {
	hand, err := s.ownHand(v, means)
	if err != nil {
		return err
	}
	g, err := ParseGrant(asked.Grant)
	if err != nil {
		return problem(http.StatusBadRequest, "grant_malformed", "asked", asked.Grant)
	}
	return hand.Appoint(v.ID, accounts.Deputy{Person: asked.Person, Grant: g, From: asked.From, Until: asked.Until})
}

// Dismiss ends that.
func (s *Server) Dismiss(v Viewer, means accounts.Means, person domain.PersonID, grant string) error {
	g, err := ParseGrant(grant)
	if err != nil {
		return problem(http.StatusBadRequest, "grant_malformed", "asked", grant)
	}
	hand, err := s.handOf(v, means)
	if err != nil {
		return err
	}
	return hand.Dismiss(v.ID, person, g)
}

// AccountTrail is a page of who granted what to whom.
func (s *Server) AccountTrail(ctx context.Context, person domain.PersonID, before uint64, limit int) ([]accounts.Entry, uint64, error) {
	return s.cfg.Users.Trail(ctx, person, before, limit)
}

func (s *Server) postPassword(w http.ResponseWriter, r *http.Request) error {
	v, _ := ViewerOf(r)
	asked, err := bodyOf[passwordChange](r)
	if err != nil {
		return err
	}
	if err := s.ChangePassword(r, v, accounts.API, asked.Present, asked.Next); err != nil {
		return err
	}
	return s.getMe(w, r)
}

func (s *Server) postSignOut(w http.ResponseWriter, r *http.Request) error {
	v, _ := ViewerOf(r)
	if err := s.SignOutEverywhere(r, v, accounts.API); err != nil {
		return err
	}
	return s.getMe(w, r)
}

func (s *Server) getTokens(w http.ResponseWriter, r *http.Request) error {
	v, _ := ViewerOf(r)
	return writeJSON(w, http.StatusOK, TokenList{s.Tokens(v)})
}

func (s *Server) postToken(w http.ResponseWriter, r *http.Request) error {
	v, _ := ViewerOf(r)
	asked, err := bodyOf[TokenAsked](r)
	if err != nil {
		return err
	}
	token, err := s.MakeToken(v, accounts.API, asked)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, TokenMade{token})
}

func (s *Server) deleteToken(w http.ResponseWriter, r *http.Request) error {
	v, _ := ViewerOf(r)
	if err := s.RevokeToken(v, accounts.API, r.PathValue("name")); err != nil {
		return err
	}
	return s.getTokens(w, r)
}

func (s *Server) getDeputies(w http.ResponseWriter, r *http.Request) error {
	v, _ := ViewerOf(r)
	return writeJSON(w, http.StatusOK, DeputyList{s.Deputies(v)})
}

func (s *Server) postDeputy(w http.ResponseWriter, r *http.Request) error {
	v, _ := ViewerOf(r)
	asked, err := bodyOf[DeputyAsked](r)
	if err != nil {
		return err
	}
	if err := s.Appoint(v, accounts.API, asked); err != nil {
		return err
	}
	return s.getDeputies(w, r)
}

func (s *Server) deleteDeputy(w http.ResponseWriter, r *http.Request) error {
	v, _ := ViewerOf(r)
	if err := s.Dismiss(v, accounts.API, domain.PersonID(r.PathValue("person")), r.URL.Query().Get("grant")); err != nil {
		return err
	}
	return s.getDeputies(w, r)
}

func (s *Server) getAccountChanges(w http.ResponseWriter, r *http.Request) error {
	q, err := readQuery(r.URL.RawQuery, changesParams)
	if err != nil {
		return err
	}
	list, next, err := s.AccountTrail(r.Context(), domain.PersonID(q.text("person")), q.number("before"), min(orElse(int(q.number("limit")), 50), 500))
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, AccountChanges{Changes: list, Next: next})
}
