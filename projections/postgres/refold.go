package postgres

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/migrations"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/wire"
)

// refoldBatch is how many events a refold writes at once: while they are being written the next are folded.
const refoldBatch = 2000

// refold is the tables that the log makes, in a schema of its own and in one transaction that sees the kept tables as they are in a
// snapshot. The transaction is never committed: nothing is left of it, however it ends. Memory holds two batches; the
// database holds the tables once more as long as the refold is open.
type refold struct {
	conn     *pgx.Conn
	tx       pgx.Tx
	schema   string
	position uint64 // of the snapshot: later events are left out
	writer   *writer
	tree     grower
	hasher   eventstore.LeafHasher
	next     *projections.Batch
	last     uint64     // event taken
	flying   chan error // of the batch that is being written; nil: none
	broken   error      // why the log cannot be folded
}

// Refold begins to fold the log once more, beside the tables as they are in the snapshot.
func (s *Snapshot) Refold(ctx context.Context) (projections.Refold, error) {
	var exported string
	if err := s.tx.QueryRow(ctx, "SELECT pg_export_snapshot()").Scan(&exported); err != nil {
		return nil, fmt.Errorf("sharing the snapshot: %w", err)
	}
	config := s.pool.Config().ConnConfig.Copy()
	if err := forWriting(config); err != nil {
		return nil, err
	}
	delete(config.RuntimeParams, "default_transaction_read_only")
	config.RuntimeParams["idle_in_transaction_session_timeout"] = idleMost(refoldStill)
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("connecting to the database: %w", err)
	}
	r := &refold{conn: conn, position: s.position, next: projections.NewBatch()}
	if err := r.begin(ctx, exported, s.log, s.found); err != nil {
		r.Close()
		return nil, fmt.Errorf("beginning to fold the log again: %w", err)
	}
	return r, nil
}

// begin makes empty tables, and the checkpoint where the kept tables have one.
func (r *refold) begin(ctx context.Context, snapshot string, log Log, found bool) (err error) {
	if r.tx, err = r.conn.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead}); err != nil {
		return err
	}
	if _, err := r.tx.Exec(ctx, "SET TRANSACTION SNAPSHOT "+quoted(snapshot)); err != nil {
		return err
	}
	if err := sameVersion(ctx, r.tx); err != nil {
		return err
	}
	r.schema = fmt.Sprintf("%s_said_%d", Schema, r.conn.PgConn().PID())
	if err := makeTables(ctx, r.tx, r.schema); err != nil {
		return err
	}
	r.writer = &writer{conn: r.conn}
	if found {
		if err := r.writer.begin(ctx, log); err != nil {
			return err
		}
	}
	r.tree, err = r.writer.checkpoint.tree()
	return err
}

// newestVersion is the number of the last migration that this binary knows.
func newestVersion() (newest int64, err error) {
	files, err := fs.Glob(migrations.Files, "*.sql")
	if err != nil {
		return 0, err
	}
	for _, name := range files {
		number, _, _ := strings.Cut(name, "_")
		version, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			return 0, fmt.Errorf("the migration %s has no number: %w", name, err)
		}
		newest = max(newest, version)
	}
	return newest, nil
}

// sameVersion refuses to compare tables that another version of this program made.
func sameVersion(ctx context.Context, from asker) error {
	newest, err := newestVersion()
	if err != nil {
		return err
	}
	version, err := versionOf(ctx, from)
	if err == nil && version != newest {
		err = &otherVersion{version, newest}
	}
	return err
}

// notNewer refuses to bring tables up to date that a later release made: what this one makes would be less.
func notNewer(ctx context.Context, from asker) error {
	newest, err := newestVersion()
	if err != nil {
		return err
	}
	var readable bool
	err = from.QueryRow(ctx, `SELECT count(*) > 0 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = $1 AND c.relname = 'goose_db_version' AND has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT')`, Schema).Scan(&readable)
	if err != nil {
		return fmt.Errorf("asking for the version of the tables: %w", err)
	}
	if !readable { // there are none, or they are none of this role's business
		return nil
	}
	version, err := versionOf(ctx, from)
	if err == nil && version > newest {
		err = &otherVersion{version, newest}
	}
	return err
}

// versionOf is the number of the last migration that the live tables have.
func versionOf(ctx context.Context, from asker) (version int64, err error) {
	err = from.QueryRow(ctx, "SELECT coalesce(max(version_id), 0) FROM "+Schema+".goose_db_version WHERE is_applied").Scan(&version)
	if err != nil {
		return 0, fmt.Errorf("asking for the version of the tables: %w", err)
	}
	return version, nil
}

// otherVersion says of which version the tables are, and which one this binary makes.
type otherVersion struct{ tables, binary int64 }

func (e *otherVersion) Error() string { return e.Message().EN }

func (e *otherVersion) Is(target error) bool { return target == ErrOtherVersion }

// Message is the error for people.
func (e *otherVersion) Message() domain.Text {
	return domain.Text{
		ZH: fmt.Sprintf("数据表为第 %d 版，本程序使用第 %d 版：请使用建立该表的 fundledger 版本，或重新启动其服务", e.tables, e.binary),
		EN: fmt.Sprintf("the tables are of version %d, and this fundledger makes version %d: use the fundledger that made them, or start its service anew", e.tables, e.binary),
	}
}

