package web

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/wire"
	"github.com/fundledger/fundledger/words"
)

// What a review for fair competition looks at is gathered here: conditions of place from the policy, who is named and what is granted by document from the
// log, and how support is spread from the totals. Nothing of it is a verdict: each row has a place for its legal basis.

// localWords are what a requirement in words says of a place.
var localWords = []string{"本区", "本市", "本地", "注册地", "迁入", "落户", "in the district", "in the city", "local", "relocat"}

// fairness is the whole review: one page.
func (k Lists) fairness(ctx context.Context, ask projections.Ask, values map[string]any) (p projections.Page[any], err error) {
	if ask.Cursor != "" {
		return p, projections.ErrCursor
	}
	r := review{lang: k.Lang, basis: map[domain.FindingID]recordedBasis{}}
	if err := k.View(ctx, func(state *domain.State, position uint64) {
		p.Seq = position
		r.ofPolicy(state)
	}); err != nil {
		return p, err
	}
	if r.policy == nil {
		return p, nil
	}
	if err := r.ofLog(ctx, k.Log, k.Fund); err != nil {
		return p, err
	}
	if err := r.ofExceptions(ctx, k.Tables); err != nil {
		return p, err
	}
	if err := r.ofSpread(ctx, k); err != nil {
		return p, err
	}
	if err := k.View(ctx, func(state *domain.State, _ uint64) {
		for i, row := range r.rows {
			x, _ := state.Enterprise(domain.EnterpriseID(row.Subject))
			r.rows[i].EnterpriseName = x.Name
		}
	}); err != nil {
		return p, err
	}
	for _, row := range r.rows {
		if basis, recorded := r.basis[row.Item]; recorded {
			row.LegalBasis, row.BasisSeq = basis.text, basis.seq
		}
		if fits(values, projections.ByMatter.Name, string(row.Matter)) && fits(values, projections.ByClause.Name, string(row.Clause)) {
			p.Rows = append(p.Rows, row)
		}
	}
	slices.SortStableFunc(p.Rows, func(a, b any) int {
		return cmp.Compare(a.(projections.FairnessRow).Item, b.(projections.FairnessRow).Item)
	})
	if ask.Sort == "-item" {
		slices.Reverse(p.Rows)
	}
	return p, nil
}

// review is what is gathered.
type review struct {
	lang   string
	policy *domain.Policy
	rows   []projections.FairnessRow
	basis  map[domain.FindingID]recordedBasis
}

type recordedBasis struct {
	text string
	seq  uint64
}

func (r *review) add(row projections.FairnessRow, parts ...string) {
	row.Item = domain.FindingID(strings.Join(append([]string{string(row.Matter)}, parts...), ":"))
	if c, known := r.policy.Clause(row.Clause); known {
		row.ClauseName = c.Name.In(r.lang)
	}
	r.rows = append(r.rows, row)
}

// ofPolicy finds the conditions that ask where an enterprise is: those that compare its place, and those that say so in words.
func (r *review) ofPolicy(state *domain.State) {
	if r.policy = state.Policy(); r.policy == nil {
		return
	}
	for _, c := range r.policy.Clauses {
		of := state.PolicyOf(c.ID)
		for i, x := range asking(c.Conditions, func(f domain.FactID) bool {
			fact, _ := r.policy.Fact(f)
			return fact.Means == domain.MeansPlace || fact.Means == domain.MeansStreet
		}) {
			fact, _ := r.policy.Fact(x.Fact)
			message := words.Say("条件：%s %s %s", "condition: %s %s %s", fact.Name, x.Is.Text(), x.Value+strings.Join(x.Values, ", "))
			r.add(projections.FairnessRow{Matter: projections.LocalCondition, Clause: c.ID, Message: message.In(r.lang), Document: of.Title.In(r.lang)}, string(c.ID), fmt.Sprintf("condition-%d", i+1))
		}
		for i, text := range c.Requires {
			says := func(word string) bool {
				return strings.Contains(text.ZH, word) || strings.Contains(strings.ToLower(text.EN), word)
			}
			if slices.ContainsFunc(localWords, says) {
				r.add(projections.FairnessRow{Matter: projections.LocalCondition, Clause: c.ID, Message: text.In(r.lang), Document: of.Title.In(r.lang)}, string(c.ID), fmt.Sprintf("requires-%d", i+1))
			}
		}
	}
}

