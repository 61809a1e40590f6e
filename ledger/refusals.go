package ledger

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/synadia-io/orbit.go/jetstreamext"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/wire"
)

// refusals keeps refusals on their own stream, and answers commands once theirs is kept. The zero refusals, a
// rehearsal's, keeps none. Refusals that come while others are being written go together, as one batch where they are many.
type refusals struct {
	js         jetstream.JetStream
	subject    string
	maxMessage int
	batchFrom  int
	patience   time.Duration
	logger     *slog.Logger

	mu      sync.Mutex
	queue   []decided
	keeping bool // somebody works on the queue
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

func openRefusals(ctx context.Context, nc *nats.Conn, cfg Config) (*refusals, *eventstore.Log, error) {
	log, err := OpenRefusals(ctx, nc, cfg, false)
	if err != nil {
		return nil, nil, err
	}
	js, err := jetstream.New(nc)
	if err != nil {
		return nil, nil, fmt.Errorf("opening the stream of refusals: %w", err)
	}
	r := &refusals{js: js, subject: strings.TrimSuffix(RefusedSubject(cfg.Fund, ">"), ">"), maxMessage: cfg.maxMessage,
		batchFrom: eventstore.BatchFromOneNode, patience: cfg.patience, logger: cfg.Logger}
	if cfg.Replicas > 1 {
		r.batchFrom = eventstore.BatchFromThreeNodes
	}
	return r, log, nil
}

// answer tells the commands of a group their results, each refusal after it is kept. It does not make the decider
// wait.
func (r *refusals) answer(members []decided) {
	var refused []decided
	for _, m := range members {
		if m.result.Refusal != nil && !m.result.Before && r.js != nil {
			refused = append(refused, m)
			continue
		}
		m.pending.settle(m.result)
	}
	if len(refused) == 0 {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.queue = append(r.queue, refused...)
	if !r.keeping {
		r.keeping = true
		r.waiting.Go(r.keepAll)
	}
}

// keepAll works on the queue until it is empty.
func (r *refusals) keepAll() {
	for {
		r.mu.Lock()
		list := r.queue
		r.queue = nil
		r.keeping = len(list) > 0
		r.mu.Unlock()
		if len(list) == 0 {
			return
		}
		r.keep(list)
	}
}

// keep writes refusals, as many at once as a batch takes, and answers them.
func (r *refusals) keep(list []decided) {
	var messages []*nats.Msg
	var members []decided
	size := 0
	flush := func() {
		r.publish(members, messages)
		messages, members, size = nil, nil, 0
	}
	for _, m := range list {
		message, err := r.message(m)
		if err != nil {
			r.notKept([]decided{m}, err)
			continue
		}
		messages, members = append(messages, message), append(members, m)
		if size += len(message.Data); len(messages) >= maxGroup || size >= maxGroupBytes {
			flush()
		}
	}
	flush()
}

// publish writes refusals and answers them.
func (r *refusals) publish(members []decided, messages []*nats.Msg) {
	ctx, cancel := context.WithTimeout(context.Background(), r.patience)
	defer cancel()
	if len(messages) < r.batchFrom {
		for i, message := range messages {
			if _, err := r.js.PublishMsg(ctx, message); err != nil {
				r.notKept(members[i:i+1], err)
				continue
			}
			members[i].pending.settle(members[i].result)
		}
		return
	}
	if _, err := jetstreamext.PublishMsgBatch(ctx, r.js, messages, jetstreamext.BatchFlowControl{}); err != nil {
		r.notKept(members, err)
		return
	}
	for _, m := range members {
		m.pending.settle(m.result)
	}
}

func (r *refusals) notKept(members []decided, err error) {
	r.logger.Error("refusals could not be kept", "refusals", len(members), "first", members[0].pending.order.Command.Given().ID, "error", err)
	for _, m := range members {
		m.pending.settle(Result{Err: fmt.Errorf("the command is refused (%s), but the refusal could not be kept; ask again: %w", m.result.Refusal.Code, err)})
	}
}

func (r *refusals) message(m decided) (*nats.Msg, error) {
	refusal := *m.result.Refusal
	command, about := kept(m)
	data, err := wire.EncodeRefused(wire.Refused{At: m.at.UTC(), Position: m.on, Command: command, Refusal: refusal,
		Message: refusal.Message(), Application: about.Application, Enterprise: about.Enterprise, Account: about.Account,
		ImportedBy: m.pending.order.Origin.ImportedBy})
	if err != nil {
		return nil, err
	}
	if r.maxMessage > 0 && len(data)+headerBytes > r.maxMessage {
		return nil, fmt.Errorf("the refusal has %d bytes, the server takes %d", len(data), r.maxMessage)
	}
	return &nats.Msg{Subject: r.subject + refusal.Code, Header: nats.Header{}, Data: data}, nil
}

// kept is the command as its refusal keeps it: whole, unless it holds a personal identity number, which is to be written
// nowhere (R15), whatever the command was refused for; then only what was asked on which day.
func kept(m decided) ([]byte, domain.Concern) {
	command := m.pending.order.Command
	if !holdsPersonalID(m.pending.text) {
		return m.pending.text, m.about
	}
	if command.Given().Date.IsZero() {
		return fmt.Appendf(nil, `{"command":%q}`, command.Name()), domain.Concern{}
	}
	return fmt.Appendf(nil, `{"command":%q,"date":%q}`, command.Name(), command.Given().Date), domain.Concern{}
}

// holdsPersonalID looks through every string of a JSON text. A valid credit code that looks like such a number is none.
func holdsPersonalID(text []byte) bool {
	if !domain.HoldsPersonalID(string(text)) {
		return false
	}
	for d := jsontext.NewDecoder(bytes.NewReader(text)); ; {
		token, err := d.ReadToken()
		if err != nil {
			return false
		}
		if token.Kind() != '"' {
			continue
		}
		if s := token.String(); domain.HoldsPersonalID(s) && !domain.ValidCreditCode(domain.EnterpriseID(s)) {
			return true
		}
	}
}
