package web

import (
	"cmp"
	"context"
	"encoding/base64"
	"maps"
	"slices"
	"strconv"

	"github.com/shopspring/decimal"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/evaluation"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/projections"
)

// Evaluations are reckoned when they are asked for, from the state of the moment: nothing of them is kept, so that a fact that is corrected is told by the next
// question, and by none that is asked as of a position before.

// fewEnterprises is how many enterprises a figure has to be of that is handed on.
const fewEnterprises = 5

// The codes of figures that are not told.
const (
	codeFactWithheld   = "fact_withheld"
	codeFewEnterprises = "few_enterprises"
	codeUnmeasured     = "indicator_without_fact"
	codeNoData         = "nothing_to_compare"
	codeTooFewToTest   = "too_few_to_test"
)

// evaluated is what was gathered for an answer.
type evaluated struct {
	list     []*evaluation.Measured
	policy   *domain.Policy
	names    map[domain.EnterpriseID]string
	net      map[domain.SupportKey]domain.Money
	position uint64
	seed     tlog.Hash
}

// gather takes what is evaluated out of the state of the moment that is asked for.
func (k Lists) gather(ctx context.Context, ask projections.Ask, values map[string]any, named bool) (g evaluated, err error) {
	clause, _ := narrowedTo[domain.ClauseID](values, projections.ByEvaluatedClause.Name)
	indicator, _ := narrowedTo[domain.IndicatorID](values, projections.ByIndicator.Name)
	year, _ := values[projections.ByEvaluatedYear.Name].(int64)
	see := func(s *domain.State, position uint64) {
		g.policy, g.position, g.net = s.Policy(), position, s.NetPaid()
		var of []evaluation.Of
		if clause != "" && year != 0 {
			of = []evaluation.Of{{Clause: clause, Year: domain.SupportYear(year)}}
		}
		g.list = slices.DeleteFunc(evaluation.Gather(s, indicator, of...), func(m *evaluation.Measured) bool {
			return clause != "" && m.Clause != clause || year != 0 && m.Year != domain.SupportYear(year)
		})
		if !named {
			return
		}
		g.names = map[domain.EnterpriseID]string{}
		for _, id := range s.EnterprisesBehind("") {
			x, _ := s.Enterprise(id)
			g.names[id] = x.Name
		}
	}
	if ask.AsOf.IsZero() {
		err = k.View(ctx, see)
	} else {
		err = k.Pasts.see(ctx, k.Log, ask.AsOf, k.Now(), func(s *domain.State, at past) { see(s, at.seq) })
	}
	return g, err
}

// root is the root of the log at a position.
func (k Lists) root(ctx context.Context, size uint64) (tlog.Hash, error) {
	if k.Root != nil {
		return k.Root(ctx, size)
	}
	var tree eventstore.Frontier
	var leaves eventstore.LeafHasher
	err := k.Log.Read(ctx, 1, size, func(records []eventstore.Record) error {
		for _, r := range records {
			tree.Append(leaves.Hash(r))
		}
		return ctx.Err()
	})
	return tree.Root(), err
}

// shownPart is a page of rows that were all made: where one begins is in the cursor.
func shownPart(rows []any, ask projections.Ask, position uint64) (p projections.Page[any], err error) {
	from := 0
	if ask.Cursor != "" {
		text, err := base64.RawURLEncoding.DecodeString(ask.Cursor)
		n, bad := strconv.ParseUint(string(text), 10, 31)
		if err != nil || bad != nil || n == 0 {
			return p, projections.ErrCursor
		}
		from = int(n)
	}
	end := min(from+projections.Limit(ask.Limit), len(rows))
	p.Seq, p.Rows = position, rows[min(from, end):end]
	if end < len(rows) {
		p.Next = base64.RawURLEncoding.EncodeToString([]byte(strconv.Itoa(end)))
	}
	return p, nil
}

// evaluations is a page of what indicators came to.
func (k Lists) evaluations(ctx context.Context, ask projections.Ask, values map[string]any) (p projections.Page[any], err error) {
	g, err := k.gather(ctx, ask, values, false)
	if err != nil {
		return p, err
	}
	if g.seed, err = k.root(ctx, g.position); err != nil {
		return p, err
	}
	var rows []any
	for len(g.list) > 0 {
		n := slices.IndexFunc(g.list, func(m *evaluation.Measured) bool { return m.Of != g.list[0].Of })
		if n < 0 {
			n = len(g.list)
		}
		for _, row := range k.card(ctx, g, g.list[:n]) {
			rows = append(rows, row)
		}
		g.list = g.list[n:]
	}
	return shownPart(rows, ask, g.position)
}

