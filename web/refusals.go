package web

import (
	"context"
	"slices"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/wire"
)

// RefusalsAsked asks for refusals, the latest first. Empty fields do not filter.
type RefusalsAsked struct {
	Enterprise  domain.EnterpriseID
	Application domain.ApplicationID
	Code        string
	Actor       domain.PersonID
	Before      uint64 // a place on the refusals' own stream; 0: its end
	Limit       int    // 1 to 1,000
	Lang        string // of the messages
}

const (
	refusedStretch   = 1000 // refusals are read in stretches of so many
	refusedStretches = 20   // and so many are looked through for a page, where few fit
)

// Refusals answers a page of refusals, and where the next one begins: 0 at the stream's beginning. A page may hold fewer than
// asked for, where few fit: the next one goes on.
func (s *Server) Refusals(ctx context.Context, ask RefusalsAsked) (rows []projections.RefusedRow, next uint64, err error) {
	before := ask.Before
	if before == 0 {
		last, err := s.cfg.Ledger.Refused().Last(ctx)
		if err != nil {
			return nil, 0, err
		}
		before = last + 1
	}
	limit := min(max(ask.Limit, 1), 1000)
	if ask.Enterprise != "" || ask.Application != "" {
		return s.refusedOf(ctx, before, limit, ask)
	}
	for range refusedStretches {
		if before <= 1 || len(rows) >= limit {
			break
		}
		from := max(before, refusedStretch+1) - refusedStretch
		found, err := s.refusedBetween(ctx, from, before-1, ask)
		if err != nil {
			return nil, 0, err
		}
		slices.Reverse(found)
		if more := limit - len(rows); len(found) > more {
			found = found[:more]
			from = found[more-1].Seq
		}
		rows, before = append(rows, found...), from
	}
	if before > 1 {
		next = before
	}
	return rows, next, nil
}

// refusedBetween are the refusals of a stretch that fit, oldest first.
func (s *Server) refusedBetween(ctx context.Context, first, last uint64, ask RefusalsAsked) ([]projections.RefusedRow, error) {
	policy, charged, err := s.lists(ask.Lang, s.cfg.Queries).policyAnd(ctx, ask.Application)
	if err != nil {
		return nil, err
	}
	var rows []projections.RefusedRow
	of := caseOf(ask.Application, charged, ask.Enterprise)
	err = ledger.Refusals(ctx, s.cfg.Ledger.Refused(), s.cfg.Fund, of, first, last, func(k ledger.KeptRefusal) error {
		fits := (ask.Enterprise == "" || ask.Enterprise == k.Enterprise) && (ask.Application == "" || k.Of(ask.Application, charged)) &&
			(ask.Code == "" || ask.Code == k.Refusal.Code) && (ask.Actor == "" || ask.Actor == k.Actor.ID)
		if !fits {
			return nil
		}
		row, err := RefusedRow(k, policy, ask.Lang)
		row = discreetRefusal(ctx, policy, row, ask.Lang)
		if rows = append(rows, row); len(rows) > 2*refusedStretch {
			rows = append(rows[:0], rows[len(rows)-refusedStretch:]...)
		}
		return err
	})
	return rows, err
}

// refusedOf is a page of the refusals of one case, which are read by themselves.
func (s *Server) refusedOf(ctx context.Context, before uint64, limit int, ask RefusalsAsked) (rows []projections.RefusedRow, next uint64, err error) {
	if before <= 1 {
		return nil, 0, nil
	}
	rows, err = s.refusedBetween(ctx, 1, before-1, ask)
	slices.Reverse(rows)
	if len(rows) > limit {
		rows = rows[:limit]
		next = rows[limit-1].Seq
	}
	return rows, next, err
}

// caseOf is whose refusals are read: of an application, on the account that it is charged on too, or of an enterprise.
func caseOf(application domain.ApplicationID, charged domain.Account, enterprise domain.EnterpriseID) wire.Case {
	if application == "" {
		return wire.Case{Enterprise: enterprise}
	}
	of := wire.Case{Application: application, Accounts: []domain.Account{}}
	if charged.Subject.ID != "" {
		of.Accounts = append(of.Accounts, charged)
	}
	return of
}

// policyAnd is the policy in force, by which departments, industries and clauses are named (nil: the ledger has none yet), and
// the account that an application is charged on, where there is one.
func (k Lists) policyAnd(ctx context.Context, id domain.ApplicationID) (policy *domain.Policy, charged domain.Account, err error) {
	if id == "" {
		policy, err = k.Policy(ctx)
		return policy, charged, err
	}
	err = k.View(ctx, func(state *domain.State, _ uint64) {
		a, _ := state.Application(id)
		policy, charged = state.Policy(), a.Charge.Account()
	})
	return policy, charged, err
}
