package audit

import (
	"slices"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/wire"
)

// kind is what is said of every finding of a code: how grave it is, what it is called, what was found, with figures in braces, and what
// to do about it. Of a finding that gathers several cases, one is what is said of each.
type kind struct {
	code     string
	severity Severity
	title    domain.Text
	meaning  domain.Text
	act      domain.Text
	one      domain.Text
}

func say(zh, en string) domain.Text { return domain.Text{ZH: zh, EN: en} }

// nothing is said of single cases by a kind whose findings gather none.
var nothing domain.Text

// The codes of what is wrong with a log, a proof, a decision or a projection.
const (
	CodeUnreadable    = wire.CodeUnreadable
	CodeSequence      = "sequence_broken"
	CodeRefused       = "decision_refused"
	CodeDiffers       = "decision_differs"
	CodeCommandHash   = "command_hash"
	CodeCommandTwice  = "command_twice"
	CodeDoesNotApply  = "event_does_not_apply"
	CodeDecidedLater  = "decided_after_recording"
	CodeDecidedBefore = "decided_long_before_recording"

	codeKeyForged   = "key_change_forged"
	codeKeyUnsigned = "key_change_unsigned"

	codeEditionBack    = "edition_went_back"
	codeEarlierEdition = "decided_under_an_earlier_edition"
)

// kinds are all kinds of finding. Among those of one severity reports tell them in this order.
var kinds = slices.Concat(judged, held, asked)

// catalogue is every kind by its code, and ranks where it stands in reports.
var catalogue, ranks = func() (map[string]kind, map[string]int) {
	all, order := map[string]kind{}, map[string]int{}
	for i, k := range kinds {
		all[k.code], order[k.code] = k, i
	}
	return all, order
}()

