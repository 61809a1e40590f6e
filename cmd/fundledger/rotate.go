package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"strings"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/proof"
	"github.com/fundledger/fundledger/wire"
)

type rotateKeyCmd struct {
	Reason        string `help:"Why. / 事由" required:"" placeholder:"TEXT"`
	Actor         string `help:"Who rotates it, an admin. Left out: the user of this machine. / 更换密钥的管理员；缺省为本机用户" env:"FUNDLEDGER_ACTOR" placeholder:"NAME"`
	Lost          string `help:"The verifier key of a signing key whose file is lost for good: a new one takes its place, to which nobody follows. / 已永久丢失的签名密钥的验证公钥：由新密钥取代，他人须另行确认" placeholder:"KEY"`
	CheckpointKey string `help:"The file of the key. / 检查点签名密钥的文件" placeholder:"FILE" env:"FUNDLEDGER_CHECKPOINT_KEY"`
}

// Run has another key sign the log's checkpoints from now on: it makes the key, says so in an event, signs a checkpoint that
// holds the event with both keys, so that whoever trusts the old one can follow to the new one, and never back, and puts the new key in the old one's place. The old
// one stays beside it. It can be run again where it was interrupted.
func (c *rotateKeyCmd) Run(ctx context.Context, s *Settings) error {
	in, l, err := s.openLedger(ctx, purpose{})
	if err != nil {
		return err
	}
	defer in.close()
	defer l.Close()
	if in.attached && in.owner.HTTP != "" {
		return usageError{errors.New(s.say("本目录上有服务在运行，它持有旧密钥：请先停止服务，更换后再启动",
			"a service runs on this folder, and holds the old key: stop it first, and start it again afterwards"))}
	}
	path := Proving{CheckpointKey: c.CheckpointKey}.keyPath(in)
	if c.Lost != "" {
		return c.replaceLost(ctx, s, in, l, path)
	}
	if _, err := os.Stat(path); err != nil {
		return fmt.Errorf("%s: %w", s.say("尚无签名密钥可更换；先签发一个检查点（fundledger checkpoint）", "there is no key to rotate yet; issue a checkpoint first (fundledger checkpoint)"), err)
	}
	origin := proof.Origin(in.fund)
	before, _, err := proof.OpenKey(path, origin)
	if err != nil {
		return err
	}
	after, _, err := proof.OpenKey(path+".next", origin)
	if err != nil {
		return err
	}
	seq, err := c.announce(ctx, s, in, l, before, after)
	if err != nil {
		return err
	}
	signed, err := signWithBoth(ctx, in, l, before, after)
	if err != nil {
		return s.alarm(err)
	}
	if err := in.project(ctx, s, seq); err != nil {
		return err
	}
	if err := in.knowKey(path, before.Verifier); err != nil {
		return err
	}
	kept := path + "." + keyHash(before.Verifier)
	if err := os.Link(path, kept); err != nil && !errors.Is(err, os.ErrExist) {
		return fmt.Errorf("keeping the old key: %w", err)
	}
	if err := os.Rename(path+".next", path); err != nil {
		return fmt.Errorf("putting the new key in its place: %w", err)
	}
	fmt.Fprintf(s.stderr, s.say("已更换；旧密钥留在 %s。检查点（%d 个事件）由新旧两把密钥共同签名。请把新的验证公钥交给审计方：\n",
		"rotated; the old key stays in %s. The checkpoint of %d events is signed by both keys. Give the new verifier key to whoever checks:\n"), kept, signed.Size)
	fmt.Fprintln(s.stdout, after.Verifier)
	return nil
}

