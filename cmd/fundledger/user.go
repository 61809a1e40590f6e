package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"golang.org/x/term"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/internal/whole"
	"github.com/fundledger/fundledger/web/client"
)

type userCmd struct {
	Add     userAddCmd     `cmd:"" help:"Add a user; the password is made and printed once, and changed at first use. / 新增用户；密码自动生成，只打印一次，首次登录须更换"`
	List    userListCmd    `cmd:"" help:"List users and their grants. / 列出用户及其权限"`
	Grant   userGrantCmd   `cmd:"" help:"Set what a user may do. / 设定权限"`
	OIDC    userOIDCCmd    `cmd:"" name:"oidc" help:"Say with which account of the organisation a user signs in; none: no more with any. / 绑定用户的统一登录账号；不写则解除"`
	Passwd  userPasswdCmd  `cmd:"" help:"Set a new password; it is made and printed once, and changed at first use; sessions and tokens end. / 重设密码；自动生成，只打印一次，首次登录须更换；登录及令牌随之失效"`
	SignOut userSignOutCmd `cmd:"" help:"End all sessions of a user. / 结束用户的全部登录"`
	Deputy  userDeputyCmd  `cmd:"" help:"Let somebody act in a user's place for a while. / 指定代办"`
	Dismiss userDismissCmd `cmd:"" help:"End that. / 终止代办"`
	Remove  userRemoveCmd  `cmd:"" help:"Remove a user, with all tokens. / 删除用户"`
	Log     userLogCmd     `cmd:"" help:"Who granted what to whom, when, by which means. / 账户变动记录：何人、何时、以何种方式、授予何人何种权限"`
	Export  userExportCmd  `cmd:"" help:"Write users, hashes and tokens into a file, for another ledger or beside a backup; it is a secret. / 导出用户、密码哈希与令牌，供另一台账使用或随备份保存；须保密"`
	Import  userImportCmd  `cmd:"" help:"Take over the users of such a file; those known stay as they are. / 导入此文件中的用户；已有的不变"`
}

type tokenCmd struct {
	Create tokenCreateCmd `cmd:"" help:"Create an API token; it is printed once. / 新建接口令牌；只打印一次"`
	List   tokenListCmd   `cmd:"" help:"List a user's API tokens. / 列出用户的接口令牌"`
	Revoke tokenRevokeCmd `cmd:"" help:"Revoke an API token. / 撤销接口令牌"`
}

// accounts opens the users of a ledger. Those of a file that is in the data folder are taken over: there the first releases kept them, and there
// whoever restores a backup puts them.
func (in *infrastructure) accounts(ctx context.Context, s *Settings, by accounts.Hand) (accounts.Hand, error) {
	users, err := accounts.Open(ctx, in.nc, accounts.Config{Fund: in.fund, Replicas: in.replicas, Logger: s.logger, Now: s.clock.now})
	if err != nil {
		return accounts.Hand{}, err
	}
	in.stop = append(in.stop, users.Close)
	came, err := users.Hand(by.By, accounts.Service).TakeOverFirst(in.usersFile())
	if errors.Is(err, accounts.ErrLeft) {
		s.logger.Warn("a file of users was left as it is", "file", in.usersFile(), "why", err)
	} else if err != nil {
		return accounts.Hand{}, err
	}
	if came > 0 {
		s.logger.Info("users were taken over", "file", in.usersFile(), "users", came)
	}
	return users.Hand(by.By, by.Means), nil
}

// commandLine is who changes users on this machine.
func commandLine() accounts.Hand {
	by := machineUser()
	if host, err := os.Hostname(); err == nil {
		by += "@" + host
	}
	return accounts.Hand{By: by, Means: accounts.CommandLine}
}

// withUsers opens the users for a command, beside a running service or alone.
func (s *Settings) withUsers(ctx context.Context, do func(accounts.Hand) error) error {
	return s.withAccounts(ctx, func(_ *infrastructure, users accounts.Hand) error { return do(users) })
}

// withAccounts is [Settings.withUsers] for what needs the ledger's streams too.
func (s *Settings) withAccounts(ctx context.Context, do func(*infrastructure, accounts.Hand) error) error {
	in, err := s.open(ctx, purpose{create: true, logOnly: true})
	if err != nil {
		return err
	}
	defer in.close()
	users, err := in.accounts(ctx, s, commandLine())
	if err != nil {
		return err
	}
	return do(in, users)
}

