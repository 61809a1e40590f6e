package main

import (
	"context"
	"errors"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/web/client"
)

// remote is the service that --server names.
func (s *Settings) remote() (*client.Client, error) {
	if s.Token == "" {
		return nil, usageError{errors.New(s.say("请用 --token 或 FUNDLEDGER_TOKEN 给出接口令牌（fundledger token create）", "give an API token with --token or FUNDLEDGER_TOKEN (fundledger token create)"))}
	}
	c, err := client.New(s.Server, s.Token, s.lang(), nil)
	if err != nil {
		return nil, usageError{err}
	}
	return c, nil
}

// giveRemote gives a command to the service, in the name of the token's user.
func (s *Settings) giveRemote(ctx context.Context, command domain.Command, contents []fileContent) error {
	c, err := s.remote()
	if err != nil {
		return err
	}
	for _, one := range contents {
		if err := c.KeepFile(ctx, one.content, one.hash); err != nil {
			return err
		}
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
