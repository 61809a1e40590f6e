package web

import (
	"context"
	"errors"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
)

// visit is up to where somebody has seen what there is: when they were here last, and when they were before that.
type visit struct {
	Seq    uint64    `json:"seq"`
	At     time.Time `json:"at"`
	Before uint64    `json:"before"`
	Left   time.Time `json:"left"`
}

const (
	visitEnds   = 30 * time.Minute // after which who comes again comes for another visit
	visitMoment = time.Minute      // within which it is not written down again
)

// Visit notes that a viewer sees what there is up to a position, and is up to where they had seen it when they left the last time, and when that
// was. 0: they were not here before, or the log's servers are away, and nobody waits for them.
func (s *Server) Visit(ctx context.Context, v Viewer, seq uint64) (before uint64, left time.Time) {
	shelf := s.cfg.Users.Shelf()
	if shelf.Away() {
		return 0, left
	}
	ctx, cancel := context.WithTimeout(ctx, viewsPatience)
	defer cancel()
	one, err := s.noteVisit(ctx, shelf, v.ID, seq)
	if err != nil {
		s.cfg.Logger.Debug("noting a visit", "person", v.ID, "error", err)
	}
	return one.Before, one.Left
}

func (s *Server) noteVisit(ctx context.Context, shelf *eventstore.Shelf, person domain.PersonID, seq uint64) (visit, error) {
	for {
		var one visit
		text, was, err := shelf.Get(ctx, accounts.ShelvedFor(accounts.VisitsOn, person))
		if err == nil {
			err = json.Unmarshal(text, &one)
		}
		if err != nil && !errors.Is(err, eventstore.ErrNotFound) {
			return visit{}, err
		}
		now := s.cfg.Now()
		passed := now.Sub(one.At)
		if passed > visitEnds {
			one.Before, one.Left = one.Seq, one.At
		}
		if seq <= one.Seq && passed >= 0 && passed < visitMoment {
			return one, nil
		}
		one.Seq, one.At = max(one.Seq, seq), now
		if text, err = json.Marshal(one); err != nil {
			return visit{}, err
		}
		if err = shelf.Swap(ctx, accounts.ShelvedFor(accounts.VisitsOn, person), text, was, 0); !errors.Is(err, eventstore.ErrOutOfTurn) {
			return one, err
		}
	}
}