// judged are the findings of judging a log.
var judged = []kind{
	{CodeUnreadable, Error, say("事件无法读取", "An event cannot be read"),
		say("第 {seq} 号事件无法读取：{reason}。",
			"Event {seq} cannot be read: {reason}."),
		say("请用备份恢复该事件，并查明是谁改动了日志。",
			"Restore the event from a backup, and find out who changed the log."), nothing},
	{CodeSequence, Error, say("序号不连续", "The sequence is broken"),
		say("应为第 {expected} 号事件，实为第 {seq} 号：有事件缺失、重复或错序。",
			"Event {expected} was due and {seq} came: events are missing, doubled or out of order."),
		say("请用备份恢复日志，并查明缺失或多出的事件。",
			"Restore the log from a backup, and find out which events are missing or added."), nothing},
	{CodeRefused, Error, say("规则不允许的决定", "A decision that the rules refuse"),
		say("第 {seq} 号事件（{event}）在当时的台账状态下应被拒绝：{message_zh}（{code}，{rule}）。",
			"Event {seq} ({event}) would have been refused on the state of its moment: {message_en} ({code}, {rule})."),
		say("请查明该事件由何人、以何种程序写入；确有其事的，按规则补办或冲正。",
			"Find out who wrote the event and with what program; if it did happen, put it right by a compensating command."), nothing},
	{CodeDiffers, Error, say("决定与规则不符", "A decision differs from the rules"),
		say("第 {seq} 号事件（{event}）的“{part}”与规则重算的结果不符：记录为 {recorded}，应为 {expected}。",
			"Event {seq} ({event}): its {part} is not what the rules give: recorded {recorded}, expected {expected}."),
		say("请查明该事件由何人、以何种程序写入，并按规则冲正差额。",
			"Find out who wrote the event and with what program, and put the difference right by a compensating command."), nothing},
	{CodeCommandHash, Error, say("指令摘要不符", "The command's hash differs"),
		say("第 {seq} 号事件（{event}）的指令摘要与其内容不符。",
			"Event {seq} ({event}): the command's hash is not that of what the event says."),
		say("请查明该事件是否被改写。",
			"Find out whether the event was rewritten."), nothing},
	{CodeCommandTwice, Error, say("指令重复入账", "One command booked twice"),
		say("指令 {command} 已由第 {first} 号事件入账，第 {seq} 号事件再次入账。",
			"Command {command} was booked by event {first}, and again by event {seq}."),
		say("请冲正重复入账的一笔。",
			"Undo the one that was booked again."), nothing},
	{CodeDoesNotApply, Error, say("事件无法作用于台账", "An event does not apply"),
		say("第 {seq} 号事件（{event}）无法作用于当时的台账状态：{reason}。",
			"Event {seq} ({event}) does not apply to the state of its moment: {reason}."),
		say("请查明该事件由何人、以何种程序写入。",
			"Find out who wrote the event and with what program."), nothing},
	{codeKeyForged, Error, say("检查点公钥更换未经两把密钥签名", "A change of the checkpoint key that both keys did not sign"),
		say("第 {seq} 号事件更换检查点公钥，但没有新旧两把密钥的有效签名（{reason}）：有人绕过了密钥。",
			"Event {seq} changes the checkpoint key without the signatures of both keys ({reason}): somebody went round the keys."),
		say("请勿信任其新公钥，并查明是谁写入的。",
			"Do not trust its new key, and find out who wrote it."), nothing},
	{CodeDecidedLater, Error, say("决定时间晚于入账时间", "Decided after it was recorded"),
		say("第 {seq} 号事件称决定于 {decided}，而入账于 {recorded}。",
			"Event {seq} says it was decided at {decided}, and was recorded at {recorded}."),
		say("请校准服务器时钟，并查明是谁写入的。",
			"Set the server's clock right, and find out who wrote it."), nothing},
	{codeEditionBack, Error, say("规则版次倒退", "An earlier edition of the rules came back"),
		say("第 {seq} 号事件称依规则第 {edition} 版决定，而此前已有依第 {latest} 版决定的事件：版次只能向前。",
			"Event {seq} says it was decided by edition {edition} of the rules, behind one of edition {latest}: editions do not go back."),
		say("请查明是否有旧版程序在写入，并停用之。",
			"See whether an old program still writes, and stop it."), nothing},
	{codeKeyUnsigned, Warning, say("旧版的公钥更换没有签名", "A change of the checkpoint key of the first edition, unsigned"),
		say("第 {seq} 号事件依规则第一版更换检查点公钥，没有两把密钥的签名，无人据此信任新公钥 {key}。",
			"Event {seq} changed the checkpoint key under the first edition, without signatures: nobody follows it to {key}."),
		say("确为本单位所换的，请另行把新公钥告知审计方。",
			"If the change was yours, give that key to the auditors yourself."), nothing},
	{codeEarlierEdition, Notice, say("依旧版规则作出的决定", "Decided under an earlier edition of the rules"),
		say("有 {count} 个事件依规则第一版决定，按现行规则会有不同结果（{code}），首个为第 {seq} 号。当时的规则允许。",
			"{count} events were decided under edition 1 and would be decided otherwise now ({code}); the first is {seq}. The rules of their time allowed them."),
		say("无须处理；今后依现行规则。",
			"Nothing need be done; the present rules hold from now on."), nothing},
	{CodeDecidedBefore, Notice, say("决定时间远早于入账时间", "Decided long before it was recorded"),
		say("有 {count} 个事件的决定时间比入账时间早一小时以上，首个为第 {seq} 号。规则以决定时间为当天。",
			"{count} events were decided more than an hour before they were recorded, the first is {seq}. The rules take the day of the decision as today."),
		say("请核对时钟与导入时间。",
			"Check the clock, and when the events were imported."), nothing},
}

