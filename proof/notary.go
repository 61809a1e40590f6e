package proof

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/wire"
)

// Growing is a log that grows.
type Growing interface {
	Log
	// Last is the position of the last event; 0: there is none.
	Last(ctx context.Context) (uint64, error)
	// Follow hands every event from a position on to fn, in order, in runs of whole commands, until ctx ends or fn fails.
	Follow(ctx context.Context, from uint64, fn func([]eventstore.Record) error) error
}

// NotaryConfig says whose log is signed, how often, and where the notes are kept. Fund, Key, Log and Store are needed.
type NotaryConfig struct {
	Fund  domain.FundID
	Key   Key
	Log   Growing
	Store Store
	Tree  Kept // the tree as it is kept; none: the notary reads the whole log at start, and keeps a tree in memory

	Trust     Trust        // older keys, and witnesses; Key is trusted in any case
	Witnesses []string     // addresses of witnesses that are asked to cosign
	Client    *http.Client // of the witnesses; nil: one with a deadline

	// Beside are keys that sign each checkpoint beside Key, such as an SM2 key; who does not know them passes over their signatures.
	Beside []Key

	Every  uint64        // a checkpoint is issued when so many events came; 0: 1,000
	Period time.Duration // and after so long, when any event came; 0: 10 minutes

	Logger *slog.Logger // nil: silent
	Issued func(Signed) // told of every checkpoint that was issued; may be nil
	Failed func(error)  // told when a checkpoint could not be issued, kept or cosigned; it is tried again. May be nil
}