func grants(texts []string) ([]accounts.Grant, error) {
	list := make([]accounts.Grant, len(texts))
	for i, text := range texts {
		var err error
		if list[i], err = accounts.ParseGrant(text); err != nil {
			return nil, usageError{err}
		}
	}
	return list, nil
}

type userAddCmd struct {
	ID     string   `arg:"" help:"What the person signs in with. / 登录名"`
	Name   string   `help:"The person's name. / 姓名" placeholder:"NAME"`
	OIDC   string   `name:"oidc" help:"The person's account at the organisation's sign-in (see serve --oidc-claim): no password is made. / 此人在单位统一登录的账号（见 serve --oidc-claim）；不生成密码" placeholder:"SUBJECT"`
	Grants []string `name:"grant" required:"" help:"A role, for a department: treasurer@finance, auditor. May be repeated. / 角色及其部门，如 treasurer@finance、auditor；可重复" placeholder:"ROLE@DEPARTMENT"`
}

// Run adds a user.
func (c *userAddCmd) Run(ctx context.Context, s *Settings) error {
	list, err := grants(c.Grants)
	if err != nil {
		return err
	}
	return s.withUsers(ctx, func(users accounts.Hand) error {
		password := ""
		if c.OIDC == "" {
			password = accounts.RandomPassword()
		}
		if err := users.Add(accounts.User{ID: domain.PersonID(c.ID), Name: c.Name, OIDC: c.OIDC, Grants: list, First: password != ""}, password); err != nil {
			return err
		}
		if password == "" {
			return nil
		}
		fmt.Fprintln(s.stderr, s.say("密码仅显示这一次，首次使用须更换：", "the password is shown this once, and is to be changed at first use:"))
		fmt.Fprintln(s.stdout, password)
		return nil
	})
}

type userListCmd struct{}

// Run lists users.
func (c *userListCmd) Run(ctx context.Context, s *Settings) error {
	return s.withUsers(ctx, func(users accounts.Hand) error {
		for _, u := range users.List() {
			parts := make([]string, 0, len(u.Grants))
			for _, g := range users.Grants(u) {
				parts = append(parts, g.String())
			}
			fmt.Fprintf(s.stdout, "%-24s %-24s %s\n", u.ID, u.Name, strings.Join(parts, ", "))
		}
		return nil
	})
}

type userGrantCmd struct {
	ID     string   `arg:"" help:"The user. / 用户"`
	Grants []string `arg:"" name:"grant" help:"All that the user may do from now on: ROLE@DEPARTMENT … / 用户今后的全部角色：角色@部门"`
}

// Run sets a user's grants.
func (c *userGrantCmd) Run(ctx context.Context, s *Settings) error {
	list, err := grants(c.Grants)
	if err != nil {
		return err
	}
	return s.withUsers(ctx, func(users accounts.Hand) error { return users.SetGrants(domain.PersonID(c.ID), list) })
}

type userOIDCCmd struct {
	ID      string `arg:"" help:"The user. / 用户"`
	Subject string `arg:"" optional:"" help:"What the organisation's sign-in calls the person. / 此人在单位统一登录的账号"`
}

// Run says with which account of the organisation a user signs in.
func (c *userOIDCCmd) Run(ctx context.Context, s *Settings) error {
	return s.withUsers(ctx, func(users accounts.Hand) error { return users.SetOIDC(domain.PersonID(c.ID), c.Subject) })
}

type userPasswdCmd struct {
	ID         string `arg:"" help:"The user. / 用户"`
	KeepTokens bool   `help:"Let the user's API tokens go on; left out, they are revoked. / 保留其接口令牌；缺省全部撤销"`
}

// Run sets a new password.
func (c *userPasswdCmd) Run(ctx context.Context, s *Settings) error {
	return s.withUsers(ctx, func(users accounts.Hand) error {
		password, err := users.ResetPassword(domain.PersonID(c.ID), c.KeepTokens)
		if err != nil {
			return err
		}
		fmt.Fprintln(s.stdout, password)
		return nil
	})
}

type userSignOutCmd struct {
	ID string `arg:"" help:"The user. / 用户"`
}

