package main

import (
	"context"
	"errors"
	"net/url"

	"github.com/fundledger/fundledger/answers"
	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/tabular"
	"github.com/fundledger/fundledger/web/client"
)

// remote is the service that --server names.
func (s *Settings) remote() (*client.Client, error) {
	if s.Token == "" {
		return nil, usageError{errors.New(s.say("请用 --token 或 FUNDLEDGER_TOKEN 给出接口令牌(fundledger token create)", "give an API token with --token or FUNDLEDGER_TOKEN (fundledger token create)"))}
	}
	c, err := client.New(s.Server, s.Token, s.lang(), nil)
	if err != nil {
		return nil, usageError{err}
	}
	return c, nil
}

// writeRemote prints a list of the service that --server names, as the same list here is printed.
func writeRemote[T any](ctx context.Context, s *Settings, name string, title domain.Text, meta []tabular.Meta, filters []string, shape Shape) error {
	c, err := s.remote()
	if err != nil {
		return err
	}
	q := url.Values{"limit": {"1000"}}
	for i := 0; i+1 < len(filters); i += 2 {
		if filters[i+1] != "" && filters[i+1] != "0" {
			q.Set(filters[i], filters[i+1])
		}
	}
	return s.write(answers.Table(name, title, client.Rows[T](ctx, c, "/v1/"+name, q), meta...), shape.Format, shape.Out)
}

// giveRemote gives a command to the service, in the name of the token's user.
func (s *Settings) giveRemote(ctx context.Context, command domain.Command) error {
	c, err := s.remote()
	if err != nil {
		return err
	}
	outcome, err := c.Do(ctx, command)
	var refusal *domain.Refusal
	if errors.As(err, &refusal) {
		return s.printRefusal(command, refusal)
	}
	if err != nil {
		return err
	}
	return s.printOutcome(command, outcome)
}

// listRemote is the list of a kind.
func listRemote(ctx context.Context, s *Settings, what string, meta []tabular.Meta, filters []string, shape Shape) error {
	switch what {
	case "enterprises":
		return writeRemote[projections.EnterpriseRow](ctx, s, what, domain.Text{ZH: "企业", EN: "Enterprises"}, meta, filters, shape)
	case "applications":
		return writeRemote[projections.ApplicationRow](ctx, s, what, domain.Text{ZH: "申请", EN: "Applications"}, meta, filters, shape)
	case "payouts":
		return writeRemote[projections.PayoutRow](ctx, s, what, domain.Text{ZH: "支付", EN: "Payouts"}, meta, filters, shape)
	case "clawbacks":
		return writeRemote[projections.ClawbackRow](ctx, s, what, domain.Text{ZH: "追回", EN: "Clawbacks"}, meta, filters, shape)
	case "recoveries":
		return writeRemote[projections.RecoveryRow](ctx, s, what, domain.Text{ZH: "收回", EN: "Recoveries"}, meta, filters, shape)
	case "exceptions":
		return writeRemote[projections.ExceptionRow](ctx, s, what, domain.Text{ZH: "例外", EN: "Exceptions"}, meta, filters, shape)
	case "appropriations":
		return writeRemote[projections.AppropriationRow](ctx, s, what, domain.Text{ZH: "预算", EN: "Appropriations"}, meta, filters, shape)
	}
	return writeRemote[projections.JournalRow](ctx, s, what, domain.Text{ZH: "分录", EN: "Journal"}, meta, filters, shape)
}
