package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/replay"
	"github.com/fundledger/fundledger/tabular"
	"github.com/fundledger/fundledger/wire"
)

// Problem is an answer that says no, as RFC 9457 writes it. Its code is stable: programs branch on it.
type Problem struct {
	Type    string         `json:"type"`             // "urn:fundledger:problem:" and the code
	Title   string         `json:"title"`            // in the asked language
	Status  int            `json:"status"`           // as the answer's
	Detail  string         `json:"detail,omitempty"` // in the asked language
	Code    string         `json:"code"`
	Rule    string         `json:"rule,omitempty"` // of a refusal: R1 to R15
	Figures domain.Figures `json:"figures,omitempty"`
	Message *domain.Text   `json:"message,omitempty"` // the detail in both languages
	retry   int            // seconds; 0: no Retry-After
	cause   error          // for our log, never shown
}

// Error is the problem in English.
func (p *Problem) Error() string { return p.Message.EN + " (" + p.Code + ")" }

// Unwrap is what caused it.
func (p *Problem) Unwrap() error { return p.cause }

// In is the problem in a language.
func (p *Problem) In(lang string) *Problem {
	one := *p
	one.Detail = p.Message.In(lang)
	one.Title = titleOf(p).In(lang)
	return &one
}

// problems are the texts of every problem that is not a refusal, by code. {name} is the figure of that name.
var problems = map[string]domain.Text{
	"rehearsal_busy":         {ZH: "正有一次预演在进行，请稍后再试。", EN: "Another file is being tried; try again in a moment."},
	"sign_in_needed":         {ZH: "请先登录，或在 Authorization 头中给出令牌（Bearer）。", EN: "Sign in, or send a token in the Authorization header (Bearer)."},
	"token_invalid":          {ZH: "令牌无效、已过期或已撤销；请另建令牌（fundledger token create）。", EN: "The token is not valid, has expired or was revoked; make another (fundledger token create)."},
	"route_not_allowed":      {ZH: "您的角色不能查看此处；可查看的角色：{allowed}。", EN: "Your roles do not open this; it is for: {allowed}."},
	"grant_not_held":         {ZH: "您没有“{asked}”这一身份；您的身份：{allowed}。", EN: "You do not hold {asked}; you hold: {allowed}."},
	"grant_malformed":        {ZH: "身份“{asked}”写法有误，应为 角色@部门。", EN: "{asked} is no role: write role@department."},
	"actor_not_you":          {ZH: "指令中的经办人“{asked}”不是您（{you}）；请去掉经办人（actor），或由管理员批量导入（?actors=lines）。", EN: "The actor {asked} in the command is not you ({you}): leave actor out, or let an admin import (?actors=lines)."},
	"signed_out":             {ZH: "您的登录或令牌已失效，其后的内容未处理；请重新登录后再次提交，已记账的不会重复。", EN: "Your sign-in or token is over, and what follows was not taken: sign in and send it again, nothing is booked twice."},
	"import_not_allowed":     {ZH: "只有管理员可以导入他人的指令。", EN: "Only an admin may import commands of others."},
	"id_conflict":            {ZH: "Idempotency-Key“{key}”与指令编号“{id}”不同。", EN: "The Idempotency-Key {key} is not the command's id {id}: send one of them, or both the same."},
	"too_large":              {ZH: "内容过大：最多 {limit} 字节。", EN: "The body is too large: {limit} bytes are the most."},
	"line_too_large":         {ZH: "第 {line} 行过长：最多 {limit} 字节；其后的行未处理。", EN: "Line {line} is too long: {limit} bytes are the most; the lines behind it were not handled."},
	"media_type":             {ZH: "内容类型须为 {allowed}。", EN: "The content type has to be {allowed}."},
	"not_acceptable":         {ZH: "没有这种格式；可用：{allowed}。", EN: "There is no such format; there are: {allowed}."},
	"parameter_unknown":      {ZH: "没有参数“{parameter}”；可用：{allowed}。", EN: "There is no parameter {parameter}; there are: {allowed}."},
	"drafts_too_many":        {ZH: "已存 {limit} 份草稿，不能再存；请先删除不用的。", EN: "You have kept {limit} drafts and can keep no more: throw one away first."},
	"views_too_many":         {ZH: "已保存 {limit} 个视图，不能再存；请先删除不用的。", EN: "You have saved {limit} views and can save no more: take one away first."},
	"parameter_invalid":      {ZH: "参数 {parameter} 的值“{value}”有误：{reason}。", EN: "The parameter {parameter} cannot be {value}: {reason}."},
	"present_only":           {ZH: "清单 {list} 只有现状，不接受 {parameter}；过去的情况请查分录、汇总或办理经过。", EN: "The list {list} is kept as it is now and takes no {parameter}: the journal, the totals and the histories answer for the past."},
	"facts_withheld":         {ZH: "文件含有限定查阅的事实（{fact}），您不能取得整份台账；请由审计、财政、区政府或管理员取得。", EN: "The file holds values of a fact that you may not read ({fact}): an auditor, an admin, finance or the authority takes it."},
	"not_found":              {ZH: "没有这个地址或对象。", EN: "There is no such address or thing."},
	"method_not_allowed":     {ZH: "此地址不接受这种方法。", EN: "This address does not take that method."},
	"not_yet":                {ZH: "位置 {min_seq} 尚未进入查询表（现到 {position}）；请稍后再试。", EN: "Position {min_seq} is not projected yet (the tables are at {position}); ask again in a moment."},
	"position_unknown":       {ZH: "台账还没有到所问的时点：{reason}", EN: "The ledger has not come to the moment asked for: {reason}"},
	"changed_meanwhile":      {ZH: "您所见的（{asked}）之后已有变动（现为 {position}）；请重新查看后再决定。", EN: "Something was recorded since what you saw ({asked}; it is {position} now): look again, then decide."},
	"cross_site":             {ZH: "该请求来自其他网站，已拒绝。", EN: "The request comes from another site and was refused."},
	"too_many_requests":      {ZH: "请求过于频繁，请稍候再试。", EN: "Too many requests: wait a moment."},
	"too_many_streams":       {ZH: "实时连接过多；请关闭其他页面。", EN: "Too many live connections: close other pages."},
	"too_many_jobs":          {ZH: "待办的批次过多（每人最多 {most} 个）；请等先前的批次过期，或不带 Prefer 直接提交。", EN: "Too many batches are kept ({most} a person are the most): wait until earlier ones are forgotten, or send it without Prefer."},
	"job_running":            {ZH: "批次 {job} 尚未办完；请稍后再取。", EN: "The batch {job} has not ended yet: ask again in a moment."},
	"login_failed":           {ZH: "用户名或密码不对。", EN: "The name or the password is wrong."},
	"oidc_failed":            {ZH: "未能用单位账号登录；请重试，或请管理员核对您的账号。", EN: "Signing in by the organisation's account did not work: try again, or ask an admin to look at your account."},
	"login_throttled":        {ZH: "登录失败次数过多，请在 {seconds} 秒后再试。", EN: "Too many failed attempts: try again in {seconds} seconds."},
	"outcome_unknown":        {ZH: "暂不知道该指令是否已记账；请用同一编号再次提交（不会重复记账）。", EN: "It is not known whether the command was booked; send it again with the same id (it is booked once only)."},
	"log_contradicted":       {ZH: "日志与本服务已读入的不符：可能被回退、替换或截断，已停止办理；请联系管理员。", EN: "The log is not the one that this service has read: it was rolled back, replaced or cut. Nothing is decided; tell the administrator."},
	wire.CodeUnreadable:      {ZH: "日志第 {seq} 号消息不是本台账的事件（{reason}）：此前的内容有效，其后不再记账；请由管理员按 docs/malformed-event.md 处理。", EN: "Message {seq} of the log is no event of this ledger ({reason}): what lies before it stands, and nothing is booked behind it; docs/malformed-event.md tells the administrator how to go on."},
	"store_unavailable":      {ZH: "台账日志暂时不能写入（其服务没有应答，或存储有故障）；本次提交没有记账；此前若已用同一编号提交过，其结果尚不可知。请稍后仍用同一编号再次提交（不会重复记账），不要另换编号。", EN: "The log takes nothing just now: its servers do not answer, or its store has failed. This attempt booked nothing; an earlier one of the same id may have been booked. Send it again later with the same id (it is booked once only), and with no other."},
	"disk_full":              {ZH: "磁盘已满（{disk} 所在磁盘：剩余 {free} MiB，须保留 {needed} MiB）；本次提交没有记账，请腾出空间，稍后仍用同一编号再次提交（不会重复记账）。", EN: "disk full: the disk of {disk} has {free} MiB free, {needed} MiB are to stay free. This attempt booked nothing; make room, and send it again later with the same id (it is booked once only)."},
	"tables_unavailable":     {ZH: "查询表的数据库暂时没有应答；请稍后再查。指令仍可提交。", EN: "The database of the tables does not answer just now: ask again later. Commands are taken all the same."},
	"tables_stuck":           {ZH: "查询表停在位置 {position} 已 {seconds} 秒，落后 {behind} 个事件。", EN: "The tables have stood at position {position} for {seconds} seconds, {behind} events behind."},
	"starting":               {ZH: "服务正在启动，台账已载入 {percent} %；请稍候。", EN: "The service is starting and has loaded {percent} % of the ledger: wait a moment."},
	"closed":                 {ZH: "服务正在关闭或重启；请用同一编号再次提交。", EN: "The service is closing; send it again with the same id."},
	"body_unreadable":        {ZH: "请求内容没有完整送达。", EN: "The body did not arrive whole."},
	"proof_unavailable":      {ZH: "本服务没有启用核验：它没有检查点和默克尔树；请由管理员以 fundledger serve 启动。", EN: "This service proves nothing: it has no checkpoints and no tree; have its administrator start it by fundledger serve."},
	"checkpoint_none":        {ZH: "尚未签发检查点；记入事件后稍候，或运行 fundledger checkpoint。", EN: "No checkpoint was issued yet: wait a moment after the first events, or run fundledger checkpoint."},
	"checkpoint_unknown":     {ZH: "没有覆盖恰好 {size} 个事件的检查点；全部检查点见 /v1/checkpoints。", EN: "There is no checkpoint of just {size} events; /v1/checkpoints lists those there are."},
	"not_in_tree":            {ZH: "事件 {seq} 不在 {size} 个事件的树中；请给出更大的树（size），或等待下一个检查点。", EN: "Event {seq} is not in the tree of {size} events: name a larger size, or wait for the next checkpoint."},
	"no_receipt":             {ZH: "事件 {seq} 既不是批准也不是支付，没有决定凭据。", EN: "Event {seq} is neither an approval nor a payout, and has no decision receipt."},
	"too_much":               {ZH: "所问涉及的事件超过 {most} 个；请缩小范围（企业、条款、年度）。", EN: "More than {most} events are in what is asked for: narrow it by enterprise, clause or year."},
	"policy_faulty":          {ZH: "政策文件有误，共 {faults} 处：{reason}", EN: "The policy file is faulty in {faults} places: {reason}"},
	"policy_not_tried":       {ZH: "该政策不能试行：{reason}。", EN: "The policy cannot be tried: {reason}."},
	"what_if_busy":           {ZH: "您的推演尚在进行，或轮候过久；每人至多 {most} 项，请稍候再试。", EN: "Your what-if is being decided already, or it waited too long for its turn ({most} a person are the most): try again in a moment."},
	"no_such_total":          {ZH: "台账中没有 {parameter}“{value}”，也就没有它的数字。", EN: "The ledger knows no {parameter} {value}, and so no number of it."},
	"plan_invalid":           {ZH: "不能这样抽样：{reason}", EN: "The sample cannot be drawn as planned: {reason}."},
	"worksheet_invalid":      {ZH: "底稿不符：{reason}", EN: "The worksheet does not fit: {reason}."},
	"reconciliation_invalid": {ZH: "不能核对：{reason}", EN: "It cannot be reconciled: {reason}."},
	"heavy_busy":             {ZH: "您的大量读取（导出、回放、由来）已有 {most} 项在进行或排队，或轮候过久；请待其完成后再试。", EN: "You have {most} heavy reads (exports, replays, explanations) under way or waiting, or it waited too long for its turn: let some end, then try again."},
	"questions_busy":         {ZH: "您的查询已有 {most} 项在进行或排队，或轮候过久；请稍候再试。", EN: "You have {most} questions under way or waiting, or it waited too long for its turn: wait a moment."},
	"export_too_large":       {ZH: "导出超过 {most}；请缩小范围。", EN: "The export is more than {most}: narrow it."},
	"bundle_busy":            {ZH: "您的证明包或数据包尚在生成，或轮候过久；每人至多 {most} 个，请稍候再试。", EN: "Your bundles are being made already, or it waited too long for its turn ({most} a person are the most): try again in a moment."},
	"not_verified_yet":       {ZH: "启动后的首次核验尚未完成；请稍候再试。", EN: "The first verification since the start has not ended yet: ask again in a moment."},
	"accounts_away":          {ZH: "账户与登录暂时无法查询（NATS 不可用）；请稍后再试。", EN: "The accounts cannot be reached at the moment (NATS does not answer): try again."},
	"password_change_needed": {ZH: "该密码由他人设定，请先更换（页面 /me/password，或 POST /v1/me/password）。", EN: "Somebody else set this password: choose another one first (the page /me/password, or POST /v1/me/password)."},
	"password_wrong":         {ZH: "现用密码不对。", EN: "That is not your present password."},
	"password_unfit":         {ZH: "新密码须为 {least} 至 {most} 字节，且不同于现用密码。", EN: "A new password has {least} to {most} bytes and is not the present one."},
	"token_read_only":        {ZH: "该令牌只能查询，不能提交。", EN: "The token is for reading only."},
	"token_exists":           {ZH: "已有同名令牌（或令牌过多）；请先撤销，或另取名称。", EN: "There is a token of that name already, or there are too many: revoke one, or choose another name."},
	"session_needed":         {ZH: "新建令牌、指定代办与管理用户须登录后办理，不能凭令牌办理。", EN: "Tokens are made, deputies appointed and users kept by who is signed in, not by a token."},
	"person_unknown":         {ZH: "没有这个用户，或不能由本人代办。", EN: "There is no such user, or it is yourself."},
	"name_unfit":             {ZH: "名称有误：{reason}", EN: "That is no name: {reason}"},
	"user_exists":            {ZH: "已有此用户名，或名称仅大小写、全半角不同。", EN: "There is a user of that name already, however it is spelled."},
	"oidc_taken":             {ZH: "该统一登录账号已属其他用户。", EN: "Another user signs in with that account of the organisation."},
	"grant_needed":           {ZH: "用户至少须有一个身份：角色@部门。", EN: "A user needs at least one role: write role@department."},
	"own_account":            {ZH: "本人的账户须由另一名管理员办理。", EN: "Your own account is kept by another administrator."},
	"not_yours_to_give":      {ZH: "您没有该身份，或该身份不能由他人代办。", EN: "You do not hold that, or nobody can stand in for it."},
	"period_invalid":         {ZH: "起止时间有误：止期须在将来、在起期之后，且不超过一年（令牌以本服务所设的最长有效期为限）。", EN: "The times do not fit: the end is to come, lies behind the beginning, and at most a year from it (a token's, at most what this service is set to)."},
	"file_empty":             {ZH: "文件是空的，没有保存。", EN: "The file is empty: nothing was kept."},
	"file_too_large":         {ZH: "文件过大：最多 {limit} MB。", EN: "The file is too large: {limit} MB are the most."},
	"file_other":             {ZH: "文件内容不是所注明的那一份（其 SHA-256 为 {sha256}），没有保存。", EN: "The content is not the one that was named (its SHA-256 is {sha256}): nothing was kept."},
	"file_missing":           {ZH: "申请注明了该文件（SHA-256 {sha256}），但其内容没有保存在此；持有该文件者可在申请页面补交。", EN: "An application names the file (SHA-256 {sha256}), and its content is not kept here: who has it can supply it on the application's page."},
	"file_damaged":           {ZH: "所保存的文件（SHA-256 {sha256}）已不是原来的内容，不予提供；请由管理员从备份恢复，或重新补交。", EN: "The file that is kept (SHA-256 {sha256}) is not what it was, and is not handed out: an administrator restores it from a backup, or who has it supplies it again."},
	"files_unavailable":      {ZH: "本服务没有附件库，不能保存或提供文件。", EN: "This service has no store of files: it neither keeps nor hands out any."},
	"files_busy":             {ZH: "您的文件上传或下载已有 {most} 项在进行或排队，或轮候过久；请稍候再试。", EN: "You have {most} files coming or going, or it waited too long for its turn: wait a moment."},
	"fault":                  {ZH: "服务出错，已记入日志（编号 {request}）。", EN: "The service failed; it is in the log under {request}."},
	"timeout":                {ZH: "查询用时过长，已中止；请缩小范围。", EN: "The question took too long and was ended: ask for less."},
}

