package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/outward"
)

// telling is how the service tells webhooks.
type telling struct {
	Timeout time.Duration `help:"The longest that a webhook's receiver may take to answer. / 推送接收方答复的最长时间" default:"10s" env:"FUNDLEDGER_WEBHOOK_TIMEOUT" placeholder:"TIME"`
	Pause   time.Duration `help:"Before the second try; doubled before each further one, up to 5 minutes. / 第二次推送前的间隔，此后逐次加倍，至多 5 分钟" default:"1s" env:"FUNDLEDGER_WEBHOOK_PAUSE" placeholder:"TIME"`
}

func (c telling) wrong() bool { return c.Timeout <= 0 || c.Pause <= 0 }

type webhookCmd struct {
	Add         webhookAddCmd         `cmd:"" help:"Have an address told of events and notices; the secret that deliveries are signed with is printed once. / 新增推送地址；签名密钥只打印一次"`
	List        webhookListCmd        `cmd:"" help:"List webhooks and where they stand. / 列出推送及其进度"`
	Remove      webhookRemoveCmd      `cmd:"" help:"End a webhook. / 删除推送"`
	Secret      webhookSecretCmd      `cmd:"" help:"Make another secret and print it once; the one before signs too for a day. / 更换推送密钥，只打印一次；旧密钥一日内仍可用"`
	Ping        webhookPingCmd        `cmd:"" help:"Send one delivery now that tells nothing, to see whether the receiver hears. / 立即试推送一次，看接收方是否收到"`
	Undelivered webhookUndeliveredCmd `cmd:"" help:"List what a webhook's receiver refused. / 列出接收方拒收的推送"`
	Again       webhookAgainCmd       `cmd:"" help:"Send that once more. / 重新推送拒收的"`
}

// withWebhooks opens the webhooks for a command, beside a running service or alone.
func (s *Settings) withWebhooks(ctx context.Context, do func(*outward.Webhooks, accounts.Hand) error) error {
	return s.withAccounts(ctx, func(in *infrastructure, users accounts.Hand) error {
		log, err := ledger.OpenLog(ctx, in.nc, in.ledgerConfig(s), true)
		if err != nil {
			return err
		}
		return do(outward.New(outward.Config{Fund: in.fund, Log: log, Users: users.Users, Logger: s.logger}), users)
	})
}

// hook names a webhook.
type hook struct {
	User string `arg:"" help:"Whose it is. / 谁的推送"`
	Name string `arg:"" help:"What it is called. / 推送的名称"`
}

func (h hook) user() domain.PersonID { return domain.PersonID(h.User) }

type webhookAddCmd struct {
	hook
	URL       string   `arg:"" help:"The address that is told: https://… / 接收地址：https://…" placeholder:"URL"`
	Events    []string `help:"What it is told of: events by their names (payout_made), notices by theirs behind notice. (notice.cap_near), * for any. Left out: everything. / 推送的内容：事件写其名称（payout_made），提醒写 notice. 加名称（notice.cap_near），* 为任意；缺省为全部" placeholder:"NAME"`
	From      string   `help:"Told from which event on: a position, or now. / 从哪个事件起推送：序号，或 now（现在）" default:"now" placeholder:"SEQ"`
	AllowHTTP bool     `name:"allow-http" help:"Take an http:// address on another machine too: everybody on the way can read what is told. / 也接受其他机器上的 http:// 地址：沿途任何人都能读到"`
}

// Run adds a webhook.
func (c *webhookAddCmd) Run(ctx context.Context, s *Settings) error {
	return s.withWebhooks(ctx, func(hooks *outward.Webhooks, users accounts.Hand) error {
		from, err := hooks.From(ctx, c.From)
		secret := ""
		if err == nil {
			secret, err = users.AddWebhook(c.user(), accounts.Webhook{Name: c.Name, URL: c.URL, Events: c.Events, From: from}, outward.Names(), c.AllowHTTP)
		}
		if errors.Is(err, accounts.ErrWebhook) {
			return usageError{err}
		}
		if err != nil {
			return err
		}
		return s.showSecret(secret)
	})
}

func (s *Settings) showSecret(secret string) error {
	fmt.Fprintln(s.stderr, s.say("推送密钥仅显示这一次：", "the secret that deliveries are signed with is shown this once:"))
	_, err := fmt.Fprintln(s.stdout, secret)
	return err
}

type webhookListCmd struct{ Shape }

// Run lists webhooks.
func (c *webhookListCmd) Run(ctx context.Context, s *Settings) error {
	return s.withWebhooks(ctx, func(hooks *outward.Webhooks, _ accounts.Hand) error {
		rows, err := hooks.Rows(ctx)
		if err != nil {
			return err
		}
		return s.write(outward.Sheet(rows).As(s.lang()), c.Shape)
	})
}

type webhookRemoveCmd struct{ hook }

// Run ends a webhook.
func (c *webhookRemoveCmd) Run(ctx context.Context, s *Settings) error {
	return s.withWebhooks(ctx, func(_ *outward.Webhooks, users accounts.Hand) error { return users.RemoveWebhook(c.user(), c.Name) })
}

type webhookSecretCmd struct{ hook }

// Run gives a webhook another secret.
func (c *webhookSecretCmd) Run(ctx context.Context, s *Settings) error {
	return s.withWebhooks(ctx, func(_ *outward.Webhooks, users accounts.Hand) error {
		secret, err := users.RekeyWebhook(c.user(), c.Name)
		if err != nil {
			return err
		}
		return s.showSecret(secret)
	})
}

type webhookPingCmd struct{ hook }

// Run tells a webhook that it is one.
func (c *webhookPingCmd) Run(ctx context.Context, s *Settings) error {
	return s.withWebhooks(ctx, func(hooks *outward.Webhooks, _ accounts.Hand) error { return hooks.Ping(ctx, c.user(), c.Name) })
}

type webhookUndeliveredCmd struct {
	hook
	Limit int `help:"At most so many. / 最多列出多少条" default:"1000"`
	Shape
}

// Run lists what was not delivered.
func (c *webhookUndeliveredCmd) Run(ctx context.Context, s *Settings) error {
	return s.withWebhooks(ctx, func(hooks *outward.Webhooks, _ accounts.Hand) error {
		list, err := hooks.Undelivered(ctx, c.user(), c.Name, max(c.Limit, 1))
		if err != nil {
			return err
		}
		return s.write(outward.UndeliveredSheet(list).As(s.lang()), c.Shape)
	})
}

type webhookAgainCmd struct {
	hook
	IDs []string `arg:"" optional:"" name:"id" help:"Which, by their ids; left out: all. / 推送编号；缺省为全部"`
}

// Run sends again what was refused, and ends with why what is refused still is.
func (c *webhookAgainCmd) Run(ctx context.Context, s *Settings) error {
	return s.withWebhooks(ctx, func(hooks *outward.Webhooks, _ accounts.Hand) error {
		delivered, failed, err := hooks.Again(ctx, c.user(), c.Name, c.IDs...)
		fmt.Fprintf(s.stderr, s.say("送达 %d 条\n", "%d delivered\n"), delivered)
		if err != nil {
			return err
		}
		for _, id := range slices.Sorted(maps.Keys(failed)) {
			fmt.Fprintf(s.stderr, "%s: %s\n", id, failed[id])
		}
		if len(failed) > 0 {
			return errRefused
		}
		return nil
	})
}
