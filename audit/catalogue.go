package audit

import (
	"maps"

	"github.com/fundledger/fundledger/domain"
)

// kind is what is said of every finding of a code.
type kind struct {
	severity Severity
	title    domain.Text
	zh, en   string // the explanation, with figures in braces
}

// The codes of what is wrong with a log, a proof, a decision or a projection.
const (
	CodeUnreadable    = "event_unreadable"
	CodeSequence      = "sequence_broken"
	CodeRefused       = "decision_refused"
	CodeDiffers       = "decision_differs"
	CodeCommandHash   = "command_hash"
	CodeCommandTwice  = "command_twice"
	CodeDoesNotApply  = "event_does_not_apply"
	CodeDecidedLater  = "decided_after_recording"
	CodeDecidedBefore = "decided_long_before_recording"

	CodeKeyForged   = "key_change_forged"
	CodeKeyUnsigned = "key_change_unsigned"

	CodeEditionBack    = "edition_went_back"
	CodeEarlierEdition = "decided_under_an_earlier_edition"
)

// catalogue is every code and what is said of it.
var catalogue = func() map[string]kind {
	all := maps.Clone(judged)
	maps.Copy(all, asked)
	return all
}()

// judged are the findings of judging a log.
var judged = map[string]kind{
	CodeUnreadable: {Error, domain.Text{ZH: "事件无法读取", EN: "An event cannot be read"},
		"第 {seq} 号事件无法读取：{reason}。", "Event {seq} cannot be read: {reason}."},
	CodeSequence: {Error, domain.Text{ZH: "序号不连续", EN: "The sequence is broken"},
		"应为第 {expected} 号事件，实为第 {seq} 号：有事件缺失、重复或错序。", "Event {expected} was due and {seq} came: events are missing, doubled or out of order."},
	CodeRefused: {Error, domain.Text{ZH: "规则不允许的决定", EN: "A decision that the rules refuse"},
		"第 {seq} 号事件（{event}）在当时的台账状态下应被拒绝：{message_zh}（{code}，{rule}）。",
		"Event {seq} ({event}) would have been refused on the state of its moment: {message_en} ({code}, {rule})."},
	CodeDiffers: {Error, domain.Text{ZH: "决定与规则不符", EN: "A decision differs from the rules"},
		"第 {seq} 号事件（{event}）的“{part}”与规则重算的结果不符：记录为 {recorded}，应为 {expected}。",
		"Event {seq} ({event}): its {part} is not what the rules give: recorded {recorded}, expected {expected}."},
	CodeCommandHash: {Error, domain.Text{ZH: "指令摘要不符", EN: "The command's hash differs"},
		"第 {seq} 号事件（{event}）的指令摘要与其内容不符。", "Event {seq} ({event}): the command's hash is not that of what the event says."},
	CodeCommandTwice: {Error, domain.Text{ZH: "指令重复入账", EN: "One command booked twice"},
		"指令 {command} 已由第 {first} 号事件入账，第 {seq} 号事件再次入账。", "Command {command} was booked by event {first}, and again by event {seq}."},
	CodeDoesNotApply: {Error, domain.Text{ZH: "事件无法作用于台账", EN: "An event does not apply"},
		"第 {seq} 号事件（{event}）无法作用于当时的台账状态：{reason}。", "Event {seq} ({event}) does not apply to the state of its moment: {reason}."},
	CodeKeyForged: {Error, domain.Text{ZH: "检查点公钥更换未经两把密钥签名", EN: "A change of the checkpoint key that both keys did not sign"},
		"第 {seq} 号事件更换检查点公钥，但没有新旧两把密钥的有效签名（{reason}）：有人绕过了密钥；请勿信任其新公钥，并查明是谁写入的。",
		"Event {seq} changes the checkpoint key without the signatures of both keys ({reason}): somebody went round the keys. Do not trust its new key, and find out who wrote it."},
	CodeKeyUnsigned: {Warning, domain.Text{ZH: "旧版的公钥更换没有签名", EN: "A change of the checkpoint key of the first edition, unsigned"},
		"第 {seq} 号事件依规则第一版更换检查点公钥，没有两把密钥的签名，无人据此信任新公钥 {key}；确为本单位所换的，请另行告知审计方。",
		"Event {seq} changed the checkpoint key under the first edition, without signatures: nobody follows it to {key}. If the change was yours, give that key to the auditors yourself."},
	CodeDecidedLater: {Error, domain.Text{ZH: "决定时间晚于入账时间", EN: "Decided after it was recorded"},
		"第 {seq} 号事件称决定于 {decided}，而入账于 {recorded}。", "Event {seq} says it was decided at {decided}, and was recorded at {recorded}."},
	CodeEditionBack: {Error, domain.Text{ZH: "规则版次倒退", EN: "An earlier edition of the rules came back"},
		"第 {seq} 号事件称依规则第 {edition} 版决定，而此前已有依第 {latest} 版决定的事件：版次只能向前。",
		"Event {seq} says it was decided by edition {edition} of the rules, behind one of edition {latest}: editions do not go back."},
	CodeEarlierEdition: {Notice, domain.Text{ZH: "依旧版规则作出的决定", EN: "Decided under an earlier edition of the rules"},
		"有 {count} 个事件依规则第一版决定，按现行规则会有不同结果（{code}），首个为第 {seq} 号。当时的规则允许，无须更正。",
		"{count} events were decided under edition 1 and would be decided otherwise now ({code}); the first is {seq}. The rules of their time allowed them: nothing need be corrected."},
	CodeDecidedBefore: {Notice, domain.Text{ZH: "决定时间远早于入账时间", EN: "Decided long before it was recorded"},
		"有 {count} 个事件的决定时间比入账时间早一小时以上，首个为第 {seq} 号。规则以决定时间为当天；请确认时钟。",
		"{count} events were decided more than an hour before they were recorded, the first is {seq}. The rules take the day of the decision as today; check the clock."},
}
