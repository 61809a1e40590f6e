package postgres

import (
	"context"
	"errors"
	"fmt"
	"maps"

	"github.com/jackc/pgx/v5"

	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/projections"
)

// Checkpoint says how far a log is projected.
type Checkpoint struct {
	Seq        uint64 // of the last event in the tables; 0: none
	MomentNs   int64  // the latest moment of recording up to there, in nanoseconds since 1970, UTC
	Stream     string // the log's name
	Fund       string
	lines      int64  // the highest line id
	generation string // of the tables
	frontier   string // of the tree: the hashes of its whole subtrees, largest first
}

// Log names the log that a database projects.
type Log struct{ Stream, Fund string }

// errMoved says that the tables are not where this writer left them: another one was at work, or they were rebuilt.
var errMoved = errors.New("the checkpoint has moved")

// maxRemembered bounds how many line ids a writer remembers: about 30 MB.
const maxRemembered = 200_000

// writer writes batches on one connection, each in one transaction that begins by locking the checkpoint and ends by moving it.
type writer struct {
	conn       *pgx.Conn
	checkpoint Checkpoint
	ids        map[projections.Line]int64
}

// writerParams make plans for batches: keys looked up one by one, however small the tables were when the plan was made. A
// commit waits for the disk: a position that others were shown is there after a crash of the database too.
var writerParams = map[string]string{"synchronous_commit": "on", "enable_seqscan": "off", "enable_hashjoin": "off", "enable_mergejoin": "off", "plan_cache_mode": "force_generic_plan"}

// heldStill bounds how long a writer that was stopped in the midst of its work (a machine that is moved, a process that is held) keeps the others
// away: the database ends its session, and whoever it was takes the tables as they are then. No statement of a batch comes near the second one.
var heldStill = map[string]string{"idle_in_transaction_session_timeout": "5s", "statement_timeout": "5min"}

// forWriting sets what a connection that writes is set to, and says for which version of the tables it does: of another they refuse it.
func forWriting(config *pgx.ConnConfig) error {
	version, err := newestVersion()
	if err != nil {
		return err
	}
	maps.Copy(config.RuntimeParams, writerParams)
	config.RuntimeParams["fundledger.tables"] = fmt.Sprint(version)
	return nil
}

func openWriter(ctx context.Context, url, schema string, log Log) (*writer, error) {
	config, err := connConfig(url, schema)
	if err != nil {
		return nil, err
	}
	if err := forWriting(config); err != nil {
		return nil, err
	}
	maps.Copy(config.RuntimeParams, heldStill)
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("connecting to the database: %w", err)
	}
	w := &writer{conn: conn}
	if err := w.begin(ctx, log); err != nil {
		return nil, errors.Join(err, conn.Close(context.WithoutCancel(ctx)))
	}
	return w, nil
}

var (
	beginCheckpoint = statement("begin_checkpoint")
	readCheckpoint  = statement("read_checkpoint")
	lockCheckpoint  = statement("lock_checkpoint")
	moveCheckpoint  = statement("move_checkpoint")
	allLines        = statement("all_lines")
)

// begin makes the checkpoint of empty tables, or reads the one there is, which must be this log's.
func (w *writer) begin(ctx context.Context, log Log) error {
	if _, err := w.conn.Exec(ctx, beginCheckpoint, log.Stream, log.Fund); err != nil {
		return fmt.Errorf("making the checkpoint: %w", err)
	}
	if err := w.reload(ctx); err != nil {
		return err
	}
	if found := (Log{w.checkpoint.Stream, w.checkpoint.Fund}); found != log {
		return fmt.Errorf("the database holds fund %s from log %s, not fund %s from log %s: name the right database, or an empty one: %w",
			found.Fund, found.Stream, log.Fund, log.Stream, ErrOtherLog)
	}
	return nil
}

// holdLast holds the log against the last event in the tables: one that is as long, but was rewritten, is [ErrRewritten].
func (w *writer) holdLast(ctx context.Context, log Source) error {
	seq := w.checkpoint.Seq
	if seq == 0 {
		return nil
	}
	kept, err := Hashes{w.conn}.Leaves(ctx, int64(seq-1), int64(seq))
	if err != nil {
		return err
	}
	return log.Read(ctx, seq, seq, func(records []eventstore.Record) error {
		for _, r := range records {
			if eventstore.LeafHash(r) != kept[0] {
				return fmt.Errorf("%w: event %d is another", ErrRewritten, r.Seq)
			}
		}
		return nil
	})
}

// reload takes the checkpoint as it is in the tables and forgets line ids.
func (w *writer) reload(ctx context.Context) error {
	checkpoint, err := scanCheckpoint(w.conn.QueryRow(ctx, readCheckpoint))
	if err != nil {
		return fmt.Errorf("reading the checkpoint: %w", err)
	}
	w.checkpoint, w.ids = checkpoint, map[projections.Line]int64{}
	if checkpoint.lines == 0 || checkpoint.lines > maxRemembered {
		return nil
	}
	return w.remember(ctx)
}

