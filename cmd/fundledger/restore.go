package main

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/ledger"
)

type restoreCmd struct {
	File string `arg:"" help:"A file of \"fundledger backup\". / 备份文件" type:"existingfile"`
	Key  string `help:"The key that signs checkpoints, where it is not in the file. / 签名密钥文件" type:"existingfile" placeholder:"FILE"`
}

// Run makes a ledger from a backup, in a folder or on servers that have none. The file is checked whole before anything is made, and the
// ledger afterwards: its tree against the file's root and every checkpoint, each decision by the rules.
func (c *restoreCmd) Run(ctx context.Context, s *Settings) error {
	z, err := zip.OpenReader(c.File)
	if err != nil {
		return usageError{fmt.Errorf(s.say("%s 不是备份文件:%w", "%s is no backup: %w"), c.File, err)}
	}
	defer z.Close()
	b, err := readBackup(&z.Reader)
	if err != nil {
		return usageError{fmt.Errorf(s.say("%s 不能恢复:%w", "%s cannot be restored: %w"), c.File, err)}
	}
	before, _ := os.ReadDir(s.Data) // a folder that is not there is as good as an empty one
	in, err := s.open(ctx, purpose{create: true, fund: b.Fund})
	if err != nil {
		return err
	}
	defer in.close()
	if err := c.into(ctx, s, in, &z.Reader, b); err != nil {
		if s.NATS == "" && len(before) == 0 {
			in.close()
			return errors.Join(err, os.RemoveAll(s.Data)) // it holds nothing else
		}
		return err
	}
	return nil
}

func (c *restoreCmd) into(ctx context.Context, s *Settings, in *infrastructure, z *zip.Reader, b backup) error {
	if in.fund != b.Fund {
		return usageError{fmt.Errorf(s.say("备份属于资金 %q,而不是 %q", "the backup is of the fund %q, not %q"), b.Fund, in.fund)}
	}
	if _, err := ledger.OpenLog(ctx, in.nc, in.ledgerConfig(s), true); !errors.Is(err, eventstore.ErrNoStream) {
		return usageError{errors.Join(errors.New(s.say("这里已有台账:请恢复到空目录(--data)或没有该资金的服务器", "there is a ledger already: restore into an empty folder (--data), or servers without this fund")), err)}
	}
	for _, part := range []string{backupLog, backupRefusals} {
		made, is := b.Streams[part]
		if !is {
			continue
		}
		f, err := z.Open(part)
		if err != nil {
			return err
		}
		err = eventstore.Restore(ctx, in.nc, made, in.replicas, f)
		if err := errors.Join(err, f.Close()); err != nil {
			return err
		}
	}
	if err := c.restoreProof(ctx, s, in, z, b); err != nil {
		return err
	}
	return s.checkRestored(ctx, in, b)
}

func (c *restoreCmd) restoreProof(ctx context.Context, s *Settings, in *infrastructure, z *zip.Reader, b backup) error {
	for _, p := range b.Parts {
		switch size, isNote := strings.CutPrefix(p.Name, backupNotes); {
		case isNote:
			n, err := strconv.ParseUint(size, 10, 63)
			if err != nil {
				return err
			}
			note, err := readPart(z, p)
			if err != nil {
				return err
			}
			if err := in.checkpoints().Keep(ctx, n, note); err != nil {
				return err
			}
		case p.Name == backupKey && c.Key == "":
			key, err := readPart(z, p)
			if err != nil {
				return err
			}
			if err := writeWhole(Proving{}.keyPath(in), key, 0o600); err != nil {
				return err
			}
		}
	}
	if c.Key == "" {
		return nil
	}
	key, err := os.ReadFile(c.Key)
	if err != nil {
		return fmt.Errorf("reading the signing key: %w", err)
	}
	return writeWhole(Proving{}.keyPath(in), key, 0o600)
}

// checkRestored holds the restored ledger against what the file says, and against every checkpoint.
func (s *Settings) checkRestored(ctx context.Context, in *infrastructure, b backup) error {
	log, err := ledger.OpenLog(ctx, in.nc, in.ledgerConfig(s), true)
	if err != nil {
		return err
	}
	tree, err := audit.TreeOf(ctx, audit.Upto(log, b.Position))
	if err != nil {
		return err
	}
	if uint64(tree.Size()) != b.Position || tree.Root().String() != b.Root {
		return fmt.Errorf(s.say("恢复的日志不是所备份的:%d 个事件,根 %s,应为 %d 与 %s", "the restored log is not what was backed up: %d events, root %s, and not %d and %s"), tree.Size(), tree.Root(), b.Position, b.Root)
	}
	evidence := audit.Evidence{Fund: in.fund, Log: log}
	if b.Verifier != "" {
		if evidence.Trust, err = audit.ParseTrust(b.Verifier); err != nil {
			return err
		}
		if evidence.Checkpoints, err = audit.NotesOf(ctx, in.checkpoints()); err != nil {
			return err
		}
	}
	report, err := audit.Verify(ctx, evidence, audit.Options{})
	if err != nil {
		return err
	}
	for _, check := range report.Checks {
		fmt.Fprintf(s.stdout, "%-8s %s: %s\n", check.Result, check.Title.In(s.lang()), check.Detail.In(s.lang()))
	}
	if !report.Sound {
		return errors.New(s.say("恢复的台账核验未通过", "the restored ledger is not sound"))
	}
	fmt.Fprintf(s.stdout, s.say("已恢复 %s:%d 个事件,%d 个检查点,根 %s;下次启动时从日志重建查询表\n", "restored %s: %d events, %d checkpoints, root %s; the projections are made from the log at the next start\n"), in.fund, report.Events, len(evidence.Checkpoints), b.Root)
	return nil
}

// readBackup reads the manifest of a backup and checks that all of its parts are there, each as it was, and nothing else.
func readBackup(z *zip.Reader) (b backup, err error) {
	manifest, err := readBounded(z, backupManifest, maxManifest)
	if err != nil {
		return b, err
	}
	if err := json.Unmarshal(manifest, &b); err != nil || b.Format != backupFormat {
		return b, fmt.Errorf("its manifest is not that of a %s", backupFormat)
	}
	if len(z.File) != len(b.Parts)+1 {
		return b, fmt.Errorf("it has %d parts, and its manifest names %d", len(z.File)-1, len(b.Parts))
	}
	for part, made := range b.Streams {
		if made.Stream != map[string]string{backupLog: ledger.StreamName(b.Fund), backupRefusals: ledger.RefusedStream(b.Fund)}[part] {
			return b, fmt.Errorf("%s is not of a stream of %s", part, b.Fund)
		}
	}
	if _, has := b.Streams[backupLog]; !has || !domainFund(b.Fund) {
		return b, errors.New("it has no log")
	}
	for _, p := range b.Parts {
		if err := checkPart(z, p); err != nil {
			return b, err
		}
	}
	return b, nil
}

func domainFund(f domain.FundID) bool { return f != "" && !strings.ContainsAny(string(f), `/\.*> `) }

// checkPart reads a part to its end and compares it with what the manifest says.
func checkPart(z *zip.Reader, p backupPart) error {
	size, isNote := strings.CutPrefix(p.Name, backupNotes)
	if n, err := strconv.ParseUint(size, 10, 63); isNote && (err != nil || strconv.FormatUint(n, 10) != size || p.Bytes > maxBackupNote) ||
		!isNote && !slices.Contains([]string{backupLog, backupRefusals, backupKey}, p.Name) {
		return fmt.Errorf("%q is no part of a backup", p.Name)
	}
	i := slices.IndexFunc(z.File, func(f *zip.File) bool { return f.Name == p.Name })
	if i < 0 {
		return fmt.Errorf("%s is missing", p.Name)
	}
	if f := z.File[i]; f.Method != zip.Store || int64(f.UncompressedSize64) != p.Bytes {
		return fmt.Errorf("%s has %d bytes, and not %d", p.Name, f.UncompressedSize64, p.Bytes)
	}
	f, err := z.Open(p.Name)
	if err != nil {
		return err
	}
	defer f.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, io.LimitReader(f, p.Bytes+1)); err != nil {
		return fmt.Errorf("%s: %w", p.Name, err)
	}
	if hex.EncodeToString(sum.Sum(nil)) != p.SHA256 {
		return fmt.Errorf("%s is not as it was written", p.Name)
	}
	return nil
}

func readPart(z *zip.Reader, p backupPart) ([]byte, error) {
	return readBounded(z, p.Name, maxBackupNote)
}

func readBounded(z *zip.Reader, name string, most int64) ([]byte, error) {
	f, err := z.Open(name)
	if err != nil {
		return nil, fmt.Errorf("%s is missing: %w", name, err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, most+1))
	if err == nil && int64(len(text)) > most {
		err = fmt.Errorf("%s is larger than %d bytes", name, most)
	}
	return text, err
}
