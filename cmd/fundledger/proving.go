package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/projections/postgres"
	"github.com/fundledger/fundledger/proof"
	"github.com/fundledger/fundledger/replay"
	"github.com/fundledger/fundledger/web"
)

// Proving says how a service signs and verifies its log.
type Proving struct {
	CheckpointKey    string        `help:"The file of the key that signs checkpoints, made where there is none; several services on one log share one. / 检查点签名密钥的文件，没有时生成；同一日志上的各服务共用一个" placeholder:"FILE" env:"FUNDLEDGER_CHECKPOINT_KEY"`
	SM2Key           string        `name:"sm2-key" help:"The file of an SM2 key that signs each checkpoint beside it, made where there is none. Left out: Ed25519 alone. / 另行签发检查点的 SM2 密钥的文件，没有时生成；缺省为只用 Ed25519" placeholder:"FILE" env:"FUNDLEDGER_SM2_KEY"`
	CheckpointEvery  uint64        `help:"A checkpoint is signed when so many events came. / 每多少个事件签发一次检查点" default:"1000" env:"FUNDLEDGER_CHECKPOINT_EVERY"`
	CheckpointPeriod time.Duration `help:"And after so long, when any came. / 有新事件时，最长隔多久签发一次" default:"10m" env:"FUNDLEDGER_CHECKPOINT_PERIOD"`
	Trust            []string      `help:"Verifier keys that are believed too: older ones of this log, and of witnesses. @FILE reads them from a file; one text may name several, with spaces between. / 另外信任的验证公钥；@文件 从文件读取，多个以空格分隔" placeholder:"KEY" sep:"none" env:"FUNDLEDGER_TRUST"`
	Witness          []string      `help:"The address of a witness that is asked to cosign each checkpoint; its verifier key goes to --trust. / 为每个检查点联署的见证者的地址；其验证公钥写入 --trust" placeholder:"URL" env:"FUNDLEDGER_WITNESS"`
}

// keyPath is the file of the log's signing key.
func (p Proving) keyPath(in *infrastructure) string {
	if p.CheckpointKey != "" {
		return p.CheckpointKey
	}
	return filepath.Join(in.dir, keyFile)
}

// trust is whose signatures are believed beside the key's: those that this folder knows, those that were named on the command line, and
// those that the log's changes of key lead to from them.
func (p Proving) trust(ctx context.Context, in *infrastructure, v *service) (proof.Trust, error) {
	keys, err := in.knownKeys(p.keyPath(in))
	if err != nil {
		return proof.Trust{}, err
	}
	named, err := verifierKeys(p.Trust...)
	if err != nil {
		return proof.Trust{}, err
	}
	trust, err := proof.ParseTrust(append(keys, named...)...)
	if err != nil {
		return trust, err
	}
	changes, err := keyChanges(ctx, v.ledger)
	if err != nil {
		return trust, err
	}
	kept, err := in.keptCheckpoints(ctx)
	return trust.Follow(proof.Origin(in.fund), changes, kept), err
}

// keyChanges are the changes of the checkpoint key that the log says, whoever signed them.
func keyChanges(ctx context.Context, l *ledger.Ledger) ([]proof.Rotation, error) {
	var changes []proof.Rotation
	err := l.View(ctx, func(state *domain.State, _ uint64) {
		for _, c := range state.KeyChanges() {
			changes = append(changes, proof.RotationSaid(0, c))
		}
	})
	return changes, err
}

// prove begins to sign and to verify the log. It refuses where the log is not the one that was signed.
func (s *Settings) prove(ctx context.Context, in *infrastructure, v *service, p Proving) error {
	key, made, err := s.signingKey(ctx, in, p.keyPath(in))
	if err != nil {
		return err
	}
	changes, err := keyChanges(ctx, v.ledger)
	if err != nil {
		return err
	}
	if err := s.holdKey(in, key, changes); err != nil {
		return err
	}
	trust, err := p.trust(ctx, in, v)
	if errors.Is(err, proof.ErrForked) { // a checkpoint that is kept contradicts its copy beside the log
		return s.alarm(fmt.Errorf("%w: %v", proof.ErrCheckpoint, err)) // the copy is right as often as the file: the log is not blamed
	}
	if err != nil {
		return usageError{err}
	}
	beside, err := s.keysBeside(in, p)
	if err != nil {
		return err
	}
	if err := in.checkpoints().Spread(ctx); err != nil {
		return s.alarm(err)
	}
	alarm, failed, size := proofMetrics(v.registry)
	log := v.ledger.Log()
	notary, err := proof.OpenNotary(ctx, proof.NotaryConfig{Fund: in.fund, Key: key, Beside: beside, Log: log, Store: in.checkpoints(), Trust: trust, Witnesses: p.Witness,
		Tree:   proof.Kept{Hashes: v.queries.Hashes(), Size: v.projector.Position, WaitFor: v.projector.WaitFor},
		Client: &http.Client{Timeout: 30 * time.Second}, Every: p.CheckpointEvery, Period: p.CheckpointPeriod, Logger: s.logger,
		Issued: func(c proof.Signed) { size.Set(float64(c.Size)) }, Failed: func(error) { failed.Inc() }})
	if err != nil {
		return s.alarm(err)
	}
	v.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "fundledger_log_contradicted",
		Help: "1: the log is not the one that was taken in, or that a checkpoint was issued on; nothing more is decided."}, func() float64 {
		if v.ledger.Err() != nil {
			return 1
		}
		if err := notary.Err(); err != nil && !errors.Is(err, proof.ErrReplaced) {
			return 1
		}
		return 0
	}))
	v.proof = &web.Proof{Fund: in.fund, Log: log, Refusals: replay.RefusalLog{Fund: in.fund, Stream: v.ledger.Refused()}, Tree: notary.Tree(), Concerned: v.heavy.Concerned, Made: v.heavy.Made,
		Paid: v.heavy.Paid, Payments: web.UpToDate(log, v.projector, v.heavy.Payments),
		Store: in.checkpoints(), Trust: notary.Trust(), Verifiers: []string{notary.Verifier()}, Notary: notary,
		Rows: snapshotOf(v.heavy, in.logName())}
	v.proof.Watch = audit.StartWatch(audit.WatchConfig{Fund: in.fund, Log: log, Last: log.Last, Store: v.proof.Store, Trust: v.proof.Trust, Tree: v.proof.Tree,
		Rows: v.proof.Rows, Refusals: v.ledger.Refused(), Now: s.clock.now, Logger: s.logger, Ended: func(r audit.Report, err error) { alarm.Set(unsound(r, err)) }})
	if made {
		fmt.Fprintf(s.stderr, s.say("已生成检查点签名密钥 %s\n", "a key that signs checkpoints was made: %s\n"), p.keyPath(in))
	}
	fmt.Fprintf(s.stderr, s.say("检查点验证公钥（请交给审计方）：%s\n", "checkpoints are verified with this key (give it to whoever checks): %s\n"), key.Verifier)
	return nil
}

// signingKey opens the key that signs checkpoints, or makes the first. Where it is gone and checkpoints are kept, none is made: nobody would
// follow to it, and the auditors' verifications would fail without anybody having decided so.
func (s *Settings) signingKey(ctx context.Context, in *infrastructure, path string) (key proof.Key, made bool, err error) {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		sizes, err := in.checkpoints().Sizes(ctx)
		if err != nil {
			return key, false, err
		}
		if len(sizes) > 0 {
			return key, false, fmt.Errorf(s.say("签名密钥 %s 不在，而已存有 %d 个检查点：请放回密钥文件；若确已丢失，请运行 fundledger rotate-key --lost 旧验证公钥 --reason 事由，并把新旧两把验证公钥一并交给审计方",
				"the signing key %s is not there, and %d checkpoints are kept: put its file back; if it is lost for good, run fundledger rotate-key --lost OLD-VERIFIER-KEY --reason TEXT, and give both verifier keys to the auditors"),
				path, len(sizes))
		}
	}
	return proof.OpenKey(path, proof.Origin(in.fund))
}

// holdKey refuses a key that signs no more: it has signed itself that another one took its place. A change that it did not sign is
// nobody's: verification finds it, and it stops nothing.
func (s *Settings) holdKey(in *infrastructure, key proof.Key, changes []proof.Rotation) error {
	present := proof.Replaced(proof.Origin(in.fund), key.Verifier, changes)
	if present == "" {
		return nil
	}
	return fmt.Errorf(s.say("台账记载检查点公钥已更换为 %s，密钥文件却是 %s：请放回新的密钥文件，或再次运行 fundledger rotate-key 完成更换",
		"the log says that checkpoints are signed with the key %s now, and the key file holds %s: put the new key file in its place, or run fundledger rotate-key again to finish the change"),
		present, key.Verifier)
}

