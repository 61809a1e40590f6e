package words

import (
	"context"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
)

// Told is a keeper whose histories say what happened, in "zh" or "en".
func Told(k projections.Keeper, lang string) projections.Keeper { return told{k, lang} }

type told struct {
	projections.Keeper
	lang string
}

// Page implements [projections.Keeper].
func (t told) Page(ctx context.Context, l *projections.List, ask projections.Ask) (projections.Page[any], error) {
	p, err := t.Keeper.Page(ctx, l, ask)
	for i, row := range p.Rows {
		if step, ok := row.(projections.HistoryRow); ok {
			step.Message = domain.Describe(step.Event).In(t.lang)
			p.Rows[i] = step
		}
	}
	return p, err
}
