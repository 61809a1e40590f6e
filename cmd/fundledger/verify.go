package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/proof"
)

// keyFile signs the checkpoints of the ledger in a data folder, and checkpointDir keeps them, each in a file named by its size.
const (
	keyFile       = "checkpoint.key"
	checkpointDir = "checkpoints"
)

type checkpointCmd struct {
	Witness    []string `help:"Have a witness at this address cosign it. Left out: those that the running service asks. / 请此地址的见证者联署；缺省为运行中的服务所用的" env:"FUNDLEDGER_WITNESS" placeholder:"URL"`
	WitnessKey []string `help:"The witness's verifier key, or @FILE. / 见证者的验证公钥，或 @文件" sep:"none" placeholder:"KEY"`
	Trust      []string `help:"The same, as serve has it. / 同 --witness-key，与 serve 的写法一致" sep:"none" env:"FUNDLEDGER_TRUST" placeholder:"KEY"`
}

// Run issues a signed checkpoint of the log's present end, keeps it in the data folder, has it cosigned and prints it. A witness that does
// not cosign is an error, when the checkpoint is kept and printed: it is to be asked why.
func (c *checkpointCmd) Run(ctx context.Context, s *Settings) error {
	keys, err := verifierKeys(append(c.WitnessKey, c.Trust...)...)
	if err != nil {
		return usageError{err}
	}
	if len(c.Witness) > 0 && len(keys) == 0 || len(c.Witness) == 0 && len(c.WitnessKey) > 0 {
		return usageError{errors.New(s.say("--witness 与 --witness-key 须一起给出", "--witness and --witness-key go together"))}
	}
	in, log, err := s.openForProof(ctx)
	if err != nil {
		return err
	}
	defer in.close()
	witnesses := c.Witness
	if len(witnesses) == 0 && in.attached {
		witnesses = in.owner.Witnesses
		if keys, err = verifierKeys(append(keys, in.owner.Trust...)...); err != nil {
			return err
		}
	}
	issued, err := s.issue(ctx, in, log)
	if err != nil {
		return err
	}
	text, failed := issued.text, error(nil)
	if len(witnesses) > 0 {
		text, failed = in.cosigned(ctx, issued, witnesses, keys)
	}
	_, err = s.stdout.Write(text)
	return errors.Join(failed, err)
}

// issuedNow is a checkpoint that was just signed of a log's present end.
type issuedNow struct {
	key  proof.Key
	tree *proof.Tree
	text []byte
}

// issue signs a checkpoint of the log's present end and keeps it in the data folder, with a key that is made where there is none.
func (s *Settings) issue(ctx context.Context, in *infrastructure, log readLog) (issuedNow, error) {
	var n issuedNow
	var made bool
	var err error
	if n.key, made, err = s.signingKey(ctx, in, filepath.Join(in.dir, keyFile)); err != nil {
		return n, err
	}
	if made {
		fmt.Fprintf(s.stderr, s.say("已生成签名密钥；请把下面的验证公钥交给审计方：\n%s\n", "a signing key was made; give its verifier key to whoever checks:\n%s\n"), n.key.Verifier)
	}
	changes, err := proof.Rotations(ctx, log)
	if err != nil {
		return n, err
	}
	if err := s.holdKey(in, n.key, changes); err != nil {
		return n, err
	}
	if n.tree, err = proof.TreeToSign(ctx, log); err != nil {
		return n, err
	}
	if err := in.holdCheckpoints(ctx, n.tree, log); err != nil {
		return n, err // a log that is not what was signed before is not signed again
	}
	signer, err := n.key.Signer()
	if err != nil {
		return n, err
	}
	size := uint64(n.tree.Size())
	if n.text, err = (proof.Checkpoint{Origin: proof.Origin(in.fund), Size: size, Root: n.tree.Root()}).Sign(signer); err != nil {
		return n, err
	}
	return n, in.checkpoints().Keep(ctx, size, n.text) // one of that size stays, with its cosignatures
}

