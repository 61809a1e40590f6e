package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/fundledger/fundledger/archive"
	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/internal/whole"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/proof"
	"github.com/fundledger/fundledger/wire"
)

// proven is what proves the ledger of a data folder: its log, its tree, and the checkpoints that are kept.
type proven struct {
	audit.Evidence
	log   readLog
	tree  *proof.Tree
	key   proof.Key
	in    *infrastructure
	close func()
}

// openProven opens what proves the ledger. Without a key nothing was signed yet.
func (s *Settings) openProven(ctx context.Context) (*proven, error) {
	return s.openProvenAfter(ctx, func(*infrastructure, readLog) error { return nil })
}

// openProvenAfter opens what proves the ledger when something was done with its log.
func (s *Settings) openProvenAfter(ctx context.Context, first func(*infrastructure, readLog) error) (*proven, error) {
	in, log, err := s.openForProof(ctx)
	if err != nil {
		return nil, err
	}
	p := &proven{log: log, in: in, close: in.close}
	if err = first(in, log); err == nil {
		err = s.gatherProof(ctx, in, p)
	}
	if err != nil {
		in.close()
		return nil, err
	}
	return p, nil
}

// firstCheckpoint issues the first checkpoint of a ledger that has none.
func (s *Settings) firstCheckpoint(ctx context.Context, in *infrastructure, log readLog) error {
	sizes, err := in.checkpoints().Sizes(ctx)
	if err != nil || len(sizes) > 0 {
		return err
	}
	last, err := log.Last(ctx)
	if err != nil {
		return err
	}
	if last == 0 {
		return errors.New(s.say("台账中还没有事件，没有可证明的内容：请先发布政策或导入", "the ledger has no events yet, and nothing to prove: publish a policy or import first"))
	}
	if _, err := s.issue(ctx, in, log); err != nil {
		return fmt.Errorf(s.say("尚无检查点，也无法签发首个检查点（密钥文件 %s）；请由保管密钥的人运行 fundledger checkpoint：%w",
			"there is no checkpoint yet, and the first could not be issued (key file %s); have whoever keeps the key run fundledger checkpoint: %w"), Proving{}.keyPath(in), err)
	}
	return nil
}

// endingLog is a log that says where it ends.
type endingLog interface {
	proof.Log
	Last(ctx context.Context) (uint64, error)
}

// hold adds the projections to evidence, brought to the log's end and held as they are until done is called. end is the last
// event that they and the log both have: what a service writes meanwhile is in neither.
func (s *Settings) hold(ctx context.Context, in *infrastructure, log endingLog, e *audit.Evidence) (end uint64, done func(), err error) {
	var broken *wire.Unreadable // the projections end before it; the log is verified beyond, and the report names it
	if err := in.projectAll(ctx, s); err != nil && !errors.As(err, &broken) {
		return 0, nil, err
	}
	queries, err := s.openQueries(ctx, in)
	if err != nil {
		return 0, nil, err
	}
	done = queries.Close
	defer func() {
		if err != nil {
			done()
		}
	}()
	snapshot, err := queries.Snapshot(ctx, in.logName())
	if err != nil {
		return 0, done, err
	}
	done = func() { snapshot.Close(); queries.Close() }
	position, err := snapshot.Position(ctx)
	if err != nil {
		return 0, done, err
	}
	last, err := log.Last(ctx)
	if err != nil {
		return 0, done, err
	}
	if end = min(position, last); broken != nil {
		end = last
	}
	e.Log, e.Hashes, e.Rows = audit.Upto(log, end), snapshot.Hashes(), snapshot
	return end, done, nil
}

func (s *Settings) gatherProof(ctx context.Context, in *infrastructure, p *proven) error {
	path := Proving{}.keyPath(in)
	if !present(path) {
		if sizes, err := in.checkpoints().Sizes(ctx); err != nil || len(sizes) == 0 {
			return errors.Join(err, errors.New(s.say("尚未签发检查点：请先运行 fundledger checkpoint", "no checkpoint was issued yet: run fundledger checkpoint first")))
		}
	}
	key, _, err := s.signingKey(ctx, in, path)
	if err != nil {
		return err
	}
	notes, err := proof.NotesOf(ctx, in.checkpoints())
	if err != nil {
		return err
	}
	keys, err := in.knownKeys(path)
	if err != nil {
		return err
	}
	own, err := proof.ParseTrust(keys...)
	if err != nil {
		return err
	}
	trust, err := own.Following(ctx, proof.Origin(in.fund), p.log, notes)
	if err != nil {
		return err
	}
	if p.tree, err = proof.TreeOf(ctx, p.log); err != nil {
		return err
	}
	changes, err := proof.Rotations(ctx, p.log)
	if err != nil {
		return err
	}
	if err := s.holdKey(in, key, changes); err != nil {
		return err
	}
	p.key, p.Evidence = key, audit.Evidence{Fund: in.fund, Log: p.log, Checkpoints: notes, Trust: trust, Hashes: p.tree}
	return nil
}

// latest is the latest checkpoint.
func (p *proven) latest() (proof.Signed, error) {
	var last proof.Signed
	for _, text := range p.Checkpoints {
		signed, err := p.Trust.Open(proof.Origin(p.Fund), text)
		if err != nil {
			return last, err
		}
		if signed.Size >= last.Size {
			last = signed
		}
	}
	return last, nil
}

type bundleCmd struct {
	Enterprise  string `help:"Only what concerns this enterprise. / 只含与该企业有关的" placeholder:"ID"`
	Clause      string `help:"Only what concerns this clause. / 只含与该条款有关的" placeholder:"ID"`
	Year        int    `help:"Only what concerns this support year. / 只含与该支持年度有关的" placeholder:"YEAR"`
	Attachments bool   `help:"With the contents of attachments, as far as they are kept. / 含已保存的附件内容" default:"true" negatable:""`
	Out         string `short:"o" required:"" help:"The file to write. / 要写出的文件" type:"path" placeholder:"FILE"`
}

// Run writes a bundle as of the latest checkpoint, and issues the first where there is none: one file that anyone can verify offline.
func (c *bundleCmd) Run(ctx context.Context, s *Settings) error {
	if c.Year < 0 || c.Year > 9999 {
		return usageError{fmt.Errorf(s.say("%d 不是年度", "%d is no year"), c.Year)}
	}
	p, err := s.openProvenAfter(ctx, func(in *infrastructure, log readLog) error { return s.firstCheckpoint(ctx, in, log) })
	if err != nil {
		return err
	}
	defer p.close()
	signer, err := p.key.Signer()
	if err != nil {
		return err
	}
	if err := s.unknown(ctx, p.in, projections.Journal.List, projections.ByEnterprise.Is(domain.EnterpriseID(c.Enterprise)), projections.ByClause.Is(domain.ClauseID(c.Clause)),
		projections.ByYear.Is(domain.SupportYear(c.Year))); err != nil {
		return err
	}
	scope := archive.Scope{Enterprise: domain.EnterpriseID(c.Enterprise), Clause: domain.ClauseID(c.Clause), Year: domain.SupportYear(c.Year)}
	packing := archive.Packing{Evidence: p.Evidence, Scope: scope, Signer: signer}
	files, err := p.in.files(ctx, s, true)
	if err != nil {
		return err
	}
	if files != nil && c.Attachments {
		packing.Files = files
	}
	var m archive.Manifest
	err = whole.Replace(c.Out, 0o644, func(w io.Writer) error {
		m, err = archive.WriteBundle(ctx, w, packing)
		return err
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(s.stderr, s.say("%s：事件 %d 个，截至检查点 %d，根 %s\n离线核验：fundledger verify --bundle %[1]s --key '%[5]s'\n",
		"%s: %d events, as of the checkpoint of %d, root %s\nverify it offline: fundledger verify --bundle %[1]s --key '%[5]s'\n"), c.Out, m.Events, m.Size, m.Root, p.key.Verifier)
	return nil
}

// verifyBundle verifies a bundle with nothing but itself and the keys that are trusted.
func (c *verifyCmd) verifyBundle(ctx context.Context, s *Settings) error {
	if len(c.Key) == 0 {
		return usageError{errors.New(s.say("请用 --key 给出您信任的验证公钥", "name the verifier key that you trust, with --key"))}
	}
	trust, err := proof.ParseTrust(c.Key...)
	if err != nil {
		return usageError{err}
	}
	trust.NoFollow = c.NoFollow
	report, err := s.checkBundle(ctx, c.Bundle, trust)
	if err != nil {
		return err
	}
	if c.Earlier == "" {
		return s.printBundles(c.Format, report, bundlePath{c.Bundle, report})
	}
	earlier, err := s.checkBundle(ctx, c.Earlier, trust)
	if err != nil {
		return err
	}
	both := bundles{Bundle: report, Earlier: earlier}
	differ := archive.Grew(earlier, report)
	if differ != nil {
		both.Rewritten = differ.Error()
	}
	if err := s.printBundles(c.Format, both, bundlePath{c.Bundle, report}, bundlePath{c.Earlier, earlier}); err != nil {
		return err
	}
	if c.Format != "json" && both.Rewritten == "" {
		fmt.Fprintf(s.stdout, s.say("历史只有增加：%d → %d\n", "the history only grew: %d → %d\n"), earlier.Manifest.Size, report.Manifest.Size)
	} else if c.Format != "json" && errors.Is(differ, archive.ErrSums) {
		fmt.Fprintln(s.stdout, s.say("所列总额不同：", "the totals are stated differently: ")+both.Rewritten)
	} else if c.Format != "json" {
		fmt.Fprintln(s.stdout, s.say("历史被改写：", "the history was rewritten: ")+both.Rewritten)
	}
	if both.Rewritten != "" {
		return errRefused
	}
	return nil
}

// bundles are two bundles of one ledger, and why the later one does not go on from the earlier, if it does not.
type bundles struct {
	Bundle    archive.BundleReport `json:"bundle"`
	Earlier   archive.BundleReport `json:"earlier"`
	Rewritten string               `json:"rewritten,omitempty"`
}

type bundlePath struct {
	path   string
	report archive.BundleReport
}

func (s *Settings) checkBundle(ctx context.Context, path string, trust proof.Trust) (archive.BundleReport, error) {
	defer s.waiting(s.say("核验证明包", "verifying the bundle"))()
	b, err := archive.OpenBundle(path)
	if err != nil {
		return archive.BundleReport{}, usageError{err}
	}
	defer b.Close()
	return archive.VerifyBundle(ctx, b, trust)
}

// printBundles prints what was found, as one JSON document or for people; an unsound bundle ends with status 1.
func (s *Settings) printBundles(format string, document any, list ...bundlePath) error {
	if format == "json" {
		if err := s.printJSON(document); err != nil {
			return err
		}
	}
	sound := true
	for _, b := range list {
		sound = sound && b.report.Sound
		if format == "json" {
			continue
		}
		fmt.Fprintf(s.stdout, s.say("%s：事件 %d 个，截至 %d，根 %s\n", "%s: %d events, as of %d, root %s\n"), b.path, b.report.Manifest.Events, b.report.Manifest.Size, b.report.Manifest.Root)
		for _, check := range b.report.Checks {
			fmt.Fprintf(s.stdout, "%-8s %s: %s\n", check.Result, check.Title.In(s.lang()), check.Detail.In(s.lang()))
		}
		s.printFollowed(b.report.Followed, b.report.Unknown)
	}
	if !sound {
		return errRefused
	}
	return nil
}
