package audit

import (
	"github.com/fundledger/fundledger/domain"
)

// The codes of what is wrong with checkpoints, the kept tree and projections.
const (
	CodeOtherFund     = "other_fund"
	CodeCheckpointBad = "checkpoint_not_believed"
	CodeForked        = "checkpoint_contradicted"
	CodeRolledBack    = "log_rolled_back"
	CodeTreeLeaf      = "tree_leaf"
	CodeTreeNode      = "tree_node"
	CodeTreeShort     = "tree_short"
	CodeRowTable      = "projected_table"
	CodeRowCell       = "projected_cell"
	CodeRowMissing    = "projected_row_missing"
	CodeRowAdded      = "projected_row_added"
	CodeRowShape      = "projected_shape"
	CodeRowUnfolded   = "projections_unfolded"
	CodeRowAccount    = "projected_account"
	CodeRowAhead      = "projections_ahead"
)

// The codes of what an auditor asks about.
const (
	CodeOverCap       = "over_cap"
	CodeBooked        = "booked_against_rules"
	CodeDoubleFunding = "double_funding"
	CodeVoucher       = "duplicate_voucher"
	CodeRestricted    = "paid_while_restricted"
	CodeFourEyes      = "four_eyes"
	CodeSplit         = "split_payments"
	CodeOverdue       = "clawback_overdue"
	CodeBenford       = "benford"
	CodeRound         = "round_amounts"
	CodeSharedProject = "shared_project"
	CodeSimilarNames  = "similar_names"
	CodeImported      = "imported_decision"
	CodeRecordedLate  = "recorded_late"
	CodeLooksLike     = "looks_like"
	CodeOpposed       = "approved_against_reviews"
	CodePhases        = "project_phases"
)