// cosigned is a checkpoint with the signatures of witnesses, which are kept. Each is asked, whatever another says.
func (in *infrastructure) cosigned(ctx context.Context, issued issuedNow, witnesses, keys []string) ([]byte, error) {
	trust, err := proof.ParseTrust(append([]string{issued.key.Verifier}, keys...)...)
	if err != nil {
		return issued.text, usageError{err}
	}
	size := uint64(issued.tree.Size())
	signed, err := proof.OpenKept(ctx, in.checkpoints(), trust, proof.Origin(in.fund), size)
	if err != nil {
		return issued.text, err
	}
	var failed []error
	for _, url := range witnesses {
		cosigned, err := proof.Cosign(ctx, &http.Client{Timeout: 30 * time.Second}, url, issued.tree, trust, signed)
		if err == nil {
			err = in.checkpoints().Keep(ctx, size, cosigned.Note)
		}
		if err != nil {
			failed = append(failed, fmt.Errorf("%s: %w", url, err))
			continue
		}
		signed = cosigned
	}
	return signed.Note, errors.Join(failed...)
}

// openForProof opens the fund's log for reading.
func (s *Settings) openForProof(ctx context.Context) (*infrastructure, readLog, error) {
	in, err := s.open(ctx, purpose{})
	if err != nil {
		return nil, readLog{}, err
	}
	log, err := ledger.OpenLog(ctx, in.nc, in.ledgerConfig(s), true)
	if err != nil {
		in.close()
		return nil, readLog{}, err
	}
	return in, readLog{log, s}, nil
}

// holdCheckpoints holds the log's tree against every checkpoint kept in the data folder, from the smallest on. The first that
// does not hold is the error.
func (in *infrastructure) holdCheckpoints(ctx context.Context, tree *proof.Tree, log proof.Log) error {
	keys, err := in.knownKeys(filepath.Join(in.dir, keyFile))
	if err != nil {
		return err
	}
	trust, err := proof.ParseTrust(keys...)
	if err != nil {
		return err
	}
	kept, err := in.keptCheckpoints(ctx)
	if err != nil {
		return err
	}
	if trust, err = trust.Following(ctx, proof.Origin(in.fund), log, kept); err != nil {
		return err
	}
	believed, _, err := trust.Believe(proof.Origin(in.fund), kept)
	if err != nil {
		return err
	}
	for _, signed := range believed {
		if signed.Size > uint64(tree.Size()) {
			return fmt.Errorf("checkpoint of %d events, the log has %d: %w", signed.Size, tree.Size(), proof.ErrRolledBack)
		}
		root, err := proof.RootAt(ctx, tree, signed.Size)
		if err != nil {
			return err
		}
		if root != signed.Root {
			return fmt.Errorf("checkpoint of %d events: %w", signed.Size, proof.ErrForked)
		}
	}
	return nil
}

// keptCheckpoints reads every checkpoint kept in the data folder, from the smallest on.
func (in *infrastructure) keptCheckpoints(ctx context.Context) ([][]byte, error) {
	return proof.NotesOf(ctx, in.checkpoints())
}

type proveCmd struct {
	Event       uint64 `arg:"" optional:"" help:"The sequence of an event: that it lies in the log of the latest checkpoint. / 事件序号：证明它在最近检查点的日志之中"`
	Consistency string `help:"Two sizes instead, as A:B: that the first A events are the beginning of the first B. / 改写两个事件数 A:B：证明前 A 个事件是前 B 个的开头" placeholder:"A:B"`
}

// Run prints a proof as JSON, checked before it is given.
func (c *proveCmd) Run(ctx context.Context, s *Settings) error {
	if (c.Event == 0) == (c.Consistency == "") {
		return usageError{errors.New(s.say("请写明事件序号，或 --consistency A:B", "name an event's sequence, or --consistency A:B"))}
	}
	in, log, err := s.openForProof(ctx)
	if err != nil {
		return err
	}
	defer in.close()
	tree, err := proof.TreeOf(ctx, log)
	if err != nil {
		return err
	}
	out := json.NewEncoder(s.stdout)
	out.SetIndent("", "  ")
	if c.Event > 0 {
		p, err := proof.ProveInclusion(ctx, tree, c.Event, uint64(tree.Size()))
		if err == nil {
			err = p.Check(tree.Root())
		}
		return errors.Join(err, out.Encode(p))
	}
	from, to, err := sizes(c.Consistency)
	if err != nil {
		return usageError{err}
	}
	p, err := proof.ProveConsistency(ctx, tree, from, to)
	if err != nil {
		return err
	}
	return out.Encode(p)
}

