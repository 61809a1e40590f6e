package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/web"
)

type userCmd struct {
	Add    userAddCmd    `cmd:"" help:"Add a user; the password is made and printed once. / 新增用户"`
	List   userListCmd   `cmd:"" help:"List users and their grants. / 列出用户"`
	Grant  userGrantCmd  `cmd:"" help:"Set what a user may do. / 设定权限"`
	OIDC   userOIDCCmd   `cmd:"" name:"oidc" help:"Say with which account of the organisation a user signs in; none: no more with any. / 绑定统一登录账号"`
	Passwd userPasswdCmd `cmd:"" help:"Set a new password; it is made and printed once. / 重设密码"`
	Remove userRemoveCmd `cmd:"" help:"Remove a user, with all tokens. / 删除用户"`
}

type tokenCmd struct {
	Create tokenCreateCmd `cmd:"" help:"Create an API token; it is printed once. / 新建令牌"`
	Revoke tokenRevokeCmd `cmd:"" help:"Revoke an API token. / 撤销令牌"`
}

// users opens the file of users in the data folder. A running service takes up what is changed in it.
func (s *Settings) users() (*web.Users, error) {
	if err := os.MkdirAll(s.Data, 0o755); err != nil {
		return nil, fmt.Errorf("making the data folder: %w", err)
	}
	return web.OpenUsers(filepath.Join(s.Data, "users.json"), nil, s.logger)
}

func grants(texts []string) ([]web.Grant, error) {
	list := make([]web.Grant, len(texts))
	for i, text := range texts {
		var err error
		if list[i], err = web.ParseGrant(text); err != nil {
			return nil, usageError{err}
		}
	}
	return list, nil
}

type userAddCmd struct {
	ID     string   `arg:"" help:"What the person signs in with."`
	Name   string   `help:"The person's name." placeholder:"NAME"`
	OIDC   string   `name:"oidc" help:"The person's account at the organisation's sign-in (see serve --oidc-claim): no password is made." placeholder:"SUBJECT"`
	Grants []string `name:"grant" required:"" help:"A role, for a department: treasurer@finance, auditor. May be repeated." placeholder:"ROLE@DEPARTMENT"`
}

// Run adds a user.
func (c *userAddCmd) Run(s *Settings) error {
	list, err := grants(c.Grants)
	if err != nil {
		return err
	}
	users, err := s.users()
	if err != nil {
		return err
	}
	password := ""
	if c.OIDC == "" {
		password = web.RandomPassword()
	}
	if err := users.Add(web.User{ID: domain.PersonID(c.ID), Name: c.Name, OIDC: c.OIDC, Grants: list}, password); err != nil {
		return err
	}
	if password == "" {
		return nil
	}
	fmt.Fprintln(s.stderr, s.say("密码仅显示这一次：", "the password is shown this once:"))
	fmt.Fprintln(s.stdout, password)
	return nil
}

type userListCmd struct{}

// Run lists users.
func (c *userListCmd) Run(s *Settings) error {
	users, err := s.users()
	if err != nil {
		return err
	}
	for _, u := range users.List() {
		parts := make([]string, len(u.Grants))
		for i, g := range u.Grants {
			parts[i] = g.String()
		}
		fmt.Fprintf(s.stdout, "%-24s %-24s %s\n", u.ID, u.Name, strings.Join(parts, ", "))
	}
	return nil
}

type userGrantCmd struct {
	ID     string   `arg:"" help:"The user."`
	Grants []string `arg:"" name:"grant" help:"All that the user may do from now on: ROLE@DEPARTMENT …"`
}

// Run sets a user's grants.
func (c *userGrantCmd) Run(s *Settings) error {
	list, err := grants(c.Grants)
	if err != nil {
		return err
	}
	users, err := s.users()
	if err != nil {
		return err
	}
	return users.SetGrants(domain.PersonID(c.ID), list)
}

type userOIDCCmd struct {
	ID      string `arg:"" help:"The user."`
	Subject string `arg:"" optional:"" help:"What the organisation's sign-in calls the person."`
}

// Run says with which account of the organisation a user signs in.
func (c *userOIDCCmd) Run(s *Settings) error {
	users, err := s.users()
	if err != nil {
		return err
	}
	return users.SetOIDC(domain.PersonID(c.ID), c.Subject)
}

type userPasswdCmd struct {
	ID string `arg:"" help:"The user."`
}

// Run sets a new password.
func (c *userPasswdCmd) Run(s *Settings) error {
	users, err := s.users()
	if err != nil {
		return err
	}
	password := web.RandomPassword()
	if err := users.SetPassword(domain.PersonID(c.ID), password); err != nil {
		return err
	}
	fmt.Fprintln(s.stdout, password)
	return nil
}

type userRemoveCmd struct {
	ID string `arg:"" help:"The user."`
}

// Run removes a user.
func (c *userRemoveCmd) Run(s *Settings) error {
	users, err := s.users()
	if err != nil {
		return err
	}
	return users.Remove(domain.PersonID(c.ID))
}

type tokenCreateCmd struct {
	User string        `arg:"" help:"Whose token."`
	Name string        `arg:"" help:"What it is for."`
	For  time.Duration `help:"How long it is good for." default:"2160h"`
}

// Run creates a token.
func (c *tokenCreateCmd) Run(s *Settings) error {
	if c.For <= 0 {
		return usageError{errors.New(s.say("有效期须大于零", "a token must be good for some time"))}
	}
	users, err := s.users()
	if err != nil {
		return err
	}
	token, err := users.CreateToken(domain.PersonID(c.User), c.Name, time.Now().Add(c.For))
	if err != nil {
		return err
	}
	fmt.Fprintln(s.stdout, token)
	return nil
}

type tokenRevokeCmd struct {
	User string `arg:"" help:"Whose token."`
	Name string `arg:"" help:"Which."`
}

// Run revokes a token.
func (c *tokenRevokeCmd) Run(s *Settings) error {
	users, err := s.users()
	if err != nil {
		return err
	}
	return users.RevokeToken(domain.PersonID(c.User), c.Name)
}
