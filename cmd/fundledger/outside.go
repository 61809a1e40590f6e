package main

import (
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/alecthomas/kong"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/web"
)

// Outside is how the service meets those who ask: where it listens, over what, and how much it gives to one of them.
type Outside struct {
	Listen       string     `help:"Where the service answers; port 0 takes a free one. / 服务的监听地址；端口写 0 则取空闲的" default:"127.0.0.1:8080" env:"FUNDLEDGER_LISTEN" placeholder:"ADDR"`
	TLSCert      string     `name:"tls-cert" help:"The file of a certificate, with those between it and its root: the service speaks TLS itself. Read again when it changes. / TLS 证书文件，含中间证书：由服务自行使用 TLS；文件变更后自动重读" env:"FUNDLEDGER_TLS_CERT" type:"path" placeholder:"FILE"`
	TLSKey       string     `name:"tls-key" help:"The file of that certificate's key. / 该证书的私钥文件" env:"FUNDLEDGER_TLS_KEY" type:"path" placeholder:"FILE"`
	BehindProxy  bool       `help:"One proxy stands before the service and speaks TLS: cookies go over TLS only, browsers are told to stay with it, and a client's address is the last that the proxy names. Never without one. / 服务位于一个负责 TLS 的反向代理之后：Cookie 只经 TLS 传送，客户端地址取代理所写的最后一个；没有代理时不得使用" env:"FUNDLEDGER_BEHIND_PROXY"`
	NATSCommands bool       `name:"nats-commands" help:"Take commands over NATS too, on cmd.<fund>, with a token in the header Authorization. / 也接受经 NATS 提交的指令，主题为 cmd.<资金>，令牌写在 Authorization 头中" env:"FUNDLEDGER_NATS_COMMANDS"`
	OpenMetrics  bool       `help:"/metrics needs no sign-in: for a scraper on a network of its own. / /metrics 无须登录，供专用网络上的采集程序使用" env:"FUNDLEDGER_OPEN_METRICS"`
	OIDC         signIn     `embed:"" prefix:"oidc-"`
	Payer        payer      `embed:"" prefix:"payer-"`
	OpenTiles    bool       `help:"/checkpoint and the tiles of hashes need no sign-in; the events always do. / /checkpoint 与哈希分片无须登录；事件始终须登录" env:"FUNDLEDGER_OPEN_TILES"`
	Bounds       bounded    `embed:""`
	Tokens       tokenBound `embed:""`
	Traces       traced     `embed:""`
	Webhook      telling    `embed:"" prefix:"webhook-"`

	AnalystFor time.Duration `help:"The longest that a statement or transaction of an analyst in the database may last: then the session is ended. / 分析员在数据库中一次语句或事务的最长时间，超过即结束会话" default:"5m" env:"FUNDLEDGER_ANALYST_FOR" placeholder:"TIME"`

	tls *tls.Config // made by check; nil where the service speaks without
}

// signIn is the organisation's own sign-in.
type signIn struct {
	Issuer       string   `help:"The address of the organisation's sign-in (OpenID Connect): users sign in there too. / 单位统一登录（OpenID Connect）的地址" env:"FUNDLEDGER_OIDC_ISSUER" placeholder:"URL"`
	ClientID     string   `help:"As which client the service is known there. / 本服务在统一登录处的客户端标识" env:"FUNDLEDGER_OIDC_CLIENT_ID" placeholder:"ID"`
	ClientSecret string   `help:"That client's secret. / 该客户端的密钥" env:"FUNDLEDGER_OIDC_CLIENT_SECRET" secret:"" placeholder:"TEXT"`
	RedirectURL  string   `help:"This service's address for who comes back, https://…/login/oidc/callback. / 登录后返回本服务的地址，如 https://…/login/oidc/callback" env:"FUNDLEDGER_OIDC_REDIRECT_URL" placeholder:"URL"`
	Claim        string   `help:"Which claim names the user; an email counts only where it is verified. Left out: sub. / 以哪一项声明认定用户，邮箱须已验证；缺省为 sub" env:"FUNDLEDGER_OIDC_CLAIM" placeholder:"NAME"`
	Scopes       []string `help:"What is asked for besides openid. / 除 openid 外另行申请的范围" env:"FUNDLEDGER_OIDC_SCOPES" placeholder:"NAME"`
}

