package web

import (
	"context"
	"errors"
	"net/http"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/wire"
)

// Rehearse opens a copy of the ledger in memory, on which a file can be tried: nothing that it decides is written. It reads the
// log, so only one is open at a time: another is a [Problem]. Close it by the function that is returned.
func (s *Server) Rehearse(ctx context.Context) (*ledger.Ledger, func(), error) {
	if s.cfg.NATS == nil {
		return nil, nil, problem(http.StatusServiceUnavailable, "closed").because(errors.New("there is no connection to rehearse on"))
	}
	select {
	case s.rehearsing <- struct{}{}:
	default:
		return nil, nil, problem(http.StatusTooManyRequests, "rehearsal_busy").after(10)
	}
	done := func() { <-s.rehearsing }
	l, err := ledger.Rehearse(ctx, s.cfg.NATS, ledger.Config{Fund: s.cfg.Fund, Now: s.cfg.Now, Logger: s.cfg.Logger, Seal: s.cfg.Users.Sealer().Seal})
	if err != nil {
		done()
		return nil, nil, err
	}
	return l, func() { l.Close(); done() }, nil
}

// RefusedSoFar is what [ledger.Ledger.RefusedSoFar] is now: an import asks when it begins.
func (s *Server) RefusedSoFar(ctx context.Context) (uint64, error) {
	return s.cfg.Ledger.RefusedSoFar(ctx)
}

// Import gives commands that name their own actors, in order, as an admin may; each event says who imported it. A rehearsal
// decides them as the ledger would; nil is the ledger itself.
func (s *Server) Import(ctx context.Context, v Viewer, rehearsal *ledger.Ledger, orders []ledger.Order) ([]ledger.Result, error) {
	if now, ok := v.Again(); !ok {
		return nil, problem(http.StatusUnauthorized, "signed_out")
	} else if !now.Has(domain.Admin) {
		return nil, problem(http.StatusForbidden, "import_not_allowed")
	}
	for i := range orders {
		s.asImported(&orders[i], v.ID)
	}
	on := rehearsal
	if on == nil {
		on = s.cfg.Ledger
	}
	return on.DoAll(ctx, orders), nil
}

// asImported gives an order in the name of whom its command names, held to the users of a ledger in use.
func (s *Server) asImported(o *ledger.Order, by domain.PersonID) {
	o.Origin = wire.Origin{ImportedBy: by}
	o.If = s.cfg.Users.KnownActor(o.Command)
}