// Run ends a user's sessions.
func (c *userSignOutCmd) Run(ctx context.Context, s *Settings) error {
	return s.withUsers(ctx, func(users accounts.Hand) error {
		_, err := users.SignOut(domain.PersonID(c.ID))
		return err
	})
}

type userDeputyCmd struct {
	ID     string    `arg:"" help:"In whose place. / 代谁办理"`
	Person string    `arg:"" help:"Who. / 代办人"`
	Grant  string    `arg:"" help:"In which of their roles: ROLE@DEPARTMENT. / 以其哪个角色：角色@部门"`
	From   time.Time `help:"From when on; left out: now. / 起始时间；缺省为现在" format:"2006-01-02T15:04:05Z07:00" placeholder:"TIME"`
	Until  time.Time `help:"Until when, not included. / 截止时间（不含）" required:"" format:"2006-01-02T15:04:05Z07:00" placeholder:"TIME"`
}

// Run appoints a deputy.
func (c *userDeputyCmd) Run(ctx context.Context, s *Settings) error {
	list, err := grants([]string{c.Grant})
	if err != nil {
		return err
	}
	if c.From.IsZero() {
		c.From = s.clock.now()
	}
	return s.withUsers(ctx, func(users accounts.Hand) error {
		return users.Appoint(domain.PersonID(c.ID), accounts.Deputy{Person: domain.PersonID(c.Person), Grant: list[0], From: c.From, Until: c.Until})
	})
}

type userDismissCmd struct {
	ID     string `arg:"" help:"In whose place. / 代谁办理"`
	Person string `arg:"" help:"Who. / 代办人"`
	Grant  string `arg:"" help:"In which of their roles: ROLE@DEPARTMENT. / 以其哪个角色：角色@部门"`
}

// Run dismisses a deputy.
func (c *userDismissCmd) Run(ctx context.Context, s *Settings) error {
	list, err := grants([]string{c.Grant})
	if err != nil {
		return err
	}
	return s.withUsers(ctx, func(users accounts.Hand) error {
		return users.Dismiss(domain.PersonID(c.ID), domain.PersonID(c.Person), list[0])
	})
}

type userRemoveCmd struct {
	ID string `arg:"" help:"The user. / 用户"`
}

// Run removes a user.
func (c *userRemoveCmd) Run(ctx context.Context, s *Settings) error {
	return s.withUsers(ctx, func(users accounts.Hand) error { return users.Remove(domain.PersonID(c.ID)) })
}

type userLogCmd struct {
	Person string `arg:"" optional:"" help:"Of whose account, or by whom; left out: all. / 谁的账户，或由谁办理；缺省为全部"`
	Limit  int    `help:"At most so many, the latest. / 最多列出多少条，取最近的" default:"1000"`
	Shape
}

// Run prints who granted what to whom.
func (c *userLogCmd) Run(ctx context.Context, s *Settings) error {
	return s.withUsers(ctx, func(users accounts.Hand) error {
		list, _, err := users.Trail(ctx, domain.PersonID(c.Person), 0, max(c.Limit, 1))
		if err != nil {
			return err
		}
		return s.write(accounts.Sheet(list).As(s.lang()), c.Shape)
	})
}

type userExportCmd struct {
	Out string `help:"The file. / 要写出的文件" required:"" type:"path" placeholder:"FILE"`
}

// Run writes the users.
func (c *userExportCmd) Run(ctx context.Context, s *Settings) error {
	return s.withUsers(ctx, func(users accounts.Hand) error {
		text, err := users.Write(ctx)
		if err != nil {
			return err
		}
		return whole.Replace(c.Out, 0o600, whole.Text(text))
	})
}

type userImportCmd struct {
	File string `arg:"" help:"What user export wrote. / user export 写出的文件" type:"existingfile"`
}

// Run takes users over.
func (c *userImportCmd) Run(ctx context.Context, s *Settings) error {
	return s.withUsers(ctx, func(users accounts.Hand) error {
		came, err := users.TakeOver(c.File)
		if err == nil {
			fmt.Fprintf(s.stderr, s.say("导入用户 %d 名\n", "%d users were taken over\n"), came)
		}
		return err
	})
}

// tokenBound is the same for whoever makes tokens by the service and beside it.
type tokenBound struct {
	TokenFor time.Duration `help:"The longest that a new API token may be good for. / 新建接口令牌的最长有效期" default:"${token_for}" env:"FUNDLEDGER_TOKEN_FOR" placeholder:"TIME"`
}

func (b tokenBound) check(s *Settings) error {
	if b.TokenFor <= 0 {
		return usageError{errors.New(s.say("--token-for 须大于零", "--token-for must be more than nothing"))}
	}
	return nil
}

type tokenCreateCmd struct {
	tokenBound
	User       string        `arg:"" help:"Whose token. / 谁的令牌"`
	Name       string        `arg:"" help:"What it is for. / 用途，作为令牌的名称"`
	For        time.Duration `help:"How long it is good for. / 有效期" default:"2160h"`
	ReadOnly   bool          `help:"It asks, and gives no command. / 只可查询，不可发指令"`
	Department string        `help:"It is good for what its user is granted for this department. / 只限其用户在该部门的权限" placeholder:"ID"`
}

// Run creates a token.
func (c *tokenCreateCmd) Run(ctx context.Context, s *Settings) error {
	if c.For <= 0 {
		return usageError{errors.New(s.say("有效期须大于零", "a token must be good for some time"))}
	}
	if err := c.tokenBound.check(s); err != nil {
		return err
	}
	return s.withUsers(ctx, func(users accounts.Hand) error {
		users.BoundTokens(c.TokenFor)
		token, err := users.CreateToken(domain.PersonID(c.User), accounts.Token{Name: c.Name, Expires: s.clock.now().Add(c.For), ReadOnly: c.ReadOnly,
			Department: domain.DepartmentID(c.Department)})
		if err != nil {
			return err
		}
		fmt.Fprintln(s.stdout, token)
		return nil
	})
}

type tokenListCmd struct {
	User string `arg:"" help:"Whose tokens. / 谁的令牌"`
}

// Run lists a user's tokens.
func (c *tokenListCmd) Run(ctx context.Context, s *Settings) error {
	return s.withUsers(ctx, func(users accounts.Hand) error {
		user, ok := users.Find(domain.PersonID(c.User))
		if !ok {
			return fmt.Errorf("%s: %w", c.User, accounts.ErrNoUser)
		}
		for _, t := range user.Tokens {
			fmt.Fprintln(s.stdout, t.Text().In(s.lang()))
		}
		return nil
	})
}

type tokenRevokeCmd struct {
	User string `arg:"" help:"Whose token. / 谁的令牌"`
	Name string `arg:"" help:"Which. / 令牌的名称"`
}

// Run revokes a token.
func (c *tokenRevokeCmd) Run(ctx context.Context, s *Settings) error {
	return s.withUsers(ctx, func(users accounts.Hand) error { return users.RevokeToken(domain.PersonID(c.User), c.Name) })
}

type passwordCmd struct {
	User string `arg:"" help:"What one signs in with. / 登录名"`
}

// Run lets a person choose another password at a service: the one that --server names, or that runs on the data folder.
func (c *passwordCmd) Run(ctx context.Context, s *Settings) error {
	at := s.Server
	if at == "" {
		r, err := readRunning(s.Data)
		if err != nil || r.HTTP == "" {
			return usageError{errors.New(s.say("请用 --server 给出服务地址；本目录没有正在运行的服务", "name the service with --server; none runs on this folder"))}
		}
		at = "http://" + r.HTTP
	}
	in := bufio.NewReader(os.Stdin)
	present, err := s.secret(in, s.say("现用密码：", "present password: "))
	if err != nil {
		return err
	}
	next, err := s.secret(in, s.say("新密码：", "new password: "))
	if err != nil {
		return err
	}
	return client.ChangePassword(ctx, at, c.User, present, next, s.lang())
}

// secret asks for a line that is not shown, or reads it from what is no terminal.
func (s *Settings) secret(in *bufio.Reader, ask string) (string, error) {
	if fd := int(os.Stdin.Fd()); term.IsTerminal(fd) {
		fmt.Fprint(s.stderr, ask)
		text, err := term.ReadPassword(fd)
		fmt.Fprintln(s.stderr)
		return string(text), err
	}
	line, err := in.ReadString('\n')
	if err != nil && (!errors.Is(err, io.EOF) || line == "") {
		return "", fmt.Errorf("%s %w", ask, err)
	}
	return strings.TrimRight(line, "\r\n"), nil
}