// snapshotOf takes snapshots of the projections.
func snapshotOf(q *postgres.Queries, log postgres.Log) func(context.Context) (audit.Rows, func(), error) {
	return func(ctx context.Context) (audit.Rows, func(), error) {
		s, err := q.Snapshot(ctx, log)
		if err != nil {
			return nil, nil, err
		}
		return s, s.Close, nil
	}
}

// checkpoints is where the ledger's checkpoints are kept: in the data folder, apart from the log; and on the fund's shelf, where every instance
// of the service finds what the others signed.
func (in *infrastructure) checkpoints() proof.Everywhere {
	kept := proof.Everywhere{proof.Folder(filepath.Join(in.dir, checkpointDir))}
	if in.nc != nil {
		kept = append(kept, proof.Shelf{Open: in.openShelf})
	}
	return kept
}

// openShelf opens the fund's shelf where there is one; the service makes it.
func (in *infrastructure) openShelf(ctx context.Context) (*eventstore.Shelf, error) {
	in.shelving.Lock()
	defer in.shelving.Unlock()
	if in.shelf != nil {
		return in.shelf, nil
	}
	shelf, err := accounts.OpenShelf(ctx, in.nc, accounts.Config{Fund: in.fund, Replicas: in.replicas}, true)
	if err == nil {
		in.shelf = shelf
	}
	return shelf, err
}

// alarm says what to do where the log is not the one that was signed.
func (s *Settings) alarm(err error) error {
	what := ""
	switch {
	case errors.Is(err, accounts.ErrContradicted):
		what = s.say("账户日志与本服务已读入的不符：被回退、替换、截断或改了设置，已撤销的权限可能又在其中。服务停止；请从备份恢复账户日志，核对用户及权限，并报告审计方",
			"the accounts' log is not the one that this service took in: it was rolled back, replaced, cut or set otherwise, and may grant what was taken away. The service stops; restore that log from a backup, look through users and grants, and tell the auditors")
	case errors.Is(err, proof.ErrRolledBack), errors.Is(err, ledger.ErrContradicted) && errors.Is(err, eventstore.ErrShort):
		what = s.say("日志缺少已签发检查点之后的事件：台账被截断或回退。服务停止；请勿再记账，从备份恢复日志，并报告审计方",
			"the log lacks events that a checkpoint was issued for: it was cut or rolled back. The service stops; book nothing more, restore the log from a backup, and tell the auditors")
	case errors.Is(err, proof.ErrForked), errors.Is(err, postgres.ErrRewritten):
		what = s.say("日志与已签发的检查点不符：台账被改写，或这不是同一本台账。服务停止；请勿再记账，从备份恢复日志，并报告审计方",
			"the log is not the one that a checkpoint was issued on: it was rewritten, or it is another ledger. The service stops; book nothing more, restore the log from a backup, and tell the auditors")
	case errors.Is(err, proof.ErrCheckpoint):
		what = s.say("所存的检查点不可信：被改动，或由未知密钥签名。服务停止；若更换过密钥，请用 --trust 给出旧的验证公钥，否则报告审计方",
			"a checkpoint that is kept cannot be believed: it was changed, or signed with a key that is not known. The service stops; give the older verifier key by --trust if the key was changed, else tell the auditors")
	case errors.Is(err, ledger.ErrContradicted):
		what = s.say("日志与本服务已读入的不符：被替换、截断，或设置被改动。已停止记账；请查明原因，从备份恢复日志后重新启动，并报告审计方",
			"the log is not the one that this service has read: it was replaced, cut, or set otherwise. Nothing more is booked; find out why, restore the log from a backup, start again, and tell the auditors")
	case errors.Is(err, proof.ErrReplaced):
		return fmt.Errorf("%s: %w", s.say("检查点密钥已更换，本服务持有旧密钥，不再签发：请换上新的密钥文件后重新启动",
			"the checkpoint key was changed while this service ran, which holds the old one and signs nothing more: put the new key file in its place, and start again"), err)
	default:
		return err
	}
	s.logger.Error("ALARM", "what", what, "error", err)
	return fmt.Errorf("%s: %w", what, err)
}

func unsound(r audit.Report, err error) float64 {
	switch {
	case err != nil:
		return 2
	case !r.Sound:
		return 1
	}
	return 0
}
