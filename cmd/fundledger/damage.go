package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/internal/whole"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/proof"
)

// keptDir is where files are copied to that a server would cut, in the data folder.
const keptDir = "log-damaged"

// startLog starts the log's server on the data folder, once its files have been looked at.
func (s *Settings) startLog(in *infrastructure) (*eventstore.Server, error) {
	server, err := eventstore.StartServer(eventstore.ServerConfig{Dir: filepath.Join(in.dir, logDir), Logger: s.logger,
		Look: func(dir string) error { return s.lookAtLog(in, dir) }})
	var damage *eventstore.Damaged
	if errors.As(err, &damage) {
		return nil, s.damaged(in, damage)
	}
	return server, err
}

// settle creates streams again whose settings were taken away: their messages are there.
func (s *Settings) settle(ctx context.Context, in *infrastructure) error {
	if !in.unsettled {
		return nil
	}
	for _, open := range []func(context.Context, *nats.Conn, ledger.Config, bool) (*eventstore.Log, error){ledger.OpenLog, ledger.OpenRefusals} {
		if _, err := open(ctx, in.nc, in.ledgerConfig(s), false); err != nil {
			return err
		}
	}
	if _, err := in.files(ctx, s, false); err != nil {
		return err
	}
	cfg := accounts.Config{Fund: in.fund, Replicas: in.replicas, Logger: s.logger}
	if _, err := accounts.OpenLog(ctx, in.nc, cfg); err != nil {
		return err
	}
	if _, err := accounts.OpenShelf(ctx, in.nc, cfg, false); err != nil {
		return err
	}
	in.unsettled = false
	return nil
}

// lookAtLog refuses a log of events that is damaged, or accounts that are, before a server opens and cuts them: a user who was removed
// would come back. Refusals and the contents of attachments bind nobody and are no reason not to start: what a server would cut of them is copied
// aside first, and an alarm says so. Messages may be taken out of the streams beside the events, so what is missing there is no damage.
func (s *Settings) lookAtLog(in *infrastructure, dir string) error {
	events := ledger.StreamName(in.fund)
	acted := map[string]uint64{}
	sizes, err := proof.Folder(filepath.Join(in.dir, checkpointDir)).Sizes(context.Background())
	if err != nil {
		return err
	}
	if len(sizes) > 0 {
		acted[events] = sizes[len(sizes)-1]
	}
	found, err := eventstore.Look(dir, acted)
	if err != nil {
		return err
	}
	spared := []string{ledger.RefusedStream(in.fund), eventstore.FilesStream(ledger.FilesBucket(in.fund))}
	for _, d := range found {
		whole := d.Stream == events || strings.HasPrefix(d.Stream, accounts.StreamPrefix) // of which nothing is ever taken out
		if whole || d.Kind == eventstore.DamageRecord && !slices.Contains(spared, d.Stream) {
			return d
		}
	}
	unsettled, err := eventstore.Unsettled(dir)
	if err != nil {
		return err
	}
	for _, stream := range unsettled {
		if err := eventstore.TakeSettings(stream); err != nil {
			return err
		}
		in.unsettled = true
		s.logger.Error("the settings of a stream were damaged; they are made again", "stream", filepath.Base(stream))
	}
	for _, d := range found {
		if d.Kind != eventstore.DamageRecord {
			continue // nothing is cut; messages of these streams may be taken out of them
		}
		kept, err := in.keep(d)
		if err != nil {
			return fmt.Errorf("%w; it could not be copied aside, so nothing was opened: %w", d, err)
		}
		s.logger.Error("ALARM", "what", s.say("日志旁的流已损坏：服务照常启动，服务器将截去损坏之后的内容，受影响的文件已先行复制；请运行 fundledger verify，见 docs/damage.md",
			"a stream beside the log is damaged: the service starts all the same, the server cuts away what lies behind, and the files were copied aside first; run fundledger verify, and see docs/damage.md"),
			"copies", kept, "error", d)
	}
	return nil
}

// keep copies the files that a server would cut, and tells where to.
func (in *infrastructure) keep(d *eventstore.Damaged) (string, error) {
	dir := filepath.Join(in.dir, keptDir, d.Stream+"-"+time.Now().UTC().Format("20060102T150405.000"))
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	for _, file := range append([]string{d.File}, d.Later...) {
		text, err := os.ReadFile(file)
		if err != nil {
			return "", err
		}
		to := filepath.Join(dir, filepath.Base(file))
		if err := whole.Create(to, 0o600, whole.Text(text)); err != nil && !errors.Is(err, fs.ErrExist) {
			return "", err
		}
	}
	return dir, nil
}

// damaged says what is damaged, that nothing was touched, and how to go on.
func (s *Settings) damaged(in *infrastructure, d *eventstore.Damaged) error {
	var what string
	switch d.Kind {
	case eventstore.DamageRecord:
		what = fmt.Sprintf(s.say("日志已损坏：%s 自第 %d 字节起，第 %d 号事件已不可读；其前的事件完好，其后另有 %d 条完好的记录",
			"the log is damaged: in %s, from byte %d on, event %d cannot be read; the events before it are whole, and so are %d records behind it"),
			d.File, d.Offset, d.After+1, d.Behind)
	case eventstore.DamageMissing:
		what = fmt.Sprintf(s.say("日志已损坏：第 %d 号事件不在（应在 %s 第 %d 字节处）", "the log is damaged: event %[1]d is gone, which belongs in %[2]s at byte %[3]d"),
			d.After+1, d.File, d.Offset)
	case eventstore.DamageCut:
		what = fmt.Sprintf(s.say("日志被截断或回退：止于第 %d 号事件，而已知曾到第 %d 号", "the log was cut or rolled back: it ends at event %d, and is known to have gone to event %d"),
			d.After, d.Known)
	}
	s.logger.Error("ALARM", "code", "log_damaged", "what", what, "error", d)
	return fmt.Errorf(s.say("log_damaged：%s。没有打开，也没有改动任何文件。请移开整个目录，从备份恢复：\n  mv %[2]s %[2]s-damaged\n  fundledger restore 备份文件 --data %[2]s\n详见 docs/damage.md：%[3]w",
		"log_damaged: %s. Nothing was opened or changed. Put the folder aside and restore a backup:\n  mv %[2]s %[2]s-damaged\n  fundledger restore FILE.backup --data %[2]s\ndocs/damage.md says more: %[3]w"), what, in.dir, d)
}

// tellKept tells of what was damaged beside the log and copied aside, as long as the copies are there: the stream itself, cut since then, may
// not show it.
func (s *Settings) tellKept(in *infrastructure) {
	copies, err := filepath.Glob(filepath.Join(in.dir, keptDir, "*", "*"))
	if err != nil || len(copies) == 0 {
		return
	}
	fmt.Fprintf(s.stderr, s.say("日志旁的流曾损坏（不涉及事件与金额），受影响的文件已复制到：\n  %s\n查看后请移走 %s，见 docs/damage.md\n",
		"a stream beside the log was damaged (no event and no amount is touched by it); its files were copied to:\n  %s\nmove %s away once you have looked, see docs/damage.md\n"),
		strings.Join(copies, "\n  "), filepath.Join(in.dir, keptDir))
}