func sizes(text string) (from, to uint64, err error) {
	a, b, _ := strings.Cut(text, ":")
	if from, err = strconv.ParseUint(a, 10, 63); err == nil {
		to, err = strconv.ParseUint(b, 10, 63)
	}
	if err != nil || from == 0 || from > to {
		return 0, 0, fmt.Errorf("%q is not two sizes: write A:B, the smaller first", text)
	}
	return from, to, nil
}

type verifyCmd struct {
	Bundle   string   `help:"Verify this bundle instead, offline. / 改为离线核验此证明包" type:"path" placeholder:"FILE"`
	Key      []string `help:"A verifier key that you trust; may be repeated. Of a bundle: the only ones; of a ledger: beside those of its folder, such as a witness's. / 您信任的验证公钥，可重复；核验证明包时只认这些，核验台账时另加于其目录中的" sep:"none" placeholder:"KEY"`
	NoFollow bool     `help:"Believe the named keys only: do not follow changes of key. / 只认所写的公钥，不跟随密钥更换"`
	Earlier  string   `help:"Of a bundle: an earlier one, that history only grew from. / 核验证明包时，较早的一个：证明历史只有增加" type:"path" placeholder:"FILE"`
	Retired  string   `help:"Verify a file of \"refusals retire\" instead: that it holds just what was taken out. / 改为核验 refusals retire 写出的文件：其中恰为所移出的" type:"existingfile" placeholder:"FILE"`
	Finding  string   `help:"Show this finding, or this case of one, with all of its cases. / 查看一项发现及其各例" placeholder:"ID"`
	Format   string   `help:"table or json. / table（表格）或 json" enum:"table,json" default:"table"`
}

// Run replays the whole log: its tree against every checkpoint kept, each decision judged again by the rules, every column of every
// projected table against what the log says; and lists what an auditor asks about. The exit status is 0 only if all agree: a
// finding for people to look at does not change it.
func (c *verifyCmd) Run(ctx context.Context, s *Settings) error {
	if c.Bundle != "" {
		if c.Finding != "" {
			return usageError{errors.New(s.say("--finding 只用于台账，不用于证明包", "--finding is of a ledger, not of a bundle"))}
		}
		return c.verifyBundle(ctx, s)
	}
	if c.Retired != "" {
		return c.verifyRetired(ctx, s)
	}
	if c.Finding != "" && c.Format == "json" {
		return usageError{errors.New(s.say("--finding 不与 --format json 同用", "--finding does not go with --format json: it has all of them"))}
	}
	if c.Earlier != "" {
		return usageError{errors.New(s.say("--earlier 只用于 --bundle", "--earlier belongs to --bundle"))}
	}
	in, log, err := s.openForProof(ctx)
	if err != nil {
		return err
	}
	defer in.close()
	v, err := s.verify(ctx, in, log.Log, c.NoFollow, c.Key...)
	if err != nil {
		return err
	}
	if err := c.report(s, v); err != nil {
		return err
	}
	s.tellKept(in)
	if !v.Sound {
		return errRefused
	}
	return nil
}

func (s *Settings) verify(ctx context.Context, in *infrastructure, log *eventstore.Log, noFollow bool, trusted ...string) (audit.Report, error) {
	evidence := audit.Evidence{Fund: in.fund, Log: log}
	refusals, err := ledger.OpenRefusals(ctx, in.nc, in.ledgerConfig(s), true)
	switch {
	case err == nil:
		evidence.Refusals = refusals
	case !errors.Is(err, eventstore.ErrNoStream):
		return audit.Report{}, err
	}
	files, err := in.files(ctx, s, true)
	if err != nil {
		return audit.Report{}, err
	}
	evidence.Files = audit.NoFiles{}
	if files != nil {
		evidence.Files = files
	}
	keys, err := in.knownKeys(filepath.Join(in.dir, keyFile))
	if err != nil {
		return audit.Report{}, err
	}
	if keys = append(keys, trusted...); len(keys) > 0 {
		if evidence.Trust, err = proof.ParseTrust(keys...); err != nil {
			return audit.Report{}, usageError{err}
		}
		evidence.Trust.NoFollow = noFollow
		if evidence.Checkpoints, err = in.keptCheckpoints(ctx); err != nil {
			return audit.Report{}, err
		}
	}
	// The checkpoints are read first, then the tables are held: so every checkpoint's events are in them.
	end, done, err := s.hold(ctx, in, log, &evidence)
	if err != nil {
		return audit.Report{}, err
	}
	defer done()
	bar := s.progress(s.say("核验", "verifying"))
	report, err := audit.Verify(ctx, evidence, audit.Options{Now: s.clock.now(), Progress: func(done uint64) { bar.at(int64(done), int64(end)) }})
	bar.done()
	return report, err
}