func (c NotaryConfig) withDefaults() NotaryConfig {
	if c.Every == 0 {
		c.Every = 1000
	}
	if c.Period == 0 {
		c.Period = 10 * time.Minute
	}
	if c.Client == nil {
		c.Client = &http.Client{Timeout: 30 * time.Second}
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return c
}

// Notary signs the log as it grows. It signs the root that it takes of the log itself, from a checkpoint on that it has held
// against the log: what the kept tree says is compared, never signed. Several notaries may sign one log, in several
// processes, with one key: the same size has the same root, and the first note stays.
//
// It is safe for concurrent use.
type Notary struct {
	cfg    NotaryConfig
	origin string
	signer note.Signer
	beside []note.Signer
	trust  Trust
	own    *growing // nil: the tree is kept elsewhere
	tree   Kept
	rest   context.CancelFunc // ends the issuing of checkpoints by itself
	issued sync.WaitGroup
	cancel context.CancelFunc
	ended  sync.WaitGroup
	once   sync.Once
	done   chan struct{} // closed by an alarm
	due    chan struct{}

	issuing  sync.Mutex // one at a time
	mu       sync.Mutex
	frontier eventstore.Frontier
	latest   Signed
	err      error
}

// OpenNotary holds the log against the latest checkpoint in each store, and begins to sign what comes. It refuses, and
// nothing should be decided on the log then: [ErrRolledBack] where the log ends before the checkpoint, [ErrForked] where its
// beginning is another, [ErrCheckpoint] where what is kept is no checkpoint that is signed by a trusted key. Close ends it.
func OpenNotary(ctx context.Context, cfg NotaryConfig) (*Notary, error) {
	cfg = cfg.withDefaults()
	n := &Notary{cfg: cfg, origin: Origin(cfg.Fund), tree: cfg.Tree, done: make(chan struct{}), due: make(chan struct{}, 1)}
	signer, err := cfg.Key.Signer()
	if err != nil {
		return nil, fmt.Errorf("reading the signing key: %w", err)
	}
	own, err := ParseTrust(cfg.Key.Verifier)
	if err != nil {
		return nil, err
	}
	n.signer, n.trust = signer, Trust{Log: slices.Concat(own.Log, cfg.Trust.Log), Witnesses: cfg.Trust.Witnesses}
	if err := n.signBeside(cfg.Beside); err != nil {
		return nil, err
	}
	if n.tree.Hashes == nil {
		n.own = newGrowing()
		n.tree = n.own.kept()
	}
	if err := n.takeUp(ctx); err != nil {
		return nil, err
	}
	following, cancel := context.WithCancel(context.WithoutCancel(ctx))
	n.cancel = cancel
	n.due <- struct{}{} // what came while nobody signed
	working, rest := context.WithCancel(following)
	n.rest = rest
	n.ended.Go(func() { n.follow(following) })
	n.issued.Go(func() { n.work(working) })
	return n, nil
}

// takeUp finds the latest checkpoint and holds the log against it.
func (n *Notary) takeUp(ctx context.Context) error {
	sizes, err := n.cfg.Store.Sizes(ctx)
	if err != nil {
		return err
	}
	if len(sizes) > 0 {
		if n.latest, err = OpenKept(ctx, n.cfg.Store, n.trust, n.origin, sizes[len(sizes)-1]); err != nil {
			return err
		}
		// A store that was away when it was issued has it now.
		if err := n.cfg.Store.Keep(ctx, n.latest.Size, n.latest.Note); err != nil {
			return err
		}
	}
	end, err := n.endBeyond(ctx, n.latest.Size)
	if err != nil {
		return err
	}
	if n.own == nil && n.latest.Size > 0 && n.takeFrontier(ctx) {
		return nil
	}
	return n.readAll(ctx, end)
}

// shortFor is how long a log has to end before a checkpoint: a leader of it that has just changed may be a moment behind who keeps the checkpoints.
const shortFor = 2 * time.Second

// endBeyond is where the log ends: [ErrRolledBack] where that is before a checkpoint of a size, and stays so.
func (n *Notary) endBeyond(ctx context.Context, size uint64) (uint64, error) {
	for began := time.Now(); ; pause(ctx, 100*time.Millisecond) {
		end, err := n.cfg.Log.Last(ctx)
		switch {
		case err != nil:
			return 0, fmt.Errorf("asking where the log ends: %w", err)
		case end >= size:
			return end, nil
		case time.Since(began) >= shortFor:
			return end, fmt.Errorf("%w: it ends at event %d, and %d events were signed for", ErrRolledBack, end, size)
		case ctx.Err() != nil:
			return end, ctx.Err()
		}
	}
}

// leavesHeld is how many of the log's events before a checkpoint are held against the kept tree's leaves.
const leavesHeld = 256

// takeFrontier takes the tree's edge at the latest checkpoint from the kept tree, where that has the root that was signed
// and the log's last events before the checkpoint are its leaves. It is false where it does not: the log itself decides then.
func (n *Notary) takeFrontier(ctx context.Context) bool {
	size := n.latest.Size
	if n.tree.Size() < size || n.latest.continues(ctx, n.tree.Hashes, size) != nil {
		return false
	}
	from := size - min(size, leavesHeld)
	kept, err := n.tree.Hashes.Leaves(ctx, int64(from), int64(size))
	if err != nil {
		return false
	}
	read := make([]tlog.Hash, 0, len(kept))
	err = n.cfg.Log.Read(ctx, from+1, size, func(records []eventstore.Record) error {
		for _, r := range records {
			read = append(read, eventstore.LeafHash(r))
		}
		return nil
	})
	if err != nil || !slices.Equal(kept, read) {
		return false
	}
	n.frontier, err = eventstore.FrontierOf(int64(size), func(level int, index int64) (tlog.Hash, error) {
		return stored{ctx, n.tree.Hashes}.node(level, index)
	})
	return err == nil && n.frontier.Root() == n.latest.Root
}

// readAll takes the tree's edge from the log itself.
func (n *Notary) readAll(ctx context.Context, end uint64) error {
	n.frontier = eventstore.Frontier{}
	held := n.latest.Size == 0
	hold := func() error {
		if held || uint64(n.frontier.Size()) != n.latest.Size {
			return nil
		}
		held = true
		if root := n.frontier.Root(); root != n.latest.Root {
			return fmt.Errorf("%w: the first %d events have the root %s, signed is %s", ErrForked, n.latest.Size, root.String(), n.latest.Root.String())
		}
		return nil
	}
	if end == 0 {
		return hold()
	}
	err := n.cfg.Log.Read(ctx, 1, 0, func(records []eventstore.Record) error {
		records, broken := readable(records)
		if n.own != nil {
			n.own.append(records)
		}
		for _, r := range records {
			n.frontier.Append(eventstore.LeafHash(r))
			if err := hold(); err != nil {
				return err
			}
		}
		return broken
	})
	if unreadable := new(wire.Unreadable); errors.As(err, &unreadable) && held {
		err = nil // what lies before it was signed, or may be; following tells of it
	}
	if err != nil {
		return fmt.Errorf("holding the log against its latest checkpoint: %w", err)
	}
	return nil
}

// follow takes in what comes.
func (n *Notary) follow(ctx context.Context) {
	for ctx.Err() == nil {
		n.mu.Lock()
		next := uint64(n.frontier.Size()) + 1
		n.mu.Unlock()
		err := n.cfg.Log.Follow(ctx, next, func(records []eventstore.Record) error {
			records, broken := readable(records)
			if n.own != nil {
				n.own.append(records)
			}
			if err := n.heldBy(records); err != nil {
				return err
			}
			n.mu.Lock()
			for _, r := range records {
				n.frontier.Append(eventstore.LeafHash(r))
			}
			due := uint64(n.frontier.Size())-n.latest.Size >= n.cfg.Every
			n.mu.Unlock()
			if due {
				select {
				case n.due <- struct{}{}:
				default:
				}
			}
			return broken
		})
		if ctx.Err() != nil {
			return
		}
		if unreadable := new(wire.Unreadable); errors.As(err, &unreadable) {
			n.trouble(fmt.Errorf("nothing is signed behind event %d: %w", unreadable.Seq-1, err))
			return
		}
		if errors.Is(err, ErrReplaced) {
			n.end(err)
			n.cfg.Logger.Warn("the checkpoint key was changed: this notary signs nothing more", "error", err)
			return
		}
		if errors.Is(err, eventstore.ErrGap) || errors.Is(err, eventstore.ErrShort) {
			n.alarm(fmt.Errorf("%w: %w", ErrRolledBack, err))
			return
		}
		n.trouble(fmt.Errorf("following the log: %w", err))
		pause(ctx, time.Second)
	}
}

// readable is the events before the first message that is none, and why that is none. Nothing is signed behind it: whoever goes on from
// a copy of the log that ends before it contradicts no checkpoint.
func readable(records []eventstore.Record) ([]eventstore.Record, error) {
	for i, r := range records {
		if _, err := wire.Decode(r); err != nil {
			return records[:i], err
		}
	}
	return records, nil
}

func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

// work issues checkpoints when they are due.
func (n *Notary) work(ctx context.Context) {
	tick := time.NewTicker(n.cfg.Period)
	defer tick.Stop()
	n.cosignLatest(ctx)
	for {
		before, _ := n.Latest()
		select {
		case <-n.due:
		case <-tick.C:
		case <-n.done:
			return
		case <-ctx.Done():
			return
		}
		issued, err := n.Issue(ctx)
		if err != nil && ctx.Err() == nil && n.Err() == nil {
			n.trouble(err)
			pause(ctx, time.Second)
		}
		if err == nil && issued.Size == before.Size {
			n.cosignLatest(ctx)
		}
	}
}

// Issue signs the log as far as it was read, unless that has been signed already, keeps the note, and has it cosigned where
// there are witnesses. It returns the latest checkpoint. A witness that does not answer is no error: it is asked again after the
// period, or with the next checkpoint. [ErrForked] and [ErrRolledBack] are alarms: the notary has ended.
func (n *Notary) Issue(ctx context.Context) (Signed, error) {
	n.issuing.Lock()
	defer n.issuing.Unlock()
	if err := n.Err(); err != nil {
		return Signed{}, err
	}
	n.mu.Lock()
	size, root, latest := uint64(n.frontier.Size()), n.frontier.Root(), n.latest
	n.mu.Unlock()
	if size <= latest.Size {
		return latest, nil
	}
	if err := n.holdOthers(ctx, size); err != nil {
		return Signed{}, n.judged(err)
	}
	text, err := Checkpoint{Origin: n.origin, Size: size, Root: root}.Sign(n.signer, n.beside...)
	if err != nil {
		return Signed{}, err
	}
	if err := n.cfg.Store.Keep(ctx, size, text); err != nil {
		return Signed{}, n.judged(err)
	}
	signed, err := OpenKept(ctx, n.cfg.Store, n.trust, n.origin, size)
	if err != nil {
		return Signed{}, n.judged(err)
	}
	if n.treeHas(ctx, size) {
		n.compare(ctx, signed)
		signed = n.cosign(ctx, signed)
	}
	n.kept(signed)
	n.cfg.Logger.Info("a checkpoint was issued", "size", size, "root", root.String(), "cosignatures", len(signed.Cosignatures))
	if n.cfg.Issued != nil {
		n.cfg.Issued(signed)
	}
	return signed, nil
}

// kept takes a checkpoint for the latest.
func (n *Notary) kept(s Signed) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.latest = s
}

