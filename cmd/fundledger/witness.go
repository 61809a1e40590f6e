package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/fundledger/fundledger/proof"
)

type witnessCmd struct {
	Key    string   `required:"" help:"The witness's key, made where there is none. / 见证者密钥的文件，没有时生成" type:"path" placeholder:"FILE"`
	Name   string   `help:"What the key is called, where it is made. / 生成密钥时所用的名称" default:"witness"`
	State  string   `required:"" help:"What the witness remembers: the last checkpoint that it cosigned. / 见证者的状态文件：其联署的最近检查点" type:"path" placeholder:"FILE"`
	Log    []string `required:"" help:"The verifier key of the log to watch; repeated where it was changed: the older and the newer one. @FILE reads them from a file. / 被见证台账的验证公钥；更换过的须新旧并列；@文件 从文件读取" sep:"none" placeholder:"KEY"`
	Public string   `help:"Write the witness's verifier key into this file too. / 把见证者的验证公钥也写入此文件" type:"path" placeholder:"FILE"`
	Listen string   `help:"Where to listen. / 监听地址" default:"127.0.0.1:7080" placeholder:"ADDR"`
}

// Run watches a log from elsewhere: it cosigns each checkpoint that continues the last one that it saw, and none else.
func (c *witnessCmd) Run(ctx context.Context, s *Settings) error {
	key, made, err := proof.OpenKey(c.Key, c.Name)
	if err != nil {
		return err
	}
	if made {
		fmt.Fprintf(s.stderr, s.say("已生成见证者密钥 %s\n", "a witness's key was made: %s\n"), c.Key)
	}
	log, err := verifierKeys(c.Log...)
	if err != nil {
		return usageError{err}
	}
	w, err := proof.OpenWitness(key, c.State, log...)
	if err != nil {
		return err
	}
	if err := publish(c.Public, w.Verifier()); err != nil {
		return err
	}
	listener, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return fmt.Errorf("listening: %w", err)
	}
	server := &http.Server{Handler: w, ReadTimeout: 20 * time.Second, WriteTimeout: 20 * time.Second, IdleTimeout: time.Minute, MaxHeaderBytes: 16 << 10}
	fmt.Fprintf(s.stderr, s.say("见证于 http://%s ；把验证公钥交给台账（--trust）：\n", "witnessing at http://%s ; give the verifier key to the log (--trust):\n"), listener.Addr())
	fmt.Fprintln(s.stdout, w.Verifier())
	ended := make(chan error, 1)
	stop := context.AfterFunc(ctx, func() {
		closing, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		ended <- server.Shutdown(closing)
	})
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		stop()
		return fmt.Errorf("witnessing: %w", err)
	}
	return <-ended // Serve returns when the end begins: whoever is being answered is answered first
}
