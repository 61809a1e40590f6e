package postgres

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
)

var (
	madeSumsSQL    = compose(statement("made_sums"))
	madePageSQL    = compose(given(statement("made_page"), map[string]any{"whole": true}))
	madeSomeSQL    = compose(given(statement("made_page"), map[string]any{"narrowed": true}))
	madeOutsideSQL = compose(statement("made_outside"))
	madeBySQL      = compose(statement("made_by"))
)

// madeLimit is how many postings a page has, where nothing is said.
const madeLimit = 1000

// Made answers a page of what a figure is made of, from the tables: [projections.ErrCursor], [projections.ErrNotYet].
func (q *Queries) Made(ctx context.Context, ask projections.Made) (projections.MadePage, error) {
	from, err := readMadeCursor(ask.Cursor)
	if err != nil {
		return projections.MadePage{}, err
	}
	if ask.Limit <= 0 {
		ask.Limit = madeLimit
	}
	var p projections.MadePage
	err = q.read(ctx, projections.AsOf{Seq: ask.Upto}, domain.Date{}, func(tx pgx.Tx, m moment) error {
		p = projections.MadePage{Seq: m.seq, People: map[domain.ApplicationID][]projections.MadeBy{}}
		now, err := scanCheckpoint(tx.QueryRow(ctx, readCheckpoint))
		if err != nil && !errors.Is(err, pgx.ErrNoRows) {
			return err
		}
		one := making{ctx: ctx, tx: tx, ask: ask, page: &p, present: now.Seq == m.seq}
		one.values = map[string]any{"at_seq": int64(m.seq), "limit_rows": ask.Limit + 1, "after": from.application, "after_seq": int64(from.seq), "after_n": from.n}
		kinds := make([]string, len(ask.Kinds))
		for i, k := range ask.Kinds {
			kinds[i] = k.String()
		}
		one.values["kinds"] = kinds
		filter(one.values, "line_enterprise", string(ask.Lines.Enterprise))
		filter(one.values, "line_clause", string(ask.Lines.Clause))
		filter(one.values, "line_kind", string(ask.Lines.SubjectKind))
		filter(one.values, "line_subject", ask.Lines.Subject)
		filter(one.values, "line_year", int(ask.Lines.Year))
		return one.make(from)
	})
	if err != nil {
		return p, fmt.Errorf("asking what a figure is made of: %w", err)
	}
	return p, nil
}

// making is a page on its way.
type making struct {
	ctx     context.Context
	tx      pgx.Tx
	ask     projections.Made
	values  map[string]any
	page    *projections.MadePage
	present bool
}

func (m *making) make(from madeCursor) error {
	if !m.ask.NoSums {
		if err := m.sums(); err != nil {
			return err
		}
	}
	if !from.outside {
		page := madePageSQL
		if m.ask.Lines != (projections.Lines{}) {
			page = madeSomeSQL
		}
		if err := m.rows(page); err != nil {
			return err
		}
		if len(m.page.Rows) > m.ask.Limit {
			m.cut()
			return m.people()
		}
		if err := m.people(); err != nil {
			return err
		}
	}
	left := m.ask.Limit - len(m.page.Rows)
	m.values["limit_rows"] = left + 1
	had := len(m.page.Rows)
	if err := m.rows(madeOutsideSQL); err != nil {
		return err
	}
	if more := len(m.page.Rows) - had; more > left {
		m.page.Rows = m.page.Rows[:had+left]
		last := from
		if left > 0 {
			row := m.page.Rows[had+left-1]
			last.seq, last.n = row.Seq, row.N
		}
		m.page.Next = madeCursor{outside: true, seq: last.seq, n: last.n}.String()
	}
	return nil
}

// cut ends a page behind the last whole application; one that is longer than a page is one page.
func (m *making) cut() {
	rows := m.page.Rows
	last := rows[len(rows)-1].Application
	whole := len(rows) - 1
	for whole > 0 && rows[whole-1].Application == last {
		whole--
	}
	if whole > 0 {
		m.page.Rows = rows[:whole]
	}
	m.page.Next = madeCursor{application: string(m.page.Rows[len(m.page.Rows)-1].Application)}.String()
}

