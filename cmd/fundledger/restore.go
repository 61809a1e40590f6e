package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/fundledger/fundledger/archive"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/internal/whole"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/proof"
)

type restoreCmd struct {
	File   string   `arg:"" help:"A file of \"fundledger backup\". / fundledger backup 写出的文件" type:"existingfile"`
	Key    string   `help:"The file of the key that signs checkpoints, where it is not in the backup. / 检查点签名密钥的文件，备份中没有时写明" type:"existingfile" placeholder:"FILE"`
	Trust  []string `help:"Verifier keys that you trust, as the auditors have them: by these alone the checkpoints must be signed. Left out: by those that the file names. / 您信任的验证公钥，如审计人员所持：检查点只认由其签发的；缺省为文件所写的" sep:"none" placeholder:"KEY"`
	Format string   `help:"table or json. / table（表格）或 json" enum:"table,json" default:"table"`
}

// Run makes a ledger of a backup, in a folder or on servers that have none. The file is checked whole before anything is made, and what
// was made afterwards: its root, and every checkpoint. In a folder the ledger appears when all is done, or not at all.
func (c *restoreCmd) Run(ctx context.Context, s *Settings) error {
	bar := s.progress(s.say("检查备份", "checking the backup"))
	b, err := archive.OpenBackup(ctx, c.File, c.Trust, func(done, total uint64) { bar.at(int64(done), int64(total)) })
	bar.done()
	switch {
	case errors.Is(err, archive.ErrBackup):
		return usageError{fmt.Errorf(s.say("%s 不是完整的备份文件，没有恢复任何内容：%w", "%s is no whole backup, nothing was restored: %w"), c.File, err)}
	case err != nil:
		return s.contradicted(err)
	}
	defer b.Close()
	if fund := b.Manifest.Fund; s.Fund != "" && s.Fund != string(fund) {
		return usageError{fmt.Errorf(s.say("备份属于资金 %q，而不是 %q", "the backup is of the fund %q, not %q"), fund, s.Fund)}
	}
	s.clock = clock{lead: b.Manifest.Lead()} // what was recorded when is told by the clock that it was recorded by
	r := &restoring{restoreCmd: c, s: s, backup: b}
	if err := r.findKeys(); err != nil {
		return err
	}
	if s.NATS != "" {
		err = r.intoServers(ctx)
	} else {
		err = r.intoFolder(ctx)
	}
	if err != nil {
		return s.contradicted(err)
	}
	return r.report()
}

// restoring is a restore at work.
type restoring struct {
	*restoreCmd
	s      *Settings
	backup *archive.Backup
	keys   map[string]string // files of keys that sign, which come into the data folder
	signs  bool              // one of them signs now
}

// ledgerFiles are what a data folder may not have where a ledger is restored to it: each is of a ledger that is there.
var ledgerFiles = []string{fundFile, "log", "postgres", clockFile, checkpointDir, knownFile, runningFile}

// stageDir is where a ledger is made before it is whole, inside the data folder: on its disk.
const stageDir = ".restoring"

// findKeys finds the key that signs: in the backup, by --key, or in the data folder already. It must be the ledger's.
func (r *restoring) findKeys() error {
	if r.keys = r.backup.Private; r.keys == nil {
		r.keys = map[string]string{}
	}
	own := filepath.Join(r.s.Data, keyFile)
	for _, path := range []string{r.Key, own} {
		if path == "" || !present(path) {
			continue
		}
		key, _, err := proof.OpenKey(path, proof.Origin(r.backup.Manifest.Fund))
		if err != nil {
			return usageError{err}
		}
		if len(r.backup.Notes()) > 0 && !r.backup.Signs(key.Verifier) {
			return usageError{fmt.Errorf(r.s.say("%s 不是签署本台账检查点的密钥；请给出正确的密钥，或不给出", "the key %s is not the one that signs this ledger's checkpoints: name that, or none"), path)}
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return fmt.Errorf("reading the signing key: %w", err)
		}
		r.keys[keyFile] = string(text)
		break
	}
	r.signs = r.keys[keyFile] != ""
	return nil
}

