package pages

import (
	"net/http"
	"slices"
	"strings"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/tabular"
	"github.com/fundledger/fundledger/words"
)

// about is what a page is for. What its figures mean the dictionary says.
type about struct {
	domain.Text
	figures string // columns of the dictionary; "": those of the list of that address
}

// abouts are what each page is for, by the pattern of its address: the one place where that is written.
var abouts = map[string]about{
	"/{$}": {domain.Text{ZH: "今天轮到您办理的事项，按环节分列，等得最久的在前；点开即到办理处。右侧是等他人办理的，以及您上次离开以后与您经手事项有关的变化。",
		EN: "What is yours to do today, step by step, what has waited longest first; each opens where it is done. Beside it stands what waits for others, and what happened to cases of yours since you were last here."}, "amount waiting_days since step"},
	"/overview": {domain.Text{ZH: "整个资金现在怎样：本支持年度的批准与支付，旁注上一年度；各条款的额度用了多少；按月支付；预算执行；需要留意的账户与追回。每个数字都可点开，看它由哪些分录构成。",
		EN: "How the whole fund stands: approved and paid in the support year, with the year before beside it; how much of each clause's caps is used; paid by month; the budget; accounts and clawbacks that need attention. Every figure opens the postings that it is made of."},
		"approved paid net_paid use cap exceptions headroom appropriation remaining"},
	"/search": {domain.Text{ZH: "按企业名称的任何部分、首字母或代码，按项目名称、编号、凭证号、金额、经办人或事件序号查找；也可查页面与办理事项。",
		EN: "Finds an enterprise by any part of its name, its initials or code; a project by words of its name; an id, a voucher, an amount, a person, an event's position; and pages and actions too."}, "reference title amount"},
	"/enterprises": {domain.Text{ZH: "登记在册的企业，及各自申请、批准与支付的合计。", EN: "The enterprises on the register, with what each applied for, was approved and was paid."}, ""},
	"/enterprises/{id}": {domain.Text{ZH: "一家企业的全部情况：各条款各年度的额度与支付、申请、支付、追回、收款账户、关联与集团，以及经过。",
		EN: "All about one enterprise: caps and payments by clause and year, applications, payouts, clawbacks, bank accounts, links and group, and history."}, "approved paid net_paid use cap headroom"},
	"/enterprises/{id}/edit": {domain.Text{ZH: "更改企业的名称、信用、产业或收款账户；旧的记录仍在。", EN: "Changes an enterprise's name, credit, industry or bank account; what was recorded stays."}, "enterprise credit_restricted industry"},
	"/enterprises/new":       {domain.Text{ZH: "登记一家企业，以便其申请。", EN: "Registers an enterprise, so that it can apply."}, "enterprise industry"},
	"/applications":          {domain.Text{ZH: "全部申请，可按状态、条款、企业和日期筛选，按任何一列排序。", EN: "All applications: narrow them by state, clause, enterprise and day, sort them by any column."}, ""},
	"/applications/new":      {domain.Text{ZH: "为企业提交申请；受理以后进入评审与审批。", EN: "Submits an application for an enterprise; once accepted it is reviewed and decided."}, "requested clause support_year"},
	"/applications/{id}": {domain.Text{ZH: "一件申请：到了哪一步、轮到谁、额度还有多少、现在可以办什么，以及经过。不能撤销的办理先复核、后确认。",
		EN: "One application: where it stands, whose turn it is, what headroom there is, what can be done now, and its history. What cannot be undone is reviewed first and then confirmed."},
		"state requested approved paid cap exceptions use headroom"},
	"/applications/{id}/sheet":  {domain.Text{ZH: "拨款审批表，供打印、签字、归档。", EN: "The approval sheet, to be printed, signed and filed."}, "approved cap exceptions use headroom"},
	"/applications/{id}/letter": {domain.Text{ZH: "给企业的决定通知书，供打印。", EN: "The letter that tells the enterprise of the decision, to be printed."}, "approved support_year"},
	"/applications/{id}/replay": {domain.Text{ZH: "逐步回放一件申请：每一步之前与之后的状态、额度，以及所依据的规则与数字。",
		EN: "Replays an application step by step: states and headroom before and after each, with the rules and figures it rests on."}, "changes headroom_before headroom_after"},
	"/enterprises/{id}/replay": {domain.Text{ZH: "逐步回放一家企业的经过。", EN: "Replays what happened to an enterprise, step by step."}, "changes headroom_before headroom_after"},
	"/clauses":                 {domain.Text{ZH: "政策的全部条款：现行上限、责任部门、版本。", EN: "The clauses of the policy: caps in force, responsible departments, versions."}, "clause cap subject_kind stronger_support"},
	"/clauses/{id}": {domain.Text{ZH: "一个条款：现行上限与历次修订，最接近上限的账户。",
		EN: "One clause: its cap in force, every amendment, and the accounts nearest to the cap."}, "version effective_on cap retroactive use exceptions headroom status"},
	"/clauses/amend": {domain.Text{ZH: "修订条款的上限；复核时列出修订后会超出的账户。", EN: "Amends a clause's cap; the review names the accounts that would be over it."}, "cap effective_on retroactive document"},
	"/policy/amend": {domain.Text{ZH: "自某日起修订政策：期满日、条款的责任部门与适用产业，或停止受理；此前的决定不变。",
		EN: "Amends a policy from a day on: the end of its term, who is responsible for a clause and whom it serves, or closes a clause; earlier decisions stand."}, "effective_on document"},
	"/expiring":              {domain.Text{ZH: "政策到期时尚未办结的：未决定的申请和已批未付的款项，最先到期的在前。", EN: "What is not done when a policy ends: applications undecided and instalments unpaid, what ends first standing first."}, "last_day days_left pending"},
	"/payouts":               {domain.Text{ZH: "全部支付及其退回、追回与收回。", EN: "All payouts, with what was returned, ordered back and recovered."}, ""},
	"/payouts/{id}":          {domain.Text{ZH: "一笔支付：出自哪项决定、退回与追回，以及现在可以办什么。", EN: "One payout: the decision it rests on, what came back, and what can be done now."}, "amount returned clawback_ordered recovered"},
	"/payouts/book":          {domain.Text{ZH: "补记国库已经办理的支付与收回；违反的规则一并记下。", EN: "Books payments and recoveries that have already happened, with the rules that they break."}, "amount voucher findings"},
	"/payouts/{id}/voucher":  {domain.Text{ZH: "支付凭证，供打印、签章；二维码用于核验。", EN: "The payment voucher, to be printed and signed; its code verifies it."}, "amount voucher"},
	"/payouts/summary":       {domain.Text{ZH: "所筛选支付的汇总清单，供打印。", EN: "A summary of the payouts as they are narrowed, to be printed."}, "amount voucher paid_on"},
	"/clawbacks":             {domain.Text{ZH: "已下达的追回，还差多少，账龄几天。", EN: "Clawbacks ordered, what is outstanding, and for how long."}, ""},
	"/clawbacks/{id}":        {domain.Text{ZH: "一笔追回：原因、已收回、免除与未收，以及现在可以办什么。", EN: "One clawback: its cause, what came back, was waived and is outstanding, and what can be done now."}, "ordered waived recovered interest outstanding age_days"},
	"/clawbacks/{id}/letter": {domain.Text{ZH: "给企业的催缴通知书，供打印。", EN: "The letter that asks the enterprise to pay back, to be printed."}, "ordered outstanding interest"},
	"/exceptions":            {domain.Text{ZH: "更大力度支持（例外）：授予、撤销与现行额度。", EN: "Exceptions, that is stronger support: granted, revoked and in force."}, ""},
	"/exceptions/{id}":       {domain.Text{ZH: "一项例外：授予与撤销的经过、依据的文件，以及它所提高的账户。", EN: "One exception: its grant and revocations, the documents, and the account whose cap it raises."}, "amount revoked in_force cap exceptions use headroom"},
	"/exceptions/new":        {domain.Text{ZH: "授予或撤销例外；例外提高一个账户的上限。", EN: "Grants or revokes an exception, which raises the cap of one account."}, "exception amount in_force document"},
	"/appropriations":        {domain.Text{ZH: "全基金、各条款、各部门及部门在条款下的年度预算，已支付、已批未付与可用。", EN: "Appropriations by year, of the fund, clauses, departments and departments' shares of clauses: paid, committed, and what is free."}, ""},
	"/execution": {domain.Text{ZH: "一个预算年度的执行情况：全基金、各部门及其各条款、各条款的预算、支付、已批未付、可用与执行率；已支付可点开看分录。",
		EN: "How a budget year is executed: of the fund, of each department with its clauses, and of each clause, what is appropriated, paid, committed and free, and the rate; what is paid opens its postings."},
		"initial adjusted carried appropriation paid committed_unpaid late_unpaid free execution_rate"},
	"/forecast": {domain.Text{ZH: "自本月起十二个月要支付多少：按支付计划；没有计划的，平均计入支持年度余下的各月；逾期的计入本月。",
		EN: "What is to be paid in twelve months from the present one: as planned; without a plan spread over what is left of the support year; what is late, at once."}, ""},
	"/plan": {domain.Text{ZH: "支付计划：每月安排支付哪些已批未付款；点一个月份看其各项。", EN: "The payment plan: what is to be paid in which month; a month opens what is planned for it."}, ""},
	"/offers": {domain.Text{ZH: "各部门主动向企业提供的支持（免申即享）：待确认、已确认、已谢绝、已失效；确认后即为已受理的申请。",
		EN: "What departments offered enterprises without being asked: waiting, confirmed, declined or lapsed. A confirmed offer is an accepted application."}, "offer_state expires_on answered_on"},
	"/offers/new": {domain.Text{ZH: "由责任部门提供支持，由窗口代企业确认或谢绝；过期未确认的自行失效，提议不占额度。",
		EN: "A responsible department offers support; a clerk confirms or declines it for the enterprise. It lapses where nobody answers, and holds no headroom."}, "offer expires_on"},
	"/facts": {domain.Text{ZH: "各部门记录的企业与项目事实：营业收入、认定产业、所在地等，按期间；过去时点所知的也可查看。限定查阅的值只供需要的部门。",
		EN: "What departments recorded of enterprises and projects, such as revenue, recognised industry and place, by period, also as it was known at a past moment. Some values are only for the departments that need them."}, "period unconfirmed previous_value sensitive"},
	"/evaluations/{id}": {domain.Text{ZH: "条款一个年度的绩效评价报告：指标得分、获支持企业与对照企业前后对比、资金集中度、各方评价与整改；每个数可点开看事实与支付，可打印。",
		EN: "What a clause's money did in a year: scores, the supported held against controls, how the money is spread, evaluations given and what is put right. Figures open their facts and payouts; it prints."},
		"score clause_score effect_difference growth_difference effect_per_yuan unit_cost p_value hhi"},
	"/evaluations/new": {domain.Text{ZH: "设定指标的年度目标，记录自评、部门评价或财政评价，登记整改及其完成。自评人不作财政评价。",
		EN: "Sets targets, records evaluations, and what is put right. Whoever evaluates their own work does not do so for the treasury."}, "indicator scores at matter"},
	"/facts/new": {domain.Text{ZH: "记录某期的一项事实，或更正已记录的；须两个部门认定的，由第二个部门记录相同的值予以确认。更正不改变此前的决定。",
		EN: "Records a fact of a period, or corrects one. Where two departments have to say the same, the second confirms by recording it. A correction changes no earlier decision."}, "fact period value"},
	"/plan/new":           {domain.Text{ZH: "安排已批分期的一部分在某月支付；填零取消该月的计划。", EN: "Plans a part of an approved instalment for a month; nought takes the month's plan back."}, "planned month unpaid"},
	"/appropriations/new": {domain.Text{ZH: "设定全基金、条款、部门或部门在条款下的年度预算；再次设定即为调整。", EN: "Sets a year's appropriation of the fund, a clause, a department or its share of a clause; to set it again is to adjust it."}, "initial adjusted budget_year budget_paid remaining"},
	"/closings":           {domain.Text{ZH: "各预算年度的封账与重开；封账后的变动逐项列出。", EN: "Budget years that were closed, and opened again; what moved since is listed event by event."}, "closed_on differences difference_amount booked_after_close moved_since"},
	"/closings/new":       {domain.Text{ZH: "预算年度终了后封账，将结余结转，或凭文重开。与国库支付文件的差异须逐项确认。", EN: "Closes a budget year that is over, carries over what is left, or opens it again. Differences from the treasury's files are acknowledged."}, "differences difference_amount"},
	"/closings/{year}": {domain.Text{ZH: "一个预算年度封账前逐项核对什么、还差什么；封账后，该年度的数与其后的变动，可打印存档。",
		EN: "What is looked at before a budget year is closed, and what is missing; once it is closed, what the year came to and what moved since, to be printed and kept."},
		"appropriation paid committed_unpaid free differences booked_after_close moved_since"},
	"/links":           {domain.Text{ZH: "企业之间的关联：谁控股或控制谁、谁与谁同一控制人、谁是谁的分支；自哪日起、至哪日止，所凭文件。", EN: "How enterprises are linked: who controls whom, who has one controller, who is a branch; from which day until which, and on what document."}, ""},
	"/links/new":       {domain.Text{ZH: "凭文件登记两家企业的关联。", EN: "Records on a document how two enterprises are linked."}, "a b link_kind share linked_from linked_to connects"},
	"/links/{id}/edit": {domain.Text{ZH: "终止一项关联，或注明登记有误。", EN: "Ends a link, or says that it was recorded by mistake."}, "linked_to mistaken ended_document"},
	"/mergers":         {domain.Text{ZH: "并入其他企业而终止的企业，及存续的企业、合并日与所凭文件。", EN: "The enterprises that others took over: by which, from which day, on what document."}, ""},
	"/mergers/new": {domain.Text{ZH: "凭文件登记一家企业并入另一家：此后额度合计；未决定的申请与未支付的金额转入存续企业，已支付的留在原企业名下。误登的合并在此作废：两家各自独立，未决定、未支付的转回。",
		EN: "Records on a document that one enterprise was taken over by another: from then on their use counts together; what is undecided or unpaid goes on under the other, what is paid stays. A merger that was recorded by mistake is voided here: the two are two again, and what is undecided or unpaid goes back."}, "merged_from merged_into merged_on joined_use"},
	"/groups":               {domain.Text{ZH: "控制相连的企业，及其在各条款、各年度的合计使用额与上限；可查过去某日。", EN: "Enterprises that control connects, and what they use together by clause and year against the cap; as of any day."}, ""},
	"/moved_since_close":    {domain.Text{ZH: "封账之后触及已封年度的事件及其金额。", EN: "The events behind a close that touch the year, and what they move."}, "paid returned recovered appropriation_moved after_close"},
	"/ageing":               {domain.Text{ZH: "各企业尚欠的追回款：哪天到期，逾期多久。", EN: "What enterprises owe back: when it is due, and how long it is overdue."}, ""},
	"/recoveries":           {domain.Text{ZH: "已收回的款项，及其中被冲销的。", EN: "What was recovered, and which of it was reversed."}, ""},
	"/recoveries/{id}":      {domain.Text{ZH: "一笔收回：来自哪笔支付、哪项追回，或从哪笔支付中抵扣，以及是否已冲销。", EN: "One recovery: of which payout and clawback it is, or of which payout it was kept back, and whether it was reversed."}, "amount interest cause kept_from reversed_reason"},
	"/recoveries/{id}/edit": {domain.Text{ZH: "冲销一笔误记的收回。", EN: "Reverses a recovery that was recorded by mistake."}, "amount interest reversed_reason"},
	"/notices":              {domain.Text{ZH: "额度或预算达到九成、用完或超出时的提醒，以及政策期满前后三十日内的提醒，最新的在前。", EN: "Notices of caps and appropriations that reached 90 %, were used up or exceeded, and of policies within thirty days of their end, the latest first."}, ""},
	"/journal":              {domain.Text{ZH: "全部分录：任何合计都是其中若干条之和。", EN: "All postings: every total is a sum of some of them."}, ""},
	"/data":                 {domain.Text{ZH: "供分析人员：全部清单及其导出，SQL 视图与示例。", EN: "For analysts: all lists with their exports, the SQL views, and examples."}, "seq recorded_at"},
	// Lists that are reckoned when they are asked for; what others hold, the list itself says.
	"/lists/evaluations":       {domain.Text{ZH: "各条款各年度的绩效指标：目标、完成值、得分，以及与对照企业的前后对比。", EN: "The indicators of each clause and year: target, attained, score, and the change beside that of enterprises without support."}, "attained score effect_difference"},
	"/lists/concentration":     {domain.Text{ZH: "各条款各年度的资金集中于多少家企业：前十占比与集中度指数。", EN: "How few enterprises have a clause's money in a year: the share of the top ten, and the Herfindahl-Hirschman index."}, "top_ten_share hhi"},
	"/lists/fair_competition":  {domain.Text{ZH: "公平竞争审查要看的事项，各留法律依据之处；是线索，不是结论。", EN: "What a review for fair competition looks at, each with a place for its legal basis: leads, not a verdict."}, ""},
	"/lists/{list}":            {domain.Text{ZH: "任何一张清单，可筛选、排序、选列、导出。", EN: "Any list: narrow it, sort it, choose columns, export it."}, "seq amount"},
	"/import":                  {domain.Text{ZH: "从 Excel、CSV 或粘贴的表格导入；先试读，指出有误的单元格，再入账。", EN: "Imports from Excel, CSV or what is pasted: it is rehearsed first, each wrong cell is named, and then it is booked."}, "cell code"},
	"/todo/{step}":             {domain.Text{ZH: "同一环节的若干事项一次办理：勾选，复核每件办理后的余额，再一次确认。", EN: "Several cases of a step at once: choose them, review what is left after each, confirm once."}, "amount waiting_days headroom"},
	"/todo/{step}/{run}":       {domain.Text{ZH: "一次批量办理的结果，及给银行的文件与汇总单。", EN: "What a batch came to, with its file for the bank and its summary."}, "amount voucher"},
	"/todo/{step}/{run}/sheet": {domain.Text{ZH: "一次批量办理的汇总单，供打印、签字。", EN: "The summary of a batch, to be printed and signed."}, "amount voucher"},
	"/refusals":                {domain.Text{ZH: "被拒绝的指令：谁在何时想办什么，为何不能办。", EN: "Commands that were refused: who asked for what and when, and why it could not be."}, "code command figures"},
	"/events/{seq}":            {domain.Text{ZH: "台账上的一个事件：先以文字叙述，再列原文与叶哈希。", EN: "One event of the ledger: told in words, then as it was written, with its leaf hash."}, "seq event_type leaf_hash"},
	"/persons/{id}":            {domain.Text{ZH: "一位经办人办理的全部事项，最近的在前。", EN: "Everything that a person did, the latest first."}, "actor actor_for role"},
	"/explain":                 {domain.Text{ZH: "一个数字由哪些部分构成，直到每个事件。", EN: "What a figure is made of, down to single events."}, "use cap exceptions headroom"},
	"/receipts/{seq}":          {domain.Text{ZH: "一项决定的回单：所依据的数字、规则与证明。", EN: "The receipt of a decision: the figures, rules and proofs that it rests on."}, "cap exceptions use headroom_after"},
	"/audit":                   {domain.Text{ZH: "核验全部账表与事件的结果，及由此得出的发现。", EN: "The verification of all tables and events, and the findings drawn from it."}, "finding_count case_count disposition"},
	"/audit/findings/{id}":     {domain.Text{ZH: "一项审计发现：所涉的每一例，及其处置。", EN: "One finding: each of its cases, and what was made of it."}, "finding case disposition comment"},
	"/audit/statement":         {domain.Text{ZH: "某一时点的报表，可与另一时点比较。", EN: "The statement at a moment, and how it compares with another."}, "approved paid net_paid"},
	"/audit/sample":            {domain.Text{ZH: "按统计方法抽取支付，供审计人员逐笔核对。", EN: "Draws a statistical sample of payouts, for an auditor to check one by one."}, "hits cumulative audited_amount"},
	"/audit/reconciliation":    {domain.Text{ZH: "国库付款文件与台账逐笔对账。", EN: "Holds the treasury's payment file against the ledger, line by line."}, "difference voucher payee"},
	"/checkpoints":             {domain.Text{ZH: "台账的签名检查点，及某个事件在其中的证明。", EN: "The ledger's signed checkpoints, and the proof that an event is in them."}, "leaf_hash seq"},
	"/checkpoints/{size}":      {domain.Text{ZH: "一个检查点：签了什么、由哪把密钥签署、由谁联署，以及自上一个检查点以来的事件。", EN: "One checkpoint: what was signed, by which key, who cosigned it, and the events since the one before."}, "leaf_hash seq"},
	"/simulate":                {domain.Text{ZH: "以另一份政策裁决历史上的申请，两份政策并列对照；不改变任何记录。", EN: "What was applied for, decided under another policy, the two side by side; it changes nothing."}, "becomes approved_was approved_would winners losers capped"},
	"/what-if":                 {domain.Text{ZH: "假设上限、例外或预算不同，结果会怎样；不改变任何记录。", EN: "What would be if caps, exceptions or appropriations were others; it changes nothing."}, "approved_was approved_would"},
	"/me":                      {domain.Text{ZH: "您的账户：密码、访问令牌、代办人与保存的视图。", EN: "Your account: password, tokens, deputies and saved views."}, "actor role"},
	"/me/password":             {domain.Text{ZH: "您的账户：密码、访问令牌、代办人与保存的视图。", EN: "Your account: password, tokens, deputies and saved views."}, "actor role"},
	"/account-changes":         {domain.Text{ZH: "谁在何时给谁授予或收回了什么权限。", EN: "Who granted or took what from whom, and when."}, "change actor"},
	"/webhooks":                {domain.Text{ZH: "推送给其他系统的事件：进度与未送达的。", EN: "What other systems are told of: how far they are, and what could not be delivered."}, "behind delivery"},
	"/policy":                  {domain.Text{ZH: "政策的历次版本：发布，以及每次修订改了什么、由谁、依据哪份文件。", EN: "The versions of the policy: its publication, and what each amendment changed, by whom, and on which document."}, "version effective_on retroactive document"},
	"/policy/{n}":              {domain.Text{ZH: "政策在某一版时的全部条款与上限，与上一版的不同。", EN: "All clauses and caps as a version of the policy has them, and what differs from the one before."}, "cap version effective_on"},
	"/projects":                {domain.Text{ZH: "已登记的项目：名称、企业、地点、与哪些项目为同一项目，在哪些条款下计额。", EN: "Registered projects: what they are called, whose they are, where, which others are the same, under which clauses they are charged."}, ""},
	"/projects/new":            {domain.Text{ZH: "登记项目，或凭文件认定两个项目为同一项目：此后额度合计。", EN: "Registers a project, or says on a document that two are one: from then on what both use counts against one cap."}, "project_name project_place joined_with joined_use"},
	"/projects/{id}":           {domain.Text{ZH: "一个项目的全部申请、账户与经过。", EN: "All applications for a project, the accounts it is charged on, and its history."}, "use cap exceptions headroom net_paid status"},
	"/help":                    {domain.Text{ZH: "一页的用途，以及其中数字的含义。", EN: "What a page is for, and what its figures mean."}, ""},
	"/glossary":                {domain.Text{ZH: "本系统各页、清单与导出中每一列的名称与含义。", EN: "What each column of pages, lists and exports is called, and what it holds."}, ""},
}