// payer is the account that the treasury pays from, for the vouchers.
type payer struct {
	Holder  string `help:"The name of the account that is paid from, for vouchers. / 支付凭证上的付款人全称" env:"FUNDLEDGER_PAYER_HOLDER" placeholder:"NAME"`
	Account string `help:"Its number; whole for treasurers, auditors and admins only. / 付款账号；只有国库、审计与管理人员看到全号" env:"FUNDLEDGER_PAYER_ACCOUNT" placeholder:"NUMBER"`
	Bank    string `help:"Its bank. / 付款账户的开户行" env:"FUNDLEDGER_PAYER_BANK" placeholder:"NAME"`
	Since   string `help:"The first day that it is paid from: vouchers of earlier payments leave the account open. / 自哪一日起由此账户支付；更早的支付凭证不填此账户" env:"FUNDLEDGER_PAYER_SINCE" placeholder:"DATE"`
}

// account is what it says to the service.
func (p payer) account() (web.Payer, bool) {
	number, fine := domain.AccountNumber(p.Account).Plain()
	since, err := domain.ParseDate(p.Since)
	if p == (payer{}) {
		return web.Payer{}, true
	}
	return web.Payer{Holder: p.Holder, Account: number, Bank: p.Bank, Since: since}, fine && p.Holder != "" && p.Bank != "" && (p.Since == "" || err == nil)
}

// right reports whether all that an account needs was said, or nothing.
func (p payer) right() bool {
	_, right := p.account()
	return right
}

// bounded is what one who asks is given at most. 0 is the value that the help names.
type bounded struct {
	SessionFor     time.Duration `help:"After which a session ends in any case (${session_for}). / 登录会话的最长时间（${session_for}）" env:"FUNDLEDGER_SESSION_FOR" placeholder:"TIME"`
	Patience       time.Duration `name:"min-seq-wait" help:"How long a question waits for the event that it names by min_seq (${patience}). / 查询等待 min_seq 所指事件的最长时间（${patience}）" env:"FUNDLEDGER_MIN_SEQ_WAIT" placeholder:"TIME"`
	Stall          time.Duration `name:"stall-after" help:"A client that neither reads nor writes for so long is let go (${stall}). / 既不读也不写的连接，过这么久即断开（${stall}）" env:"FUNDLEDGER_STALL_AFTER" placeholder:"TIME"`
	QuestionFor    time.Duration `help:"The longest that a page of a list may take (${question_for}). / 清单一页的最长查询时间（${question_for}）" env:"FUNDLEDGER_QUESTION_FOR" placeholder:"TIME"`
	Rate           float64       `help:"Requests a second of one who is signed in (${rate}); below 0: any number. / 每个登录用户每秒的请求数（${rate}）；小于零为不限" env:"FUNDLEDGER_RATE" placeholder:"N"`
	PublicRate     float64       `help:"Requests a second of one address that is not signed in (${public_rate}); below 0: any number. / 每个未登录地址每秒的请求数（${public_rate}）；小于零为不限" env:"FUNDLEDGER_PUBLIC_RATE" placeholder:"N"`
	HeavyReads     int           `help:"Exports, replays and explanations that run at once (${heavy_reads}); more wait, the people in turn. / 同时进行的导出、回放与数字拆解（${heavy_reads}）；其余按人轮流等待" env:"FUNDLEDGER_HEAVY_READS" placeholder:"N"`
	HeavyReadsEach int           `help:"Of one person (${heavy_reads_each}). / 其中每人同时进行的（${heavy_reads_each}）" env:"FUNDLEDGER_HEAVY_READS_EACH" placeholder:"N"`
	HeavyReadsOpen int           `help:"Of one person, those that wait included (${heavy_reads_open}); more are told to come back (429). / 其中每人进行与等待的合计（${heavy_reads_open}）；超出的答复稍后再来（429）" env:"FUNDLEDGER_HEAVY_READS_OPEN" placeholder:"N"`
	HeavyFor       time.Duration `help:"The longest that one of them may take (${heavy_for}). / 其中一次的最长时间（${heavy_for}）" env:"FUNDLEDGER_HEAVY_FOR" placeholder:"TIME"`
	ExportRows     int64         `help:"Rows of one export (${export_rows}). / 一次导出的行数上限（${export_rows}）" env:"FUNDLEDGER_EXPORT_ROWS" placeholder:"N"`
	ExportBytes    int64         `help:"Bytes of one export (${export_bytes}). / 一次导出的字节数上限（${export_bytes}）" env:"FUNDLEDGER_EXPORT_BYTES" placeholder:"N"`
	FileSize       int64         `help:"MiB of an attachment (${file_size}), ${file_most} at most. / 每个附件的大小上限（MiB，${file_size}），不得超过 ${file_most}" env:"FUNDLEDGER_FILE_SIZE" placeholder:"MIB"`
	RefusedLines   int           `help:"Refusals of one person that are kept in an hour (${refused_lines}); more are counted and not kept. Below 0: any number. / 每人每小时留存的被拒指令条数（${refused_lines}）；超出的只计数；小于零为不限" env:"FUNDLEDGER_REFUSED_LINES" placeholder:"N"`
	RefusedBytes   int64         `help:"Bytes of such refusals (${refused_bytes}). / 每人每小时留存的被拒指令字节数（${refused_bytes}）" env:"FUNDLEDGER_REFUSED_BYTES" placeholder:"N"`
	MaxStreams     int           `help:"Live connections at once (${max_streams}). / 同时的实时连接数上限（${max_streams}）" env:"FUNDLEDGER_MAX_STREAMS" placeholder:"N"`
}