// intoServers restores to NATS servers that have neither stream of the fund. Where it fails, they have none again.
func (r *restoring) intoServers(ctx context.Context) (err error) {
	in := &infrastructure{dir: r.s.Data, replicas: max(r.s.Replicas, 1), fund: r.backup.Manifest.Fund}
	defer in.close()
	if err := r.s.connect(in); err != nil {
		return err
	}
	if err := r.emptyFolder(); err != nil {
		return err
	}
	if err := r.streams(ctx, in); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, r.takeAway(ctx, in.nc, ledger.StreamName(in.fund), ledger.RefusedStream(in.fund)))
		}
	}()
	return r.placed(func(stage string) error { return r.beside(ctx, stage) })
}

// intoFolder restores to a data folder in which there is no ledger.
func (r *restoring) intoFolder(ctx context.Context) error {
	if err := r.emptyFolder(); err != nil {
		return err
	}
	return r.placed(func(stage string) error {
		if err := r.log(ctx, stage); err != nil {
			return err
		}
		return r.beside(ctx, stage)
	})
}

func (r *restoring) emptyFolder() error {
	for _, name := range ledgerFiles {
		if present(filepath.Join(r.s.Data, name)) {
			return usageError{fmt.Errorf(r.s.say("%s 中已有台账（%s）：请恢复到空目录（--data）", "there is a ledger already in %s (%s): restore into an empty folder (--data)"), r.s.Data, name)}
		}
	}
	return nil
}

// log restores the streams with a server of its own, which nobody else reaches.
func (r *restoring) log(ctx context.Context, stage string) error {
	// The server's index of subjects grows with the log, about 1 KB an event; letting as much garbage lie beside it would double that.
	defer debug.SetGCPercent(debug.SetGCPercent(25))
	none := ""
	server, err := eventstore.StartServer(eventstore.ServerConfig{Dir: filepath.Join(stage, "log"), Listen: &none, SyncLater: true, Logger: r.s.logger})
	if err != nil {
		return err
	}
	defer server.Shutdown()
	nc, err := server.Connect(nats.Name("fundledger"))
	if err != nil {
		return err
	}
	defer nc.Close()
	return r.streams(ctx, &infrastructure{nc: nc, replicas: 1, fund: r.backup.Manifest.Fund})
}

// streams restores both streams and holds them against the backup. Where it fails, there is none of them.
func (r *restoring) streams(ctx context.Context, in *infrastructure) (err error) {
	var made []string
	for _, stream := range []string{ledger.StreamName(in.fund), ledger.RefusedStream(in.fund)} {
		there, err := eventstore.StreamExists(ctx, in.nc, stream)
		if err != nil {
			return err
		}
		if there {
			return usageError{fmt.Errorf(r.s.say("服务器上已有资金 %s 的台账（流 %s）：只能恢复到没有该资金的服务器", "there is a ledger already of the fund %s on the servers (stream %s): restore to servers without it"), in.fund, stream)}
		}
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, r.takeAway(ctx, in.nc, made...))
		}
	}()
	restore := func(cfg eventstore.Config, said archive.BackupStream, hand func(context.Context, func(io.Reader) error) error) error {
		if said.Last == 0 {
			return nil
		}
		cfg.Replicas = in.replicas
		return hand(ctx, func(archive io.Reader) error {
			err := eventstore.RestoreArchive(ctx, in.nc, cfg, said.Begin(), said.Last, archive)
			if !errors.Is(err, eventstore.ErrStreamExists) { // which somebody else made meanwhile
				made = append(made, cfg.Stream)
			}
			return err
		})
	}
	m := r.backup.Manifest
	total := int64(m.Events.Last + m.Refusals.Last)
	bar := r.s.progress(r.s.say("恢复日志", "restoring the log"))
	defer bar.done()
	bar.at(0, total)
	if err := restore(eventstore.Config{Stream: ledger.RefusedStream(in.fund), Subjects: ledger.RefusedSubjects(in.fund), Plain: true}, m.Refusals, r.backup.Refusals); err != nil {
		return err
	}
	if err := restore(eventstore.Config{Stream: ledger.StreamName(in.fund), Subjects: ledger.SubjectsOf(in.fund)}, m.Events, r.backup.Events); err != nil {
		return err
	}
	if err := r.contents(ctx, in); err != nil {
		return err
	}
	return r.hold(ctx, in, bar)
}

