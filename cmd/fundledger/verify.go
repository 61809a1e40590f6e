package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/projections/postgres"
)

// keyFile signs the checkpoints of the ledger in a data folder, and checkpointDir keeps them, each in a file named by its size.
const (
	keyFile       = "checkpoint.key"
	checkpointDir = "checkpoints"
)

type checkpointCmd struct{}

// Run issues a signed checkpoint of the log's present end, keeps it in the data folder, and prints it.
func (c *checkpointCmd) Run(ctx context.Context, s *Settings) error {
	in, log, err := s.openForProof(ctx)
	if err != nil {
		return err
	}
	defer in.close()
	key, made, err := audit.OpenKey(filepath.Join(in.dir, keyFile), audit.Origin(in.fund))
	if err != nil {
		return err
	}
	if made {
		fmt.Fprintf(s.stderr, s.say("已生成签名密钥;请把下面的验证公钥交给审计方:\n%s\n", "a signing key was made; give its verifier key to whoever checks:\n%s\n"), key.Verifier)
	}
	tree, err := audit.TreeOf(ctx, log)
	if err != nil {
		return err
	}
	if _, err := s.heldCheckpoints(ctx, in, key, tree); err != nil {
		return err // a log that is not what was signed before is not signed again
	}
	signer, err := key.Signer()
	if err != nil {
		return err
	}
	text, err := audit.Checkpoint{Origin: audit.Origin(in.fund), Size: uint64(tree.Size()), Root: tree.Root()}.Sign(signer)
	if err != nil {
		return err
	}
	dir := filepath.Join(in.dir, checkpointDir)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("keeping the checkpoint: %w", err)
	}
	if err := writeWhole(filepath.Join(dir, fmt.Sprintf("%020d", tree.Size())), text, 0o644); err != nil {
		return err
	}
	_, err = s.stdout.Write(text)
	return err
}

// openForProof opens the fund's log for reading.
func (s *Settings) openForProof(ctx context.Context) (*infrastructure, *eventstore.Log, error) {
	in, err := s.open(ctx, purpose{})
	if err != nil {
		return nil, nil, err
	}
	log, err := ledger.OpenLog(ctx, in.nc, in.ledgerConfig(s), true)
	if err != nil {
		in.close()
		return nil, nil, err
	}
	return in, log, nil
}

// heldCheckpoints holds the log's tree against every checkpoint kept in the data folder, from the smallest on, and
// returns how many there are. The first that does not hold is the error.
func (s *Settings) heldCheckpoints(ctx context.Context, in *infrastructure, key audit.Key, tree *audit.Tree) (int, error) {
	trust, err := audit.ParseTrust(key.Verifier)
	if err != nil {
		return 0, err
	}
	files, err := os.ReadDir(filepath.Join(in.dir, checkpointDir))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return 0, fmt.Errorf("listing the checkpoints: %w", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(filepath.Join(in.dir, checkpointDir, file.Name()))
		if err != nil {
			return 0, fmt.Errorf("reading the checkpoint %s: %w", file.Name(), err)
		}
		signed, err := trust.Open(audit.Origin(in.fund), text)
		if err != nil {
			return 0, fmt.Errorf("checkpoint %s: %w", file.Name(), err)
		}
		if signed.Size > uint64(tree.Size()) {
			return 0, fmt.Errorf("checkpoint of %d events, the log has %d: %w", signed.Size, tree.Size(), audit.ErrRolledBack)
		}
		root, err := audit.RootAt(ctx, tree, signed.Size)
		if err != nil {
			return 0, err
		}
		if root != signed.Root {
			return 0, fmt.Errorf("checkpoint of %d events: %w", signed.Size, audit.ErrForked)
		}
	}
	return len(files), nil
}

type proveCmd struct {
	Event       uint64 `arg:"" optional:"" help:"The sequence of an event: that it lies in the log of the latest checkpoint."`
	Consistency string `help:"Two sizes instead, as A:B: that the first A events are the beginning of the first B." placeholder:"A:B"`
}

// Run prints a proof as JSON, checked before it is given.
func (c *proveCmd) Run(ctx context.Context, s *Settings) error {
	if (c.Event == 0) == (c.Consistency == "") {
		return usageError{errors.New(s.say("请写明事件序号,或 --consistency A:B", "name an event's sequence, or --consistency A:B"))}
	}
	in, log, err := s.openForProof(ctx)
	if err != nil {
		return err
	}
	defer in.close()
	tree, err := audit.TreeOf(ctx, log)
	if err != nil {
		return err
	}
	out := json.NewEncoder(s.stdout)
	out.SetIndent("", "  ")
	if c.Event > 0 {
		p, err := audit.ProveInclusion(ctx, tree, c.Event, uint64(tree.Size()))
		if err == nil {
			err = p.Check(tree.Root())
		}
		return errors.Join(err, out.Encode(p))
	}
	from, to, err := sizes(c.Consistency)
	if err != nil {
		return usageError{err}
	}
	p, err := audit.ProveConsistency(ctx, tree, from, to)
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
	Format string `help:"table or json." enum:"table,json" default:"table"`
}

