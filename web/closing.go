package web

import (
	"context"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strconv"

	"github.com/fundledger/fundledger/archive"
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
	{method: "GET", path: "/v1/closings/{year}/statement", roles: everyone, described: true, serve: proving((*Server).getStatement), media: "text/plain",
		summary: domain.Text{ZH: "已封预算年度的封账表，以日志密钥签名，可离线核验", EN: "What a closed budget year came to, signed with the log's key: anyone can verify it offline"}},
}

// getClosing answers how a budget year stands before its closing.
func (s *Server) getClosing(w http.ResponseWriter, r *http.Request) error {
	a, err := readQuery(r.URL.RawQuery, closingParams)
	if err != nil {
		return err
	}
	year, err := BudgetYear(r)
	if err != nil {
		return err
	}
	now := closingNow{BudgetYear: year}
	err = s.View(r.Context(), func(state *domain.State, position uint64) {
		now.Seq, now.Checks = position, state.ClosingChecks(year, s.today())
	})
	if err != nil {
		return err
	}
	return s.respondProof(w, r, a, now.Seq, now, func() (words.Sheet, bool) { return words.ClosingSheet(now.Checks), true })
}

// BudgetYear is the budget year in a path; [projections.ErrNotFound] where it is none.
func BudgetYear(r *http.Request) (int, error) {
	text := r.PathValue("year")
	year, err := strconv.Atoi(text)
	if err != nil || projections.ByBudgetYear.Check(text) != nil {
		return 0, projections.ErrNotFound
	}
	return year, nil
}

// getStatement answers the signed statement of a closed budget year.
func (s *Server) getStatement(w http.ResponseWriter, r *http.Request) error {
	year, err := BudgetYear(r)
	if err != nil {
		return err
	}
	closed := false
	err = s.View(r.Context(), func(state *domain.State, _ uint64) {
		closed = slices.ContainsFunc(state.Closings(), func(c domain.Closing) bool { return c.Year == year })
	})
	if err != nil {
		return err
	}
	if !closed {
		return projections.ErrNotFound
	}
	text, err := s.cfg.Proof.Closing(r.Context(), year)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Content-Disposition", fmt.Sprintf(`attachment; filename="closing-%d.txt"`, year))
	_, err = w.Write(text)
	return err
}

// Closing is the statement of a closed budget year, signed with the log's key. It reads the whole log, in its turn.
func (p *Proof) Closing(ctx context.Context, year int) ([]byte, error) {
	if p.Notary == nil {
		return nil, problem(http.StatusServiceUnavailable, "proof_unavailable")
	}
	ctx, done, err := p.turn(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	stated, err := archive.CloseStatement(ctx, p.Log, p.Fund, year)
	if err != nil {
		return nil, err
	}
	return stated.Sign(p.Notary.Signer())
}
