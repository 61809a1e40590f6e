// Command fundledger keeps an event-sourced ledger for public support funds.
//
// It wires the packages together, and does nothing else: one file per command. Data goes to standard output, words about it to standard
// error. The exit status is 0, 1 when something was refused or failed, 2 when the command line or an input
// file cannot be read as what it is.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
)

// cli is the command line.
type cli struct {
	Settings
	ShowVersion versionFlag `name:"version" help:"Print the version, and what it was built from. / 显示版本及其来源"`

	Serve          serveCmd          `cmd:"" help:"Run the service: the ledger, its projections, health and metrics. / 运行服务：台账、查询表、健康检查与监控指标"`
	Demo           demoCmd           `cmd:"" help:"Fill a new ledger with two sample years of Changning, print its totals, then serve. / 演示：以长宁区两个示例年度填入新台账，打印汇总，然后运行服务"`
	Import         importCmd         `cmd:"" help:"Import files of commands: .jsonl, .csv, .xlsx. / 导入指令文件：.jsonl、.csv、.xlsx"`
	Policy         policyCmd         `cmd:"" help:"Publish, show, compare and draft policies. / 发布、查看、比较、起草政策"`
	Totals         oneListCmd        `cmd:"" help:"Each enterprise's yearly totals against each clause's cap. / 企业年度汇总，与各条款上限对照"`
	Match          matchCmd          `cmd:"" help:"What an enterprise may still have under each clause, or who may have something under one. / 企业在各条款下还可享受多少支持，或某条款下各企业可享多少"`
	Statistics     oneListCmd        `cmd:"" help:"Any measure of the journal, added up by up to three columns. / 分录的任一指标，按至多三列分组统计"`
	Account        oneListCmd        `cmd:"" name:"accounts" help:"Every account line: clause, subject, year. / 账户明细：条款、对象、年度"`
	List           listCmd           `cmd:"" help:"Enterprises, applications, payouts, clawbacks, the journal, and what else there is a list of. / 各种清单：企业、申请、支付、追回、分录等"`
	History        historyCmd        `cmd:"" help:"What happened to one application or enterprise, step by step. / 一个申请或企业的经过，逐步列出"`
	Refused        refusedCmd        `cmd:"" help:"Commands that were refused, with their reasons. / 被拒的指令及其理由"`
	Refusals       refusalsCmd       `cmd:"" help:"Look after the refusals that are kept. / 被拒指令的保管"`
	Verify         verifyCmd         `cmd:"" help:"Replay the whole log: decisions judged again, projections compared, checkpoints held. / 核验全部日志：决定重新裁决，查询表逐列比较，检查点逐一核对"`
	Simulate       simulateCmd       `cmd:"" help:"Try another policy on what was applied for, in memory. / 政策试行：以另一政策在内存中裁决历史申请"`
	WhatIf         whatIfCmd         `cmd:"" name:"what-if" help:"Decide the history again under other parameters, in memory. / 假设推演：在内存中按其他参数重新裁决历史"`
	Reconcile      reconcileCmd      `cmd:"" help:"Record a payment file of the treasury, and hold it against the payouts, both ways. / 国库付款对账：录入国库付款文件，与支付双向核对"`
	Pack           packCmd           `cmd:"" help:"Write the tables for an audit office: CSVs with their definition and control totals. / 写出审计数据包：各表的 CSV，附定义与控制总数"`
	Checkpoint     checkpointCmd     `cmd:"" help:"Sign the log's present end, and keep it. / 签发检查点：对日志当前末端签名并保存"`
	Bundle         bundleCmd         `cmd:"" help:"One file that proves itself offline: the ledger, or what concerns an enterprise, a clause, a year. / 写出可离线自证的证明包：全部台账，或与一个企业、条款、年度有关的"`
	Statement      statementCmd      `cmd:"" help:"Closing statements of budget years, and what moved since. / 预算年度的封账表，及封账后的变动"`
	Replay         replayCmd         `cmd:"" help:"Replay the decisions on an application or enterprise, refusals in their place. / 回放一个申请或企业的决定，被拒的也在其位"`
	Explain        explainCmd        `cmd:"" help:"Take a number apart, down to events and people. / 拆解一个数字，直到事件与经办人"`
	Receipt        receiptCmd        `cmd:"" help:"What a decision on money rested on, with its proof. / 资金决定的回单：依据及证明"`
	Sample         sampleCmd         `cmd:"" help:"Draw a monetary-unit sample, seeded by the latest checkpoint. / 审计抽样：货币单位抽样，以最近检查点为种子"`
	Evaluate       evaluateCmd       `cmd:"" help:"What the money of a clause did in a year, held against the fund's own controls. / 绩效评价：条款资金的效果，与本基金的对照企业比较"`
	EvaluateSample evaluateSampleCmd `cmd:"" name:"evaluate-sample" help:"What an audited sample projects to, and the upper limit at 95 %. / 由审定的样本推断总体错报及 95 % 上限"`
	Drill          drillCmd          `cmd:"" name:"tamper-drill" help:"Tamper with a copy in every way, and show what catches it. / 篡改演练：以各种方式改动副本，显示由什么发现"`
	Witness        witnessCmd        `cmd:"" help:"Cosign the checkpoints of a log elsewhere, and refuse a fork. / 见证：为别处台账的检查点联署，拒绝分叉"`
	Key            keyCmd            `cmd:"" help:"Make the key that signs checkpoints, and print its verifier key. / 生成检查点签名密钥，打印其验证公钥"`
	RotatePayeeKey rotatePayeeKeyCmd `cmd:"" name:"rotate-payee-key" help:"Have another key seal the numbers of bank accounts; those sealed before stay readable. / 更换收款账号的密封密钥；先前密封的仍可读"`
	RotateKey      rotateKeyCmd      `cmd:"" name:"rotate-key" help:"Have another key sign the checkpoints, and say so in the log. / 更换检查点签名密钥，并记入日志"`
	Backup         backupCmd         `cmd:"" help:"Write the log with its proofs into one file. / 备份：把日志及其证明写入一个文件"`
	Restore        restoreCmd        `cmd:"" help:"Make a ledger from a backup, and verify it. / 由备份恢复台账，并予核验"`
	Prove          proveCmd          `cmd:"" help:"Prove that an event lies on the log, or that the log only grew. / 证明事件在日志之中，或日志只有增加"`
	Rebuild        rebuildCmd        `cmd:"" help:"Rebuild the projections beside the live ones, show the difference, swap. / 重建查询表：在现用表旁重建，显示差异，再行替换"`
	Migrate        migrateCmd        `cmd:"" help:"Make the database's tables, or bring them up to date, as their owner. / 以属主身份建立或升级数据表"`
	Bench          benchCmd          `cmd:"" help:"Measure the whole system on this machine. / 在本机测量整个系统的性能"`
	User           userCmd           `cmd:"" help:"Who may use the service. / 管理用户"`
	Token          tokenCmd          `cmd:"" help:"API tokens. / 管理接口令牌"`
	Webhook        webhookCmd        `cmd:"" help:"Who is told of what happens: signed deliveries of events and notices. / 管理事件推送：向外推送带签名的事件与提醒"`
	Password       passwordCmd       `cmd:"" help:"Choose another password of one's own at a service. / 在服务上更换本人密码"`
	Health         healthCmd         `cmd:"" name:"healthcheck" help:"Ask a running service whether it is ready. / 健康检查：询问服务是否就绪"`
	Completion     completionCmd     `cmd:"" help:"Print what a shell needs to complete command lines. / 打印命令行补全脚本"`
	Complete       completeCmd       `cmd:"" hidden:"" help:"What could come next on a command line. / 命令行中接下来可写的"`
	Man            manCmd            `cmd:"" help:"Print the manual page of the program or of a command, or write all of them. / 打印程序或命令的手册页，或全部写出"`
	Version        versionCmd        `cmd:"" help:"Print the version. / 版本"`
}

// usageError ends the program with status 2: the command line or an input file is not what it should be.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// errRefused ends the program with status 1 after everything has been said already.
var errRefused = errors.New("refused")

func main() {
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

// run is the program; it returns its exit status.
func run(args []string, stdout, stderr io.Writer) int {
	c, parsed, code := read(args, stdout, stderr)
	if code >= 0 {
		return code
	}
	var err error
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	c.stdout, c.stderr = stdout, stderr
	if c.clock, err = clockOf(c.Data); err != nil {
		return status(&c.Settings, err)
	}
	c.logger = slog.New(slog.NewTextHandler(stderr, &slog.HandlerOptions{Level: c.LogLevel}))
	parsed.BindTo(ctx, (*context.Context)(nil))
	single, ok := singleCommand(parsed)
	if what := parsed.Selected().Name; c.Server != "" && !ok && !slices.Contains([]string{"totals", "accounts", "list", "history", "refused", "import", "password", "bench"}, what) {
		return status(&c.Settings, usageError{errors.New(c.say("--server 只用于 totals、accounts、list、history、refused、import、bench 与单条指令；"+what+" 请在台账所在的机器上运行，或用网页与接口",
			"--server is for totals, accounts, list, history, refused, import, bench and single commands; run "+what+" where the ledger is, or use the service's pages and API"))})
	}
	if ok {
		err = single.run(ctx, &c.Settings)
	} else {
		err = parsed.Run(&c.Settings)
	}
	return status(&c.Settings, err)
}

// read reads a command line. What it has answered itself, or could not read, has an exit status; else that is -1.
//
// Every verb has a command, and making all of them takes longer than most commands run. So only those are made that the line names, and
// all where that does not serve: for help, completions, manual, and whatever else is not understood.
func read(args []string, stdout, stderr io.Writer) (c *cli, parsed *kong.Context, code int) {
	var named []domain.Verb
	for _, verb := range domain.Verbs {
		if verb.Short != "" && slices.Contains(args, verb.Short) {
			named = append(named, verb)
		}
	}
	attempts := [][]domain.Verb{named, domain.Verbs}
	if len(args) == 0 || slices.ContainsFunc(args, func(arg string) bool { return slices.Contains(aboutAll, arg) }) {
		attempts = attempts[1:]
	}
	for i, verbs := range attempts {
		c, code = new(cli), -1
		parser, err := c.parser(verbs, stdout, stderr, func(status int) { code = status })
		if err != nil {
			fmt.Fprintln(stderr, "fundledger:", err)
			return c, nil, 1
		}
		if parsed, err = parser.Parse(args); code >= 0 || err == nil {
			return c, parsed, code
		}
		if i == len(attempts)-1 {
			fmt.Fprintln(stderr, "fundledger:", misread(err))
		}
	}
	return c, nil, 2
}

// aboutAll are the words of a line that is about all commands.
var aboutAll = []string{"-h", "--help", "completion", "complete", "man"}

// parser reads the command line, with a command for each of the verbs, and tells exit where it has answered itself.
func (c *cli) parser(verbs []domain.Verb, stdout, stderr io.Writer, exit func(code int)) (*kong.Kong, error) {
	c.Totals, c.Account, c.List = newOneListCmd(projections.Totals.List), newOneListCmd(projections.Accounts.List), newListCmd()
	c.Statistics = newOneListCmd(projections.Statistics.List)
	return kong.New(c, kong.Name("fundledger"), kong.UsageOnError(), kong.Writers(stdout, stderr),
		kong.Description("An event-sourced ledger for public support funds. / 财政扶持资金事件账本"),
		kong.Exit(exit), kong.Help(printHelp),
		listNames(), bounds(),
		kong.PostBuild(func(k *kong.Kong) error { k.Model.HelpFlag.Help = "Show this help. / 显示本帮助"; return nil }), kong.Resolvers(&settingsFile{}), singleCommands(verbs))
}

// status is the exit status of an error, which is told unless that has been done.
func status(s *Settings, err error) int {
	var usage usageError
	switch {
	case err == nil:
		return 0
	case errors.Is(err, errRefused):
		return 1
	}
	fmt.Fprintln(s.stderr, "fundledger:", inLanguage(err, s.lang()))
	if errors.As(err, &usage) {
		return 2
	}
	return 1
}

// inLanguage is what an error says, that part in the reader's language which is known in both.
func inLanguage(err error, lang string) string {
	var both interface {
		error
		Message() domain.Text
	}
	if errors.As(err, &both) {
		return strings.Replace(err.Error(), both.Error(), both.Message().In(lang), 1)
	}
	return err.Error()
}
