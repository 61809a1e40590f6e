package main

import (
	"io"
	"log/slog"
	"os"
	"strings"

	"golang.org/x/term"

	"github.com/fundledger/fundledger/domain"
)

// Settings are the flags that every command has. A flag comes before the environment, the environment before the file of settings, that
// before the default. The variable of a secret may have _FILE behind its name, and then names a file that holds it.
type Settings struct {
	Config           string     `help:"A file of settings, YAML: the names of flags that have a variable, without the dashes. A flag comes first, then the variable, then the file. / 配置文件（YAML）：有环境变量的选项均可写入，名称不带短横；选项优先，其次变量，再次文件" env:"FUNDLEDGER_CONFIG" type:"path" placeholder:"FILE"`
	Data             string     `help:"Folder of the ledger's own NATS and PostgreSQL, where none are given. / 数据目录：未另指 NATS 与 PostgreSQL 时，台账自带的放在其中" env:"FUNDLEDGER_DATA" default:"fundledger-data" type:"path" placeholder:"DIR"`
	NATS             string     `name:"nats" help:"NATS servers to use instead, with JetStream. / 改用这些 NATS 服务器（须有 JetStream）" env:"NATS_URL" placeholder:"URL"`
	NATSUser         string     `name:"nats-user" help:"User at those servers. / 在这些服务器上的用户" env:"NATS_USER" placeholder:"NAME"`
	NATSPassword     string     `name:"nats-password" help:"Password at those servers. / 在这些服务器上的密码" env:"NATS_PASSWORD" secret:"" placeholder:"TEXT"`
	NATSCreds        string     `name:"nats-creds" help:"Credentials file for those servers. / 这些服务器的凭据文件" env:"NATS_CREDS" type:"path" placeholder:"FILE"`
	DatabaseURL      string     `name:"database-url" help:"PostgreSQL to use instead. / 改用此 PostgreSQL" env:"DATABASE_URL" secret:"" placeholder:"URL"`
	DatabaseOwnerURL string     `name:"database-owner-url" help:"The same database by the role that owns it: to make the tables, bring them up to date and rebuild them. Left out: --database-url, which need not own them otherwise. / 以属主角色连接的同一数据库，用于建表、升级与重建；缺省为 --database-url" env:"DATABASE_OWNER_URL" secret:"" placeholder:"URL"`
	InstallPostgres  bool       `name:"install-postgres" help:"Where the machine has no PostgreSQL, get one: root on Debian or Ubuntu installs the package, others fetch binaries. Only demo does so unasked. / 本机没有 PostgreSQL 时自动取得：Debian、Ubuntu 的 root 安装软件包，其他用户下载程序；只有 demo 不问自取" env:"FUNDLEDGER_INSTALL_POSTGRES"`
	Fund             string     `help:"The fund, where a ledger has none yet or several share the servers. / 资金编号：新台账尚无资金，或多个资金共用服务器时写明" env:"FUNDLEDGER_FUND" placeholder:"ID"`
	Replicas         int        `help:"Copies that NATS keeps of the log: 1, or 3 on a cluster. 0: 1, or 3 where --nats names several servers or one of a cluster. / NATS 保存日志的份数：1，集群为 3；0 为自动：--nats 指向集群时为 3，否则为 1" default:"0" env:"FUNDLEDGER_REPLICAS"`
	Holidays         string     `help:"Public holidays, and weekends that are worked, by which promised working days are counted: a YAML file. Left out: mainland China's, as far as this release has them. / 节假日与调休上班日的 YAML 文件，据以计算承诺的工作日；缺省为随程序附带的国家公布安排" env:"FUNDLEDGER_HOLIDAYS" type:"path" placeholder:"FILE"`
	MinFree          uint64     `help:"MiB that are to stay free on the disks of the ledger's own NATS and PostgreSQL: with less, no commands are taken, and the service is not ready. 0: until a disk is full. / 台账自带的 NATS 与 PostgreSQL 所在磁盘须保持的剩余空间（MiB），不足时不收指令；0 为直到磁盘写满" default:"256" env:"FUNDLEDGER_MIN_FREE" placeholder:"MIB"`
	Server           string     `help:"Ask the service at this address instead, with --token: totals, accounts, list, history, refused, import, bench, and single commands. / 改向此地址的服务提出，须有 --token：用于 totals、accounts、list、history、refused、import、bench 与单条指令" env:"FUNDLEDGER_SERVER" placeholder:"URL"`
	Token            string     `help:"An API token of that service. / 该服务的接口令牌" env:"FUNDLEDGER_TOKEN" secret:"" placeholder:"TEXT"`
	Lang             string     `help:"Language of what is printed: zh or en. / 打印所用的语言：zh 或 en；auto 依本机的语言" env:"FUNDLEDGER_LANG" enum:"zh,en,auto" default:"auto" placeholder:"zh|en"`
	LogLevel         slog.Level `help:"What is logged: debug, info, warn, error. / 日志级别：debug、info、warn、error" env:"FUNDLEDGER_LOG_LEVEL" default:"warn"`

	stdout, stderr io.Writer
	logger         *slog.Logger
	pace           pace
	clock          clock // that commands are decided by, and pages served
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

// terminal reports whether a writer is a terminal.
func terminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd())) // /dev/null is a character device too, and none
}
