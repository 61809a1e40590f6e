package postgres

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
)

// Queries answers questions from the tables. It is safe for concurrent use.
type Queries struct {
	pool *pgxpool.Pool
	now  func() time.Time
}

// OpenQueries connects to a migrated database; nil for now is [time.Now]. Close ends it.
func OpenQueries(ctx context.Context, url string, now func() time.Time) (*Queries, error) {
	parsed, err := connConfig(url, Schema)
	if err != nil {
		return nil, err
	}
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("reading the database URL: %w", err)
	}
	parsed.RuntimeParams["plan_cache_mode"] = "force_custom_plan" // filters that are not set must cost nothing
	parsed.RuntimeParams["default_transaction_read_only"] = "on"
	config.ConnConfig = parsed
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("connecting to the database: %w", err)
	}
	if now == nil {
		now = time.Now
	}
	return &Queries{pool: pool, now: now}, nil
}

// Close ends the connections.
func (q *Queries) Close() { q.pool.Close() }

// moment is what a question is answered for.
type moment struct {
	past bool        // from the journal, not from the sums
	seq  uint64      // events up to here
	day  domain.Date // whose caps count
	on   domain.Date // postings up to this business date; none: all
}

var (
	momentOfSQL   = statement("moment_of")
	lastBeforeSQL = statement("last_before")
)

// read runs a question in one snapshot, for one moment.
func (q *Queries) read(ctx context.Context, asOf projections.AsOf, on domain.Date, ask func(tx pgx.Tx, m moment) error) error {
	return pgx.BeginTxFunc(ctx, q.pool, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		m, err := q.moment(ctx, tx, asOf, on)
		if err != nil {
			return err
		}
		return ask(tx, m)
	})
}

// moment finds the position and the day that a question is about. As of a past moment both are that moment's, so the
// answer stays the same for ever.
func (q *Queries) moment(ctx context.Context, tx pgx.Tx, asOf projections.AsOf, on domain.Date) (moment, error) {
	c, err := scanCheckpoint(tx.QueryRow(ctx, readCheckpoint))
	if errors.Is(err, pgx.ErrNoRows) {
		c, err = Checkpoint{}, nil
	}
	if err != nil {
		return moment{}, fmt.Errorf("reading the checkpoint: %w", err)
	}
	now := q.now()
	m := moment{past: !asOf.IsZero() || !on.IsZero(), seq: c.Seq, day: domain.DateIn(now, projections.Shanghai), on: on}
	switch {
	case asOf.Seq > c.Seq:
		return m, fmt.Errorf("position %d: the tables hold events up to %d: %w", asOf.Seq, c.Seq, projections.ErrNotYet)
	case asOf.Time.After(now):
		return m, fmt.Errorf("%s lies in the future: %w", asOf.Time.Format(time.RFC3339), projections.ErrNotYet)
	case asOf.Seq != 0:
		var ns int64
		if err := tx.QueryRow(ctx, momentOfSQL, int64(asOf.Seq)).Scan(&ns); err != nil {
			return m, fmt.Errorf("finding event %d: %w", asOf.Seq, err)
		}
		m.seq, m.day = asOf.Seq, domain.DateIn(time.Unix(0, ns), projections.Shanghai)
	case !asOf.Time.IsZero():
		var seq int64
		if err := tx.QueryRow(ctx, lastBeforeSQL, asOf.Time.UnixNano()).Scan(&seq); err != nil && !errors.Is(err, pgx.ErrNoRows) {
			return m, fmt.Errorf("finding the last event before %s: %w", asOf.Time, err)
		}
		m.seq, m.day = uint64(seq), domain.DateIn(asOf.Time, projections.Shanghai)
	}
	if !on.IsZero() {
		m.day = on
	}
	return m, nil
}

// query is a statement put together from files, with parameters by name: {name} in the text is the parameter name.
type query struct {
	sql   string
	names []string
}

// compose puts files in for {file} in a text, then numbers the parameters.
func compose(text string, files map[string]string) query {
	for range 3 { // files hold files
		for name, file := range files {
			text = strings.ReplaceAll(text, "{"+name+"}", file)
		}
	}
	var q query
	var b strings.Builder
	for {
		before, after, found := strings.Cut(text, "{")
		b.WriteString(before)
		if !found {
			q.sql = b.String()
			return q
		}
		name, rest, _ := strings.Cut(after, "}")
		place := 0
		for i, known := range q.names {
			if known == name {
				place = i + 1
			}
		}
		if place == 0 {
			q.names = append(q.names, name)
			place = len(q.names)
		}
		fmt.Fprintf(&b, "$%d", place)
		text = rest
	}
}

// args are the parameters in the statement's order; a name that is not given is NULL.
func (q query) args(values map[string]any) []any {
	list := make([]any, len(q.names))
	for i, name := range q.names {
		list[i] = values[name]
	}
	return list
}

// variants are a question about the present, and about the past.
type variants struct{ present, past query }

func compose2(name string, more map[string]string) variants {
	files := map[string]string{"caps": statement("caps"), "filter": statement(name + "_filter"), "limit": "LIMIT {limit_rows}", "lines": "lines",
		"seq": "{at_seq}::bigint", "day": "{at_day}::date", "on": "{on_day}::date"}
	maps.Copy(files, more)
	present := compose(statement(name), files)
	files["lines"] = statement("lines_at")
	return variants{present: present, past: compose(statement(name), files)}
}

func (v variants) of(m moment) query {
	if m.past {
		return v.past
	}
	return v.present
}

// values are the parameters that every question has.
func (m moment) values(limit int) map[string]any {
	values := map[string]any{"at_seq": int64(m.seq), "at_day": m.day.String(), "limit_rows": projections.Limit(limit) + 1}
	if !m.on.IsZero() {
		values["on_day"] = m.on.String()
	}
	return values
}

// filter adds a parameter that filters, unless it is empty.
func filter[T comparable](values map[string]any, name string, value T) {
	var none T
	if value != none {
		values[name] = value
	}
}

// after adds the parameters of a cursor: the key of the last row before.
func after(values map[string]any, cursor string, key ...any) error {
	if cursor == "" {
		return nil
	}
	text, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil {
		return projections.ErrCursor
	}
	var parts []jsontext.Value
	if err := json.Unmarshal(text, &parts); err != nil || len(parts) != len(key) {
		return projections.ErrCursor
	}
	for i, part := range parts {
		name, err := fmt.Sprintf("after_%d", i+1), error(nil)
		switch key[i].(type) {
		case int64:
			var number int64
			err = json.Unmarshal(part, &number)
			values[name] = number
		default:
			var word string
			err = json.Unmarshal(part, &word)
			values[name] = word
		}
		if err != nil {
			return projections.ErrCursor
		}
	}
	return nil
}

// cursor is a row's key, as the next page is asked for.
func cursor(key ...any) string {
	text, err := json.Marshal(key)
	if err != nil {
		panic("postgres: a key of texts and numbers cannot be written: " + err.Error())
	}
	return base64.RawURLEncoding.EncodeToString(text)
}

// page cuts what was asked for one row too many.
func page[T any](rows []T, limit int, seq uint64, key func(T) string) projections.Page[T] {
	p := projections.Page[T]{Rows: rows, Seq: seq}
	if limit = projections.Limit(limit); len(rows) > limit {
		p.Rows = rows[:limit]
		p.Next = key(p.Rows[limit-1])
	}
	return p
}