// Help is where the page is explained; "": nowhere.
func (p *page) Help() string {
	if _, known := abouts[p.pattern]; !known {
		return ""
	}
	return link("/help", "page", p.pattern)
}

// setting is a choice of the viewer's, and whether it is the one that is made.
type setting struct {
	Title, At, Lang string
	On              bool
}

// Setting is a choice among those of the bar's menu.
func (p *page) Setting(name, now, value, title string) setting {
	if name == "theme" && now == "" {
		now = "auto"
	}
	s := setting{Title: title, At: p.With(name, value), On: now == value}
	if name == "lang" {
		if s.Lang = value; value == "zh" {
			s.Lang = "zh-CN"
		}
	}
	return s
}

// helpBody is what a page is for, and what its figures mean; of no page: what those are for that the navigation leads to.
type helpBody struct {
	All     []way
	What    domain.Text
	Title   domain.Text // of a page that the navigation leads to
	At      string      // of it
	Figures []tabular.Column
}

func (p *Pages) help(w http.ResponseWriter, r *http.Request) error {
	pg, err := p.begin(r, "", domain.Text{ZH: "本页说明", EN: "About a page"})
	if err != nil {
		return err
	}
	pattern := pg.Asked.values.Get("page")
	if pattern == "" {
		all := slices.DeleteFunc(slices.Clone(ways), func(w way) bool { return w.verb != "" || !w.open(pg.Viewer) })
		return helpSheet.write(p, w, http.StatusOK, pg, helpBody{All: all})
	}
	a, known := abouts[pattern]
	if !known {
		return projections.ErrNotFound
	}
	b := helpBody{What: a.Text, Figures: words.Named(strings.Fields(a.figures)...)}
	at := atOf(pattern)
	if i := slices.IndexFunc(ways, func(w way) bool { return w.At == at && w.open(pg.Viewer) }); i >= 0 {
		b.Title, b.At = ways[i].Title, at
	}
	if l := projections.ListOf(strings.TrimPrefix(at, "/")); l != nil && a.figures == "" {
		b.Figures = words.ColumnsOf(l.Row)
	}
	return helpSheet.write(p, w, http.StatusOK, pg, b)
}