// The codes of what is wrong with checkpoints, the kept tree and projections.
const (
	CodeOtherFund     = "other_fund"
	codeCheckpointBad = "checkpoint_not_believed"
	codeForked        = "checkpoint_contradicted"
	codeRolledBack    = "log_rolled_back"

	codeRefusalsGone    = "refusals_missing"
	codeRefusalsChanged = "refusals_changed"
	codeTreeLeaf        = "tree_leaf"
	codeTreeNode        = "tree_node"
	codeTreeShort       = "tree_short"
	CodeRowTable        = "projected_table"
	codeRowCell         = "projected_cell"
	codeRowMissing      = "projected_row_missing"
	codeRowAdded        = "projected_row_added"
	codeRowShape        = "projected_shape"
	CodeRowUnfolded     = "projections_unfolded"
	codeRowAccount      = "projected_account"
	codeRowAhead        = "projections_ahead"
)

// held are the findings about checkpoints, the kept tree and projections.
var held = []kind{
	{CodeOtherFund, Error, say("日志属于另一资金", "The log is of another fund"),
		say("应为资金 {fund}，日志属于 {found}。",
			"The fund is {fund}, the log is of {found}."),
		say("请核对所连接的日志与数据目录。",
			"Check which log and which data folder are connected."), nothing},
	{codeForked, Error, say("日志与检查点矛盾", "The log contradicts a checkpoint"),
		say("前 {size} 个事件的根为 {recomputed}，而检查点签署的是 {signed}：日志被改写、重排、删去或插入。",
			"The first {size} events have the root {recomputed}; signed was {signed}: events were rewritten, reordered, removed or inserted."),
		say("停止支付，保全现场，用备份与见证方的检查点查明被改动的事件。",
			"Stop paying, keep everything as it is, and find the changed events with a backup and the witness's checkpoints."), nothing},
	{codeRefusalsGone, Error, say("被拒指令缺失", "Refusals are missing"),
		say("第 {from} 至 {until} 条被拒指令不在，也没有移出的记录。", "The refusals {from} to {until} are gone, and no retirement says so."),
		say("台账本身不受影响。请查明是磁盘损坏还是有人删除，并从备份查看缺失的内容。",
			"The ledger itself is not touched. Find out whether the disk failed or somebody took them away, and look at a backup for what is missing."), nothing},
	{codeRefusalsChanged, Error, say("被拒指令被改动", "Refusals were changed"),
		say("第 {seq} 条被拒指令与其前各条的链值不符：其中有被改写、插入或替换的。",
			"The refusal {seq} does not link to those before it: one of them was rewritten, put in or replaced."),
		say("台账本身不受影响。请与备份逐条比对，查明被改动的内容。",
			"The ledger itself is not touched. Compare them with a backup, and find what was changed."), nothing},
	{codeRolledBack, Error, say("日志被回退", "The log was rolled back"),
		say("日志止于第 {end} 号事件，而检查点已签署 {size} 个事件。",
			"The log ends at event {end}, and a checkpoint was signed for {size} events."),
		say("停止支付，用备份恢复缺失的事件。",
			"Stop paying, and restore the missing events from a backup."), nothing},
	{codeCheckpointBad, Error, say("检查点不可信", "A checkpoint is not believed"),
		say("第 {n} 个检查点不可信：{reason}。",
			"Checkpoint {n} is not believed: {reason}."),
		say("请向签署方索取其公钥与原件核对。",
			"Ask whoever signed it for the key and the original."), nothing},
	{codeTreeLeaf, Error, say("所存叶子与日志不符", "A kept leaf differs from the log"),
		say("第 {seq} 号事件的叶子与日志不符。",
			"The kept leaf of event {seq} is not that of the log."),
		say("用 fundledger rebuild 重建，再次核验。",
			"Rebuild with fundledger rebuild and verify again."), nothing},
	{codeTreeNode, Error, say("所存节点与日志不符", "The kept nodes differ from the log"),
		say("至第 {size} 个事件的所存节点（{subject}）与日志不符。",
			"A kept node that ends at event {size} ({subject}) is not that of the log."),
		say("用 fundledger rebuild 重建，再次核验。",
			"Rebuild with fundledger rebuild and verify again."), nothing},
	{codeTreeShort, Error, say("所存默克尔树不完整", "The kept tree is short"),
		say("所存默克尔树在第 {size} 个叶子后中断。",
			"The kept tree ends near leaf {size}."),
		say("用 fundledger rebuild 重建，再次核验。",
			"Rebuild with fundledger rebuild and verify again."), nothing},
	{codeRowAhead, Error, say("投影超出日志", "Projections are ahead of the log"),
		say("投影已至第 {position} 号事件，而日志止于第 {end} 号：投影中有日志所没有的内容。",
			"The projections stand at event {position}, and the log ends at {end}: they hold what the log does not."),
		say("请核对数据库与日志是否同属一份台账，再重建投影表。",
			"See whether the database and the log are of one ledger, then rebuild the tables."), nothing},
	{CodeRowTable, Error, say("投影表与日志不符", "A projected table differs from the log"),
		say("投影表 {table}：{changed} 行被改动，{added} 行多余，{missing} 行缺失，{shape} 处结构不符。",
			"Table {table}: {changed} rows are changed, {added} should not be there, {missing} are missing, {shape} columns or definitions are not as they were made."),
		say("用 fundledger rebuild 重建投影表，并查明是谁改动了数据库。",
			"Rebuild the tables with fundledger rebuild, and find out who changed the database."), nothing},
	{codeRowCell, Error, say("投影表的一格与日志不符", "A projected cell differs from the log"),
		say("投影表 {table} 中 {key} 的 {column}：所存为 {kept}，按日志应为 {expected}。",
			"Table {table}, {column} of {key}: kept is {kept}, the log says {expected}."),
		say("用 fundledger rebuild 重建投影表，并查明是谁改动了数据库。",
			"Rebuild the tables with fundledger rebuild, and find out who changed the database."), nothing},
	{codeRowMissing, Error, say("投影表缺一行", "A projected row is missing"),
		say("投影表 {table} 缺 {key}，按日志应有：{expected}。",
			"Table {table} lacks {key}, of which the log says: {expected}."),
		say("用 fundledger rebuild 重建投影表，并查明是谁改动了数据库。",
			"Rebuild the tables with fundledger rebuild, and find out who changed the database."), nothing},
	{codeRowAdded, Error, say("投影表多一行", "A projected row should not be there"),
		say("投影表 {table} 有 {key}，日志中并无：{kept}。",
			"Table {table} holds {key}, of which the log says nothing: {kept}."),
		say("用 fundledger rebuild 重建投影表，并查明是谁改动了数据库。",
			"Rebuild the tables with fundledger rebuild, and find out who changed the database."), nothing},
	{codeRowShape, Error, say("投影表的结构被改动", "A projected table is not as it was made"),
		say("{table} 的 {column}：现为 {kept}，应为 {expected}。",
			"{column} of {table}: it is {kept}, and was made as {expected}."),
		say("用 fundledger rebuild 重建投影表，并查明是谁改动了数据库。",
			"Rebuild the tables with fundledger rebuild, and find out who changed the database."), nothing},
	{CodeRowUnfolded, Error, say("日志无法重新折算", "The log cannot be folded again"),
		say("日志自第 {seq} 号事件起无法重新折算（{reason}），投影表因此未能核对。",
			"From event {seq} on the log cannot be folded again ({reason}), so the tables were not compared."),
		say("请先处理日志本身的问题。",
			"Deal with what is wrong with the log first."), nothing},
	{codeRowAccount, Error, say("账户余额与规则不符", "An account's headroom differs from the rules"),
		say("{account}：所存余额 {kept}，按规则应为 {expected}。",
			"{account}: the headroom kept is {kept}, the rules give {expected}."),
		say("用 fundledger rebuild 重建投影表，再次核验。",
			"Rebuild the tables with fundledger rebuild and verify again."), nothing},
}
