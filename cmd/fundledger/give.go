package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/projections/postgres"
	"github.com/fundledger/fundledger/proof"
	"github.com/fundledger/fundledger/wire"
)

// openLedger opens the infrastructure and the fund's ledger on it.
func (s *Settings) openLedger(ctx context.Context, want purpose) (*infrastructure, *ledger.Ledger, error) {
	in, err := s.open(ctx, want)
	if err != nil {
		return nil, nil, err
	}
	open := ledger.Open
	if want.rehearse {
		open = ledger.Rehearse
	}
	l, err := s.replayed(ctx, in, open)
	if err == nil && !want.rehearse {
		if err = s.holdToWrite(ctx, in, l); err != nil {
			l.Close()
		}
	}
	if err != nil {
		in.close()
		return nil, nil, err
	}
	return in, l, nil
}

// replayed opens a ledger, and shows how far its log is replayed.
func (s *Settings) replayed(ctx context.Context, in *infrastructure, open func(context.Context, *nats.Conn, ledger.Config) (*ledger.Ledger, error)) (*ledger.Ledger, error) {
	cfg := in.ledgerConfig(s)
	replay := s.progress(s.say("重放日志", "replaying the log"))
	defer replay.done()
	cfg.Progress = func(position, end uint64) { replay.at(int64(position), int64(end)) }
	return open(ctx, in.nc, cfg)
}

// holdToWrite refuses a log that ends before what was signed or projected of it, or is another there: what is booked on it would make a
// second history. A running service watches its log itself.
func (s *Settings) holdToWrite(ctx context.Context, in *infrastructure, l *ledger.Ledger) error {
	if in.attached && in.owner.HTTP != "" {
		return nil
	}
	end, err := l.Log().Last(ctx)
	if err != nil {
		return err
	}
	err = in.project(ctx, s, end)
	if errors.Is(err, eventstore.ErrShort) {
		err = fmt.Errorf("%w: %w", proof.ErrRolledBack, err)
	}
	if err == nil { // the tables are the log's, row by row; whoever deleted them with the log's end has the checkpoints against them
		err = s.askOn(ctx, in, func(q *postgres.Queries) error {
			return proof.HoldLatest(ctx, in.checkpoints(), proof.Origin(in.fund), q.Hashes(), end)
		})
	}
	return s.alarm(err)
}

// give gives one command to the ledger, waits until the projections know it too, and says what became of it. The contents of the files that it names are
// kept before.
func (s *Settings) give(ctx context.Context, command domain.Command, want purpose, contents ...fileContent) error {
	if s.Server != "" {
		return s.giveRemote(ctx, command, contents)
	}
	in, l, err := s.openLedger(ctx, want)
	if err != nil {
		return err
	}
	defer in.close()
	defer l.Close()
	order := ledger.Order{Command: command, Origin: wire.Origin{}}
	if order.If, err = s.keepBefore(ctx, in, l, command, contents); err != nil {
		return err
	}
	result := l.Do(ctx, order)
	if result.Err != nil {
		return result.Err
	}
	if result.Refusal != nil {
		return s.printRefusal(command, result.Refusal)
	}
	if err := in.project(ctx, s, result.Outcome.LastSeq); err != nil {
		return err
	}
	return s.printOutcome(command, result.Outcome)
}

// keepBefore keeps the contents that a command names where the rules take the command. Where they refuse it nothing is kept, and the condition lets pass
// nothing else than their refusal.
func (s *Settings) keepBefore(ctx context.Context, in *infrastructure, l *ledger.Ledger, command domain.Command, contents []fileContent) (func(*domain.State, uint64) error, error) {
	if len(contents) == 0 {
		return nil, nil
	}
	taken := false
	err := l.View(ctx, func(state *domain.State, _ uint64) {
		_, refusal := domain.Decide(state, command, s.clock.today())
		taken = refusal == nil
	})
	if err != nil {
		return nil, err
	}
	if !taken {
		return func(state *domain.State, _ uint64) error {
			if _, refusal := domain.Decide(state, command, s.clock.today()); refusal == nil {
				return errors.New(s.say("台账刚有变动，附件尚未保存：请再次提交", "the ledger has just changed, and the files are not kept: give it again"))
			}
			return nil
		}, nil
	}
	files, err := in.files(ctx, s, false)
	if err != nil {
		return nil, err
	}
	for _, one := range contents {
		if _, err := files.Keep(ctx, one.content); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

func (s *Settings) printOutcome(command domain.Command, o ledger.Outcome) error {
	said := s.say("已记入台账", "booked")
	if o.Repeated {
		said = s.say("早已记入台账，未重复记账", "had been booked already; nothing was booked twice")
	}
	fmt.Fprintf(s.stderr, "%s %s: %s\n", command.Name(), o.CommandID, said)
	return json.NewEncoder(s.stdout).Encode(o)
}

// printRefusal says on standard error, for people, why a command is refused, and on standard output, for programs.
func (s *Settings) printRefusal(command domain.Command, r *domain.Refusal) error {
	message := r.Message()
	fmt.Fprintf(s.stderr, "%s %s %s [%s, %s]: %s\n", command.Name(), command.Given().ID, s.say("被拒", "refused"), r.Code, r.Rule, message.In(s.lang()))
	text, err := json.Marshal(struct {
		ID string `json:"id"`
		*domain.Refusal
		Message domain.Text `json:"message"`
	}{string(command.Given().ID), r, message})
	if err != nil {
		return err
	}
	fmt.Fprintln(s.stdout, string(text))
	return errRefused
}
