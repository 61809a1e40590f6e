package accounts

import (
	"time"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/tabular"
	"github.com/fundledger/fundledger/words"
)

var kindTexts = map[Kind]domain.Text{
	Added: {ZH: "新增用户", EN: "user added"}, TakenOver: {ZH: "由文件转入", EN: "taken over from a file"}, Removed: {ZH: "删除用户", EN: "user removed"},
	Granted: {ZH: "设定权限", EN: "grants set"}, PasswordSet: {ZH: "设定密码", EN: "password set"}, OIDCSet: {ZH: "绑定统一登录", EN: "account of the organisation set"},
	SignedOut: {ZH: "结束全部登录", EN: "all sessions ended"}, TokenMade: {ZH: "新建令牌", EN: "token created"}, TokenEnded: {ZH: "撤销令牌", EN: "token revoked"},
	DeputyNamed: {ZH: "指定代办", EN: "deputy appointed"}, DeputyEnded: {ZH: "终止代办", EN: "deputy dismissed"},
	HookAdded: {ZH: "新增推送", EN: "webhook added"}, HookRekeyed: {ZH: "更换推送密钥", EN: "webhook's secret changed"}, HookRemoved: {ZH: "删除推送", EN: "webhook removed"},
}

var meansTexts = map[Means]domain.Text{
	Web: {ZH: "网页", EN: "page"}, API: {ZH: "接口", EN: "API"}, CommandLine: {ZH: "命令行", EN: "command line"}, Service: {ZH: "服务启动", EN: "service start"},
}

// Text is the kind for people; one that a newer program wrote as it is.
func (k Kind) Text() domain.Text { return orPlain(kindTexts[k], string(k)) }

// Text is the means for people.
func (m Means) Text() domain.Text { return orPlain(meansTexts[m], string(m)) }

func orPlain(text domain.Text, otherwise string) domain.Text {
	if text == (domain.Text{}) {
		return plain(otherwise)
	}
	return text
}

// Sheet is a part of the trail as rows.
func Sheet(list []Entry) words.Sheet {
	t := words.Sheet{Name: "account-changes", Title: domain.Text{ZH: "账户变动记录", EN: "Changes of accounts"},
		Columns: words.Named("seq", "recorded_at", "actor", "means", "change", "user", "detail")}
	t.Columns[1].Kind = tabular.Text // Shanghai's clock, to the second
	for _, e := range list {
		t.Rows = append(t.Rows, words.Row(e.Seq, e.At.In(domain.Shanghai).Format(time.DateTime), e.By, e.Means.Text(), e.Kind.Text(), e.Person, e.Detail))
	}
	return t
}