// bounds are the service's own, for the help to name.
func bounds() kong.Vars {
	c := web.Config{}.WithDefaults()
	refused := ledger.RefusalLimits{}.WithDefaults()
	return kong.Vars{"token_for": accounts.LongestToken.String(), "session_for": c.SessionFor.String(), "patience": c.Patience.String(), "stall": c.Stall.String(), "question_for": c.QuestionFor.String(),
		"rate": fmt.Sprint(c.Rate), "heavy_reads": fmt.Sprint(c.HeavyReads), "heavy_reads_each": fmt.Sprint(c.HeavyReadsEach), "heavy_reads_open": fmt.Sprint(c.HeavyReadsOpen),
		"heavy_for": c.HeavyFor.String(), "export_rows": fmt.Sprint(c.ExportRows), "export_bytes": fmt.Sprint(c.ExportBytes),
		"file_size": fmt.Sprint(c.FileBytes >> 20), "file_most": fmt.Sprint(eventstore.MaxFileBytes >> 20),
		"refused_lines": fmt.Sprint(refused.Lines), "refused_bytes": fmt.Sprint(refused.Bytes),
		"public_rate": fmt.Sprint(c.PublicRate), "max_streams": fmt.Sprint(c.MaxStreams)}
}

// config is what it says to the service.
func (o Outside) config() web.Config {
	b := o.Bounds
	c := web.Config{Secure: o.BehindProxy || o.TLSCert != "", TrustProxy: o.BehindProxy,
		NATSCommands: o.NATSCommands, OpenMetrics: o.OpenMetrics, OpenTiles: o.OpenTiles,
		SessionFor: b.SessionFor, Patience: b.Patience, Stall: b.Stall, QuestionFor: b.QuestionFor,
		Rate: b.Rate, PublicRate: b.PublicRate, MaxStreams: b.MaxStreams,
		HeavyReads: b.HeavyReads, HeavyReadsEach: b.HeavyReadsEach, HeavyReadsOpen: b.HeavyReadsOpen, HeavyFor: b.HeavyFor,
		ExportRows: b.ExportRows, ExportBytes: b.ExportBytes, FileBytes: b.FileSize << 20}
	c.Payer, _ = o.Payer.account() // it was checked
	if o.OIDC.Issuer != "" {
		c.OIDC = &web.OIDCConfig{Issuer: o.OIDC.Issuer, ClientID: o.OIDC.ClientID, ClientSecret: o.OIDC.ClientSecret, RedirectURL: o.OIDC.RedirectURL,
			Claim: o.OIDC.Claim, Scopes: o.OIDC.Scopes}
	}
	return c
}

// refused is how much is kept of the refusals of one person.
func (o Outside) refused() ledger.RefusalLimits {
	return ledger.RefusalLimits{Lines: o.Bounds.RefusedLines, Bytes: o.Bounds.RefusedBytes}
}

