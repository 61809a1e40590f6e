package main

import (
	"context"
	"fmt"
)

type rotatePayeeKeyCmd struct{}

// Run has another key seal the numbers of bank accounts from now on, in all instances of the service.
func (c *rotatePayeeKeyCmd) Run(ctx context.Context, s *Settings) error {
	in, err := s.open(ctx, purpose{})
	if err != nil {
		return err
	}
	defer in.close()
	users, err := in.accounts(ctx, s, commandLine())
	if err != nil {
		return err
	}
	retired, err := users.Users.Sealer().Rotate(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(s.stdout, s.say("新密钥已启用；先前的 %d 把只用于读取。请重新 user export，与备份一并保存。\n",
		"another key seals from now on; %d before it only open what they sealed. Write user export anew, and keep it beside the backup.\n"), retired)
	return nil
}