// asked are the findings about checkpoints and projections, and those that auditors ask for.
var asked = map[string]kind{
	CodeOtherFund: {Error, domain.Text{ZH: "日志属于另一资金", EN: "The log is of another fund"},
		"应为资金 {fund}，日志属于 {found}。", "The fund is {fund}, the log is of {found}."},
	CodeCheckpointBad: {Error, domain.Text{ZH: "检查点不可信", EN: "A checkpoint is not believed"},
		"第 {n} 个检查点不可信：{reason}。", "Checkpoint {n} is not believed: {reason}."},
	CodeForked: {Error, domain.Text{ZH: "日志与检查点矛盾", EN: "The log contradicts a checkpoint"},
		"前 {size} 个事件的根为 {recomputed}，而检查点签署的是 {signed}：日志被改写、重排、删去或插入。",
		"The first {size} events have the root {recomputed}; signed was {signed}: events were rewritten, reordered, removed or inserted."},
	CodeRolledBack: {Error, domain.Text{ZH: "日志被回退", EN: "The log was rolled back"},
		"日志止于第 {end} 号事件，而检查点已签署 {size} 个事件。", "The log ends at event {end}, and a checkpoint was signed for {size} events."},
	CodeTreeLeaf: {Error, domain.Text{ZH: "所存叶子与日志不符", EN: "A kept leaf differs from the log"},
		"第 {seq} 号事件的叶子与日志不符。", "The kept leaf of event {seq} is not that of the log."},
	CodeTreeNode: {Error, domain.Text{ZH: "所存节点与日志不符", EN: "The kept nodes differ from the log"},
		"至第 {size} 个事件的所存节点（{subject}）与日志不符。", "A kept node that ends at event {size} ({subject}) is not that of the log."},
	CodeTreeShort: {Error, domain.Text{ZH: "所存默克尔树不完整", EN: "The kept tree is short"},
		"所存默克尔树在第 {size} 个叶子后中断。", "The kept tree ends near leaf {size}."},
	CodeRowTable: {Error, domain.Text{ZH: "投影表与日志不符", EN: "A projected table differs from the log"},
		"投影表 {table}：{changed} 行被改动，{added} 行多余，{missing} 行缺失，{shape} 处结构不符。",
		"Table {table}: {changed} rows are changed, {added} should not be there, {missing} are missing, {shape} columns or definitions are not as they were made."},
	CodeRowCell: {Error, domain.Text{ZH: "投影表的一格与日志不符", EN: "A projected cell differs from the log"},
		"投影表 {table} 中 {key} 的 {column}：所存为 {kept}，按日志应为 {expected}。", "Table {table}, {column} of {key}: kept is {kept}, the log says {expected}."},
	CodeRowMissing: {Error, domain.Text{ZH: "投影表缺一行", EN: "A projected row is missing"},
		"投影表 {table} 缺 {key}，按日志应有：{expected}。", "Table {table} lacks {key}, of which the log says: {expected}."},
	CodeRowAdded: {Error, domain.Text{ZH: "投影表多一行", EN: "A projected row should not be there"},
		"投影表 {table} 有 {key}，日志中并无：{kept}。", "Table {table} holds {key}, of which the log says nothing: {kept}."},
	CodeRowShape: {Error, domain.Text{ZH: "投影表的结构被改动", EN: "A projected table is not as it was made"},
		"{table} 的 {column}：现为 {kept}，应为 {expected}。", "{column} of {table}: it is {kept}, and was made as {expected}."},
	CodeRowUnfolded: {Error, domain.Text{ZH: "日志无法重新折算", EN: "The log cannot be folded again"},
		"日志自第 {seq} 号事件起无法重新折算（{reason}），投影表因此未能核对。",
		"From event {seq} on the log cannot be folded again ({reason}), so the tables were not compared."},
	CodeRowAccount: {Error, domain.Text{ZH: "账户余额与规则不符", EN: "An account's headroom differs from the rules"},
		"{account}：所存余额 {kept}，按规则应为 {expected}。", "{account}: the headroom kept is {kept}, the rules give {expected}."},
	CodeRowAhead: {Error, domain.Text{ZH: "投影超出日志", EN: "Projections are ahead of the log"},
		"投影已至第 {position} 号事件，而日志止于第 {end} 号：投影中有日志所没有的内容。",
		"The projections stand at event {position}, and the log ends at {end}: they hold what the log does not."},

	CodeOverCap: {Warning, domain.Text{ZH: "超出上限", EN: "Over the cap"},
		"账户 {account}（{year}）已用 {use}，上限 {cap}，例外 {exceptions}，超出 {over_by}。",
		"Account {account} ({year}): use {use}, cap {cap}, exceptions {exceptions}, over by {over_by}."},
	CodeBooked: {Warning, domain.Text{ZH: "补记的支付违反规则", EN: "A booked payment breaks rules"},
		"{subject} 补记金额 {amount}，违反：{codes}。", "{subject}, booked with {amount}, breaks: {codes}."},
	CodeDoubleFunding: {Warning, domain.Text{ZH: "同一项目在多个条款下获支持", EN: "One project funded under several clauses"},
		"项目 {project} 在 {year} 支持年度同时在条款 {clauses} 下获支持，合计 {amount}。政策未禁止，请核实是否重复（R13）。",
		"Project {project} is funded for {year} under the clauses {clauses}, {amount} together. The policy does not forbid it; see whether it is the same expense (R13)."},
	CodeVoucher: {Warning, domain.Text{ZH: "凭证号重复", EN: "A voucher used twice"},
		"凭证 {voucher} 用于 {count} 笔支付：{payouts}。", "Voucher {voucher} stands on {count} payouts: {payouts}."},
	CodeRestricted: {Warning, domain.Text{ZH: "信用受限期间支付", EN: "Paid while the credit was restricted"},
		"企业 {enterprise} 自 {from} 起信用受限，{paid_on} 仍支付 {amount}（{payout}）。", "The credit of {enterprise} was restricted from {from}; {amount} was paid on {paid_on} ({payout})."},
	CodeFourEyes: {Warning, domain.Text{ZH: "一人兼任不相容职责", EN: "One person in duties kept apart"},
		"{person} 在 {on} 上兼任：{duties}。", "{person} filled several duties on {on}: {duties}."},
	CodeSplit: {Notice, domain.Text{ZH: "疑似拆分支付", EN: "Payments that may have been split"},
		"{from} 至 {to} 向企业 {enterprise} 在条款 {clause} 下支付 {count} 笔，每笔低于 {threshold}，合计 {amount}。",
		"From {from} to {to}, {count} payouts to {enterprise} under clause {clause}, each below {threshold}, {amount} together."},
	CodeOverdue: {Warning, domain.Text{ZH: "追回逾期", EN: "A clawback is overdue"},
		"追回 {clawback} 于 {ordered_on} 下达，已 {days} 天，尚欠 {outstanding}。", "Clawback {clawback} was ordered on {ordered_on}, {days} days ago; {outstanding} is outstanding."},
	CodeBenford: {Notice, domain.Text{ZH: "首位数字分布异常", EN: "First digits are unusual"},
		"{count} 笔支付的首位数字与本福特分布的平均绝对偏差为 {mad}（超过 0.015 为不符）。{caveat_zh}",
		"The first digits of {count} payouts deviate from Benford's law by {mad} on average (over 0.015: nonconforming). {caveat_en}"},
	CodeRound: {Notice, domain.Text{ZH: "整数金额偏多", EN: "Many round amounts"},
		"部门 {department} 批准的 {count} 笔支付中 {round} 笔为 {unit} 的整倍数，占 {share}%，全体为 {all}%。",
		"Of {count} payouts approved by {department}, {round} are multiples of {unit}: {share} %, of all {all} %."},
	CodeSharedProject: {Notice, domain.Text{ZH: "多家企业共用一个项目", EN: "One project of several enterprises"},
		"项目 {project} 被 {count} 家企业用于申请：{enterprises}。", "{count} enterprises applied with project {project}: {enterprises}."},
	CodeImported: {Warning, domain.Text{ZH: "以他人名义导入的决定", EN: "Decisions imported in others' names"},
		"{importer} 以他人名义（{persons}）导入 {count} 项决定或支付，而台账已在使用。请向本人核实。",
		"{importer} imported {count} decisions or payouts in the names of others ({persons}) into a ledger in use. Ask those persons."},
	CodeRecordedLate: {Notice, domain.Text{ZH: "事后补录的决定", EN: "Decisions recorded late"},
		"部门 {department} 有 {count} 项决定在其日期 {days} 天以后才录入，最长 {longest} 天。请核实当时是否确已决定。",
		"{count} decisions of the department {department} were recorded more than {days} days after their date, the longest {longest}. See whether they were taken then."},
	CodeLooksLike: {Warning, domain.Text{ZH: "写法相近而称并非同一对象", EN: "A name that looks like another"},
		"“{name}”与“{others}”写法相近，申报称并非同一对象：{why}。请核实。",
		"{name} looks like {others} and was said to be something else: {why}. See whether it is."},
	CodeOpposed: {Warning, domain.Text{ZH: "评审反对而获批准", EN: "Approved though reviewers opposed"},
		"申请 {application} 的评审意见只有反对，没有支持，仍获批准。请核实理由。",
		"The application {application} was approved though a reviewer opposed and none supported it. Ask why."},
	CodePhases: {Notice, domain.Text{ZH: "同一项目的各期", EN: "Phases of one project"},
		"{count} 个项目似为同一项目的各期：{projects}。各期各有上限，请核实分期是否成立。",
		"{count} projects seem to be phases of one: {projects}. Each has a cap of its own; see whether they are projects apart."},
	CodeSimilarNames: {Notice, domain.Text{ZH: "企业名称相近", EN: "Similar names of enterprises"},
		"{a}（{name_a}）与 {b}（{name_b}）名称相近，请核实是否关联。", "{a} ({name_a}) and {b} ({name_b}) have similar names: see whether they are linked."},
}
