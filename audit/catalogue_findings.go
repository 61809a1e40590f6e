package audit

import "github.com/fundledger/fundledger/domain"

// The codes of what an auditor asks about. What a recorded fact breaks has the code of the rule that it breaks.
const (
	CodeOverCap       = "over_cap"
	codeGroupOverCap  = "group_over_cap"
	codeRestricted    = "paid_while_restricted"
	codeFourEyes      = domain.CodeFourEyes
	codeImported      = "imported_decision"
	codeSpellings     = "one_name_spelt_twice"
	codeOrganisation  = "same_organisation"
	codeDoubleFunding = "double_funding"
	codeVoucher       = "duplicate_voucher"
	codeEqual         = "equal_payments"
	codeOverdue       = "clawback_overdue"
	codeOpposed       = "approved_against_reviews"
	codeLooksLike     = domain.CodeLooksLike
	codeOutside       = "booked_outside"
	codeSplit         = "split_payments"
	codeTeam          = "talent_in_team"
	codeSharedProject = "shared_project"
	codeSimilarNames  = "similar_names"
	codePhases        = "project_phases"
	codeCumulation    = "cumulation"
	codeRecordedLate  = "recorded_late"
	codeRound         = "round_amounts"
	codeBenford       = "benford"
)

// asked are the findings that auditors ask for, those of one severity with the gravest first.
var asked = []kind{
	{CodeOverCap, Warning, say("账户超出上限", "Accounts over their cap"),
		say("条款 {clause}（{year}）有 {count} 个账户超出上限与例外，合计超出 {amount}。",
			"Under clause {clause} ({year}), {count} accounts are over their cap and exceptions, by {amount} together."),
		say("请核减批准、取得例外，或追回多付部分；此前这些账户的支付暂停。",
			"Reduce the approval, obtain an exception, or claw back what was paid too much; until then payouts on these accounts wait."),
		say("已用 {use}，上限 {cap}，例外 {exceptions}，超出 {over_by}", "use {use}, cap {cap}, exceptions {exceptions}, over by {over_by}")},
	{codeGroupOverCap, Warning, say("集团合计超出上限", "Groups over the cap"),
		say("条款 {clause}（{year}）有 {count} 个企业集团合计使用超出上限与例外，合计超出 {amount}。",
			"Under clause {clause} ({year}), {count} groups of enterprises use more together than the cap and their exceptions, by {amount} together."),
		say("请核实关联关系与各家支持的事项；确属规避上限的，核减批准或追回。",
			"Look at the links and at what each member is supported for; where the cap was got round, reduce the approvals or claw back."),
		say("{enterprises}：合计已用 {use}，上限 {cap}，例外 {exceptions}，超出 {over_by}", "{enterprises}: use {use} together, cap {cap}, exceptions {exceptions}, over by {over_by}")},
	broken(domain.CodeGroupCapExceeded, Warning, "批准或入账时超过集团上限", "Approved or booked beyond a group's cap",
		"请核实关联关系；确属规避上限的，核减批准或追回。", "Look at the links; where the cap was got round, reduce the approval or claw back."),
	broken(domain.CodeCapExceeded, Warning, "入账时超出上限", "Booked beyond a cap",
		"请核对是否误记；确已支付的，取得例外或追回超出部分。",
		"See whether it was booked by mistake; if it was paid, obtain an exception or claw the excess back."),
	broken(domain.CodeAccountOverCap, Warning, "入账使账户超出须守的上限", "An account was, or was put, over what it has to hold",
		"请核减批准、取得例外，或追回；账户上的支付暂停。",
		"Reduce the approval, obtain an exception or claw back; payouts on the account wait."),
	broken(domain.CodeRecoveryExceeded, Warning, "收回多于已付", "More came back than went out",
		"请核对到账是否属于这笔支付；多收的退还企业，误记的冲销。",
		"See whether the money belongs to this payment; pay back what is too much, reverse what was booked by mistake."),
	broken(domain.CodeApplicationState, Warning, "未批准而支付", "Paid without an approval",
		"请补办审批或追回；误记的冲销。", "Obtain the approval or claw back; reverse what was booked by mistake."),
	broken(domain.CodeInstalmentExceeded, Warning, "支付超出分期", "Paid beyond an instalment",
		"请核对批准金额；多付的追回，误记的冲销。", "Check the approved amount; claw back what is too much, reverse what was booked by mistake."),
	broken(domain.CodeInstalmentUnknown, Warning, "支付没有对应的分期", "Paid for a year without an instalment",
		"请核对支持年度；记错年度的，冲销后重记。", "Check the support year; where it is wrong, reverse the booking and book it again."),
	broken(domain.CodeAppropriationExceed, Warning, "支付超出预算", "Paid beyond an appropriation",
		"请调整预算，或查明为何超支。", "Adjust the appropriation, or find out why it was overspent."),
	short(domain.CodeBudgetExceeded, "批准或计划超出可用预算", "Approved or planned beyond what a budget has free",
		"请调整预算，或核减批准、改期支付。", "Adjust the appropriation, reduce the approval, or plan the payment for another year."),
	short(domain.CodeAppropriationCommitted, "预算低于已付与已批未付", "An appropriation set below what is paid and committed",
		"请调整预算，或核减尚未支付的批准。", "Adjust the appropriation, or reduce what is approved and unpaid."),
	broken(domain.CodeBudgetYearClosed, Warning, "封账后记入", "Booked after the budget year was closed",
		"请核对是否应属已封账的年度；误记的冲销，确有的向封账机关报告。",
		"See whether it belongs to the closed year; reverse what was booked by mistake, report the rest to whoever closed it."),
	broken(domain.CodeEnterpriseMerged, Warning, "付给已并入他企的企业", "Paid to an enterprise that another has taken over",
		"款项付到了已并入其他企业的企业名下。", "Money was paid to an enterprise under its own name after another had taken it over."),
	broken(domain.CodeOwesMoney, Warning, "企业欠款逾期期间获批或获付", "Approved for or paid to an enterprise that owed money back",
		"请先催缴逾期的追回款，查明为何仍予批准或支付。", "Press for what is overdue, and find out why it was approved or paid all the same."),
	broken(domain.CodeInterestDiffers, Warning, "滞纳利息与计算不符", "Late interest unlike what is reckoned",
		"请核对计息的天数与利率；少收的补收，多收的退还。", "Check the days and the rate; collect what is missing, pay back what is too much."),
	broken(domain.CodeIndustryNotServed, Warning, "所批或所付企业的产业不在支持范围", "Approved for or paid to an enterprise of an industry that is not served",
		"请核对产业登记；确需支持的，由区政府批准为支持对象，否则追回。",
		"Check the industry; have the government admit the enterprise, or claw back."),
	broken(domain.CodeOutsideDistrict, Warning, "批准的企业不在本区", "Approved for an enterprise outside the district",
		"请核对企业所在地并记录；确在区外的，由区政府批准为支持对象，否则核减批准。",
		"Check where the enterprise is, and record it; have the government admit it, or reduce the approval."),
	broken(domain.CodeRateExceeded, Warning, "批准额超过按比例核定数", "Approved beyond what the rate comes to",
		"请核对事实与比例；确需多批的，说明理由，否则核减批准。",
		"Check the fact and the rate; explain what is more, or reduce the approval."),
	broken(domain.CodeApplicationSuspended, Warning, "申请暂停期间支付", "Paid while the application was suspended",
		"请查明暂停的原因是否已消除；未消除的追回。", "See whether the reason of the suspension is gone; claw back where it is not."),
	broken(domain.CodeDateOrder, Warning, "日期先后颠倒", "Dates out of order",
		"请核对日期：先付后批的，补办并说明；记错的，冲销后重记。",
		"Check the dates: explain what was paid before it was approved; reverse and book again what is wrong."),
	broken(domain.CodeYearOutsideTerm, Warning, "支持年度不在政策期内", "A support year outside the policy's term",
		"请核对支持年度；属于其他政策的，改记到该政策。", "Check the support year; what belongs to another policy is booked there."),
	broken(domain.CodeDateBeforePolicy, Warning, "支付早于政策", "Paid before the policy began",
		"请核对支付日期；属于以前政策的，改记到该政策。", "Check the day of payment; what belongs to an earlier policy is booked there."),
	{codeRestricted, Warning, say("信用受限期间支付", "Paid while the credit was restricted"),
		say("企业 {enterprise}（{name}）信用受限期间收到 {count} 笔支付，合计 {amount}。",
			"While the credit of {enterprise} ({name}) was restricted, {count} payouts were made to it, {amount} together."),
		say("请核对受限期间；确在其中的，追回或由经办人说明。", "Check the days of the restriction; claw back, or have whoever paid explain it."),
		say("自 {from} 起受限，{paid_on} 支付 {amount}", "restricted from {from}, {amount} paid on {paid_on}")},
	{codeFourEyes, Warning, say("一人兼任不相容职责", "One person in duties kept apart"),
		say("{person} 在 {count} 处兼任不相容职责。", "{person} filled duties that are kept apart, in {count} cases."),
		say("请由他人复核这些事项，并调整权限。", "Have someone else check these cases, and change the person's roles."),
		say("兼任：{duties}", "duties: {duties}")},
	{codeImported, Warning, say("以他人名义导入的决定", "Decisions imported in others' names"),
		say("{importer} 以他人名义（{persons}）导入 {count} 项决定或支付，而台账已在使用。",
			"{importer} imported {count} decisions or payouts in the names of others ({persons}) into a ledger in use."),
		say("请逐一向本人核实。", "Ask each of those persons."), nothing},
	{codeSpellings, Warning, say("同一名称的两种写法", "One name spelt in two ways"),
		say("{kind} {names} 只是写法不同，却各有账户，上限因而分别计算。",
			"The {kind} {names} differ in spelling alone, and have accounts of their own, each with its own cap."),
		say("请把两个账户合计后对照上限；今后只用一种写法。", "Hold both accounts together against the cap, and write the name in one way from now on."), nothing},
	{codeOrganisation, Warning, say("组织机构代码相同的企业", "Enterprises with one organisation code"),
		say("{count} 个统一社会信用代码含有同一组织机构代码 {code}：{names}。",
			"{count} credit codes hold the organisation code {code}: {names}."),
		say("请查明是否为同一法人的新旧代码；是的，合并计算其上限。",
			"See whether they are an old and a new code of one legal person; if so, hold them against one cap."),
		say("{name}", "{name}")},
	{codeDoubleFunding, Warning, say("同一项目在多个条款下获支持", "One project funded under several clauses"),
		say("企业 {enterprise}（{name}）有 {count} 个项目在 {year} 支持年度同时在多个条款下获支持，合计 {amount}。政策未禁止（R13）。",
			"{count} projects of {enterprise} ({name}) are funded for {year} under several clauses, {amount} together. "+
				"The policy does not forbid it (R13)."),
		say("请核实各条款支持的是否同一笔费用。", "See whether the clauses pay for the same expense."),
		say("条款 {clauses}，合计 {amount}", "clauses {clauses}, {amount} together")},
	{codeVoucher, Warning, say("凭证号重复", "A voucher used twice"),
		say("凭证 {voucher} 用于 {count} 笔支付，合计 {amount}：{payouts}。", "Voucher {voucher} stands on {count} payouts, {amount} together: {payouts}."),
		say("请对照银行回单：一张凭证分付多笔的说明，重复支付的追回。",
			"Compare the bank's receipts: explain a voucher of several payments, claw back what was paid twice."), nothing},
	{codeEqual, Warning, say("同日同额的支付", "Equal payments on one day"),
		say("条款 {clause}（{year}）有 {count} 组支付的账户、日期和金额都相同，若属重复，共多记 {amount}。",
			"Under clause {clause} ({year}), {count} groups of payments have the account, the day and the amount in common; if they are repetitions, {amount} too much is booked."),
		say("请对照银行回单：确为多笔的说明，重复记账的冲销，重复支付的追回。",
			"Compare the bank's receipts: explain what was paid several times, reverse what was booked twice, claw back what was paid twice."),
		say("{paid_on} 支付：{payouts}", "paid on {paid_on}: {payouts}")},
	{codeOverdue, Warning, say("追回逾期", "Clawbacks overdue"),
		say("{year} 年下达的追回有 {count} 笔逾期（过了到期日，未定到期日的下达超过 {limit} 天），逾期合计 {amount}，最久 {longest} 天。",
			"Of the clawbacks ordered in {year}, {count} are overdue (past the day they were due; without such a day, ordered more than {limit} days ago): {amount} together, the longest for {longest} days."),
		say("请催收；确无法收回的，按程序报批核销。", "Press for payment; what cannot be recovered is written off by the authority."),
		say("{ordered_on} 下达，逾期 {days} 天，欠 {outstanding}", "ordered on {ordered_on}, late by {days} days; {outstanding} is owed")},
	{codeOpposed, Warning, say("评审反对而获批准", "Approved though reviewers opposed"),
		say("部门 {department} 批准了 {count} 项评审意见只有反对、没有支持的申请，合计 {amount}。",
			"The department {department} approved {count} applications that a reviewer opposed and none supported, {amount} together."),
		say("请核实批准的理由。", "Ask for the reasons of the approvals."),
		say("批准 {amount}", "{amount} approved")},
	{codeLooksLike, Warning, say("写法相近的名称", "A name that looks like another"),
		say("“{name}”与“{others}”写法相近，记为另一对象{why}。", "{name} looks like {others} and was taken as something else{why}."),
		say("请核实是否同一项目：是的，合并计算其上限。", "See whether it is the same project; if so, hold both against one cap."), nothing},
	{codeOutside, Notice, say("补记在申请之外的支付", "Payments booked outside any application"),
		say("{year} 支持年度有 {count} 笔补记的支付不属于任何申请，合计 {amount}。",
			"For {year}, {count} booked payments belong to no application, {amount} together."),
		say("请查明依据，补办申请或归入相应申请。", "Find out on what they rest, and have an application made, or book them on the one they belong to."),
		say("企业 {enterprise}，条款 {clause}，{amount}", "{amount} for the enterprise {enterprise} under clause {clause}")},
	{codeSplit, Notice, say("疑似拆分支付", "Payments that may have been split"),
		say("{from} 至 {to} 在 {account} 上支付 {count} 笔，每笔低于 {threshold}，合计 {amount}。",
			"From {from} to {to}, {count} payouts on {account}, each below {threshold}, {amount} together."),
		say("请查明分次支付的理由，是否为规避审批权限。", "Ask why it was paid in parts, and whether that kept each below a limit of authority."), nothing},
	{codeTeam, Notice, say("团队支持与成员支持并存", "A talent supported inside a team, and alone"),
		say("“{team}”获支持，其中的 {talents} 又单独获支持，合计 {amount}。政策未禁止（R15）。",
			"{team} is supported, and so is {talents} of it alone, {amount} together. The policy does not forbid it (R15)."),
		say("请核实支持的是否同一贡献。", "See whether both are for the same contribution."), nothing},
	{codeSharedProject, Notice, say("多家企业共用一个项目", "One project of several enterprises"),
		say("项目 {project} 被 {count} 家企业用于申请：{enterprises}。", "{count} enterprises applied with project {project}: {enterprises}."),
		say("请核实各家承担的部分，以及企业之间的关系。", "See what part each has in it, and how the enterprises are linked."), nothing},
	{codeSimilarNames, Notice, say("企业名称相近或字号相同", "Enterprises with similar names"),
		say("{count} 家企业名称相近或字号相同：{names}。", "{count} enterprises have similar names, or one trade name: {names}."),
		say("请核实是否关联企业或重复登记；有关联的，登记关联（R15）。",
			"See whether they are linked, or one that was registered twice; where they are linked, record the link (R15)."),
		say("{name}", "{name}")},
	{codePhases, Notice, say("同一项目的各期", "Phases of one project"),
		say("{count} 个项目似为同一项目的各期：{projects}。各期各有上限。", "{count} projects seem to be phases of one: {projects}. Each has a cap of its own."),
		say("请核实分期是否成立。", "See whether they are projects apart."), nothing},
	{codeCumulation, Notice, say("同一企业或集团在多个条款下获支持", "Enterprises or groups supported under several clauses"),
		say("{year} 支持年度有 {count} 家企业或集团在多个条款下获支持，合计 {amount}。政策未禁止（R15）。",
			"For {year}, {count} enterprises or groups are supported under several clauses, {amount} together. The policy does not forbid it (R15)."),
		say("请从金额最大的看起，核实支持的是否不同事项。", "Begin with the largest, and see whether different things are supported."),
		say("{name}：条款 {clauses}，合计 {amount}", "{amount} together for {name} under the clauses {clauses}")},
	broken(domain.CodeYearNotAppliedFor, Notice, "批准了未申请的年度", "Approved for a year that was not applied for",
		"请核对申请与批准的年度。", "Compare the years applied for and approved."),
	broken(domain.CodeYearRequestExceeded, Notice, "批准多于该年度所申请", "Approved more for a year than was applied for in it",
		"请核对申请与批准的分年金额。", "Compare the amounts applied for and approved, year by year."),
	{codeRecordedLate, Notice, say("事后补录的决定", "Decisions recorded late"),
		say("{count} 个部门有 {decisions} 项决定在其日期 {days} 天以后才录入，最长 {longest} 天。",
			"{decisions} decisions of {count} departments were recorded more than {days} days after their date, the longest {longest}."),
		say("请核实当时是否确已决定。", "See whether they were taken then."),
		say("{department}：{count} 项，最长 {longest} 天", "{department}: {count} decisions, the longest {longest} days late")},
	{codeRound, Notice, say("整数金额偏多", "Many round amounts"),
		say("部门 {department} 批准的 {count} 笔支付中 {round} 笔为 {unit} 的整倍数，占 {share}%，全体为 {all}%。",
			"Of {count} payouts approved by {department}, {round} are multiples of {unit}: {share} %, of all {all} %."),
		say("请抽查其测算依据。", "Look at how some of them were computed."), nothing},
	{codeBenford, Notice, say("首位数字分布异常", "First digits are unusual"),
		say("{count} 笔支付的首位数字与本福特分布的平均绝对偏差为 {mad}（超过 0.015 为不符）。{caveat_zh}",
			"The first digits of {count} payouts deviate from Benford's law by {mad} on average (over 0.015: nonconforming). {caveat_en}"),
		say("请结合上限和定额支持判断，必要时扩大抽样。", "Judge it together with caps and fixed amounts; draw a larger sample where it is not explained."), nothing},
}

// short is the kind of a budget that is too small, where the policy lets that be found: one finding a budget year, each case with what is missing.
func short(code, zh, en, actZH, actEN string) kind {
	return kind{code, Warning, say(zh, en), say(zh+"：预算年度 {year}，{count} 项，合计差额 {amount}。", en+": budget year {year}, {count} cases, short by {amount} together."),
		say(actZH, actEN), say("{event}，差额 {amount}：{message_zh}", "{event}, short by {amount}: {message_en}")}
}

// broken is the kind of a rule that recorded facts break, by its code: one finding a support year, which gathers the facts.
func broken(code string, severity Severity, zh, en, actZH, actEN string) kind {
	return kind{code, severity, say(zh, en), say(zh+"：支持年度 {year}，{count} 项，合计 {amount}。", en+": support year {year}, {count} cases, {amount} together."),
		say(actZH, actEN), say("{event}，{amount}：{message_zh}", "{event} of {amount} against the rule: {message_en}")}
}