// contents keeps the contents of attachments. They may be there already: each lies under its hash.
func (r *restoring) contents(ctx context.Context, in *infrastructure) error {
	if r.backup.Manifest.Attachments == 0 {
		return nil
	}
	files, err := in.files(ctx, r.s, false)
	if err != nil {
		return err
	}
	return r.backup.Files(ctx, func(_ string, content []byte) error {
		_, err := files.Keep(ctx, content)
		return err
	})
}

// hold opens the streams as a start does, which checks their settings, and holds them against the backup.
func (r *restoring) hold(ctx context.Context, in *infrastructure, bar *progress) error {
	log, err := ledger.OpenLog(ctx, in.nc, in.ledgerConfig(r.s), true)
	if err != nil {
		return err
	}
	m := r.backup.Manifest
	if err := endsAt(ctx, log, m.Events.Last); err != nil {
		return err
	}
	if err := r.backup.Hold(ctx, log, func(done, total uint64) { bar.at(int64(done), int64(total)) }); err != nil {
		return err
	}
	if m.Refusals.Last == 0 {
		return nil
	}
	refusals, err := ledger.OpenRefusals(ctx, in.nc, in.ledgerConfig(r.s), true)
	if err != nil {
		return err
	}
	if err := endsAt(ctx, refusals, m.Refusals.Last); err != nil {
		return err
	}
	return r.backup.HoldRefusals(ctx, refusals)
}

func endsAt(ctx context.Context, log *eventstore.Log, last uint64) error {
	found, err := log.Last(ctx)
	if err == nil && found != last {
		err = fmt.Errorf("what was restored ends at %d, the backup at %d: %w", found, last, proof.ErrForked)
	}
	return err
}

// takeAway removes streams that are not whole, also where the user gave up.
func (r *restoring) takeAway(ctx context.Context, nc *nats.Conn, streams ...string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
	defer cancel()
	var left []error
	for _, stream := range streams {
		if err := eventstore.RemoveStream(ctx, nc, stream); err != nil {
			left = append(left, fmt.Errorf(r.s.say("流 %s 未恢复完整且仍在服务器上，请将其删除：%w", "the stream %s is left on the servers and not whole, remove it: %w"), stream, err))
		}
	}
	return errors.Join(left...)
}

// beside writes what lies beside the log: the checkpoints and the keys.
func (r *restoring) beside(ctx context.Context, stage string) error {
	store := proof.Folder(filepath.Join(stage, checkpointDir))
	for _, note := range r.backup.Notes() {
		if err := store.Keep(ctx, note.Size, note.Note); err != nil {
			return err
		}
	}
	if keys := r.backup.Keys(); len(keys) > 0 {
		if err := whole.Replace(filepath.Join(stage, knownFile), 0o644, whole.Text([]byte(strings.Join(keys, "\n")+"\n"))); err != nil {
			return err
		}
	}
	if r.s.clock.ahead() {
		if err := r.s.clock.keep(stage); err != nil {
			return err
		}
	}
	for name, text := range r.keys {
		if err := whole.Replace(filepath.Join(stage, name), 0o600, whole.Text([]byte(text))); err != nil {
			return err
		}
	}
	return whole.Replace(filepath.Join(stage, fundFile), 0o644, whole.Text([]byte(string(r.backup.Manifest.Fund)+"\n")))
}

