package web

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/go-json-experiment/json"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/micro"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/wire"
)

// CommandSubject is where a fund's commands are asked over NATS: "cmd.<fund>".
func CommandSubject(fund domain.FundID) string {
	return "cmd." + strings.TrimSuffix(strings.TrimPrefix(ledger.SubjectsOf(fund)[0], "fund."), ".>")
}

const natsAtOnce = 512 // requests that are decided at once; more wait in the subscription

// natsService answers commands over NATS: the body is a command, the header Authorization a token, as over HTTP. The answer
// is the outcome, or a problem with its status in the header Nats-Service-Error-Code.
type natsService struct {
	s       *Server
	service micro.Service
	places  chan struct{}
	running sync.WaitGroup
}

func (s *Server) serveNATS(nc *nats.Conn) (*natsService, error) {
	n := &natsService{s: s, places: make(chan struct{}, natsAtOnce)}
	service, err := micro.AddService(nc, micro.Config{Name: "fundledger", Version: "1.0.0", Description: "Commands of the fund " + domain.Clip(string(s.cfg.Fund), 100)})
	if err != nil {
		return nil, fmt.Errorf("answering commands over NATS: %w", err)
	}
	n.service = service
	if err := service.AddEndpoint("command", micro.HandlerFunc(n.take), micro.WithEndpointSubject(CommandSubject(s.cfg.Fund))); err != nil {
		_ = service.Stop() // the connection takes its subscriptions with it in any case
		return nil, fmt.Errorf("answering commands over NATS: %w", err)
	}
	return n, nil
}

// take lets a request be decided beside those that come after it, so that one sync of the disk serves many.
func (n *natsService) take(request micro.Request) {
	n.places <- struct{}{}
	n.running.Go(func() {
		defer func() { <-n.places }()
		ctx := context.Background()
		if n.s.cfg.Tracer != nil {
			traced, span := n.s.span(ctx, "command over NATS", micro.Headers(request.Headers()).Get("traceparent"))
			defer span.End()
			ctx = traced
		}
		outcome, err := n.decide(ctx, request)
		if err == nil {
			err = request.RespondJSON(outcome)
		} else {
			err = n.refuse(request, ErrorProblem(err))
		}
		if err != nil {
			n.s.cfg.Logger.Warn("a command over NATS could not be answered", "error", err)
		}
	})
}

func (n *natsService) decide(ctx context.Context, request micro.Request) (ledger.Outcome, error) {
	v, ok := n.s.tokenViewer(ctx, micro.Headers(request.Headers()).Get("Authorization"))
	switch {
	case !ok:
		return ledger.Outcome{}, problem(http.StatusUnauthorized, "token_invalid")
	case v.mayNot() != nil:
		return ledger.Outcome{}, v.mayNot()
	case !v.Has(mayCommand...):
		return ledger.Outcome{}, problem(http.StatusForbidden, "route_not_allowed", "allowed", joinRoles(mayCommand))
	case !n.s.limits.allow("user:"+string(v.ID), n.s.cfg.Rate):
		return ledger.Outcome{}, problem(http.StatusTooManyRequests, "too_many_requests").after(1)
	}
	command, refusal := wire.DecodeCommand(request.Data())
	if refusal != nil {
		return ledger.Outcome{}, refusal
	}
	g, err := n.s.grantFor(ctx, v, command, micro.Headers(request.Headers()).Get("X-Act-As"))
	if err != nil {
		return ledger.Outcome{}, err
	}
	result := n.s.Do(ctx, v, g, command)
	if result.Refusal != nil {
		return ledger.Outcome{}, result.Refusal
	}
	return result.Outcome, result.Err
}

func (n *natsService) refuse(request micro.Request, p *Problem) error {
	if p.Status >= 500 {
		n.s.cfg.Logger.Error("a command over NATS failed", "code", p.Code, "error", p.cause)
	}
	body, err := json.Marshal(p.In("en"), json.Deterministic(true))
	if err != nil {
		return err
	}
	return request.Error(strconv.Itoa(p.Status), p.Code, body)
}

func (n *natsService) close() {
	if err := n.service.Stop(); err != nil {
		n.s.cfg.Logger.Debug("closing the service on NATS", "error", err)
	}
	n.running.Wait()
}
