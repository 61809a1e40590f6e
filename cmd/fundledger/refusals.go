package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/fundledger/fundledger/archive"
	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/wire"
)

type refusalsCmd struct {
	Retire retireCmd `cmd:"" help:"Take old refusals out of the ledger into a file, under proof. / 把旧的被拒指令移出台账、写入文件，并留证明"`
}

type retireCmd struct {
	Before domain.Date `required:"" help:"What was kept before this day goes. / 移出该日之前留存的" placeholder:"DATE"`
	Out    string      `short:"o" required:"" help:"The file to write; there must be none of its name. / 要写出的文件；不得已有同名文件" type:"path" placeholder:"FILE"`
}

// Run writes refusals to a file, notes its digest on their stream, under the chain that links them, and takes them away. A service may run
// meanwhile. Where it is cut off, it is run again: what was noted is taken away then, and what was not is written anew.
func (c *retireCmd) Run(ctx context.Context, s *Settings) error {
	taken := usageError{fmt.Errorf(s.say("%s 已存在：不会覆盖文件", "%s is there already: no file is replaced"), c.Out)}
	if _, err := os.Lstat(c.Out); err == nil {
		return taken
	}
	in, err := s.open(ctx, purpose{logOnly: true})
	if err != nil {
		return err
	}
	defer in.close()
	moment := c.Before.Time(domain.Shanghai)
	r, err := ledger.RetireBefore(ctx, in.nc, in.ledgerConfig(s), moment)
	if err != nil {
		return err
	}
	if r.Last == 0 {
		fmt.Fprintf(s.stdout, s.say("没有 %s 之前的被拒指令\n", "there are no refusals before %s\n"), c.Before)
		return nil
	}
	done := wire.Retired{First: r.First, Last: r.Last, Begin: r.Begin, Until: moment.UTC(), File: filepath.Base(c.Out)}
	hash := sha256.New()
	shown := s.waiting(s.say("移出被拒指令", "taking refusals out"))
	defer shown()
	done.Bytes, err = newFile(c.Out, func(w io.Writer) error {
		head := archive.RetiredHead{Fund: in.fund, First: r.First, Last: r.Last, Begin: r.Begin}
		done.End, err = archive.WriteRetired(ctx, io.MultiWriter(w, hash), head, r.Log)
		return err
	})
	switch {
	case errors.Is(err, fs.ErrExist):
		return taken
	case err != nil:
		return err
	}
	done.SHA256 = hex.EncodeToString(hash.Sum(nil))
	if err := s.holdRetired(c.Out, in.fund, done); err != nil { // as it lies on the disk, before anything is taken away
		return err
	}
	if err := r.Retire(ctx, in.nc, in.ledgerConfig(s), done); err != nil {
		return err
	}
	shown()
	fmt.Fprintf(s.stdout, s.say("已移出第 %d 至 %d 条被拒指令，存于 %s（SHA-256 %s）；用 fundledger verify --retired %s 核验\n",
		"the refusals %d to %d were taken out; they are in %s (SHA-256 %s); fundledger verify --retired %s verifies it\n"), done.First, done.Last, c.Out, done.SHA256, c.Out)
	return nil
}

// holdRetired holds a file against what is said of it.
func (s *Settings) holdRetired(path string, fund domain.FundID, said wire.Retired) error {
	file, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("reading the retired refusals: %w", err)
	}
	defer file.Close()
	hash := sha256.New()
	head, end, err := archive.ReadRetired(io.TeeReader(file, hash))
	if err != nil {
		return err
	}
	if head.Fund != fund || head.First != said.First || head.Last != said.Last || head.Begin != said.Begin || end != said.End ||
		hex.EncodeToString(hash.Sum(nil)) != said.SHA256 {
		return fmt.Errorf("%w: %s", archive.ErrRetired, path)
	}
	return nil
}

// verifyRetired holds a file of retired refusals against what the stream of refusals says of it, under its chain.
func (c *verifyCmd) verifyRetired(ctx context.Context, s *Settings) error {
	file, err := os.Open(c.Retired)
	if err != nil {
		return usageError{err}
	}
	head, _, err := archive.ReadRetired(file)
	if err = errors.Join(err, file.Close()); err != nil {
		return s.notRetired(c.Retired, err)
	}
	in, err := s.open(ctx, purpose{logOnly: true})
	if err != nil {
		return err
	}
	defer in.close()
	log, err := ledger.OpenRefusals(ctx, in.nc, in.ledgerConfig(s), true)
	if errors.Is(err, eventstore.ErrNoStream) {
		return s.notRetired(c.Retired, errors.New(s.say("台账没有被拒指令", "the ledger keeps no refusals")))
	}
	if err != nil {
		return err
	}
	retired, err := ledger.Retired(ctx, log, in.fund)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(retired, func(r wire.Retired) bool { return r.First == head.First })
	if i < 0 {
		return s.notRetired(c.Retired, fmt.Errorf(s.say("台账没有移出第 %d 条起的被拒指令的记录", "the ledger has no note on refusals retired from %d on"), head.First))
	}
	if err := s.holdRetired(c.Retired, in.fund, retired[i]); err != nil {
		return s.notRetired(c.Retired, err)
	}
	if c.Format == "json" {
		return s.printJSON(retired[i])
	}
	_, err = fmt.Fprintf(s.stdout, s.say("%s 正是 %s 之前移出的第 %d 至 %d 条被拒指令\n", "%s holds just what was kept before %s and taken out, the refusals %d to %d\n"), c.Retired,
		retired[i].Until.In(domain.Shanghai).Format(time.DateTime), head.First, head.Last)
	return err
}

// notRetired says that a file is not what was taken out.
func (s *Settings) notRetired(path string, why error) error {
	fmt.Fprintf(s.stderr, s.say("%s 与台账所记不符：%v\n", "%s is not what the ledger says was taken out: %v\n"), path, why)
	return errRefused
}