// judged raises the alarm over an error that is one.
func (n *Notary) judged(err error) error {
	if errors.Is(err, ErrForked) || errors.Is(err, ErrRolledBack) {
		n.alarm(err)
	}
	return err
}

// holdOthers holds the log against the latest checkpoint that another notary has issued meanwhile.
func (n *Notary) holdOthers(ctx context.Context, size uint64) error {
	sizes, err := n.cfg.Store.Sizes(ctx)
	if err != nil || len(sizes) == 0 {
		return err
	}
	latest := sizes[len(sizes)-1]
	if latest > size {
		_, err := n.endBeyond(ctx, latest)
		return err
	}
	other, err := OpenKept(ctx, n.cfg.Store, n.trust, n.origin, latest)
	if err != nil {
		return err
	}
	if n.tree.Size() < latest {
		return nil // the tree is behind; the next checkpoint is held against it
	}
	return other.continues(ctx, n.tree.Hashes, size)
}

// treePatience is how long the kept tree may take to come to a checkpoint before it is compared, and witnesses are asked, another time.
const treePatience = 5 * time.Second

// treeHas waits a little until the kept tree has come to a checkpoint. While the database is away it does not, and nothing waits for that.
func (n *Notary) treeHas(ctx context.Context, size uint64) bool {
	ctx, cancel := context.WithTimeout(ctx, treePatience)
	defer cancel()
	return n.tree.WaitFor(ctx, size) == nil
}

