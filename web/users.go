package web

import (
	"net/http"
	"reflect"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/domain"
)

// userRoutes are how administrators keep the users. Each is a change of the accounts' log, as on the command line; none is made by a token, and none
// of one's own account.
var userRoutes = []route{
	{method: "GET", path: "/v1/users", roles: KeepsAccounts, described: true, serve: (*Server).getUsers, answer: reflect.TypeFor[UserList](),
		summary: domain.Text{ZH: "用户及其权限", EN: "Users and what they are granted"}},
	{method: "POST", path: "/v1/users", roles: keepsUsers, described: true, serve: (*Server).postUser, body: reflect.TypeFor[UserAsked](), answer: reflect.TypeFor[PasswordMade](),
		summary: domain.Text{ZH: "新增用户；首次密码仅此一次显示", EN: "Add a user; the first password is shown this once"}},
	{method: "POST", path: "/v1/users/{user}/grants", roles: keepsUsers, described: true, serve: (*Server).postGrants, body: reflect.TypeFor[GrantsAsked](), answer: reflect.TypeFor[UserList](),
		summary: domain.Text{ZH: "设定用户的全部身份；其登录随之失效", EN: "Set all that a user is granted; their sessions end"}},
	{method: "POST", path: "/v1/users/{user}/password", roles: keepsUsers, described: true, serve: (*Server).postReset, body: reflect.TypeFor[ResetAsked](), answer: reflect.TypeFor[PasswordMade](),
		summary: domain.Text{ZH: "重设用户的密码，首次登录须更换；登录与令牌随之失效", EN: "Give a user another password, to be changed at first use; sessions and tokens end"}},
	{method: "DELETE", path: "/v1/users/{user}", roles: keepsUsers, described: true, serve: (*Server).deleteUser, answer: reflect.TypeFor[UserList](),
		summary: domain.Text{ZH: "停用用户：登录与令牌随之失效，其所办理的仍在", EN: "Remove a user: sessions and tokens end, what they did stays"}},
}

var keepsUsers = []domain.Role{domain.Admin}

// UserRow is a user as those who keep accounts see them.
type UserRow struct {
	ID     domain.PersonID `json:"id"`
	Name   string          `json:"name,omitzero"`
	Grants []string        `json:"grants"` // role@department, in others' places too
	First  bool            `json:"first"`  // the password is to be changed at first use
	OIDC   string          `json:"oidc,omitzero"`
	Tokens int             `json:"tokens"`
}

// UserList is all users, by id.
type UserList struct {
	Users []UserRow `json:"users"`
}

// UserAsked is a user that an administrator wants. Each grant is "role@department"; one with an account of the organisation gets no password.
type UserAsked struct {
	ID     domain.PersonID `json:"id"`
	Name   string          `json:"name,omitzero"`
	OIDC   string          `json:"oidc,omitzero"`
	Grants []string        `json:"grants"`
}

// GrantsAsked is all that a user is to be.
type GrantsAsked struct {
	Grants []string `json:"grants"`
}

// ResetAsked says how a password is reset.
type ResetAsked struct {
	KeepTokens bool `json:"keep_tokens,omitzero"`
}

// PasswordMade is a password, this once; empty where none was made.
type PasswordMade struct {
	Password string `json:"password"`
}

// keeper changes others' accounts in an administrator's name, for as long as they are one.
func (s *Server) keeper(v Viewer, means accounts.Means) (accounts.Hand, error) {
	hand, err := s.ownHand(v, means)
	hand.As = domain.Admin
	return hand, err
}

func grantsOf(texts []string) ([]Grant, error) {
	list := make([]Grant, len(texts))
	for i, text := range texts {
		var err error
		if list[i], err = ParseGrant(text); err != nil {
			return nil, problem(http.StatusBadRequest, "grant_malformed", "asked", domain.Clip(text, 100))
		}
	}
	return list, nil
}