// verified is what a verification found.
type verified struct {
	Fund        string                `json:"fund"`
	Events      uint64                `json:"events"`
	Commands    uint64                `json:"commands"`
	Root        string                `json:"root"`
	Checkpoints int                   `json:"checkpoints"` // kept ones that the log was held against
	Fault       string                `json:"checkpoint_fault,omitempty"`
	Findings    []audit.Finding       `json:"findings"`
	Projections []postgres.Difference `json:"projection_differences"`
	Sound       bool                  `json:"sound"`
}

// Run replays the whole log: its tree against every checkpoint kept, each decision judged again by the rules, the projections
// folded anew and compared row by row. The exit status is 0 only if all agree.
func (c *verifyCmd) Run(ctx context.Context, s *Settings) error {
	in, log, err := s.openForProof(ctx)
	if err != nil {
		return err
	}
	defer in.close()
	if err := in.projectAll(ctx, s); err != nil {
		return err
	}
	v, err := s.verify(ctx, in, log)
	if err != nil {
		return err
	}
	if err := c.report(s, v); err != nil {
		return err
	}
	if !v.Sound {
		return errRefused
	}
	return nil
}

func (s *Settings) verify(ctx context.Context, in *infrastructure, log *eventstore.Log) (verified, error) {
	bar := s.progress(s.say("核验", "verifying"))
	tree := &audit.Tree{}
	end, err := log.Last(ctx)
	if err != nil {
		return verified{}, err
	}
	judged, err := audit.Judge(ctx, log, func(e *audit.Event) error {
		tree.Append(e.Leaf)
		if e.Record.Seq%5000 == 0 {
			bar.at(int64(e.Record.Seq), int64(end))
		}
		return nil
	})
	bar.done()
	if err != nil {
		return verified{}, err
	}
	v := verified{Fund: string(in.fund), Events: judged.Events, Commands: judged.Commands, Root: tree.Root().String(), Findings: judged.Findings}
	if _, err := os.Stat(filepath.Join(in.dir, keyFile)); err == nil {
		key, _, err := audit.OpenKey(filepath.Join(in.dir, keyFile), audit.Origin(in.fund))
		if err != nil {
			return v, err
		}
		if v.Checkpoints, err = s.heldCheckpoints(ctx, in, key, tree); err != nil {
			v.Fault = err.Error()
		}
	}
	differences, err := postgres.Rebuild(ctx, postgres.Config{URL: in.databaseURL, Source: log, Log: in.logName(), Logger: s.logger}, true)
	if err != nil {
		return v, err
	}
	v.Projections = slices.DeleteFunc(differences, func(d postgres.Difference) bool { return !d.Differs() })
	v.Sound = v.Fault == "" && len(v.Projections) == 0 && !slices.ContainsFunc(v.Findings, func(f audit.Finding) bool { return f.Severity == audit.Error })
	return v, nil
}

func (c *verifyCmd) report(s *Settings, v verified) error {
	if c.Format == "json" {
		out := json.NewEncoder(s.stdout)
		out.SetEscapeHTML(false)
		out.SetIndent("", "  ")
		return out.Encode(v)
	}
	fmt.Fprintf(s.stdout, s.say("资金 %s:事件 %d,指令 %d,根 %s,核对检查点 %d 个\n", "fund %s: %d events, %d commands, root %s, %d checkpoints held\n"),
		v.Fund, v.Events, v.Commands, v.Root, v.Checkpoints)
	if v.Fault != "" {
		fmt.Fprintln(s.stdout, s.say("检查点不符:", "a checkpoint does not hold:"), v.Fault)
	}
	for _, f := range v.Findings {
		fmt.Fprintf(s.stdout, "%-8s %s %s %v\n         %s\n", f.Severity, f.Code, f.Subject, f.Events, f.Title.In(s.lang()))
	}
	for _, d := range v.Projections {
		fmt.Fprintf(s.stdout, s.say("投影表 %s:不符 %d 行,缺失 %d 行\n", "projection %s: %d rows wrong, %d missing\n"), d.Table, d.Wrong, d.Missing)
		for _, example := range d.Examples {
			fmt.Fprintln(s.stdout, "   ", example)
		}
	}
	if v.Sound {
		fmt.Fprintln(s.stdout, s.say("日志、决定、投影与检查点一致", "log, decisions, projections and checkpoints agree"))
	}
	return nil
}
