package web

import (
	"context"
	"encoding/base64"
	"strconv"
	"strings"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/effect"
	"github.com/fundledger/fundledger/projections"
)

// matches is a page of what enterprises may have: the page behind the row that a cursor names.
func (k Lists) matches(ctx context.Context, ask projections.Ask, values map[string]any) (projections.Page[any], error) {
	var p projections.Page[any]
	only, _ := values[projections.ByEnterprise.Name].(string)
	clause, _ := values[projections.ByClause.Name].(string)
	year, _ := values[projections.ByYear.Name].(int64)
	asked := effect.Asked{Clause: domain.ClauseID(clause), Year: domain.SupportYear(year), Day: k.Today()}
	last, given, err := readMatchCursor(ask.Cursor)
	if err != nil {
		return p, err
	}
	limit := projections.Limit(ask.Limit)
	err = k.View(ctx, func(state *domain.State, position uint64) {
		p.Seq = position
		held := state.Holdings()
		for _, id := range matched(state, domain.EnterpriseID(only), last) {
			skip := 0
			if id == last {
				skip = given
			}
			x, _ := state.Enterprise(id)
			for i, m := range effect.Of(state, id, held[id], asked) {
				switch {
				case i < skip:
				case len(p.Rows) == limit:
					if p.Next == "" {
						p.Next = matchCursor(id, i)
					}
					return
				default:
					p.Rows = append(p.Rows, matchRow(state, m, x.Name, k.Lang))
				}
			}
		}
	})
	return p, err
}

// matched are the enterprises that a page goes through: the one that is asked for, or the one that the page before ended in and all behind it.
func matched(state *domain.State, only, last domain.EnterpriseID) []domain.EnterpriseID {
	switch {
	case only != "" && (!state.Knows(only) || only < last):
		return nil
	case only != "":
		return []domain.EnterpriseID{only}
	case last != "" && state.Knows(last):
		return append([]domain.EnterpriseID{last}, state.EnterprisesBehind(last)...)
	}
	return state.EnterprisesBehind(last)
}

func matchRow(state *domain.State, m effect.Match, name, lang string) projections.MatchRow {
	row := projections.MatchRow{Enterprise: m.Enterprise, EnterpriseName: name, Clause: m.Clause, ClauseName: state.ClauseOn(m.Clause, domain.Date{}).Name.In(lang),
		SupportYear: m.Year, Answer: string(m.Answer), SubjectKind: m.Subject.Kind, Subject: m.Subject.ID, Cap: m.Room.Cap, Exceptions: m.Room.Exceptions,
		Use: m.Room.Use, Headroom: m.Left(), Free: m.Free, DaysLeft: int64(m.DaysLeft)}
	if m.Why != nil {
		row.Code, row.Message = m.Why.Code, m.Why.Message().In(lang)
	}
	return row
}

func matchCursor(id domain.EnterpriseID, given int) string {
	return base64.RawURLEncoding.EncodeToString([]byte(strconv.Itoa(given) + "." + string(id)))
}

func readMatchCursor(text string) (id domain.EnterpriseID, given int, err error) {
	if text == "" {
		return "", 0, nil
	}
	plain, err := base64.RawURLEncoding.DecodeString(text)
	number, last, found := strings.Cut(string(plain), ".")
	n, bad := strconv.ParseUint(number, 10, 31)
	if err != nil || !found || bad != nil || last == "" {
		return "", 0, projections.ErrCursor
	}
	return domain.EnterpriseID(last), int(n), nil
}