// check refuses what does not go together, before anything is opened, and reads the certificate.
func (o *Outside) check(s *Settings) error {
	b, in := o.Bounds, o.OIDC
	switch {
	case (o.TLSCert == "") != (o.TLSKey == ""):
		return usageError{errors.New(s.say("--tls-cert 与 --tls-key 须同时给出", "--tls-cert and --tls-key go together: give both"))}
	case in.Issuer == "" && (in.ClientID != "" || in.ClientSecret != "" || in.RedirectURL != "" || in.Claim != "" || len(in.Scopes) > 0):
		return usageError{errors.New(s.say("请用 --oidc-issuer 给出统一登录的地址", "name the sign-in's address with --oidc-issuer"))}
	case in.Issuer != "" && (in.ClientID == "" || !strings.HasSuffix(in.RedirectURL, "/login/oidc/callback")):
		return usageError{errors.New(s.say("--oidc-issuer 还需要 --oidc-client-id 与以 /login/oidc/callback 结尾的 --oidc-redirect-url",
			"--oidc-issuer needs --oidc-client-id, and an --oidc-redirect-url that ends in /login/oidc/callback"))}
	case isNoNumber(b.Rate) || isNoNumber(b.PublicRate): // no request is ever more than NaN of them
		return usageError{errors.New(s.say("--rate 与 --public-rate 须为有限的数；小于 0 表示不限", "--rate and --public-rate are finite numbers; below 0 means any number"))}
	case b.FileSize < 0 || b.FileSize > eventstore.MaxFileBytes>>20:
		return usageError{fmt.Errorf(s.say("--file-size 须在 0 与 %d 之间", "--file-size lies between 0 and %d"), eventstore.MaxFileBytes>>20)}
	case !o.Payer.right():
		return usageError{errors.New(s.say("付款账户须同时给出 --payer-holder、--payer-account（8 至 40 位数字或字母）与 --payer-bank；--payer-since 写成 2025-03-01",
			"the payer's account needs --payer-holder, --payer-account (8 to 40 digits or letters) and --payer-bank; --payer-since is written as 2025-03-01"))}
	case o.AnalystFor <= 0:
		return usageError{errors.New(s.say("--analyst-for 须大于零", "--analyst-for has to be above nought"))}
	case o.Webhook.wrong():
		return usageError{errors.New(s.say("--webhook-timeout 与 --webhook-pause 须大于零", "--webhook-timeout and --webhook-pause have to be above nought"))}
	case o.Traces.wrong():
		return usageError{errors.New(s.say("--otlp-endpoint 须为 http:// 或 https:// 地址，--trace-ratio 须在 0 与 1 之间",
			"--otlp-endpoint is an address that begins with http:// or https://, --trace-ratio a number from 0 to 1"))}
	case min(b.SessionFor, b.Patience, b.Stall, b.QuestionFor, b.HeavyFor) < 0 || min(b.MaxStreams, b.HeavyReads, b.HeavyReadsEach, b.HeavyReadsOpen) < 0 || min(b.ExportRows, b.ExportBytes) < 0:
		return usageError{errors.New(s.say("时间与数目不能为负", "times and numbers cannot be negative"))}
	}
	if err := o.Tokens.check(s); err != nil {
		return err
	}
	if o.TLSCert == "" {
		return nil
	}
	kept := &certificate{cert: o.TLSCert, key: o.TLSKey, logger: s.logger}
	if _, err := kept.give(nil); err != nil {
		return usageError{err}
	}
	o.tls = &tls.Config{MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"}, GetCertificate: kept.give}
	return nil
}

func isNoNumber(x float64) bool { return math.IsNaN(x) || math.IsInf(x, 0) }

// certificate is a certificate in files that are replaced while the service runs, as they are every few months. It is safe for
// concurrent use.
type certificate struct {
	cert, key string
	logger    *slog.Logger

	mu    sync.Mutex
	given *tls.Certificate
	stamp [2]time.Time // of the files that were tried last
}

// give gives the certificate that the files hold. One that cannot be used leaves the one before it, and is said once.
func (c *certificate) give(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var stamp [2]time.Time
	for i, path := range []string{c.cert, c.key} {
		if info, err := os.Stat(path); err == nil {
			stamp[i] = info.ModTime()
		}
	}
	if c.given != nil && stamp == c.stamp {
		return c.given, nil
	}
	c.stamp = stamp
	pair, err := tls.LoadX509KeyPair(c.cert, c.key)
	switch {
	case err == nil:
		c.given = &pair
	case c.given == nil:
		return nil, fmt.Errorf("reading the certificate: %w", err)
	default:
		c.logger.Error("the new certificate cannot be used; the one before stays", "certificate", c.cert, "error", err)
	}
	return c.given, nil
}