// Users are all users.
func (s *Server) Users() []UserRow {
	rows := []UserRow{}
	for _, user := range s.cfg.Users.List() {
		row := UserRow{ID: user.ID, Name: user.Name, Grants: []string{}, First: user.First, OIDC: user.OIDC, Tokens: len(user.Tokens)}
		for _, g := range s.cfg.Users.Grants(user) {
			row.Grants = append(row.Grants, g.String())
		}
		rows = append(rows, row)
	}
	return rows
}

// AddUser adds a user with a first password, or with an account of the organisation and none.
func (s *Server) AddUser(v Viewer, means accounts.Means, asked UserAsked) (password string, err error) {
	list, err := grantsOf(asked.Grants)
	if err != nil {
		return "", err
	}
	hand, err := s.keeper(v, means)
	if err != nil {
		return "", err
	}
	if asked.OIDC == "" {
		password = accounts.RandomPassword()
	}
	return password, hand.Add(accounts.User{ID: asked.ID, Name: domain.Clip(asked.Name, 200), OIDC: asked.OIDC, Grants: list, First: password != ""}, password)
}

// another does something with somebody else's account.
func (s *Server) another(v Viewer, means accounts.Means, id domain.PersonID, do func(accounts.Hand) error) error {
	if !s.cfg.Users.Knows(id) {
		return accounts.ErrNoUser
	}
	hand, err := s.keeper(v, means)
	if err != nil {
		return err
	}
	return do(hand)
}

// SetGrants says all that somebody is.
func (s *Server) SetGrants(v Viewer, means accounts.Means, id domain.PersonID, texts []string) error {
	list, err := grantsOf(texts)
	if err != nil {
		return err
	}
	return s.another(v, means, id, func(hand accounts.Hand) error { return hand.SetGrants(id, list) })
}

// ResetPassword gives somebody another password, which is to be changed at first use.
func (s *Server) ResetPassword(v Viewer, means accounts.Means, id domain.PersonID, keepTokens bool) (password string, err error) {
	err = s.another(v, means, id, func(hand accounts.Hand) (err error) {
		password, err = hand.ResetPassword(id, keepTokens)
		return err
	})
	return password, err
}

// RemoveUser removes somebody.
func (s *Server) RemoveUser(v Viewer, means accounts.Means, id domain.PersonID) error {
	return s.another(v, means, id, func(hand accounts.Hand) error { return hand.Remove(id) })
}

func (s *Server) getUsers(w http.ResponseWriter, _ *http.Request) error {
	return writeJSON(w, http.StatusOK, UserList{s.Users()})
}

func (s *Server) postUser(w http.ResponseWriter, r *http.Request) error {
	v, _ := ViewerOf(r)
	asked, err := bodyOf[UserAsked](r)
	if err != nil {
		return err
	}
	password, err := s.AddUser(v, accounts.API, asked)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, PasswordMade{password})
}

func (s *Server) postGrants(w http.ResponseWriter, r *http.Request) error {
	v, _ := ViewerOf(r)
	asked, err := bodyOf[GrantsAsked](r)
	if err != nil {
		return err
	}
	if err := s.SetGrants(v, accounts.API, domain.PersonID(r.PathValue("user")), asked.Grants); err != nil {
		return err
	}
	return s.getUsers(w, r)
}

func (s *Server) postReset(w http.ResponseWriter, r *http.Request) error {
	v, _ := ViewerOf(r)
	asked, err := bodyOf[ResetAsked](r)
	if err != nil {
		return err
	}
	password, err := s.ResetPassword(v, accounts.API, domain.PersonID(r.PathValue("user")), asked.KeepTokens)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, PasswordMade{password})
}

func (s *Server) deleteUser(w http.ResponseWriter, r *http.Request) error {
	v, _ := ViewerOf(r)
	if err := s.RemoveUser(v, accounts.API, domain.PersonID(r.PathValue("user"))); err != nil {
		return err
	}
	return s.getUsers(w, r)
}