// makeTables makes a schema with empty tables and no index but those of their constraints, and leads unqualified names there. The tables
// are ordinary ones: of unlogged tables whose transaction ends without a commit PostgreSQL (15 to 18) may find, after its postmaster was
// killed, one file more than it expects, and does not start again. Where wal_level is minimal they are not logged in any case.
func makeTables(ctx context.Context, tx pgx.Tx, schema string) error {
	name := pgx.Identifier{schema}.Sanitize()
	if _, err := tx.Exec(ctx, fmt.Sprintf("CREATE SCHEMA %s; SET LOCAL search_path = %s", name, name)); err != nil {
		return fmt.Errorf("making the schema %s: %w", schema, err)
	}
	text, err := tablesSQL()
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, text); err != nil {
		return fmt.Errorf("making the tables of %s: %w", schema, err)
	}
	if _, err := tx.Exec(ctx, strings.ReplaceAll(dropIndexesSQL, "{schema}", quoted(schema))); err != nil {
		return fmt.Errorf("dropping the indexes of %s: %w", schema, err)
	}
	return nil
}

var (
	newType  = regexp.MustCompile(`CREATE TYPE (\w+) AS ENUM \(([^)]*)\)`)
	newValue = regexp.MustCompile(`ALTER TYPE (\w+) ADD VALUE (?:IF NOT EXISTS )?('[^']*')[^;]*;`)
)

// tablesSQL are all migrations, to be run in one transaction: a type has its later values from the beginning, for PostgreSQL lets
// nobody use a value in the transaction that adds it.
func tablesSQL() (string, error) {
	files, err := fs.Glob(migrations.Files, "*.sql") // in the order of their numbers
	if err != nil {
		return "", err
	}
	var b strings.Builder
	for _, file := range files {
		text, err := migrations.Files.ReadFile(file)
		if err != nil {
			return "", err
		}
		b.Write(text)
		b.WriteByte('\n')
	}
	later := map[string]string{}
	for _, m := range newValue.FindAllStringSubmatch(b.String(), -1) {
		later[m[1]] += ", " + m[2]
	}
	text := newType.ReplaceAllStringFunc(newValue.ReplaceAllString(b.String(), ""), func(made string) string {
		return strings.TrimSuffix(made, ")") + later[newType.FindStringSubmatch(made)[1]] + ")"
	})
	return text, nil
}

// dropIndexesSQL drops the indexes that are there for questions: nobody asks these tables any.
const dropIndexesSQL = `DO $$ DECLARE what regclass; BEGIN
    FOR what IN SELECT i.indexrelid FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
        WHERE c.relnamespace = {schema}::regnamespace AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = i.indexrelid)
    LOOP EXECUTE format('DROP INDEX %s', what); END LOOP;
END $$`

// Take implements [projections.Refold].
func (r *refold) Take(ctx context.Context, e wire.Entry, record eventstore.Record) error {
	if e.Seq > r.position || r.broken != nil {
		return nil
	}
	if e.Seq != r.last+1 {
		return r.breaks(e.Seq, fmt.Errorf("it follows event %d", r.last))
	}
	if err := r.next.Add(e, record.Data); err != nil {
		return r.breaks(e.Seq, err)
	}
	r.last = e.Seq
	r.tree.append(r.hasher.Hash(record))
	if r.next.Len() < refoldBatch {
		return nil
	}
	return r.flush(ctx)
}

// breaks notes that the log cannot be folded from an event on: that is a finding, and no failure of the comparison.
func (r *refold) breaks(seq uint64, err error) error {
	if r.broken == nil {
		r.broken = &projections.RefoldError{Seq: seq, Err: err}
	}
	return nil
}

// flush writes what was taken, when the batch before is written.
func (r *refold) flush(ctx context.Context) error {
	if r.next.Len() == 0 {
		return r.settle()
	}
	ready, err := prepare(r.next, r.tree.grown())
	if err != nil {
		return r.breaks(r.next.First, err)
	}
	if err := r.settle(); err != nil || r.broken != nil {
		return err
	}
	r.next = projections.NewBatch()
	written := make(chan error, 1)
	r.flying = written
	go func() { written <- r.writer.writeIn(ctx, r.tx, ready) }()
	return nil
}

// settle waits for the batch that is being written. What the database refuses about its content lies in the log.
func (r *refold) settle() error {
	if r.flying == nil {
		return nil
	}
	err := <-r.flying
	r.flying = nil
	var answer *pgconn.PgError
	switch {
	case err == nil:
		return nil
	case errors.Is(err, ErrInconsistent), errors.As(err, &answer) && (strings.HasPrefix(answer.Code, "22") || strings.HasPrefix(answer.Code, "23")):
		return r.breaks(r.writer.checkpoint.Seq+1, err)
	}
	return fmt.Errorf("folding the log again: %w", err)
}

// Differences implements [projections.Refold].
func (r *refold) Differences(ctx context.Context) ([]projections.Difference, error) {
	if err := r.complete(ctx); err != nil {
		return nil, err
	}
	return agreement{tx: r.tx, kept: Schema, said: r.schema, most: maxCells}.withViews(ctx)
}

// complete writes what is left.
func (r *refold) complete(ctx context.Context) error {
	if err := r.flush(ctx); err != nil {
		return err
	}
	if err := r.settle(); err != nil {
		return err
	}
	return r.broken
}

// Close implements [projections.Refold].
func (r *refold) Close() {
	if r.flying != nil {
		<-r.flying
		r.flying = nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	_ = r.conn.Close(ctx) // the transaction goes with it: nothing is to be kept
}

// quoted is a text as SQL writes it.
func quoted(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }
