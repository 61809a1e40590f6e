package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/fundledger/fundledger/archive"
	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/internal/whole"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/proof"
	"github.com/fundledger/fundledger/wire"
)

type backupCmd struct {
	Out           string   `short:"o" required:"" help:"The file to write; there must be none of its name. / 要写出的文件；不得已有同名文件" type:"path" placeholder:"FILE"`
	WithKey       bool     `aliases:"with-keys" help:"Put the private keys that sign checkpoints into the file too: whoever gets it can sign in the ledger's name. / 把签发检查点的私钥也写入文件：得到该文件的人即可用台账的名义签名"`
	CheckpointKey string   `help:"The file of the key that signs checkpoints, where it is not in the data folder. / 检查点签名密钥的文件，不在数据目录中时写明" type:"path" placeholder:"FILE" env:"FUNDLEDGER_CHECKPOINT_KEY"`
	To            *uint64  `help:"The last event that goes into the file: of a log that cannot be read beyond it. Left out: all. / 写入文件的最后一个事件，用于其后已读不出的日志；缺省为全部" placeholder:"SEQ"`
	Trust         []string `help:"Verifier keys of older checkpoints, where the log does not lead to them. / 旧检查点的验证公钥，日志不能引到它们时写明" sep:"none" placeholder:"KEY"`
	Format        string   `help:"table or json. / table（表格）或 json" enum:"table,json" default:"table"`
}

// backedUp is what a backup or a restore came to.
type backedUp struct {
	File string `json:"file"`
	archive.BackupManifest
	Bytes int64 `json:"bytes"`
}

// Run writes the log with its refusals, its checkpoints and their verifier keys into one file, of which "restore" makes the same
// ledger: every event with its sequence, its moment and its bytes, so that the same checkpoints hold. Others may write meanwhile: the file
// ends where a command ends. The projections are not in it, for they are made of the log; nor are users and tokens.
func (c *backupCmd) Run(ctx context.Context, s *Settings) error {
	if _, err := os.Lstat(c.Out); err == nil {
		return usageError{fmt.Errorf(s.say("%s 已存在：备份不会覆盖文件", "%s is there already: a backup replaces no file"), c.Out)}
	}
	in, err := s.open(ctx, purpose{logOnly: true})
	if err != nil {
		return err
	}
	defer in.close()
	source, err := c.source(ctx, s, in)
	if err != nil {
		return err
	}
	bar := s.progress(s.say("备份", "backing up"))
	source.Progress = func(done, total uint64) { bar.at(int64(done), int64(total)) }
	made := backedUp{File: c.Out}
	made.Bytes, err = newFile(c.Out, func(w io.Writer) error {
		made.BackupManifest, err = archive.WriteBackup(ctx, w, source)
		return err
	})
	bar.done()
	var unreadable *wire.Unreadable
	switch {
	case errors.Is(err, fs.ErrExist):
		return usageError{fmt.Errorf(s.say("%s 已存在：备份不会覆盖文件", "%s is there already: a backup replaces no file"), c.Out)}
	case errors.As(err, &unreadable) && unreadable.Seq == 1:
		return fmt.Errorf(s.say("没有写出备份；其前没有任何事件，请另建台账：%w", "no backup was written; nothing lies before it, so begin another ledger: %w"), unreadable)
	case errors.As(err, &unreadable):
		return fmt.Errorf(s.say("没有写出备份；其前的部分可用 --to %d 备份：%w", "no backup was written; what lies before it is backed up with --to %d: %w"), unreadable.Seq-1, err)
	case err != nil:
		return s.contradicted(err)
	}
	return c.report(s, made)
}

// source is what the backup is made of.
func (c *backupCmd) source(ctx context.Context, s *Settings, in *infrastructure) (archive.BackupSource, error) {
	from := archive.BackupSource{Fund: in.fund, Store: in.checkpoints(), Program: "fundledger " + built().Version, Now: time.Now(), Ahead: s.clock.lead}
	var err error
	if from.Log, err = ledger.OpenLog(ctx, in.nc, in.ledgerConfig(s), true); err != nil {
		return from, err
	}
	if c.To != nil {
		end, err := from.Log.Last(ctx)
		if err != nil {
			return from, err
		}
		if *c.To == 0 || *c.To > end {
			return from, usageError{fmt.Errorf(s.say("--to %d：日志有第 1 至 %d 号事件", "--to %d: the log has the events 1 to %d"), *c.To, end)}
		}
		from.UpTo = *c.To
	}
	if from.Refusals, err = ledger.OpenRefusals(ctx, in.nc, in.ledgerConfig(s), true); errors.Is(err, eventstore.ErrNoStream) {
		from.Refusals = nil
	} else if err != nil {
		return from, err
	}
	files, err := in.files(ctx, s, true)
	if err != nil {
		return from, err
	}
	if files != nil {
		from.Files = files
	}
	path := Proving{CheckpointKey: c.CheckpointKey}.keyPath(in)
	if _, err := os.Stat(path); err == nil {
		key, _, err := proof.OpenKey(path, proof.Origin(in.fund))
		if err != nil {
			return from, err
		}
		from.Sign = &key
	}
	if from.Keys, err = in.knownKeys(path); err != nil {
		return from, err
	}
	from.Keys = append(from.Keys, c.Trust...)
	if c.WithKey {
		if from.Private, err = privateKeys(path); err == nil && len(from.Private) == 0 {
			err = usageError{fmt.Errorf(s.say("没有签名密钥 %s 可以备份", "there is no signing key %s to put into the backup"), path)}
		}
	}
	return from, err
}