// card are the rows of a clause and a year: what each indicator came to, and what they come to together.
func (k Lists) card(ctx context.Context, g evaluated, list []*evaluation.Measured) []projections.EvaluationRow {
	rows, scores, of := make([]projections.EvaluationRow, len(list)), make([]*decimal.Decimal, len(list)), make([]domain.Indicator, len(list))
	withheld := false
	for i, m := range list {
		rows[i], scores[i] = k.evaluationRow(ctx, g, m)
		of[i], withheld = m.Indicator, withheld || rows[i].Code == codeFactWithheld || rows[i].Code == codeFewEnterprises
	}
	card, is := evaluation.CardOf(of, scores)
	if !is || withheld || len(list) != len(g.policy.IndicatorsOf(list[0].Clause)) {
		return rows
	}
	for i := range rows {
		rows[i].ClauseScore, rows[i].CoveredWeight, rows[i].Grade = card.Score.StringFixed(2), int64(card.Covered), domain.GradeOf(card.Score)
	}
	return rows
}

func (k Lists) evaluationRow(ctx context.Context, g evaluated, m *evaluation.Measured) (row projections.EvaluationRow, score *decimal.Decimal) {
	clause, _ := g.policy.Clause(m.Clause)
	row = projections.EvaluationRow{Clause: m.Clause, ClauseName: clause.Name.In(k.Lang), SupportYear: m.Year, Indicator: m.Indicator.ID,
		IndicatorName: m.Indicator.Name.In(k.Lang), IndicatorGroup: m.Indicator.Group, Weight: int64(m.Indicator.Weight), Better: m.Indicator.Better, Fact: m.Fact.ID,
		Unit: m.Fact.Unit, Recipients: int64(m.Recipients), NetPaid: m.NetPaid, Target: m.Target}
	if v, asks := asker(ctx); asks && m.Measurable() && !v.MayReadFact(g.policy, m.Fact) {
		row.Code, row.Message = codeFactWithheld, domain.Text{ZH: "所据事实限定查阅，不示由其算出的数", EN: "the fact is for those who need it, and so is what is reckoned from it"}.In(k.Lang)
		return row, nil
	}
	c := m.Compare(g.seed)
	row.Message = m.Tell(c).In(k.Lang)
	if !m.Measurable() {
		row.Code = codeUnmeasured
		return row, nil
	}
	if handsOn(ctx) && few(m, c) {
		row.Code, row.Message = codeFewEnterprises, domain.Text{ZH: "不足五家企业，不示", EN: "of fewer than five enterprises: not told"}.In(k.Lang)
		return row, nil
	}
	row.Supported, row.Controls = int64(c.Supported.N), int64(c.Control.N)
	for _, n := range c.LeftOut {
		row.LeftOut += int64(n)
	}
	if a, is := m.Attained(); is {
		score = &a.Score
		row.Attained, row.Target, row.Score = a.Is.String(), a.Target.String(), a.Score.StringFixed(2)
	}
	compared(&row, c)
	switch {
	case c.Supported.N == 0:
		row.Code = codeNoData
	case c.Test == nil:
		row.Code = codeTooFewToTest
	case c.Test.Drawn:
		row.Seed = g.seed.String()
	}
	return row, score
}

// few reports whether figures are of too few enterprises to be handed on.
func few(m *evaluation.Measured, c *evaluation.Comparison) bool {
	return m.Recipients < fewEnterprises || c.Supported.N < fewEnterprises || c.Control.N < fewEnterprises
}

// compared fills in what a comparison came to.
func compared(row *projections.EvaluationRow, c *evaluation.Comparison) {
	figure := func(to *string, d decimal.Decimal, is bool) {
		if is {
			*to = d.String()
		}
	}
	set := func(to *string, of func() (decimal.Decimal, bool)) {
		d, is := of()
		figure(to, d, is)
	}
	figure(&row.LevelBefore, c.Supported.Before, c.Supported.N > 0)
	figure(&row.LevelAfter, c.Supported.After, c.Supported.N > 0)
	figure(&row.ControlBefore, c.Control.Before, c.Control.N > 0)
	figure(&row.ControlAfter, c.Control.After, c.Control.N > 0)
	set(&row.MeanChange, c.Supported.Mean)
	set(&row.ControlChange, c.Control.Mean)
	set(&row.Difference, c.Difference)
	set(&row.Growth, c.Supported.Growth)
	set(&row.ControlGrowth, c.Control.Growth)
	set(&row.GrowthDifference, c.GrowthDifference)
	set(&row.EarlierDifference, c.Earlier)
	if row.Unit != domain.UnitPercent { // percentages do not add up
		set(&row.BeyondControl, c.Beyond)
		set(&row.EffectPerYuan, c.PerYuan)
		set(&row.UnitCost, c.UnitCost)
	}
	if c.Test != nil {
		row.PValue, row.Assignments, row.Drawn = c.Test.P().String(), c.Test.Assignments, c.Test.Drawn
	}
}