func (m *making) sums() error {
	found, err := m.tx.Query(m.ctx, madeSumsSQL.sql, madeSumsSQL.args(m.values)...)
	if err != nil {
		return err
	}
	i := 0
	var kind, amount, kept string
	var postings int64
	_, err = pgx.ForEachRow(found, []any{&kind, &amount, &kept, &postings}, func() error {
		sum := projections.MadeSum{Kind: m.ask.Kinds[i], Postings: postings}
		i++
		if err := sum.Amount.UnmarshalText([]byte(amount)); err != nil {
			return err
		}
		if sum.Kept = sum.Amount; m.present {
			if err := sum.Kept.UnmarshalText([]byte(kept)); err != nil {
				return err
			}
		}
		m.page.Sums = append(m.page.Sums, sum)
		return nil
	})
	return err
}

func (m *making) rows(q query) error {
	kinds := map[string]projections.Kind{}
	for _, k := range m.ask.Kinds {
		kinds[k.String()] = k
	}
	found, err := m.tx.Query(m.ctx, q.sql, q.args(m.values)...)
	if err != nil {
		return err
	}
	var kind, amount, application, ref, event, actor, actorFor, role, department, command string
	var seq int64
	var n, version int
	var day, decided domain.Date
	into := []any{&kind, &seq, &n, &amount, (*date)(&day), &application, &ref, &event, &version, &actor, &actorFor, &role, &department, &command, (*date)(&decided)}
	_, err = pgx.ForEachRow(found, into, func() error {
		row := projections.MadeRow{Kind: kinds[kind], Seq: uint64(seq), N: n, Date: day, Application: domain.ApplicationID(application), Ref: ref, Event: event,
			ClauseVersion: version, By: projections.MadeBy{Person: domain.PersonID(actor), For: domain.PersonID(actorFor), Role: domain.Role(role),
				Department: domain.DepartmentID(department), Command: command, Seq: uint64(seq), Date: decided}}
		if err := row.Amount.UnmarshalText([]byte(amount)); err != nil {
			return err
		}
		m.page.Rows = append(m.page.Rows, row)
		return nil
	})
	return err
}

func (m *making) people() error {
	var applications []string
	for _, row := range m.page.Rows {
		if n := len(applications); n == 0 || applications[n-1] != string(row.Application) {
			applications = append(applications, string(row.Application))
		}
	}
	m.values["applications"] = applications
	found, err := m.tx.Query(m.ctx, madeBySQL.sql, madeBySQL.args(m.values)...)
	if err != nil {
		return err
	}
	var application, actor, actorFor, role, department, command string
	var seq int64
	var day domain.Date
	_, err = pgx.ForEachRow(found, []any{&application, &seq, &actor, &actorFor, &role, &department, &command, (*date)(&day)}, func() error {
		id := domain.ApplicationID(application)
		m.page.People[id] = append(m.page.People[id], projections.MadeBy{Person: domain.PersonID(actor), For: domain.PersonID(actorFor), Role: domain.Role(role),
			Department: domain.DepartmentID(department), Command: command, Seq: uint64(seq), Date: day})
		return nil
	})
	return err
}

// madeCursor is behind what the next page begins: an application, or a posting that belongs to none.
type madeCursor struct {
	outside     bool
	application string
	seq         uint64
	n           int
}

func (c madeCursor) String() string {
	text := "a" + c.application
	if c.outside {
		text = "o" + strconv.FormatUint(c.seq, 10) + "." + strconv.Itoa(c.n)
	}
	return base64.RawURLEncoding.EncodeToString([]byte(text))
}

func readMadeCursor(text string) (c madeCursor, err error) {
	if text == "" {
		return c, nil
	}
	plain, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(plain) == 0 {
		return c, projections.ErrCursor
	}
	switch kind, rest := plain[0], string(plain[1:]); kind {
	case 'a':
		if rest == "" || projections.ByApplication.Check(rest) != nil {
			return c, projections.ErrCursor
		}
		c.application = rest
	case 'o':
		seq, n, _ := strings.Cut(rest, ".")
		var bad error
		c.outside = true
		c.seq, err = strconv.ParseUint(seq, 10, 63)
		if c.n, bad = strconv.Atoi(n); err != nil || bad != nil || c.n < 0 || c.n > 32767 {
			return c, projections.ErrCursor
		}
	default:
		return c, projections.ErrCursor
	}
	return c, nil
}