// privateKeys are the files of the key that signs and of those that did before, by the names that they have beside a ledger.
func privateKeys(path string) (map[string]string, error) {
	files, err := filepath.Glob(path + "*")
	if err != nil {
		return nil, err
	}
	keys := map[string]string{}
	for _, file := range files {
		name := keyFile + strings.TrimPrefix(file, path)
		if !archive.IsKeyFile(name) {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("reading a signing key: %w", err)
		}
		keys[name] = string(text)
	}
	return keys, nil
}

func (c *backupCmd) report(s *Settings, made backedUp) error {
	if c.Format == "json" {
		if err := s.printJSON(made); err != nil {
			return err
		}
	} else {
		s.printBackup(made)
	}
	s.printContents(made.BackupManifest)
	if made.Checkpoint == "" {
		fmt.Fprintln(s.stderr, s.say("注意：最后的事件没有签名的检查点；有签名密钥时，备份会为其中的事件签发一个", "note: no checkpoint was signed of its last events; where the signing key is at hand, a backup signs one of just what it holds"))
	}
	if c.WithKey {
		fmt.Fprintln(s.stderr, s.say("文件中有签名私钥：得到文件的人可以冒用台账签名。请像保管密钥一样保管它", "the file holds the signing key: whoever gets it can sign in the ledger's name. Keep it as you keep the key"))
		return nil
	}
	fmt.Fprintln(s.stderr, s.say("文件中没有签名密钥（checkpoint.key）、用户和令牌：请另行保管，恢复后继续签发时需要密钥",
		"the signing key (checkpoint.key), users and tokens are not in the file: keep them apart, a restored ledger needs the key to go on signing"))
	return nil
}

// printContents says what of the attachments is in a backup.
func (s *Settings) printContents(m archive.BackupManifest) {
	if m.Attachments+m.Missing > 0 {
		fmt.Fprintf(s.stderr, s.say("附件内容 %d 份在文件中；另有 %d 份为事件所注明而未保存，或已不是原来的内容\n", "the contents of %d attachments are in the file; %d more are named by events and not kept, or not what they were\n"), m.Attachments, m.Missing)
	}
}

// printBackup prints what a backup holds.
func (s *Settings) printBackup(b backedUp) {
	fmt.Fprintf(s.stdout, s.say("%s：资金 %s，%d 个事件（至 %s），%d 条被拒指令，%d 个检查点，根 %s\n", "%s: fund %s, %d events (up to %s), %d refusals, %d checkpoints, root %s\n"),
		b.File, b.Fund, b.Events.Last, b.Events.Until.In(domain.Shanghai).Format("2006-01-02 15:04:05"), b.Refusals.Last, b.Checkpoints, b.Events.Root)
}

// knownFile holds the verifier keys by which this folder believes checkpoints beside its own key's: of a restored ledger, and of keys that
// were changed. One a line.
const knownFile = "checkpoint.pub"

// knownKeys are the verifier keys that the ledger's own checkpoints are believed by: that of the key that signs, and those that came with
// a backup.
func (in *infrastructure) knownKeys(keyPath string) ([]string, error) {
	var keys []string
	if _, err := os.Stat(keyPath); err == nil {
		key, _, err := proof.OpenKey(keyPath, proof.Origin(in.fund))
		if err != nil {
			return nil, err
		}
		keys = append(keys, key.Verifier)
	}
	before, err := filepath.Glob(keyPath + ".*") // keys that were changed stay beside
	if err != nil {
		return nil, fmt.Errorf("looking for older keys: %w", err)
	}
	for _, path := range before {
		if key, _, err := proof.OpenKey(path, proof.Origin(in.fund)); err == nil && !strings.HasSuffix(path, ".next") {
			keys = append(keys, key.Verifier)
		}
	}
	text, err := os.ReadFile(filepath.Join(in.dir, knownFile))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("reading the verifier keys: %w", err)
	}
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); line != "" && !slices.Contains(keys, line) {
			keys = append(keys, line)
		}
	}
	return keys, nil
}

// knowKey notes that a verifier key signed this ledger's checkpoints: what it signed is believed here when another key has taken its place.
func (in *infrastructure) knowKey(keyPath, verifier string) error {
	keys, err := in.knownKeys(keyPath)
	if err != nil {
		return err
	}
	if !slices.Contains(keys, verifier) {
		keys = append(keys, verifier)
	}
	return whole.Replace(filepath.Join(in.dir, knownFile), 0o644, whole.Text([]byte(strings.Join(keys, "\n")+"\n")))
}

// contradicted says what to do where the log is not the one that was signed, and nothing is backed up or restored therefore.
func (s *Settings) contradicted(err error) error {
	for _, is := range []error{proof.ErrRolledBack, proof.ErrForked, proof.ErrCheckpoint} {
		if errors.Is(err, is) {
			return fmt.Errorf("%s: %w", s.say("日志与检查点不符，或检查点不由可信的密钥签名（--trust 可给出旧的验证公钥）；没有写出或恢复任何内容",
				"the log and its checkpoints do not agree, or no trusted key signed them (--trust names older verifier keys); nothing was written or restored"), err)
		}
	}
	return err
}

// newFile writes a file that is not there yet, readable by its owner alone, and returns its size.
func newFile(path string, write func(io.Writer) error) (int64, error) {
	if err := whole.Create(path, 0o600, write); err != nil {
		return 0, err
	}
	info, err := os.Stat(path)
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}
