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

// version is set by the build.
var version = "dev"

// cli is the command line.
type cli struct {
	Settings

	Serve      serveCmd      `cmd:"" help:"Run the service: the ledger, its projections, health and metrics. / 运行服务"`
	Demo       demoCmd       `cmd:"" help:"Fill a new ledger with two sample years of Changning, print its totals, then serve. / 演示"`
	Import     importCmd     `cmd:"" help:"Import files of commands: .jsonl, .csv, .xlsx. / 导入"`
	Policy     policyCmd     `cmd:"" help:"Publish, show, compare and draft policies. / 政策"`
	Totals     oneListCmd    `cmd:"" help:"Each enterprise's yearly totals against each clause's cap. / 企业年度汇总"`
	Account    oneListCmd    `cmd:"" name:"accounts" help:"Every account line: clause, subject, year. / 账户明细"`
	List       listCmd       `cmd:"" help:"Enterprises, applications, payouts, clawbacks, the journal, and what else there is a list of. / 明细"`
	History    historyCmd    `cmd:"" help:"What happened to one application or enterprise, step by step. / 决策历史"`
	Refused    refusedCmd    `cmd:"" help:"Commands that were refused, with their reasons. / 被拒指令"`
	Refusals   refusalsCmd   `cmd:"" help:"Look after the refusals that are kept. / 被拒指令的保管"`
	Verify     verifyCmd     `cmd:"" help:"Replay the whole log: decisions judged again, projections compared, checkpoints held. / 核验"`
	WhatIf     whatIfCmd     `cmd:"" name:"what-if" help:"Decide the history again under other parameters, in memory. / 假设推演"`
	Reconcile  reconcileCmd  `cmd:"" help:"Record a payment file of the treasury, and hold it against the payouts, both ways. / 国库付款对账"`
	Pack       packCmd       `cmd:"" help:"Write the tables for an audit office: CSVs with their definition and control totals. / 审计数据包"`
	Checkpoint checkpointCmd `cmd:"" help:"Sign the log's present end, and keep it. / 检查点"`
	Bundle     bundleCmd     `cmd:"" help:"One file that proves itself offline: the ledger, or what concerns an enterprise, a clause, a year. / 证明包"`
	Replay     replayCmd     `cmd:"" help:"Replay the decisions on an application or enterprise, refusals in their place. / 决策回放"`
	Explain    explainCmd    `cmd:"" help:"Take a number apart, down to events and people. / 数字的由来"`
	Receipt    receiptCmd    `cmd:"" help:"What a decision on money rested on, with its proof. / 决定回单"`
	Sample     sampleCmd     `cmd:"" help:"Draw a monetary-unit sample, seeded by the latest checkpoint. / 审计抽样"`
	Evaluate   evaluateCmd   `cmd:"" name:"evaluate-sample" help:"What an audited sample projects to, and the upper limit at 95 %. / 抽样结果推断"`
	Drill      drillCmd      `cmd:"" name:"tamper-drill" help:"Tamper with a copy in every way, and show what catches it. / 篡改演练"`
	Witness    witnessCmd    `cmd:"" help:"Cosign the checkpoints of a log elsewhere, and refuse a fork. / 见证"`
	Key        keyCmd        `cmd:"" help:"Make the key that signs checkpoints, and print its verifier key. / 检查点密钥"`
	RotateKey  rotateKeyCmd  `cmd:"" name:"rotate-key" help:"Have another key sign the checkpoints, and say so in the log. / 更换检查点签名密钥"`
	Backup     backupCmd     `cmd:"" help:"Write the log with its proofs into one file. / 备份"`
	Restore    restoreCmd    `cmd:"" help:"Make a ledger from a backup, and verify it. / 恢复"`
	Prove      proveCmd      `cmd:"" help:"Prove that an event lies on the log, or that the log only grew. / 证明"`
	Rebuild    rebuildCmd    `cmd:"" help:"Rebuild the projections beside the live ones, show the difference, swap. / 重建投影"`
	Migrate    migrateCmd    `cmd:"" help:"Make the database's tables, or bring them up to date, as their owner. / 建立或升级数据表"`
	Bench      benchCmd      `cmd:"" help:"Measure the whole system on this machine. / 性能测试"`
	User       userCmd       `cmd:"" help:"Who may use the service. / 用户"`
	Token      tokenCmd      `cmd:"" help:"API tokens. / 令牌"`
	Webhook    webhookCmd    `cmd:"" help:"Who is told of what happens: signed deliveries of events and notices. / 事件推送"`
	Password   passwordCmd   `cmd:"" help:"Choose another password of one's own at a service. / 更换本人密码"`
	Health     healthCmd     `cmd:"" name:"healthcheck" help:"Ask a running service whether it is ready. / 健康检查"`
	Version    versionCmd    `cmd:"" help:"Print the version. / 版本"`
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
	var c cli
	exited := -1
	parser, err := c.parser(stdout, stderr, func(code int) { exited = code })
	if err != nil {
		fmt.Fprintln(stderr, "fundledger:", err)
		return 1
	}
	parsed, err := parser.Parse(args)
	if exited >= 0 {
		return exited
	}
	if err != nil {
		fmt.Fprintln(stderr, "fundledger:", err)
		fmt.Fprintln(stderr, `Run "fundledger --help" for the commands.`)
		return 2
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	c.stdout, c.stderr = stdout, stderr
	c.logger = slog.New(slog.NewTextHandler(stderr, &slog.HandlerOptions{Level: c.LogLevel}))
	parsed.BindTo(ctx, (*context.Context)(nil))
	single, ok := singleCommand(parsed)
	if what := parsed.Selected().Name; c.Server != "" && !ok && !slices.Contains([]string{"totals", "accounts", "list", "history", "import", "password"}, what) {
		return status(&c.Settings, usageError{errors.New(c.say("--server 只用于 totals、accounts、list、history、import 与单条指令；"+what+" 请在台账所在的机器上运行，或用网页与接口",
			"--server is for totals, accounts, list, history, import and single commands; run "+what+" where the ledger is, or use the service's pages and API"))})
	}
	if ok {
		err = single.run(ctx, &c.Settings)
	} else {
		err = parsed.Run(&c.Settings)
	}
	return status(&c.Settings, err)
}

// parser reads the command line, and tells exit where it has answered itself.
func (c *cli) parser(stdout, stderr io.Writer, exit func(code int)) (*kong.Kong, error) {
	c.Totals, c.Account, c.List = newOneListCmd(projections.Totals.List), newOneListCmd(projections.Accounts.List), newListCmd()
	return kong.New(c, kong.Name("fundledger"), kong.UsageOnError(), kong.Writers(stdout, stderr),
		kong.Description("An event-sourced ledger for public support funds. / 财政扶持资金事件账本"),
		kong.Exit(exit), kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.Vars{"version": version, "lists": listNames()}, bounds(), kong.Resolvers(&settingsFile{}), singleCommands())
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

type versionCmd struct{}

// Run prints the version.
func (versionCmd) Run(s *Settings) error {
	_, err := fmt.Fprintln(s.stdout, "fundledger", version)
	return err
}
