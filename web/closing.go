package web

import (
	"net/http"
	"reflect"
	"strconv"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/words"
)

// closingNow is how a budget year stands before its closing.
type closingNow struct {
	Seq        uint64                `json:"seq"` // the position that it is read at
	BudgetYear int                   `json:"budget_year"`
	Checks     []domain.ClosingCheck `json:"checks"`
}

var closingParams = []param{asTable, headings, inLanguage}

// closingRoutes are what is asked of a budget year beside its lists.
var closingRoutes = []route{
	{method: "GET", path: "/v1/closings/{year}/checks", roles: everyone, described: true, serve: (*Server).getClosing, answer: reflect.TypeFor[closingNow](), params: closingParams,
		summary: domain.Text{ZH: "预算年度封账前逐项核对的现状", EN: "What is looked at before a budget year is closed, as it stands now"}},
}

// getClosing answers how a budget year stands before its closing.
func (s *Server) getClosing(w http.ResponseWriter, r *http.Request) error {
	a, err := readQuery(r.URL.RawQuery, closingParams)
	if err != nil {
		return err
	}
	year := r.PathValue("year")
	number, err := strconv.Atoi(year)
	if err != nil || projections.ByBudgetYear.Check(year) != nil {
		return projections.ErrNotFound
	}
	now := closingNow{BudgetYear: number}
	err = s.View(r.Context(), func(state *domain.State, position uint64) {
		now.Seq, now.Checks = position, state.ClosingChecks(number, s.today())
	})
	if err != nil {
		return err
	}
	return s.respondProof(w, r, a, now.Seq, now, func() (words.Sheet, bool) { return words.ClosingSheet(now.Checks), true })
}