// evaluatedEnterprises is a page of the enterprises that indicators look at.
func (k Lists) evaluatedEnterprises(ctx context.Context, ask projections.Ask, values map[string]any) (p projections.Page[any], err error) {
	g, err := k.gather(ctx, ask, values, true)
	if err != nil {
		return p, err
	}
	only, _ := narrowedTo[domain.EnterpriseID](values, projections.ByEnterprise.Name)
	as, _ := narrowedTo[evaluation.Role](values, projections.ByEvaluatedAs.Name)
	v, asks := asker(ctx)
	var rows []any
	for _, m := range g.list {
		code := ""
		switch {
		case !m.Measurable():
			code = codeUnmeasured
		case asks && !v.MayReadFact(g.policy, m.Fact):
			code = codeFactWithheld
		case handsOn(ctx) && few(m, m.Compare(g.seed)):
			code = codeFewEnterprises
		}
		for _, c := range m.Cases {
			if only != "" && c.Enterprise != only || as != "" && c.Role != as && code == "" || code != "" && as != "" && as != evaluation.Supported || code != "" && !c.Net.Positive() {
				continue
			}
			rows = append(rows, evaluatedRow(m, c, g.names[c.Enterprise], code))
		}
	}
	return shownPart(rows, ask, g.position)
}

// evaluatedRow is an enterprise of an evaluation. Of a fact that may not be read, not even whether there is a value is told: whom was paid what stands elsewhere.
func evaluatedRow(m *evaluation.Measured, c evaluation.Case, name, code string) projections.EvaluatedRow {
	row := projections.EvaluatedRow{Clause: m.Clause, SupportYear: m.Year, Indicator: m.Indicator.ID, Enterprise: c.Enterprise, EnterpriseName: name, Industry: c.Industry,
		NetPaid: c.Net, Fact: m.Fact.ID, Code: code}
	if code != "" {
		row.EvaluatedAs = string(evaluation.Supported)
		return row
	}
	row.EvaluatedAs, row.LeftOutFor, row.TurnedAway = string(c.Role), string(c.Why), c.TurnedAway
	for _, part := range []struct {
		to *string
		of evaluation.Level
	}{{&row.LevelEarlier, c.Earlier}, {&row.LevelBefore, c.Before}, {&row.LevelAfter, c.After}} {
		if part.of.Known {
			*part.to = part.of.Value.String()
		}
	}
	if change, is := c.Change(); is {
		row.Change = change.String()
	}
	if growth, is := c.Growth(); is {
		row.Growth = growth.Round(4).String()
	}
	return row
}

// concentration is a page of how support is spread.
func (k Lists) concentration(ctx context.Context, ask projections.Ask, values map[string]any) (p projections.Page[any], err error) {
	g, err := k.gather(ctx, ask, values, false)
	if err != nil {
		return p, err
	}
	only, _ := narrowedTo[domain.ClauseID](values, projections.ByEvaluatedClause.Name)
	in, _ := values[projections.ByEvaluatedYear.Name].(int64)
	sums := map[evaluation.Of]map[domain.EnterpriseID]domain.Money{}
	for key, net := range g.net {
		if net.IsZero() {
			continue
		}
		for _, of := range []evaluation.Of{{}, {Year: key.Year}, {Clause: key.Clause}, {Clause: key.Clause, Year: key.Year}} {
			if sums[of] == nil {
				sums[of] = map[domain.EnterpriseID]domain.Money{}
			}
			sums[of][key.Enterprise] = sums[of][key.Enterprise].Add(net)
		}
	}
	list := slices.DeleteFunc(slices.Collect(maps.Keys(sums)), func(of evaluation.Of) bool { return only != "" && of.Clause != only || in != 0 && int64(of.Year) != in })
	slices.SortFunc(list, func(a, b evaluation.Of) int {
		return cmp.Or(cmp.Compare(a.Clause, b.Clause), cmp.Compare(a.Year, b.Year))
	})
	var rows []any
	for _, of := range list {
		c := evaluation.Concentrated(slices.Collect(maps.Values(sums[of])))
		row := projections.ConcentrationRow{Clause: of.Clause, SupportYear: of.Year, Recipients: int64(c.Enterprises), NetPaid: c.Net, TopTen: c.Top,
			TopTenShare: c.Share.StringFixed(4), HHI: c.HHI.StringFixed(2)}
		if handsOn(ctx) && c.Enterprises < fewEnterprises {
			row = projections.ConcentrationRow{Clause: of.Clause, SupportYear: of.Year, Code: codeFewEnterprises}
		}
		rows = append(rows, row)
	}
	return shownPart(rows, ask, g.position)
}