// asking are the comparisons among conditions that ask certain facts.
func asking(list []domain.Condition, fact func(domain.FactID) bool) (found []domain.Condition) {
	for _, c := range list {
		if c.Fact != "" && fact(c.Fact) {
			found = append(found, c)
		}
		found = append(append(found, asking(c.All, fact)...), asking(c.Any, fact)...)
		if c.Not != nil {
			found = append(found, asking([]domain.Condition{*c.Not}, fact)...)
		}
	}
	return found
}

// ofLog finds who was admitted by document, and the legal bases that were recorded; only the events of these are read.
func (r *review) ofLog(ctx context.Context, log *eventstore.Log, fund domain.FundID) error {
	subjects := []string{"fund." + string(fund) + ".*.*." + domain.BeneficiaryAdmitted{}.Name(), "fund." + string(fund) + ".*.*." + domain.FindingDisposed{}.Name()}
	return log.Scan(ctx, 1, 0, subjects, func(records []eventstore.Record) error {
		for _, record := range records {
			e, err := wire.Decode(record)
			if err != nil {
				return err
			}
			switch event := e.Event.(type) {
			case *domain.BeneficiaryAdmitted:
				clauses := event.Clauses
				if len(clauses) == 0 {
					clauses = []domain.ClauseID{""}
				}
				for _, c := range clauses {
					message := words.Say("经批准纳入支持范围之外的单一企业", "one enterprise from outside the scope, admitted by document")
					r.add(projections.FairnessRow{Matter: projections.SingleOperator, Clause: c, Subject: string(event.Enterprise), Message: message.In(r.lang), Document: event.Document, Seq: e.Seq},
						"admitted", fmt.Sprint(e.Seq), cmp.Or(string(c), "all"))
				}
			case *domain.FindingDisposed:
				r.basis[event.Finding] = recordedBasis{event.Comment, e.Seq}
			}
		}
		return nil
	})
}

// ofExceptions finds the caps that are raised for one.
func (r *review) ofExceptions(ctx context.Context, tables projections.Keeper) error {
	for x, err := range projections.Exceptions.Every(ctx, tables, projections.Ask{Limit: projections.MaxLimit}) {
		if err != nil {
			return err
		}
		message := words.Say("上限为 %s 单独提高", "a cap raised for %s alone", domain.Text{ZH: x.Subject, EN: x.Subject})
		r.add(projections.FairnessRow{Matter: projections.GrantedExcept, Clause: x.Clause, Subject: x.Subject, Amount: domain.Stated(x.InForce), Message: message.In(r.lang), Document: x.Document, Seq: x.Seq}, string(x.Exception))
	}
	return nil
}

// ofSpread finds how the support of each clause, and of all, is spread, as the list of that tells whoever asks.
func (r *review) ofSpread(ctx context.Context, k Lists) error {
	for x, err := range projections.Concentration.Every(ctx, k, projections.Ask{Limit: projections.MaxLimit}) {
		if err != nil {
			return err
		}
		if x.SupportYear != 0 || x.Recipients == 0 {
			continue
		}
		message := words.Say("净支付最多的十家合计占比 %s（一为全部）", "the ten that have most have %s (of one) of what is net paid", x.TopTenShare)
		r.add(projections.FairnessRow{Matter: projections.Concentrated, Clause: x.Clause, Amount: domain.Stated(x.NetPaid), Recipients: x.Recipients, TopTen: domain.Stated(x.TopTen),
			TopTenShare: x.TopTenShare, HHI: x.HHI, Message: message.In(r.lang)}, cmp.Or(string(x.Clause), "all"))
		if x.Recipients == 1 && x.Clause != "" {
			if err := r.alone(ctx, k.Tables, x); err != nil {
				return err
			}
		}
	}
	return nil
}

// alone finds the one enterprise that a clause has supported.
func (r *review) alone(ctx context.Context, tables projections.Keeper, x projections.ConcentrationRow) error {
	for row, err := range projections.Totals.Every(ctx, tables, projections.Where(projections.ByClause.Is(x.Clause))) {
		if err != nil {
			return err
		}
		if row.NetPaid.Positive() {
			message := words.Say("该条款只支持过这一家企业", "the clause has supported this enterprise alone")
			r.add(projections.FairnessRow{Matter: projections.SingleOperator, Clause: x.Clause, Subject: string(row.Enterprise), Amount: domain.Stated(x.NetPaid), Recipients: 1,
				Message: message.In(r.lang)}, "alone", string(x.Clause))
			return nil
		}
	}
	return nil
}