// For is what the page is for that a way leads to.
func (w way) For() domain.Text {
	for pattern, a := range abouts {
		if atOf(pattern) == w.At {
			return a.Text
		}
	}
	path, _, _ := strings.Cut(w.At, "?")
	if l := projections.ListOf(strings.TrimPrefix(path, "/lists/")); l != nil {
		return l.Meaning
	}
	return domain.Text{}
}

// atOf is the address that a pattern without names stands for.
func atOf(pattern string) string { return strings.TrimSuffix(pattern, "{$}") }

// glossary are the columns that the dictionary has, those that a text names where there is one.
func (p *Pages) glossary(w http.ResponseWriter, r *http.Request) error {
	pg, err := p.begin(r, "", domain.Text{ZH: "词汇表", EN: "Glossary"})
	if err != nil {
		return err
	}
	list := words.Dictionary()
	if text := strings.ToLower(strings.TrimSpace(pg.Asked.Q)); text != "" {
		list = slices.DeleteFunc(list, func(c tabular.Column) bool {
			said := strings.ToLower(c.Title.In(pg.Viewer.Lang) + "\n" + words.Meaning(c.Name).In(pg.Viewer.Lang) + "\n" + c.Name)
			return !strings.Contains(said, text)
		})
	}
	return glossarySheet.write(p, w, http.StatusOK, pg, list)
}