// maxShownFindings is how many findings are shown to people; a program gets all.
const maxShownFindings = 50

// printFollowed tells which changes of key were followed, and what nobody who is trusted speaks for.
func (s *Settings) printFollowed(followed []proof.Rotation, unknown int) {
	for _, r := range followed {
		fmt.Fprintf(s.stdout, s.say("第 %d 号事件更换了检查点公钥，由新旧密钥共同签名；自检查点 %d 之后信任 %s（--no-follow 可不跟随）\n",
			"event %d changed the checkpoint key, signed by both: behind the checkpoint of %d events the key %s is believed (--no-follow does not)\n"),
			r.Seq, r.Position, r.New)
	}
	if unknown > 0 {
		fmt.Fprintf(s.stdout, s.say("%d 个较早的检查点由更早的密钥签名，未予采信：信任不向前追溯；如有其公钥请用 --key 给出\n",
			"%d earlier checkpoints are signed by keys that came before, and are not judged: trust does not flow back; name their key if you have it\n"), unknown)
	}
}

// printFinding tells a finding, with the first of its cases.
func (s *Settings) printFinding(f audit.Finding, cases int) {
	fmt.Fprintf(s.stdout, "%-8s %s  %s  %v\n         %s\n", f.Severity, f.Title.In(s.lang()), f.ID, f.Events, f.Explanation.In(s.lang()))
	for _, one := range f.Cases[:min(len(f.Cases), cases)] {
		fmt.Fprintf(s.stdout, s.say("         - %s：%s %v\n", "         - %s: %s %v\n"), one.About.In(s.lang()), one.Detail.In(s.lang()), one.Events)
	}
	if more := f.CaseCount - min(len(f.Cases), cases); len(f.Cases) > 0 && more > 0 {
		fmt.Fprintf(s.stdout, s.say("         ……另有 %d 例，见 --finding %s\n", "         … and %d more: see --finding %s\n"), more, f.ID)
	}
}

// one tells the finding that was asked for, with all of its cases.
func (c *verifyCmd) one(s *Settings, v audit.Report) error {
	for _, f := range v.Findings {
		if string(f.ID) == c.Finding || slices.ContainsFunc(f.Cases, func(one audit.Case) bool { return string(one.ID) == c.Finding }) {
			s.printFinding(f, len(f.Cases))
			return nil
		}
	}
	return usageError{fmt.Errorf(s.say("没有发现 %s；编号见 verify 的输出", "there is no finding %s: verify prints their ids"), c.Finding)}
}

func (c *verifyCmd) report(s *Settings, v audit.Report) error {
	if c.Format == "json" {
		out := json.NewEncoder(s.stdout)
		out.SetEscapeHTML(false)
		out.SetIndent("", "  ")
		return out.Encode(v)
	}
	fmt.Fprintf(s.stdout, s.say("资金 %s：事件 %d，指令 %d，根 %s\n", "fund %s: %d events, %d commands, root %s\n"), v.Fund, v.Events, v.Commands, v.Root)
	for _, check := range v.Checks {
		fmt.Fprintf(s.stdout, "%-8s %s: %s\n", check.Result, check.Title.In(s.lang()), check.Detail.In(s.lang()))
	}
	s.printFollowed(v.Followed, v.Unknown)
	if c.Finding != "" {
		return c.one(s, v)
	}
	for _, k := range v.Kinds {
		fmt.Fprintf(s.stdout, s.say("%-8s %s：发现 %d 项，共 %d 例，未处置 %d 项\n         %s\n", "%-8s %s: findings %d, cases %d, open %d\n         %s\n"), k.Severity,
			k.Title.In(s.lang()), k.Findings, k.Cases, k.Open, k.Action.In(s.lang()))
	}
	for i, f := range v.Findings {
		if i == maxShownFindings {
			fmt.Fprintf(s.stdout, s.say("……另有 %d 项，见 --format json\n", "… and %d more: see --format json\n"), len(v.Findings)-i)
			break
		}
		s.printFinding(f, 3)
	}
	if v.Sound {
		fmt.Fprintln(s.stdout, s.say("日志、决定、投影与检查点一致", "log, decisions, projections and checkpoints agree"))
	}
	return nil
}