// problem makes a problem of a code from pairs of a figure's name and value.
func problem(status int, code string, figures ...any) *Problem {
	text := problems[code]
	p := &Problem{Type: "urn:fundledger:problem:" + code, Status: status, Code: code, Figures: domain.Figures{}}
	inChinese := domain.Figures{}
	for i := 0; i+1 < len(figures); i += 2 {
		name, figure := figures[i].(string), both(figures[i+1])
		p.Figures[name], inChinese[name] = domain.Clip(figure.EN, 300), domain.Clip(figure.ZH, 300)
	}
	p.Message = &domain.Text{ZH: filled(text.ZH, inChinese), EN: filled(text.EN, p.Figures)}
	return p
}

// both is a figure in both languages: a reason or an error that is told in both, or what is the same in both.
func both(figure any) domain.Text {
	switch figure := figure.(type) {
	case domain.Text:
		return figure
	case error:
		var told interface{ Message() domain.Text }
		if errors.As(figure, &told) {
			return told.Message()
		}
		for kind, text := range errorTexts {
			if errors.Is(figure, kind) {
				return text
			}
		}
	}
	return domain.Text{ZH: fmt.Sprint(figure), EN: fmt.Sprint(figure)}
}

// errorTexts are what errors of questions say to people.
var errorTexts = map[error]domain.Text{
	projections.ErrNotYet: {ZH: "查询表尚未到达该处", EN: projections.ErrNotYet.Error()},
	projections.ErrCursor: {ZH: "该游标不属于此清单；请从头开始", EN: projections.ErrCursor.Error()},
	replay.ErrFigure:      {ZH: "没有这样的数字；可问 use（已用额度）、net_paid（净支付）或分录类别", EN: replay.ErrFigure.Error()},
}

