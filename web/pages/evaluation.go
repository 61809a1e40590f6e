package pages

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"

	"github.com/shopspring/decimal"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/tabular"
	"github.com/fundledger/fundledger/words"
)

// recordEvaluation sets targets, records evaluations, and what is put right after them.
func (p *Pages) recordEvaluation(w http.ResponseWriter, r *http.Request) error {
	return p.answer(w, r, desk{here: "/lists/given_evaluations", title: domain.Text{ZH: "绩效目标、评价与整改", EN: "Targets, evaluations and rectifications"},
		next: func(c domain.Command) string {
			if c, is := c.(*domain.RecordRectification); is {
				return link("/lists/rectifications", "evaluation", string(c.Evaluation))
			}
			return "/lists/given_evaluations"
		},
		drafts: func(s *domain.State) []draft {
			asked := r.URL.Query().Get
			return []draft{
				asks(s.Policy(), "set_target", "clause", "indicator", "year", "value", "document").filled("clause", asked("clause")).filled("year", asked("year")),
				asks(s.Policy(), "record_evaluation", "evaluation", "clause", "year", "kind", "at", "scores", "conclusion", "document").filled("clause", asked("clause")).
					filled("year", asked("year")).filled("at", asked("at")),
				asks(s.Policy(), "record_rectification", "rectification", "evaluation", "state", "matter", "due_on", "document").filled("evaluation", asked("evaluation")).
					filled("rectification", asked("rectification")),
			}
		}})
}

// reportBody is the report of a clause and a year: its score card, who is compared, what others made of it, and how the money is spread.
type reportBody struct {
	paper
	Clause      domain.Clause
	Year        domain.SupportYear
	Position    uint64 // of the log that it rests on
	Indicators  []projections.EvaluationRow
	Enterprises []projections.EvaluatedRow // who is compared, of the first indicator that a fact measures
	Measure     string                     // what that indicator is called
	Given       []projections.GivenEvaluationRow
	Put         []projections.RectificationRow
	Spread      *projections.ConcentrationRow
	Bars        []spreadBar // the ten with most
}

// spreadBar is an enterprise among those with most.
type spreadBar struct {
	projections.EvaluatedRow
	Width string // in per cent of the longest
}

// mostCompared is how many enterprises a report lists; the list has all.
const mostCompared = 100

// evaluationReport is the report of what a clause's money did in a year, to be read and printed.
func (p *Pages) evaluationReport(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	pg, err := p.begin(r, "/lists/evaluations", domain.Text{ZH: "条款 " + id + " 绩效评价报告", EN: "What the money of clause " + id + " did"})
	if err != nil {
		return err
	}
	b, found := &reportBody{Year: domain.SupportYear(pg.Asked.Year)}, false
	if b.Year == 0 {
		b.Year = domain.SupportYear(p.today().Year() - 1)
	}
	if b.paper, err = p.paper(r, func(s *domain.State) {
		if s.Policy() != nil {
			b.Clause, found = s.Policy().Clause(domain.ClauseID(id))
		}
	}); err != nil {
		return err
	}
	if !found {
		return projections.ErrNotFound
	}
	if err := p.fillReport(r, pg, b); err != nil {
		return err
	}
	return reportSheet.write(p, w, http.StatusOK, pg, b)
}

func (p *Pages) fillReport(r *http.Request, pg *page, b *reportBody) error {
	keeper, ctx := p.server.Keeper(pg.Viewer.Lang), r.Context()
	ask := projections.Ask{Where: []projections.Condition{projections.ByEvaluatedClause.Is(b.Clause.ID), projections.ByEvaluatedYear.Is(b.Year)}, Limit: projections.MaxLimit, AsOf: pg.Asked.asOf}
	rows, err := projections.Evaluations.Page(ctx, keeper, ask)
	if err != nil {
		return err
	}
	b.Indicators, b.Position = rows.Rows, rows.Seq
	at := slices.IndexFunc(b.Indicators, func(row projections.EvaluationRow) bool { return row.Fact != "" })
	if at >= 0 {
		b.Measure = b.Indicators[at].IndicatorName
		if err := p.fillCases(r, keeper, ask, b, b.Indicators[at].Indicator); err != nil {
			return err
		}
	}
	spread, err := projections.Concentration.Page(ctx, keeper, ask)
	if err != nil {
		return err
	}
	if len(spread.Rows) > 0 {
		b.Spread = &spread.Rows[0]
	}
	given, err := projections.GivenEvaluations.Page(ctx, keeper, ask)
	if err != nil {
		return err
	}
	put, err := projections.Rectifications.Page(ctx, keeper, ask)
	b.Given, b.Put = given.Rows, put.Rows
	return err
}

// fillCases are who is compared, those supported first, and the ten who were paid most.
func (p *Pages) fillCases(r *http.Request, keeper projections.Keeper, ask projections.Ask, b *reportBody, indicator domain.IndicatorID) error {
	ask.Where = append(slices.Clone(ask.Where), projections.ByIndicator.Is(indicator))
	var paid []projections.EvaluatedRow
	for row, err := range projections.Evaluated.Every(r.Context(), keeper, ask) {
		if err != nil {
			return err
		}
		if row.NetPaid.Positive() {
			paid = append(paid, row)
		}
		if row.LeftOutFor == "" && row.Code == "" || row.NetPaid.Positive() {
			b.Enterprises = append(b.Enterprises, row)
		}
	}
	slices.SortStableFunc(b.Enterprises, func(a, c projections.EvaluatedRow) int { return c.NetPaid.Cmp(a.NetPaid) })
	b.Enterprises = b.Enterprises[:min(mostCompared, len(b.Enterprises))]
	slices.SortStableFunc(paid, func(a, c projections.EvaluatedRow) int {
		return cmp.Or(c.NetPaid.Cmp(a.NetPaid), cmp.Compare(a.Enterprise, c.Enterprise))
	})
	for _, row := range paid[:min(10, len(paid))] {
		share := row.NetPaid.Decimal().Mul(decimal.NewFromInt(100)).DivRound(paid[0].NetPaid.Decimal(), 1)
		b.Bars = append(b.Bars, spreadBar{row, share.String()})
	}
	return nil
}

// As is as what an enterprise is compared.
func (b *reportBody) As(row projections.EvaluatedRow) domain.Text {
	return words.Cell("evaluated_as", row.EvaluatedAs)
}

// Why is the reason why an enterprise is not compared.
func (b *reportBody) Why(row projections.EvaluatedRow) domain.Text {
	return words.Cell("left_out_for", row.LeftOutFor)
}

// Grouped is a number with its digits in threes.
func (b *reportBody) Grouped(number string) string { return tabular.Grouped(number) }

// Facts is where the values of a fact of an enterprise are.
func (b *reportBody) Facts(row projections.EvaluatedRow) string {
	return link("/facts", "enterprise", string(row.Enterprise), "fact", string(row.Fact))
}

// Payouts is where the payments to an enterprise under the clause for the year are.
func (b *reportBody) Payouts(row projections.EvaluatedRow) string {
	return link("/payouts", "enterprise", string(row.Enterprise), "clause", string(b.Clause.ID), "year", strconv.Itoa(int(b.Year)))
}

// Grade is what the score card comes to; none: nothing is scored.
func (b *reportBody) Grade() projections.EvaluationRow {
	if len(b.Indicators) == 0 {
		return projections.EvaluationRow{}
	}
	return b.Indicators[0]
}
