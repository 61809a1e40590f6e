package ledger

import (
	"context"
	"fmt"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/wire"
)

// KeptRefusal is a refusal as it was kept.
type KeptRefusal struct {
	Seq      uint64    // on the refusals' own stream
	Recorded time.Time // when the stream stored it, UTC
	wire.Refused

	// What the command says of itself. A command that held a personal identity number was not kept (R15): then only the name
	// is there.
	Name  string
	ID    domain.CommandID
	Actor domain.Actor
}

// Refusals hands the refusals of a case that are there to fn, in the order they were kept, from a position of their stream on (the
// first is 1) up to another; 0 is its end of this moment. The log is one of [OpenRefusals]. Some may be of another case: those that earlier
// releases kept lie together. It ends with fn's first error.
func Refusals(ctx context.Context, log *eventstore.Log, fund domain.FundID, of wire.Case, from, to uint64, fn func(KeptRefusal) error) error {
	return log.Scan(ctx, from, to, of.Subjects(fund), func(records []eventstore.Record) error {
		for _, r := range records {
			k, err := readRefusal(r)
			if err != nil {
				continue // what cannot be read, a verification says
			}
			if err := fn(k); err != nil {
				return err
			}
		}
		return nil
	})
}

func readRefusal(r eventstore.Record) (KeptRefusal, error) {
	refused, err := wire.DecodeRefused(r.Data)
	if err != nil {
		return KeptRefusal{}, fmt.Errorf("reading refusal %d: %w", r.Seq, err)
	}
	var command struct {
		Name  string           `json:"command"`
		ID    domain.CommandID `json:"id"`
		Actor domain.Actor     `json:"actor"`
	}
	if err := json.Unmarshal(refused.Command, &command); err != nil {
		return KeptRefusal{}, fmt.Errorf("reading the command of refusal %d: %w", r.Seq, err)
	}
	return KeptRefusal{Seq: r.Seq, Recorded: r.Time, Refused: refused, Name: command.Name, ID: command.ID, Actor: command.Actor}, nil
}