func filled(text string, figures domain.Figures) string {
	pairs := make([]string, 0, 2*len(figures))
	for name, value := range figures {
		pairs = append(pairs, "{"+name+"}", value)
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

func (p *Problem) because(err error) *Problem {
	p.cause = err
	return p
}

func (p *Problem) after(seconds int) *Problem {
	p.retry = seconds
	return p
}

// titleOf is what kind of problem it is.
func titleOf(p *Problem) domain.Text {
	switch {
	case p.Rule != "":
		return domain.Text{ZH: "依规则 " + p.Rule + " 不予办理", EN: "Refused by rule " + p.Rule}
	case p.Status == http.StatusUnauthorized:
		return domain.Text{ZH: "需要登录", EN: "Not signed in"}
	case p.Status == http.StatusForbidden:
		return domain.Text{ZH: "无权办理", EN: "Not allowed"}
	case p.Status == http.StatusNotFound:
		return domain.Text{ZH: "没有找到", EN: "Not found"}
	case p.Status == http.StatusTooManyRequests:
		return domain.Text{ZH: "请求过多", EN: "Too many requests"}
	case p.Status == http.StatusPreconditionFailed:
		return domain.Text{ZH: "已有变动", EN: "Changed meanwhile"}
	case p.Status >= 500:
		return domain.Text{ZH: "服务暂不能答复", EN: "The service cannot answer now"}
	}
	return domain.Text{ZH: "请求有误", EN: "The request is not right"}
}

// refusalStatus is a refusal's status where it is not 422: the request is understood and the rules say no.
var refusalStatus = map[string]int{
	domain.CodeCommandMalformed:     http.StatusBadRequest,
	domain.CodeCommandTooLarge:      http.StatusRequestEntityTooLarge,
	domain.CodeCommandConflict:      http.StatusConflict,
	domain.CodeRoleNotAllowed:       http.StatusForbidden,
	domain.CodeDepartmentNotAllowed: http.StatusForbidden,
	domain.CodeFourEyes:             http.StatusForbidden,
	domain.CodeEnterpriseUnknown:    http.StatusNotFound,
	domain.CodeApplicationUnknown:   http.StatusNotFound,
	domain.CodePayoutUnknown:        http.StatusNotFound,
	domain.CodeClawbackUnknown:      http.StatusNotFound,
	domain.CodeRecoveryUnknown:      http.StatusNotFound,
	domain.CodeExceptionUnknown:     http.StatusNotFound,
	domain.CodeClauseUnknown:        http.StatusNotFound,
}

// RefusalProblem is a refusal as HTTP answers it.
func RefusalProblem(r *domain.Refusal) *Problem {
	status, special := refusalStatus[r.Code]
	if !special {
		status = http.StatusUnprocessableEntity
	}
	message := r.Message()
	return &Problem{Type: "urn:fundledger:problem:" + r.Code, Status: status, Code: r.Code, Rule: r.Rule, Figures: r.Figures, Message: &message}
}

// ErrorProblem is any error as HTTP answers it: 5xx only where the fault is ours.
func ErrorProblem(err error) *Problem {
	var known *Problem
	var refusal *domain.Refusal
	var tooLarge *http.MaxBytesError
	var unreadable *wire.Unreadable
	var filter *projections.FilterError
	var column *tabular.ColumnError
	switch {
	case errors.As(err, &known):
		return known
	case errors.As(err, &refusal):
		return RefusalProblem(refusal)
	case errors.As(err, &tooLarge):
		return problem(http.StatusRequestEntityTooLarge, "too_large", "limit", tooLarge.Limit)
	case errors.Is(err, ledger.ErrContradicted):
		return problem(http.StatusServiceUnavailable, "log_contradicted").because(err).after(30)
	case errors.As(err, &unreadable):
		return problem(http.StatusServiceUnavailable, wire.CodeUnreadable, "seq", unreadable.Seq, "reason", unreadable.Cause).because(err)
	case errors.Is(err, ledger.ErrUnknown):
		return problem(http.StatusServiceUnavailable, "outcome_unknown").because(err).after(1)
	case awayProblem(err) != nil:
		return awayProblem(err)
	case errors.Is(err, projections.ErrUnavailable):
		return problem(http.StatusServiceUnavailable, "tables_unavailable").because(err).after(2)
	case errors.Is(err, ledger.ErrClosed):
		return problem(http.StatusServiceUnavailable, "closed").because(err).after(5)
	case errors.As(err, &filter) && filter.Unknown():
		return problem(http.StatusBadRequest, "parameter_unknown", "parameter", filter.Name, "allowed", strings.Join(filter.Allowed, ", "))
	case errors.As(err, &column):
		return invalid("columns", column.Name, column.Message())
	case errors.As(err, &filter):
		return invalid(filter.Name, filter.Value, filter.Reason)
	case errors.Is(err, projections.ErrNotFound):
		return problem(http.StatusNotFound, "not_found")
	case errors.Is(err, projections.ErrCursor):
		return problem(http.StatusBadRequest, "parameter_invalid", "parameter", "cursor", "value", "…", "reason", projections.ErrCursor)
	case errors.Is(err, projections.ErrPresentOnly):
		return problem(http.StatusBadRequest, "present_only", "parameter", "as_of, on", "list", "")
	case errors.Is(err, projections.ErrNotYet):
		return problem(http.StatusUnprocessableEntity, "position_unknown", "reason", err)
	case errors.Is(err, accounts.ErrAway):
		return problem(http.StatusServiceUnavailable, "accounts_away").because(err).after(5)
	case errors.Is(err, accounts.ErrSessionOver):
		return problem(http.StatusUnauthorized, "signed_out").because(err)
	case errors.Is(err, accounts.ErrWrongPassword):
		return problem(http.StatusForbidden, "password_wrong")
	case errors.Is(err, accounts.ErrPassword):
		return problem(http.StatusUnprocessableEntity, "password_unfit", "least", accounts.MinPassword, "most", accounts.MaxPassword)
	case errors.Is(err, accounts.ErrNoToken), errors.Is(err, accounts.ErrNoDeputy), errors.Is(err, accounts.ErrNoWebhook):
		return problem(http.StatusNotFound, "not_found")
	case errors.Is(err, accounts.ErrNoUser):
		return problem(http.StatusUnprocessableEntity, "person_unknown")
	case errors.Is(err, accounts.ErrName):
		return problem(http.StatusUnprocessableEntity, "name_unfit", "reason", err)
	case errors.Is(err, accounts.ErrUserExists):
		return problem(http.StatusConflict, "user_exists")
	case errors.Is(err, accounts.ErrOIDCTaken):
		return problem(http.StatusConflict, "oidc_taken")
	case errors.Is(err, accounts.ErrNoGrant):
		return problem(http.StatusUnprocessableEntity, "grant_needed")
	case errors.Is(err, accounts.ErrOwnAccount):
		return problem(http.StatusForbidden, "own_account")
	case errors.Is(err, accounts.ErrTokenExists):
		return problem(http.StatusConflict, "token_exists")
	case errors.Is(err, accounts.ErrNotGranted):
		return problem(http.StatusUnprocessableEntity, "not_yours_to_give")
	case errors.Is(err, accounts.ErrPeriod):
		return problem(http.StatusUnprocessableEntity, "period_invalid")
	case errors.Is(err, context.DeadlineExceeded):
		return problem(http.StatusServiceUnavailable, "timeout").because(err).after(1)
	}
	return problem(http.StatusInternalServerError, "fault").because(err)
}

// writeProblem answers a problem in the language that was asked for.
func writeProblem(w http.ResponseWriter, r *http.Request, p *Problem) {
	h := w.Header()
	if p.retry > 0 {
		h.Set("Retry-After", strconv.Itoa(p.retry))
	}
	if p.Status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", `Bearer realm="fundledger"`)
	}
	body, err := json.Marshal(p.In(langOf(r)), json.Deterministic(true))
	if err != nil { // figures are clipped to valid text: this is for a fault in this file
		body = []byte(`{"type":"about:blank","title":"fault","status":500,"code":"fault"}`)
	}
	h.Del("Content-Disposition")
	h.Set("Content-Type", "application/problem+json")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(p.Status)
	_, _ = w.Write(append(body, '\n')) // a client that is gone needs no answer
}
