package ledger

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/wire"
)

// refusals keeps refusals on their own stream, and answers commands once theirs is kept. The zero refusals, a
// rehearsal's, keeps none.
type refusals struct {
	js      jetstream.JetStream
	subject string
	now     func() time.Time
	logger  *slog.Logger
	waiting sync.WaitGroup
}

// RefusedStream is the name of the stream that keeps a fund's refusals.
func RefusedStream(fund domain.FundID) string { return "REFUSED_" + streamToken(fund) }

// RefusedSubject is where a refusal of a code is published: "refused.<fund>.<code>".
func RefusedSubject(fund domain.FundID, code string) string {
	return "refused." + strings.TrimSuffix(strings.TrimPrefix(SubjectsOf(fund)[0], "fund."), ">") + code
}

// OpenRefusals opens the stream of a fund's refusals.
func OpenRefusals(ctx context.Context, nc *nats.Conn, cfg Config, readOnly bool) (*eventstore.Log, error) {
	return eventstore.Open(ctx, nc, eventstore.Config{Stream: RefusedStream(cfg.Fund), Subjects: []string{RefusedSubject(cfg.Fund, ">")},
		Replicas: cfg.Replicas, ReadOnly: readOnly, Logger: cfg.Logger})
}

func openRefusals(ctx context.Context, nc *nats.Conn, cfg Config) (*refusals, error) {
	if _, err := OpenRefusals(ctx, nc, cfg, false); err != nil {
		return nil, err
	}
	js, err := jetstream.New(nc)
	if err != nil {
		return nil, fmt.Errorf("opening the stream of refusals: %w", err)
	}
	return &refusals{js: js, subject: strings.TrimSuffix(RefusedSubject(cfg.Fund, ">"), ">"), now: cfg.Now, logger: cfg.Logger}, nil
}

// answer tells the commands of a group their results, each refusal after it is kept. It does not make the decider
// wait.
func (r *refusals) answer(members []decided, position uint64) {
	var refused []decided
	for _, m := range members {
		if m.result.Refusal != nil && r.js != nil {
			refused = append(refused, m)
			continue
		}
		m.pending.settle(m.result)
	}
	if len(refused) == 0 {
		return
	}
	r.waiting.Go(func() { r.keep(refused, position) })
}

func (r *refusals) keep(refused []decided, position uint64) {
	acks := make([]jetstream.PubAckFuture, len(refused))
	for i, m := range refused {
		ack, err := r.publish(m, position)
		if err != nil {
			r.logger.Error("a refusal could not be kept", "command", m.pending.order.Command.Given().ID, "error", err)
			m.pending.settle(Result{Err: fmt.Errorf("the command is refused (%s), but the refusal could not be kept: %w", m.result.Refusal.Code, err)})
			continue
		}
		acks[i] = ack
	}
	for i, m := range refused {
		if acks[i] == nil {
			continue
		}
		select {
		case <-acks[i].Ok():
			m.pending.settle(m.result)
		case err := <-acks[i].Err():
			m.pending.settle(Result{Err: fmt.Errorf("the command is refused (%s), but the refusal could not be kept: %w", m.result.Refusal.Code, err)})
		case <-time.After(appendTimeout):
			m.pending.settle(Result{Err: fmt.Errorf("the command is refused (%s), but the refusal could not be kept in %s", m.result.Refusal.Code, appendTimeout)})
		}
	}
}

func (r *refusals) publish(m decided, position uint64) (jetstream.PubAckFuture, error) {
	refusal := *m.result.Refusal
	command, err := kept(m.pending.order.Command, refusal)
	if err != nil {
		return nil, err
	}
	data, err := wire.EncodeRefused(wire.Refused{At: r.now().UTC(), Position: position, Command: command, Refusal: refusal,
		Message: refusal.Message(), ImportedBy: m.pending.order.Origin.ImportedBy})
	if err != nil {
		return nil, err
	}
	return r.js.PublishMsgAsync(&nats.Msg{Subject: r.subject + refusal.Code, Data: data})
}

// kept is the command as its refusal keeps it: whole, unless it was refused for holding a personal identity number, which is
// to be written nowhere (R15); then only what was asked on which day.
func kept(c domain.Command, refusal domain.Refusal) ([]byte, error) {
	if refusal.Code == domain.CodePersonalID {
		return fmt.Appendf(nil, `{"command":%q,"date":%q}`, c.Name(), c.Given().Date), nil
	}
	return wire.EncodeCommand(c)
}