// placed has something made in a folder beside its place, brings it to the disk, and puts it into its place: the file that makes a
// folder a ledger comes last. Where it fails, all is as it was. What a restore that was killed left there is removed first.
func (r *restoring) placed(fill func(stage string) error) (err error) {
	fresh := !present(r.s.Data)
	if err := os.MkdirAll(r.s.Data, 0o755); err != nil {
		return fmt.Errorf("making the data folder: %w", err)
	}
	stage := filepath.Join(r.s.Data, stageDir)
	lock, err := lockStage(stage)
	if err != nil {
		return fmt.Errorf(r.s.say("无法在 %s 中恢复，可能另一个恢复正在进行：%w", "cannot restore in %s, perhaps another restore is at work there: %w"), r.s.Data, err)
	}
	var moved []string
	defer func() {
		if err != nil {
			for _, name := range slices.Backward(moved) {
				err = errors.Join(err, os.Rename(filepath.Join(r.s.Data, name), filepath.Join(stage, name)))
			}
		}
		err = errors.Join(err, os.RemoveAll(stage), lock.Close())
		if err != nil && fresh {
			_ = os.Remove(r.s.Data) // which fails, rightly, where somebody put something into it
		}
	}()
	if err := fill(stage); err != nil {
		return err
	}
	if err := syncTree(stage); err != nil {
		return fmt.Errorf("bringing the restored ledger to the disk: %w", err)
	}
	if err := r.emptyFolder(); err != nil { // somebody may have made a ledger meanwhile
		return err
	}
	names := append([]string{"log", clockFile, checkpointDir, knownFile}, slices.Sorted(func(yield func(string) bool) {
		for name := range r.keys {
			if !yield(name) {
				return
			}
		}
	})...)
	for _, name := range append(names, fundFile) {
		if !present(filepath.Join(stage, name)) {
			continue
		}
		if err := os.Rename(filepath.Join(stage, name), filepath.Join(r.s.Data, name)); err != nil {
			return fmt.Errorf("placing the restored ledger: %w", err)
		}
		moved = append(moved, name)
	}
	return whole.Sync(r.s.Data)
}

// lockStage makes the folder in which a ledger is made, empty, and keeps a second restore off it.
func lockStage(stage string) (*os.File, error) {
	if err := os.MkdirAll(stage, 0o700); err != nil {
		return nil, err
	}
	lock, err := os.OpenFile(stage, os.O_RDONLY, 0)
	if err != nil {
		return nil, err
	}
	if err := lockFile(lock); err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	left, err := os.ReadDir(stage)
	for _, entry := range left {
		err = errors.Join(err, os.RemoveAll(filepath.Join(stage, entry.Name())))
	}
	if err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	return lock, nil
}

// syncTree brings all files below a folder, and the folders, to the disk.
func syncTree(dir string) error {
	return filepath.WalkDir(dir, func(path string, _ os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return whole.Sync(path) // which a file is synced like
	})
}

// present reports whether there is something of a name.
func present(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

func (r *restoring) report() error {
	m := r.backup.Manifest
	if r.Format == "json" {
		if err := r.s.printJSON(backedUp{File: r.File, BackupManifest: m}); err != nil {
			return err
		}
	} else {
		fmt.Fprintf(r.s.stdout, r.s.say("已恢复 %s：%d 个事件，%d 条被拒指令，%d 个检查点，根 %s\n", "restored %s: %d events, %d refusals, %d checkpoints, root %s\n"),
			m.Fund, m.Events.Last, m.Refusals.Last, len(r.backup.Notes()), m.Events.Root)
	}
	say := func(zh, en string, values ...any) { fmt.Fprintf(r.s.stderr, r.s.say(zh, en)+"\n", values...) }
	r.s.printContents(m)
	say("查询表在下次启动时由日志重建；用 fundledger verify 核验全部", "the projections are made of the log at the next start; fundledger verify verifies all of it")
	switch {
	case len(r.backup.Notes()) == 0:
		say("备份中没有检查点：只核对了文件本身的根", "the backup has no checkpoints: only its own root was compared")
	case len(r.Trust) == 0:
		say("检查点按文件所载公钥核对，请与审计方所持公钥比对：%s", "the checkpoints were believed by the keys that the file names; compare these with what the auditors have: %s", strings.Join(r.backup.Keys(), " "))
	}
	if !r.signs && len(r.backup.Notes()) > 0 {
		say("没有签名密钥：启动服务前请把它放回 %s；确已丢失的，运行 fundledger rotate-key --lost，并告知审计方", "there is no signing key: put it back as %s before the service is started; if it is lost for good, run fundledger rotate-key --lost, and tell the auditors",
			filepath.Join(r.s.Data, keyFile))
	}
	return nil
}