// replaceLost has a new key sign where the old one's file is lost for good. The old key cannot sign the change, so nobody follows, and the
// log says nothing of it: the auditors are given the new verifier key, and judge for themselves whether they believe it.
func (c *rotateKeyCmd) replaceLost(ctx context.Context, s *Settings, in *infrastructure, l *ledger.Ledger, path string) error {
	if _, err := os.Stat(path); err == nil {
		return usageError{fmt.Errorf(s.say("密钥文件 %s 还在：不用 --lost 即可更换", "the key file %s is there: rotate it without --lost"), path)}
	}
	trust, err := proof.ParseTrust(c.Lost)
	if err != nil {
		return usageError{err}
	}
	kept, err := in.keptCheckpoints(ctx)
	if err != nil {
		return err
	}
	if len(kept) == 0 {
		return errors.New(s.say("尚无检查点：fundledger checkpoint 会生成密钥", "there is no checkpoint yet: fundledger checkpoint makes a key"))
	}
	if _, err := trust.Open(proof.Origin(in.fund), kept[len(kept)-1]); err != nil {
		return fmt.Errorf("%s: %w", s.say("最近的检查点不是由该公钥签署", "the latest checkpoint is not signed with that key"), err)
	}
	if err := in.knowKey(path, c.Lost); err != nil {
		return err
	}
	key, _, err := proof.OpenKey(path, proof.Origin(in.fund))
	if err != nil {
		return err
	}
	if _, err := signLast(ctx, in, l, key); err != nil {
		return s.alarm(err)
	}
	fmt.Fprintf(s.stderr, s.say("已生成新密钥（%s）。旧密钥无法签署更换，无人会自动跟随：请把下面的验证公钥连同旧公钥 %s 当面交给审计方\n",
		"a new key was made (%s). The old one could not sign the change, so nobody follows by themselves: hand the verifier key below to the auditors in person, beside the old one %s\n"),
		c.Reason, c.Lost)
	fmt.Fprintln(s.stdout, key.Verifier)
	return nil
}

// announce says in an event that the key changes, signed by both keys, once the old one has signed a checkpoint of what there is. The
// command's id is made of the new key: said again, it is the same command.
func (c *rotateKeyCmd) announce(ctx context.Context, s *Settings, in *infrastructure, l *ledger.Ledger, before, after proof.Key) (uint64, error) {
	changes, err := keyChanges(ctx, l)
	if err != nil {
		return 0, err
	}
	if proof.Replaced(proof.Origin(in.fund), before.Verifier, changes) == after.Verifier {
		return l.Log().Last(ctx) // it was interrupted after the event
	}
	last, err := signLast(ctx, in, l, before)
	if err != nil {
		return 0, s.alarm(err)
	}
	change, err := proof.SignRotation(last.Size, before, after)
	if err != nil {
		return 0, err
	}
	command := &domain.RotateCheckpointKey{Old: change.Old, New: change.New, Position: change.Position, OldSignature: change.OldSignature,
		NewSignature: change.NewSignature, Reason: c.Reason}
	command.ID = domain.CommandID("rotate-checkpoint-key-" + keyHash(after.Verifier))
	command.Actor = domain.Actor{ID: domain.PersonID(c.Actor), Role: domain.Admin}
	if u, err := user.Current(); err == nil && command.Actor.ID == "" {
		command.Actor.ID = domain.PersonID(u.Username)
	}
	command.Date = s.clock.today()
	result := l.Do(ctx, ledger.Order{Command: command, Origin: wire.Origin{}})
	switch {
	case result.Err != nil:
		return 0, result.Err
	case result.Refusal != nil:
		return 0, s.printRefusal(command, result.Refusal)
	}
	return result.Outcome.LastSeq, nil
}

// signLast issues a checkpoint of the log's present end with a key.
func signLast(ctx context.Context, in *infrastructure, l *ledger.Ledger, key proof.Key) (proof.Signed, error) {
	known, err := in.knownKeys(filepath.Join(in.dir, keyFile))
	if err != nil {
		return proof.Signed{}, err
	}
	trust, err := proof.ParseTrust(known...)
	if err != nil {
		return proof.Signed{}, err
	}
	notary, err := proof.OpenNotary(ctx, proof.NotaryConfig{Fund: in.fund, Key: key, Log: l.Log(), Store: in.checkpoints(), Trust: trust})
	if err != nil {
		return proof.Signed{}, err
	}
	defer notary.Close()
	return notary.Issue(ctx)
}

// signWithBoth issues a checkpoint of the log's present end, signed by both keys.
func signWithBoth(ctx context.Context, in *infrastructure, l *ledger.Ledger, before, after proof.Key) (proof.Signed, error) {
	signed, err := signLast(ctx, in, l, before)
	if err != nil {
		return signed, err
	}
	signer, err := after.Signer()
	if err != nil {
		return signed, err
	}
	note, err := signed.Sign(signer)
	if err != nil {
		return signed, err
	}
	return signed, in.checkpoints().Keep(ctx, signed.Size, note)
}

// keyHash is the hash in a verifier key, which is written name+hash+key.
func keyHash(verifier string) string { return strings.SplitN(verifier, "+", 3)[1] }
