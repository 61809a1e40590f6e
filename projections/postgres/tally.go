package postgres

import (
	"context"
	"encoding/binary"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
)

// tallying keeps the journal packed in memory for statistics ([projections.Tally]). Each ask takes in what was booked since the one before, in its own snapshot:
// so what it adds up is what the tables hold there. Other tables (a rebuild made them) are taken in from the beginning.
type tallying struct {
	turn       chan struct{} // who has it has the rest
	generation string
	tally      *projections.Tally
	known      map[string]uint64 // how far each part is taken in, but for the postings
}

func newTallying() *tallying { return &tallying{turn: make(chan struct{}, 1)} }

var (
	tallyLines      = compose(statement("tally_lines"))
	tallyPostings   = compose(written("tally_postings", false))
	tallyDecisions  = compose(statement("tally_decisions"))
	tallyMoved      = compose(statement("tally_moved"))
	tallyClauses    = compose(statement("tally_clauses"))
	tallyIndustries = spansSQL("tally_industries")
	tallyMeant      = spansSQL("tally_meant")
)

// spanning is what tells what enterprises are: all now, some of them now, and all at a past moment.
type spanning struct{ all, some, past query }

func spansSQL(name string) spanning {
	return spanning{compose(written(name, false)), compose(writtenOf(name, false, true)), compose(written(name, true))}
}

// meaning says which facts tell a column's groups.
var meaning = map[string]domain.FactMeaning{"enterprise_size": domain.MeansSize, "street": domain.MeansStreet}

// tallied adds the groups of statistics to the values that they are narrowed by.
func (q *Queries) tallied(ctx context.Context, tx pgx.Tx, m moment, where []projections.Condition, values map[string]any) error {
	ask := projections.TallyAsk{Upto: m.seq, Measure: projections.MeasureAsked(where), By: projections.GroupedBy(where), Where: map[string]string{}}
	for _, column := range projections.Groupings {
		if value := values[projections.NarrowedBy(column)]; value != nil {
			ask.Where[column] = fmt.Sprint(value)
		}
	}
	ask.Only, _ = values[projections.ByEnterprise.Name].(string)
	if !m.on.IsZero() {
		on := projections.DayNumber(m.on)
		ask.On = &on
	}
	sum, err := q.tally.ready(ctx, tx, m, ask)
	if err != nil {
		return fmt.Errorf("taking in the journal: %w", err)
	}
	setGroups(values, ask.Measure, sum.Rows())
	return nil
}