// compare holds the kept tree against a checkpoint. That it is another is the projections' fault, not the log's: it is told,
// and a verification says where.
func (n *Notary) compare(ctx context.Context, s Signed) {
	if n.own != nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, treePatience)
	defer cancel()
	root, err := RootAt(ctx, n.tree.Hashes, s.Size)
	if err == nil && root != s.Root {
		err = fmt.Errorf("the tree as it is kept has another root at event %d than the log: rebuild the projections, and look who changed them", s.Size)
	}
	if err != nil && ctx.Err() == nil {
		n.trouble(err)
	}
}

// cosign asks the witnesses, and keeps what they sign.
func (n *Notary) cosign(ctx context.Context, s Signed) Signed {
	for _, url := range n.cfg.Witnesses {
		cosigned, err := Cosign(ctx, n.cfg.Client, url, n.tree.Hashes, n.trust, s)
		if err == nil {
			err = n.cfg.Store.Keep(ctx, s.Size, cosigned.Note)
		}
		if err != nil {
			n.trouble(fmt.Errorf("having the checkpoint of %d events cosigned at %s: %w", s.Size, url, err))
			continue
		}
		s = cosigned
	}
	return s
}

// cosignLatest has the latest checkpoint cosigned where a signature of a witness lacks: it was signed before they were named, or while
// one was away. A log to which nothing comes would stay without them.
func (n *Notary) cosignLatest(ctx context.Context) {
	n.issuing.Lock()
	defer n.issuing.Unlock()
	latest, ok := n.Latest()
	if !ok || len(latest.Cosignatures) >= len(n.cfg.Witnesses) || n.Err() != nil || !n.treeHas(ctx, latest.Size) {
		return
	}
	n.kept(n.cosign(ctx, latest))
}

func (n *Notary) trouble(err error) {
	n.cfg.Logger.Error("checkpoints", "error", err)
	if n.cfg.Failed != nil {
		n.cfg.Failed(err)
	}
}

// heldBy is [ErrReplaced] where some records say, signed by both keys, that another key took the place of the notary's.
func (n *Notary) heldBy(records []eventstore.Record) error {
	for _, r := range records {
		change, ok := RotationOf(r)
		if ok && Replaced(n.origin, n.cfg.Key.Verifier, []Rotation{change}) != "" {
			return fmt.Errorf("event %d: %w by %s", r.Seq, ErrReplaced, change.New)
		}
	}
	return nil
}

// Halt ends the notary for an error that another has found: what it has read is not signed.
func (n *Notary) Halt(err error) { n.end(err) }

// end ends the notary over an error, once. It reports whether it was the first.
func (n *Notary) end(err error) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.err != nil {
		return false
	}
	n.err = err
	close(n.done)
	return true
}

func (n *Notary) alarm(err error) {
	if n.end(err) {
		n.cfg.Logger.Error("ALARM: the log is not the one that was signed", "error", err)
	}
}

// Latest is the latest checkpoint; false: there is none yet.
func (n *Notary) Latest() (Signed, bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.latest, n.latest.Size > 0
}

// read is how many events the notary has read.
func (n *Notary) read() uint64 {
	n.mu.Lock()
	defer n.mu.Unlock()
	return uint64(n.frontier.Size())
}

// Verifier is the log's verifier key, to give to those who check.
func (n *Notary) Verifier() string { return n.cfg.Key.Verifier }

// Signer is the log's key, for whoever states the sums of a ledger in the notary's name (a bundle).
func (n *Notary) Signer() note.Signer { return n.signer }

// Trust is whose signatures are believed: the notary's own key too.
func (n *Notary) Trust() Trust { return n.trust }

// Tree is the tree that is kept, or the notary's own.
func (n *Notary) Tree() Kept { return n.tree }

// Err is why the notary has ended: the alarm that the log is not the one that was signed, or [ErrReplaced]; nil while it signs.
func (n *Notary) Err() error {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.err
}

// Done is closed when the notary has ended by itself.
func (n *Notary) Done() <-chan struct{} { return n.done }

// Close signs what has come since the latest checkpoint, and ends.
func (n *Notary) Close() {
	n.once.Do(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 15*time.Second)
		defer cancel()
		n.rest() // it may be waiting for the database, or for a witness
		n.issued.Wait()
		if end, err := n.cfg.Log.Last(ctx); err == nil && n.Err() == nil {
			n.catchUp(ctx, end)
		}
		if _, err := n.Issue(ctx); err != nil && n.Err() == nil {
			n.trouble(err)
		}
		n.cancel()
		n.ended.Wait()
	})
}

// catchUp waits until the notary has read up to an event, but not for long.
func (n *Notary) catchUp(ctx context.Context, end uint64) {
	waiting, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	for n.read() < end && waiting.Err() == nil {
		pause(waiting, 5*time.Millisecond)
	}
}
