package main

import (
	"io"
	"log/slog"
	"os"
	"strings"
	"time"

	"golang.org/x/term"

	"github.com/fundledger/fundledger/domain"
)

// Settings are the flags that every command has. A flag comes before the environment, the environment before the file of settings, that
// before the default. The variable of a secret may have _FILE behind its name, and then names a file that holds it.
type Settings struct {
	Config           string     `help:"A file of settings, YAML: the names of flags that have a variable, without the dashes. A flag comes first, then the variable, then the file. / 配置文件" env:"FUNDLEDGER_CONFIG" type:"path" placeholder:"FILE"`
	Data             string     `help:"Folder of the ledger's own NATS and PostgreSQL, where none are given. / 数据目录" env:"FUNDLEDGER_DATA" default:"fundledger-data" type:"path" placeholder:"DIR"`
	NATS             string     `name:"nats" help:"NATS servers to use instead, with JetStream. / NATS 地址" env:"NATS_URL" placeholder:"URL"`
	NATSUser         string     `name:"nats-user" help:"User at those servers." env:"NATS_USER" placeholder:"NAME"`
	NATSPassword     string     `name:"nats-password" help:"Password at those servers." env:"NATS_PASSWORD" secret:"" placeholder:"TEXT"`
	NATSCreds        string     `name:"nats-creds" help:"Credentials file for those servers." env:"NATS_CREDS" type:"path" placeholder:"FILE"`
	DatabaseURL      string     `name:"database-url" help:"PostgreSQL to use instead. / 数据库地址" env:"DATABASE_URL" secret:"" placeholder:"URL"`
	DatabaseOwnerURL string     `name:"database-owner-url" help:"The same database by the role that owns it: to make the tables, bring them up to date and rebuild them. Left out: --database-url, which need not own them otherwise. / 数据库属主地址" env:"DATABASE_OWNER_URL" secret:"" placeholder:"URL"`
	InstallPostgres  bool       `name:"install-postgres" help:"Where the machine has no PostgreSQL, get one: root on Debian or Ubuntu installs the package, others fetch binaries. Only demo does so unasked. / 安装 PostgreSQL" env:"FUNDLEDGER_INSTALL_POSTGRES"`
	Fund             string     `help:"The fund, where a ledger has none yet or several share the servers. / 资金编号" env:"FUNDLEDGER_FUND" placeholder:"ID"`
	Replicas         int        `help:"Copies that NATS keeps of the log: 1, or 3 on a cluster. 0: 1, or 3 where --nats names several servers or one of a cluster." default:"0" env:"FUNDLEDGER_REPLICAS"`
	MinFree          uint64     `help:"MiB that are to stay free on the disks of the ledger's own NATS and PostgreSQL: with less, no commands are taken, and the service is not ready. 0: until a disk is full. / 磁盘最少剩余空间（MiB）" default:"256" env:"FUNDLEDGER_MIN_FREE" placeholder:"MIB"`
	Server           string     `help:"Ask the service at this address instead, with --token: totals, accounts, list, history, import, and single commands. / 服务地址" env:"FUNDLEDGER_SERVER" placeholder:"URL"`
	Token            string     `help:"An API token of that service. / 接口令牌" env:"FUNDLEDGER_TOKEN" secret:"" placeholder:"TEXT"`
	Lang             string     `help:"Language of what is printed: zh or en. / 语言" env:"FUNDLEDGER_LANG" enum:"zh,en,auto" default:"auto"`
	LogLevel         slog.Level `help:"What is logged: debug, info, warn, error." env:"FUNDLEDGER_LOG_LEVEL" default:"warn"`

	stdout, stderr io.Writer
	logger         *slog.Logger
}

// lang is the language of what is printed: Chinese, unless English is asked for or the machine speaks another one.
func (s *Settings) lang() string {
	if s.Lang != "auto" {
		return s.Lang
	}
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if value := os.Getenv(name); value != "" {
			if strings.HasPrefix(value, "zh") {
				return "zh"
			}
			return "en"
		}
	}
	return "en"
}

// say is a text in the language of what is printed.
func (s *Settings) say(zh, en string) string {
	return domain.Text{ZH: zh, EN: en}.In(s.lang())
}

// today is the date in Shanghai.
func today() domain.Date { return domain.DateIn(time.Now(), domain.Shanghai) }

// terminal reports whether a writer is a terminal.
func terminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd())) // /dev/null is a character device too, and none
}