// ready takes in what an ask needs, and makes it ready to be added up.
func (k *tallying) ready(ctx context.Context, tx pgx.Tx, m moment, ask projections.TallyAsk) (*projections.TallySum, error) {
	select {
	case k.turn <- struct{}{}:
		defer func() { <-k.turn }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if k.tally == nil || k.generation != m.generation {
		k.tally, k.generation, k.known = projections.NewTally(), m.generation, map[string]uint64{}
	}
	in := taking{tallying: k, ctx: ctx, tx: tx, m: m}
	if err := in.postings(); err != nil {
		return nil, err
	}
	for column := range asked(ask) {
		if err := in.column(column, &ask); err != nil {
			return nil, err
		}
	}
	return k.tally.Ask(ask), nil
}

// asked are the columns that an ask needs.
func asked(a projections.TallyAsk) map[string]bool {
	columns := map[string]bool{}
	for _, column := range a.By {
		columns[column] = true
	}
	for column := range a.Where {
		columns[column] = true
	}
	return columns
}

// taking is a turn of taking in.
type taking struct {
	*tallying
	ctx context.Context
	tx  pgx.Tx
	m   moment
}

// each hands over the rows of a statement as they come, in the binary format: there may be millions.
func (t taking) each(q query, values map[string]any, take func(row [][]byte) error) error {
	values["at_seq"] = int64(t.m.seq)
	if !t.m.on.IsZero() {
		values["on_day"] = t.m.on.String()
	}
	rows, err := t.tx.Query(t.ctx, q.sql, q.args(values)...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := take(rows.RawValues()); err != nil {
			return err
		}
	}
	return rows.Err()
}

func int64Of(b []byte) int64 { return int64(binary.BigEndian.Uint64(b)) }
func int32Of(b []byte) int32 { return int32(binary.BigEndian.Uint32(b)) }
func int16Of(b []byte) int16 { return int16(binary.BigEndian.Uint16(b)) }

var kindOf = func() map[string]projections.Kind {
	kinds := map[string]projections.Kind{}
	for _, k := range projections.Kinds() {
		kinds[k.String()] = k
	}
	return kinds
}()

// postings takes in the lines and the postings up to the moment. What was taken in before it was broken off stays, by whole events.
func (t taking) postings() error {
	if t.tally.Seq() >= t.m.seq {
		return nil
	}
	err := t.each(tallyLines, map[string]any{"known": t.tally.Lines()}, func(row [][]byte) error {
		if id := int64Of(row[0]); id != t.tally.Lines()+1 {
			return fmt.Errorf("line %d comes behind %d: %w", id, t.tally.Lines(), ErrInconsistent)
		}
		t.tally.AddLine(row[1], row[2], row[3], int16Of(row[4]))
		return nil
	})
	if err != nil {
		return err
	}
	err = t.each(tallyPostings, map[string]any{"known": int64(t.tally.Seq())}, func(row [][]byte) error {
		p := projections.TallyPosting{Seq: uint64(int64Of(row[0])), Line: int64Of(row[1]), Kind: kindOf[string(row[2])], Count: int16Of(row[3]), Amount: int64Of(row[4]),
			Day: int32Of(row[5]), BudgetYear: int16Of(row[6]), Application: row[7]}
		if p.Line < 1 || p.Line > t.tally.Lines() {
			return fmt.Errorf("a posting of event %d is on no line: %w", p.Seq, ErrInconsistent)
		}
		t.tally.Add(p)
		return nil
	})
	if err != nil {
		t.tally.Cut()
		return err
	}
	t.tally.Taken(t.m.seq)
	return nil
}

// column takes in what a column needs besides.
func (t taking) column(name string, ask *projections.TallyAsk) error {
	switch name {
	case "policy":
		ask.Policies = map[string]string{}
		return t.each(tallyClauses, map[string]any{}, func(row [][]byte) error {
			ask.Policies[string(row[0])] = string(row[1])
			return nil
		})
	case "department":
		if t.known[name] >= t.m.seq {
			return nil
		}
		err := t.each(tallyDecisions, map[string]any{"known": int64(t.known[name])}, func(row [][]byte) error {
			t.tally.Decide(uint64(int64Of(row[0])), row[1], row[2], int32Of(row[3]))
			t.known[name] = uint64(int64Of(row[0])) // an event decides on one application
			return nil
		})
		if err == nil {
			t.known[name] = t.m.seq
		}
		return err
	case "industry", "enterprise_size", "street":
		return t.spans(name, ask)
	}
	return nil
}

// spans takes in what enterprises are by a column, or tells what they were at a past moment.
func (t taking) spans(name string, ask *projections.TallyAsk) error {
	text, values := tallyMeant, map[string]any{"means": string(meaning[name])}
	if name == "industry" {
		text = tallyIndustries
	}
	var list []projections.TallySpan
	take := func(row [][]byte) error {
		list = append(list, projections.TallySpan{Enterprise: append([]byte(nil), row[0]...), Value: append([]byte(nil), row[1]...), From: int32Of(row[2]), Until: int32Of(row[3])})
		return nil
	}
	if t.m.past || t.known[name] > t.m.seq {
		if ask.Spans == nil {
			ask.Spans = map[string][]projections.TallySpan{}
		}
		err := t.each(text.past, values, take)
		ask.Spans[name] = list
		return err
	}
	now, moved := text.all, []string(nil)
	if known := t.known[name]; known > 0 {
		moved = []string{}
		err := t.each(tallyMoved, map[string]any{"known": int64(known)}, func(row [][]byte) error {
			moved = append(moved, string(row[0]))
			return nil
		})
		if err != nil {
			return err
		}
		now, values["moved"] = text.some, moved
	}
	if moved == nil || len(moved) > 0 {
		if err := t.each(now, values, take); err != nil {
			return err
		}
		t.tally.Keep(name, moved, list)
	}
	t.known[name] = t.m.seq
	return nil
}

// setGroups sets the parameters that hold the groups, a list for each column.
func setGroups(values map[string]any, m projections.Measure, rows []projections.StatisticsRow) {
	values[projections.ByMeasure.Name] = m.Name
	texts, years := map[string][]string{}, map[string][]int32{}
	var amounts []*string
	var applications, enterprises []int64
	for _, r := range rows {
		for column, text := range map[string]string{"policy": string(r.Policy), "clause": string(r.Clause), "department": string(r.Department), "industry": string(r.Industry),
			"enterprise_size": r.Size, "street": r.Street, "subject_kind": string(r.SubjectKind), "quarter": r.Quarter, "month": r.Month} {
			texts[column] = append(texts[column], text)
		}
		years["support_year"], years["budget_year"] = append(years["support_year"], int32(r.SupportYear)), append(years["budget_year"], int32(r.BudgetYear))
		var amount *string
		if r.Amount.Valid {
			text := r.Amount.Decimal.StringFixed(2)
			amount = &text
		}
		amounts, applications, enterprises = append(amounts, amount), append(applications, *r.Applications), append(enterprises, *r.Enterprises)
	}
	for column, list := range texts {
		values["groups_"+column] = list
	}
	for column, list := range years {
		values["groups_"+column] = list
	}
	values["groups_amount"], values["groups_applications"], values["groups_enterprises"] = amounts, applications, enterprises
}