// remember takes in the ids of all lines: while all are known, one that is not is new.
func (w *writer) remember(ctx context.Context) error {
	found, err := w.conn.Query(ctx, allLines)
	if err != nil {
		return fmt.Errorf("reading the lines: %w", err)
	}
	var line projections.Line
	var id int64
	_, err = pgx.ForEachRow(found, []any{&id, &line.Enterprise, &line.Clause, &line.Subject.Kind, &line.Subject.ID, &line.Year}, func() error {
		w.ids[line] = id
		return nil
	})
	if err != nil {
		return fmt.Errorf("reading the lines: %w", err)
	}
	return nil
}

func scanCheckpoint(row pgx.Row) (Checkpoint, error) {
	var c Checkpoint
	var seq int64
	var frontier []byte
	err := row.Scan(&seq, &c.MomentNs, &c.Stream, &c.Fund, &c.lines, &c.generation, &frontier)
	c.Seq, c.frontier = uint64(seq), string(frontier)
	return c, err
}

// write puts a batch into the tables, all of it or nothing. errMoved: the checkpoint is not the one expected; reload, and
// read the log on from there.
func (w *writer) write(ctx context.Context, b *prepared) error {
	tx, err := w.conn.Begin(ctx)
	if err != nil {
		return fmt.Errorf("beginning a transaction: %w", err)
	}
	next, fresh, err := w.apply(ctx, tx, b)
	if err != nil {
		return errors.Join(err, rollback(ctx, tx))
	}
	if err := tx.Commit(ctx); err != nil {
		return fmt.Errorf("committing events %d to %d: %w", b.First, b.Last, err)
	}
	w.moveTo(next, fresh)
	return nil
}

// moveTo takes over where the tables are, and the ids of the lines that were written last.
func (w *writer) moveTo(next Checkpoint, lines []lineID) {
	if len(w.ids)+len(lines) > maxRemembered {
		w.ids = make(map[projections.Line]int64, len(lines))
	}
	for _, line := range lines {
		w.ids[line.key] = line.id
	}
	w.checkpoint = next
}

// writeIn puts a batch into the tables in a transaction that goes on.
func (w *writer) writeIn(ctx context.Context, tx pgx.Tx, b *prepared) error {
	next, lines, err := w.apply(ctx, tx, b)
	if err == nil {
		w.moveTo(next, lines)
	}
	return err
}

// rollback ends a transaction that failed; a connection that is gone has ended it by itself.
func rollback(ctx context.Context, tx pgx.Tx) error {
	if tx.Conn().IsClosed() {
		return nil
	}
	if err := tx.Rollback(context.WithoutCancel(ctx)); err != nil && !errors.Is(err, pgx.ErrTxClosed) {
		return fmt.Errorf("rolling back: %w", err)
	}
	return nil
}

func (w *writer) apply(ctx context.Context, tx pgx.Tx, b *prepared) (Checkpoint, []lineID, error) {
	next, err := scanCheckpoint(tx.QueryRow(ctx, lockCheckpoint))
	switch {
	case err != nil:
		return next, nil, fmt.Errorf("locking the checkpoint: %w", err)
	case next != w.checkpoint:
		return next, nil, errMoved
	case b.First != next.Seq+1:
		return next, nil, fmt.Errorf("events %d to %d do not follow position %d: %w", b.First, b.Last, next.Seq, errMoved)
	}
	lines, err := w.resolve(ctx, tx, b.Batch, &next)
	if err != nil {
		return next, nil, fmt.Errorf("finding lines: %w", err)
	}
	for _, part := range []struct {
		what string
		do   func() error
	}{
		{"events", func() error { return copyEvents(ctx, tx, b, &next) }},
		{"policy", func() error { return writePolicies(ctx, tx, b.Batch) }},
		{"clauses", func() error { return writeAmendments(ctx, tx, b.Batch) }},
		{"joined subjects", func() error { return writeJoined(ctx, tx, b.Batch) }},
		{"crossings", func() error { return writeCrossings(ctx, tx, b, w.checkpoint.MomentNs) }}, // of the lines and budgets as they were
		{"lines", func() error { return writeLines(ctx, tx, b.Batch, lines) }},
		{"journal", func() error { return copyJournal(ctx, tx, b.Batch, lines) }},
	} {
		if err := part.do(); err != nil {
			return next, nil, fmt.Errorf("writing the %s: %w", part.what, err)
		}
	}
	for _, part := range b.parts {
		if err := part.run(ctx, tx); err != nil {
			return next, nil, err
		}
	}
	next.Seq, next.frontier = b.Last, b.tree.frontier
	if _, err := tx.Exec(ctx, moveCheckpoint, int64(next.Seq), next.MomentNs, next.lines, []byte(next.frontier)); err != nil {
		return next, nil, fmt.Errorf("moving the checkpoint to %d: %w", next.Seq, err)
	}
	return next, lines.all, nil
}

// ensure makes a new connection where the old one is gone, and takes the checkpoint as it is in the tables: what was being
// committed when the connection broke is there, or is not.
func (w *writer) ensure(ctx context.Context, url, schema string, log Log) error {
	if !w.conn.IsClosed() {
		return nil
	}
	fresh, err := openWriter(ctx, url, schema, log)
	if err != nil {
		return err
	}
	*w = *fresh
	return nil
}
