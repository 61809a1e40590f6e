package main

import (
	"context"
	"errors"
	"net/url"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/tabular"
	"github.com/fundledger/fundledger/web/client"
	"github.com/fundledger/fundledger/words"
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

// remoteTable is a list of the service as a table: path is the list's, and q its parameters.
type remoteTable func(ctx context.Context, c *client.Client, path string, q url.Values, meta []tabular.Meta) tabular.Table

func remoteTableOf[T any](name string, title domain.Text) remoteTable {
	return func(ctx context.Context, c *client.Client, path string, q url.Values, meta []tabular.Meta) tabular.Table {
		return words.Table(name, title, client.Rows[T](ctx, c, path, q), meta...)
	}
}

// writeRemote prints a list of the service that --server names, as the same list here is printed. filters are names and values of
// the list's parameters; one without a value is not asked for.
func writeRemote(ctx context.Context, s *Settings, path string, table remoteTable, meta []tabular.Meta, filters []string, shape Shape) error {
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
	return s.write(table(ctx, c, path, q, meta), shape.Format, shape.Out)
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
