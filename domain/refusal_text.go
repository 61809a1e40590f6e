package domain

// The codes of refusals and findings. They are stable: programs branch on them.
const (
	CodeAmountMalformed        = AmountMalformed
	CodeAmountTooPrecise       = AmountTooPrecise
	CodeAmountNegative         = AmountNegative
	CodeAmountTooLarge         = AmountTooLarge
	CodeAmountZero             = AmountZero
	CodeCommandMalformed       = "command_malformed"
	CodeCommandTooLarge        = "command_too_large"
	CodeCommandUnknown         = "command_unknown"
	CodeCommandConflict        = "command_conflict"
	CodeFieldUnknown           = "field_unknown"
	CodeFieldMissing           = "field_missing"
	CodeFieldInvalid           = "field_invalid"
	CodePersonalID             = "personal_id"
	CodePolicyMissing          = "policy_missing"
	CodePolicyPublished        = "policy_already_published"
	CodePolicyInvalid          = "policy_invalid"
	CodePolicyExpired          = "policy_expired"
	CodePolicyNotInForce       = "policy_not_in_force"
	CodeYearOutsideTerm        = "support_year_outside_term"
	CodeDateInFuture           = "date_in_future"
	CodeDateBeforePolicy       = "date_before_policy"
	CodeDateOrder              = "date_order"
	CodeRoleNotAllowed         = "role_not_allowed"
	CodeDepartmentNotAllowed   = "department_not_allowed"
	CodeFourEyes               = "four_eyes"
	CodeClauseUnknown          = "clause_unknown"
	CodeClauseByReference      = "clause_by_reference"
	CodeClauseNotAppliedFor    = "clause_not_applied_for"
	CodeReferenceInvalid       = "reference_invalid"
	CodeAmendmentEmpty         = "amendment_changes_nothing"
	CodeVersionsTooMany        = "versions_too_many"
	CodeSubjectRequired        = "subject_required"
	CodeSubjectNotAllowed      = "subject_not_allowed"
	CodeEnterpriseUnknown      = "enterprise_unknown"
	CodeEnterpriseExists       = "enterprise_exists"
	CodeCreditCodeInvalid      = "credit_code_invalid"
	CodeIndustryUnknown        = "industry_unknown"
	CodeIndustryNotServed      = "industry_not_served"
	CodeCreditRestricted       = "credit_restricted"
	CodeCreditNotRestricted    = "credit_not_restricted"
	CodeAlreadyAdmitted        = "already_admitted"
	CodeApplicationUnknown     = "application_unknown"
	CodeApplicationExists      = "application_exists"
	CodeApplicationState       = "application_state"
	CodeApplicationSuspended   = "application_suspended"
	CodeNotSuspended           = "application_not_suspended"
	CodeReviewsRequired        = "reviews_required"
	CodeDuplicateYear          = "duplicate_year"
	CodeScheduleNotAllowed     = "schedule_not_allowed"
	CodeRequestedExceeded      = "requested_exceeded"
	CodeCapExceeded            = "cap_exceeded"
	CodeAccountOverCap         = "account_over_cap"
	CodeInstalmentUnknown      = "instalment_unknown"
	CodeInstalmentExceeded     = "instalment_exceeded"
	CodeReductionExceeded      = "reduction_exceeded"
	CodePayoutUnknown          = "payout_unknown"
	CodePayoutExists           = "payout_exists"
	CodeReturnExceeded         = "return_exceeded"
	CodeClawbackUnknown        = "clawback_unknown"
	CodeClawbackExists         = "clawback_exists"
	CodeClawbackExceeded       = "clawback_exceeded"
	CodeWaiverExceeded         = "waiver_exceeded"
	CodeWriteOffExceeded       = "write_off_exceeded"
	CodeOffsetElsewhere        = "offset_elsewhere"
	CodeScheduleDiffers        = "schedule_differs"
	CodeOwesMoney              = "owes_money"
	CodeInterestDiffers        = "interest_differs"
	CodeRecoveryUnknown        = "recovery_unknown"
	CodeRecoveryExists         = "recovery_exists"
	CodeRecoveryExceeded       = "recovery_exceeded"
	CodeRecoveryReversed       = "recovery_already_reversed"
	CodeExceptionNotAllowed    = "exception_not_allowed"
	CodeExceptionScope         = "exception_scope"
	CodeExceptionUnknown       = "exception_unknown"
	CodeExceptionExists        = "exception_exists"
	CodeExceptionInUse         = "exception_in_use"
	CodeNoCapStated            = "no_cap_stated"
	CodeDocumentRequired       = "document_required"
	CodeAppropriationAdjusted  = "appropriation_adjusted"
	CodeAppropriationBelow     = "appropriation_below_paid"
	CodeAppropriationCommitted = "appropriation_below_committed"
	CodeBudgetExceeded         = "budget_exceeded"
	CodePlanEmpty              = "plan_changes_nothing"
	CodePlanExceeded           = "plan_exceeded"
	CodePlanPast               = "plan_in_the_past"
	CodeAppropriationExceed    = "appropriation_exceeded"
	CodePaymentExists          = "treasury_payment_exists"
	CodePaymentUnknown         = "treasury_payment_unknown"
	CodeCommandLineOnly        = "command_line_only"
	CodeKeyUsedBefore          = "checkpoint_key_used_before"
	CodePayoutNotBooked        = "payout_not_booked"
	CodePayoutReversed         = "booking_reversed"
	CodeClawbackStands         = "clawback_stands"
	CodeMoneyBooked            = "application_has_money"
	CodeMoneyCommitted         = "application_has_commitments"
	CodeRequestUnchanged       = "application_unchanged"
	CodeRequestBelowApproved   = "request_below_approved"
	CodeSameApplicant          = "same_applicant"
	CodeApplicationVoided      = "application_voided"
	CodeApplicationReplaced    = "application_replaced"
	CodeYearNotAppliedFor      = "year_not_applied_for"
	CodeYearRequestExceeded    = "year_request_exceeded"
	CodeLooksLike              = "looks_like"
	CodeNameAmbiguous          = "name_ambiguous"
	CodeNameTaken              = "name_taken_for"
	CodeActorUnknown           = "actor_unknown"
	CodeCorrectionEmpty        = "correction_changes_nothing"
	CodeOfferUnknown           = "offer_unknown"
	CodeOfferExists            = "offer_exists"
	CodeOfferStanding          = "offer_standing"
	CodeOfferAnswered          = "offer_answered"
	CodeOfferLapsed            = "offer_lapsed"
	CodeFactUnknown            = "fact_unknown"
	CodeFactRecorded           = "fact_recorded"
	CodeFactNotRecorded        = "fact_not_recorded"
	CodeFactUnchanged          = "fact_unchanged"
	CodeFactDiffers            = "fact_differs"
	CodeFactDecides            = "fact_decides"
	CodeFactOtherwise          = "fact_otherwise"
	CodeProjectUnknown         = "project_unknown"
	CodeOutsideDistrict        = "outside_district"
	CodeFactNotKnown           = "fact_not_known"
	CodeRateDiffers            = "rate_differs"
	CodeRateExceeded           = "rate_exceeded"
	CodeHolderDiffers          = "holder_differs"
	CodeNotAdmitted            = "not_admitted"
	CodeRefusalsNotKept        = "refusals_not_kept"
	CodeRefusalsRetired        = "refusals_retired"
	CodeBudgetYearClosed       = "budget_year_closed"
	CodeBudgetYearOpen         = "budget_year_open"
	CodeBudgetYearNotOver      = "budget_year_not_over"
	CodeLaterYearClosed        = "later_budget_year_closed"
	CodeDifferencesUnsaid      = "differences_not_acknowledged"
	CodeCarryExceeded          = "carry_over_exceeded"
)

// The codes of policies that follow one another.
const (
	CodePolicyUnknown        = "policy_unknown"
	CodePolicyEnded          = "policy_ended"
	CodePolicyAmendmentEmpty = "policy_amendment_changes_nothing"
	CodeAmendmentRetroactive = "amendment_retroactive"
	CodeTermInUse            = "term_in_use"
	CodePolicyOfAnotherFund  = "policy_of_another_fund"
	CodeTermsOverlap         = "policy_terms_overlap"
	CodeSuccessionCircle     = "succession_circle"
	CodeClauseExists         = "clause_exists"
	CodeClauseClosed         = "clause_closed"
	CodeContinuedUnknown     = "continued_clause_unknown"
	CodeCarriedDiffers       = "carried_onto_another_kind"
)

// The codes of links and groups.
const (
	CodeLinkUnknown      = "link_unknown"
	CodeLinkExists       = "link_exists"
	CodeLinkToItself     = "link_to_itself"
	CodeLinkOverlaps     = "link_overlaps"
	CodeLinkCircle       = "link_circle"
	CodeSharesExceeded   = "shares_exceeded"
	CodeLinkEndsEarlier  = "link_ends_before_it_begins"
	CodeLinkEnded        = "link_already_ended"
	CodeGroupCapExceeded = "group_cap_exceeded"
	CodeProjectExists    = "project_exists"
	CodeProjectIsItself  = "project_is_itself"
	CodeProjectsJoined   = "projects_already_joined"
	CodeMergeIntoItself  = "merged_into_itself"
	CodeMergerUnknown    = "merger_unknown"
	CodeEnterpriseMerged = "enterprise_merged"
)

// The codes of indicators and evaluations.
const (
	CodeIndicatorUnknown     = "indicator_unknown"
	CodeIndicatorUnmeasured  = "indicator_without_fact"
	CodeIndicatorsMissing    = "indicators_missing"
	CodeScoresIncomplete     = "scores_incomplete"
	CodeEvaluationUnknown    = "evaluation_unknown"
	CodeEvaluationExists     = "evaluation_exists"
	CodeRectificationUnknown = "rectification_unknown"
	CodeRectificationExists  = "rectification_of_another_evaluation"
	CodeRectificationDone    = "rectification_done"
)

// refusalText is a code's rule and its sentence in each language; see fill for the marks.
type refusalText struct {
	rule   string
	title  Text // what it is called in a list
	zh, en string
}

var refusalTexts = map[string]refusalText{
	CodeAmountMalformed: {"R1", Text{"金额写法不对", "amount not written as one"}, "字段“{field}”的值“{value}”写法不对[：{reason}]；请写成“1800000.00”，不带正负号或指数。",
		"The amount {value} in {field} is not written as an amount[: {reason}]; write it like 1800000.00, without sign or exponent."},
	CodeAmountTooPrecise: {"R1", Text{"金额多于两位小数", "amount with too many decimals"}, "字段“{field}”的值“{value}”多于两位小数；金额不作舍入，请更正。",
		"The amount {value} in {field} has more than two decimals; amounts are never rounded, so correct it."},
	CodeAmountNegative: {"R1", Text{"金额为负", "negative amount"}, "字段“{field}”的值“{value}”为负；此处须为正数。", "The amount {value} in {field} is negative; it must be above zero."},
	CodeAmountTooLarge: {"R1", Text{"金额过大", "amount too large"}, "字段“{field}”的值“{value}”超出上限 {limit}[：合计已有 {use}，再增将超出 {short_by}]。",
		"The amount {value} in {field} is beyond the limit of {limit}[: the sum so far is {use}, and the limit would be passed by {short_by}]."},
	CodeAmountZero: {"R1", Text{"金额为零", "amount of zero"}, "{field} 的金额须大于零。", "The amount in {field} must be above zero."},
	CodeCommandTooLarge: {"R11", Text{"指令过长", "command too large"}, "这条指令（或其事件）有 {value} 字节，最多 {limit} 字节；请分成几条。",
		"This command, or its event, has {value} bytes, {limit} are the most; ask for less at once."},
	CodeRefusalsNotKept: {"R11", Text{"未逐条留存的被拒指令", "refusals counted, not kept"}, "{person} 在 {from} 至 {until} 另有 {value} 条指令被拒（共 {use} 字节），超过每小时的留存限额，未逐条留存。",
		"{value} more commands of {person} were refused from {from} until {until} ({use} bytes); beyond the limits of an hour, they were counted and not kept."},
	CodeRefusalsRetired: {"R11", Text{"已移出的被拒指令", "refusals taken out"}, "第 {from} 至 {until} 条被拒指令已移出，存于文件“{name}”，摘要为 {hash}。",
		"The refusals {from} to {until} were taken out; the file {name} holds them, and its digest is {hash}."},
	CodeCommandMalformed: {"R11", Text{"指令无法读懂", "unreadable command"}, "无法读懂这条指令：{reason}。", "This command cannot be read: {reason}."},
	CodeCommandUnknown:   {"R11", Text{"没有这种指令", "unknown command"}, "没有名为“{command}”的指令。", "There is no command named {command}."},
	CodeCommandConflict: {"R11", Text{"指令编号已用", "command id already used"}, "指令编号 {id} 已用于另一条内容不同的指令（序号 {seq}）；请换一个编号。",
		"The command id {id} already stands for another command with other content (sequence {seq}); use a new id."},
	CodeFieldUnknown:    {"R11", Text{"没有这个字段", "unknown field"}, "指令 {command} 没有字段“{field}”。", "The command {command} has no field {field}."},
	CodeFieldMissing:    {"R11", Text{"缺少字段", "missing field"}, "缺少字段“{field}”。", "The field {field} is missing."},
	CodeFieldInvalid:    {"R11", Text{"字段的值无效", "invalid field"}, "字段“{field}”[的值“{value}”]无效：{reason}。", "The field {field}[ with the value {value}] is not valid: {reason}."},
	CodeLinkUnknown:     {"R15", Text{"没有这项关联", "unknown link"}, "没有关联“{link}”。", "There is no link {link}."},
	CodeLinkExists:      {"R15", Text{"关联编号已用", "link already exists"}, "关联 {link} 已登记；请换一个编号。", "The link {link} is recorded already; use another id."},
	CodeLinkToItself:    {"R15", Text{"企业不能与自身关联", "linked to itself"}, "企业 {enterprise} 不能与自身关联。", "The enterprise {enterprise} cannot be linked to itself."},
	CodeProjectExists:   {"R16", Text{"项目已登记", "project already registered"}, "项目 {project} 已登记。", "The project {project} is registered already."},
	CodeProjectIsItself: {"R16", Text{"项目不能与自身合并", "one project"}, "两处都是项目 {project}；请填写另一个项目。", "Both are the project {project}; name another one."},
	CodeProjectsJoined:  {"R16", Text{"已认定为同一项目", "already one project"}, "项目 {project} 与 {subject} 已认定为同一项目。", "The projects {project} and {subject} are one already."},
	CodeMergerUnknown:   {"R15", Text{"企业未被并入", "no such merger"}, "企业 {enterprise} 没有并入任何企业，或其合并已作废。", "The enterprise {enterprise} was taken over by none, or its merger was voided."},
	CodeMergeIntoItself: {"R15", Text{"企业不能并入自身", "merged into itself"}, "企业 {enterprise} 不能并入自身。", "The enterprise {enterprise} cannot be merged into itself."},
	CodeEnterpriseMerged: {"R15", Text{"企业已并入其他企业", "enterprise merged into another"}, "企业 {enterprise} 自 {from} 起已并入 {into}；请以 {into} 办理，未决定的申请可转给 {into}。",
		"The enterprise {enterprise} is one with {into} from {from} on; give the command for {into}, to which an application of it can be moved."},
	CodeLinkOverlaps: {"R15", Text{"同一关联已登记", "linked already"}, "这两家企业的同一种关联已登记为 {link}（自 {from} 起[，至 {until}]）；请先终止。",
		"The two are linked in this way already, by {link} (from {from} on[ to {until}]); end that first."},
	CodeLinkCircle: {"R15", Text{"控制关系成环", "control in a circle"}, "{date} 这一天 {subject} 已控制 {enterprise}，{enterprise} 不能又控制 {subject}：{value}。",
		"On {date}, {subject} controls {enterprise} already, which cannot control {subject} in turn: {value}."},
	CodeSharesExceeded: {"R15", Text{"持股合计超过 100%", "shares over 100 %"}, "企业 {enterprise} 的股份在 {date} 已登记 {use}%，再登记 {asked}% 将超过 100%，超出 {over_by}%。",
		"Of {enterprise}, {use} % is in hands on {date}; {asked} % more is over 100 % by {over_by} %."},
	CodeLinkEndsEarlier: {"R15", Text{"关联止日早于起日", "link ends before it begins"}, "关联自 {from} 起，最后一日不能是 {date}。", "The link begins on {from}; its last day cannot be {date}."},
	CodeLinkEnded:       {"R15", Text{"关联已终止", "link already ended"}, "关联 {link} 已[于 {until} ]终止。", "The link {link} has ended already[, on {until}]."},
	CodeGroupCapExceeded: {"R15", Text{"超过集团上限", "beyond the group's cap"}, "条款 {clause} {year} 年度：企业 {enterprise} 所在集团（{members} 家，以 {group} 为首）上限 {cap}，例外 {exceptions}，" +
		"已用 {use}，还可用 {headroom}；再批 {asked}，超出 {short_by}。",
		"Clause {clause}, {year}: the group of {enterprise} ({members} enterprises, {group} the first) has a cap of {cap}, exceptions of {exceptions} and a use of {use}, " +
			"which leaves {headroom}; {asked} more is short by {short_by}."},
	CodePersonalID: {"R15", Text{"含有身份证号码", "personal identity number"}, "字段“{field}”含有居民身份证号码；台账不记录身份证号码，请改用代号。",
		"The field {field} holds a personal identity number; the ledger never records one, so use a token instead."},
	CodePaymentExists: {"R11", Text{"对账单该行已记录", "statement line already recorded"}, "对账单 {statement} 第 {line} 行已记录（凭证 {voucher}，金额 {amount}）；更正请先作废。",
		"Line {line} of the statement {statement} is recorded already (voucher {voucher}, {amount}); void it first to correct it."},
	CodePaymentUnknown: {"R12", Text{"对账单该行没有有效记录", "statement line not recorded"}, "对账单 {statement} 第 {line} 行没有有效记录。", "Line {line} of the statement {statement} is not recorded, or was voided."},
	CodeCommandLineOnly: {"R9", Text{"只能用命令行执行", "command line only"}, "{command} 只能在保管密钥的机器上用命令行执行，不接受接口、批量、文件或表单。",
		"{command} is given on the command line of the machine that keeps the keys only: not over HTTP, in a batch, a file or a form."},
	CodeKeyUsedBefore: {"R12", Text{"公钥已经用过", "key used before"}, "公钥 {value} 已经用过；请换一个新公钥。", "The key {value} was used before; take a new one."},
	CodePayoutNotBooked: {"R12", Text{"支付不是补记的", "payout not booked"}, "支付 {payout} 是按批准支付的，不是补记的；付错了请按追回办理。",
		"The payout {payout} was authorised, not booked; claw it back if it was wrong."},
	CodePayoutReversed: {"R12", Text{"补记已冲销", "booking already reversed"}, "支付 {payout} 的补记已冲销。", "The booking of the payout {payout} is reversed."},
	CodeClawbackStands: {"R12", Text{"尚有追回或收回", "clawback or recovery stands"}, "支付 {payout} 上尚有追回或收回 {use}，不能冲销；请先免除或冲销。",
		"On the payout {payout}, {use} of clawbacks or recoveries stands; waive or reverse them first."},
	CodeMoneyBooked: {"R2", Text{"申请名下已登记支付", "money booked on the application"}, "申请 {application} 名下已登记支付 {use}，不能撤回或改报其他条款、项目；误记的请先冲正。",
		"On the application {application}, {use} is booked as paid; it can be neither withdrawn nor submitted for something else. Reverse a mistaken booking first."},
	CodeMoneyCommitted: {"R2", Text{"申请名下尚有已批准额", "approved on the application"}, "申请 {application} 名下尚有已批准的 {use}，不能作废或改换项目；请先核减或释放未支付的部分。",
		"On the application {application}, {use} stands approved; it can be neither voided nor be for another project. Reduce or release what is unpaid first."},
	CodeRequestUnchanged: {"R12", Text{"变更没有改变申请", "application unchanged"}, "变更没有改变申请 {application} 的申请额、事项或项目。",
		"The amendment changes neither the request nor the title nor the project of the application {application}."},
	CodeRequestBelowApproved: {"R2", Text{"申请额低于已批准额", "request below what is approved"}, "申请 {application} 已批准 {limit}，申请额不能变更为 {asked}，相差 {short_by}。",
		"{limit} is approved on the application {application}; the request cannot be {asked}, which is short by {short_by}."},
	CodeSameApplicant: {"R2", Text{"申请已属于该企业", "same applicant"}, "申请 {application} 已属于企业 {enterprise}。", "The application {application} is the enterprise {enterprise}'s already."},
	CodeApplicationVoided: {"R2", Text{"申请已作废", "application voided"}, "申请 {application} 已作废；以原编号重新提交的，请在“替代的已作废申请”中注明 {application}。",
		"The application {application} is voided; to submit the id again, say that it replaces {application}."},
	CodeApplicationReplaced: {"R2", Text{"作废的申请已有替代", "voided application replaced already"}, "作废的申请 {application} 已由 {value} 替代。", "The voided application {application} is replaced by {value} already."},
	CodeYearNotAppliedFor: {"R2", Text{"该年度未申请", "year not applied for"}, "申请 {application} 未申请 {year} 年度，却批准 {asked}。",
		"The application {application} did not ask for {year}, for which {asked} is approved."},
	CodeYearRequestExceeded: {"R2", Text{"超过该年度的申请额", "more than asked for the year"}, "申请 {application} 在 {year} 年度申请 {limit}，批准 {asked}，多出 {short_by}。",
		"The application {application} asked for {limit} for {year}; {asked} is approved, {short_by} more."},
	CodeIndicatorUnknown: {"R9", Text{"没有这项指标", "unknown indicator"}, "条款 {clause} 没有指标“{indicator}”。", "Clause {clause} has no indicator {indicator}."},
	CodeIndicatorUnmeasured: {"R9", Text{"指标没有对应的事实", "indicator without a fact"}, "条款 {clause} 的指标“{indicator}”没有对应的事实，由评价人直接评分，不设目标值。",
		"The indicator {indicator} of clause {clause} is measured by no fact: whoever evaluates scores it, and it has no target."},
	CodeIndicatorsMissing: {"R9", Text{"条款没有指标", "no indicators"}, "条款 {clause} 没有绩效指标，无从评价；请先在政策文件或修订中列明。",
		"Clause {clause} has no indicators to be evaluated by: have the policy's file or an amendment list them first."},
	CodeScoresIncomplete:  {"R9", Text{"评分不全", "scores incomplete"}, "条款 {clause} 的每项指标都须评分，尚缺：{value}。", "Each indicator of clause {clause} needs a score; these have none: {value}."},
	CodeEvaluationUnknown: {"R9", Text{"没有这项评价", "unknown evaluation"}, "没有编号为 {evaluation} 的评价。", "There is no evaluation {evaluation}."},
	CodeEvaluationExists: {"R9", Text{"评价编号已存在", "evaluation already exists"}, "评价编号 {evaluation} 已存在；再次评价请换一个编号，原评价保留。",
		"The evaluation {evaluation} already exists; evaluate again under another id, beside which it stays."},
	CodeRectificationUnknown: {"R9", Text{"没有这项整改", "unknown rectification"}, "没有编号为 {rectification} 的整改；请先登记为整改中。", "There is no rectification {rectification}: record it as open first."},
	CodeRectificationExists: {"R9", Text{"整改属于另一项评价", "rectification of another evaluation"}, "整改 {rectification} 属于评价 {evaluation}；请换一个编号。",
		"The rectification {rectification} is of the evaluation {evaluation}; use another id."},
	CodeRectificationDone: {"R9", Text{"整改已完成", "rectification done"}, "整改 {rectification} 已于 {date} 完成。", "The rectification {rectification} was done on {date}."},
	CodeOfferUnknown:      {"R9", Text{"没有这项提议", "unknown offer"}, "没有编号为 {offer} 的支持提议。", "There is no offer {offer}."},
	CodeOfferExists:       {"R9", Text{"提议编号已存在", "offer already exists"}, "支持提议编号 {offer} 已存在。", "The offer {offer} already exists."},
	CodeOfferStanding: {"R2", Text{"已有相同的提议", "offered already"}, "条款 {clause} 对 {subject} 的 {year} 年度已有支持提议 {offer}（确认期限 {until}）。",
		"Under clause {clause}, {subject} has an offer for {year} already: {offer}, to be confirmed by {until}."},
	CodeOfferAnswered: {"R9", Text{"提议已有答复", "offer answered already"}, "支持提议 {offer} 已于 {date} 答复[，成为申请 {application}]。", "The offer {offer} was answered on {date}[ and is the application {application}]."},
	CodeOfferLapsed:   {"R9", Text{"提议已失效", "offer lapsed"}, "支持提议 {offer} 须在 {until} 之前（含当日）答复，{date} 已失效。", "The offer {offer} had to be answered by {until}: on {date} it has lapsed."},
	CodeFactUnknown:   {"R10", Text{"政策没有这项事实", "no such fact"}, "政策没有列出事实“{fact}”。", "The policy lists no fact {fact}."},
	CodeFactRecorded: {"R12", Text{"事实已记录", "fact already recorded"}, "“{fact}”在 {period} 已由“{department}”记录[为 {value}]；如须改动，请更正。",
		"{fact} of {period} is recorded already[, as {value},] by {department}: correct it where it is wrong."},
	CodeFactNotRecorded: {"R12", Text{"事实尚未记录", "fact not recorded"}, "“{fact}”在 {period} 尚未记录，无从更正；请先记录。",
		"{fact} of {period} is not recorded: there is nothing to correct; record it first."},
	CodeFactUnchanged: {"R12", Text{"更正没有改变事实", "correction changes nothing"}, "“{fact}”在 {period} 已是此值[（{value}）]，无须更正。", "{fact} of {period} is that already[ ({value})]: there is nothing to correct."},
	CodeFactDiffers: {"R10", Text{"两个部门的认定不同", "departments differ"}, "“{department}”记录的“{fact}”（{period}）[为 {value}，]与所填的不同[（{asked}）]；双方一致的才算认定。",
		"{department} recorded {fact} of {period} otherwise[: as {value}, not {asked}]; it counts once both say the same."},
	CodeFactDecides: {"R10", Text{"产业由认定确定", "industry decided by a fact"}, "企业 {enterprise} 的产业自 {from} 起以“{fact}”为准；请记录或更正该项事实。",
		"The industry of {enterprise} is what {fact} says from {from} on: record or correct that fact."},
	CodeFactOtherwise: {"R7", Text{"事实与已有的不同", "fact differs from the known one"}, "事实“{fact}”的“{field}”须为“{limit}”，与已记录的值一致，不能为“{value}”。",
		"{field} of the fact {fact} is {limit}, as its recorded values are, not {value}."},
	CodeOutsideDistrict: {"R10", Text{"企业不在本区", "outside the district"}, "企业 {enterprise} 所在区划为 {value}，不在本区（{limit}），也未被批准为支持对象。",
		"The enterprise {enterprise} is in the division {value}, not in the district ({limit}), and is not admitted."},
	CodeFactNotKnown: {"R10", Text{"事实尚无记录", "fact not known"}, "“{fact}”（{period}）尚无有效的记录，不能据以核定；请提供部门先记录。",
		"{fact} of {period} is not known, and nothing can be reckoned by it: have it recorded first."},
	CodeRateDiffers: {"R10", Text{"核定数与比例不符", "rate differs"}, "按“{fact}”（{period}）{value} 的 {rate}% 计为 {limit}，与所填的 {asked} 不符。",
		"{rate}% of {fact} of {period}, {value}, is {limit}, not {asked}."},
	CodeRateExceeded: {"R10", Text{"批准额超过按比例核定数", "beyond the rate"}, "申请 {application}：按“{fact}”（{period}）的 {rate}% 计为 {limit}，[已批准 {use}，]本次批准 {asked}，超出 {short_by}。",
		"Application {application}: {rate}% of {fact} of {period} is {limit}[, {use} is approved], and {asked} is beyond it by {short_by}."},
	CodeProjectUnknown:  {"R2", Text{"没有这个项目", "unknown project"}, "本资金没有项目“{project}”。", "The fund knows no project {project}."},
	CodeCorrectionEmpty: {"R12", Text{"没有需要更正的", "nothing to correct"}, "企业 {enterprise} 的产业已是“{industry}”，无须更正。", "The industry of {enterprise} is {industry} already: there is nothing to correct."},
	CodeHolderDiffers: {"R10", Text{"户名不是企业名称", "holder is somebody else"}, "户名“{holder}”不是企业 {enterprise} 的名称“{name}”：确属无误的，请填写理由。",
		"The holder {holder} is not what {enterprise} is called, {name}: where that is right, give a reason."},
	CodeNotAdmitted: {"R9", Text{"没有有效的支持对象批准", "not admitted"}, "企业 {enterprise} 没有有效的支持对象批准，无从撤销。", "The enterprise {enterprise} is not admitted: there is nothing to revoke."},
	CodeActorUnknown: {"R9", Text{"经办人不是已登记的用户", "unknown actor"}, "台账已在使用，导入的经办人“{person}”不是已登记的用户；请先登记该用户，或由本人办理。",
		"The ledger is in use, and {person}, in whose name this is imported, is no user of it; add the user first, or let them act themselves."},
	CodeLooksLike: {"R16", Text{"与已有的写法相近", "looks like a known name"}, "“{name}”与已有的“{like}”写法相近。如为同一对象，请改用“{like}”；如确非同一对象，请在 distinct_from 中列明“{like}”并写明理由（reason）。",
		"{name} looks like {like}, which the fund knows. If they are one, use {like}; if not, ask again with {like} in distinct_from, and a reason."},
	CodeNameAmbiguous: {"R16", Text{"名称不止一个", "more than one of the name"}, "字段“{field}”填的“{value}”不止一个；请从所列中选定，或填写完整编号。",
		"More than one is called {value} in {field}: choose one of those listed, or write its whole id."},
	CodeNameTaken: {"R16", Text{"名称已认作", "name taken for one"}, "字段“{field}”填的“{value}”已认作“{name}”，尚未办理；请核对后再提交。",
		"{value} in {field} is taken for {name}; nothing is done yet. Look it over and send it again."},
	CodePolicyMissing:   {"R7", Text{"尚未发布政策", "no policy yet"}, "台账尚未发布政策；请先发布政策文件。", "The ledger has no policy yet; publish a policy file first."},
	CodePolicyPublished: {"R7", Text{"已发布政策", "policy already published"}, "本台账已发布政策 {fund}；变更请用条款修订。", "The policy {fund} is already published in this ledger; change it by amending its clauses."},
	CodePolicyInvalid:   {"R7", Text{"政策内容有误", "invalid policy"}, "政策内容有误，位于 {path}：{reason}。", "The policy is not valid at {path}: {reason}."},
	CodePolicyExpired: {"R8", Text{"政策已到期", "policy has ended"}, "政策已于 {latest} 到期，{date} 不能再申请或批准。[后续条款为 {continued_by}：新的申请按其提出，未决定的申请凭文件移交至该条款。]",
		"The policy ended on {latest}; nothing can be applied for or approved on {date}.[ {continued_by} goes on with the clause: apply under it; what is undecided moves there by transfer_application, on a document.]"},
	CodePolicyUnknown: {"R7", Text{"没有这份政策", "unknown policy"}, "本台账没有名为“{policy}”的政策。", "The ledger has no policy {policy}."},
	CodePolicyEnded: {"R7", Text{"政策已到期，不能修订", "policy has ended and is not amended"}, "政策 {policy} 已于 {latest} 到期，不能自 {date} 修订；请发布后续政策。",
		"The policy {policy} ended on {latest} and cannot be amended on {date}: publish one that succeeds it."},
	CodePolicyAmendmentEmpty: {"R7", Text{"修订没有改变政策", "policy amendment changes nothing"}, "修订没有改变政策 {policy} 的任何内容。", "The amendment changes nothing of the policy {policy}."},
	CodeAmendmentRetroactive: {"R7", Text{"修订不能追溯", "amendment retroactive"}, "{date} 早于 {earliest}；除条款上限外，修订不能追溯。", "{date} is before {earliest}: nothing but a cap is amended retroactively."},
	CodeTermInUse: {"R8", Text{"有效期内已有申请或批准", "term in use"}, "有效期不能止于 {date}：政策之下至 {earliest} 已有申请、批准或支持年度。",
		"The term cannot end on {date}: there are applications, approvals or support years under the policy until {earliest}."},
	CodePolicyOfAnotherFund: {"R7", Text{"政策不属于本资金", "policy of another fund"}, "后续政策的“{field}”须为“{allowed}”，不能为“{value}”。",
		"In a policy that follows in this fund {field} is {allowed}, not {value}."},
	CodeTermsOverlap: {"R7", Text{"政策期重叠", "terms overlap"}, "有效期与政策 {policy}（{from} 至 {until}）重叠；接续该政策的，须写明所接续的政策。",
		"The term overlaps that of {policy} ({from} to {until}): a policy that follows it says which one it succeeds."},
	CodeSuccessionCircle: {"R7", Text{"政策不能接续自身", "succession in a circle"}, "政策 {policy} 不能接续自身。", "The policy {policy} cannot succeed itself."},
	CodeClauseExists:     {"R7", Text{"条款编号已有", "clause already exists"}, "条款编号 {clause} 在本资金已有；请另用编号，或为新政策的条款加前缀。", "The fund has a clause {clause} already: use another id, or a prefix for the clauses of the new policy."},
	CodeClauseClosed: {"R7", Text{"条款已停止受理", "clause closed"}, "条款 {clause} 自 {from} 起不再受理申请；已批准的分期照付。[后续条款为 {continued_by}。]",
		"Clause {clause} takes no applications from {from} on; what is approved is kept and paid.[ {continued_by} goes on with it.]"},
	CodeContinuedUnknown: {"R7", Text{"接续的条款不存在", "unknown continued clause"}, "条款 {clause} 接续的“{value}”，不是其所接续政策的条款。",
		"{value}, which clause {clause} continues, is no clause of a policy that its own succeeds."},
	CodeCarriedDiffers: {"R7", Text{"额度不能结转", "use cannot be carried"}, "条款 {clause} 与所接续的 {value} 的“{field}”不同（{from}、{asked}），已用额度不能结转。",
		"Clause {clause} cannot carry the use of {value}: their {field} differ ({from}, {asked})."},
	CodePolicyNotInForce: {"R8", Text{"政策尚未施行", "policy not yet in force"}, "政策自 {earliest} 起施行，{date} 尚未生效。", "The policy is in force from {earliest}, not yet on {date}."},
	CodeYearOutsideTerm:  {"R8", Text{"支持年度不在政策期内", "support year outside the term"}, "支持年度 {year} 不在政策期内（{earliest} 至 {latest}）。", "The support year {year} is outside the policy's term ({earliest} to {latest})."},
	CodeDateInFuture:     {"R14", Text{"日期晚于今天", "date in the future"}, "{field} {date} 晚于今天（{today}）。", "The date {date} in {field} is in the future (today is {today})."},
	CodeDateBeforePolicy: {"R14", Text{"日期早于政策施行日", "date before the policy"}, "{field} {date} 早于政策施行日 {earliest}。", "The date {date} in {field} is before the policy, which begins on {earliest}."},
	CodeDateOrder: {"R14", Text{"日期早于前一步", "date before the step it follows"}, "{field} {date} 早于前一步的日期 {earliest}；日期须依次为申请、批准、支付、追回。",
		"The date {date} in {field} is before the step it follows ({earliest}); dates run applied, approved, paid, clawed back."},
	CodeRoleNotAllowed: {"R9", Text{"角色无权办理", "role not allowed"}, "角色 {role} 不能执行 {command}；可执行的角色：{allowed}。", "The role {role} may not give {command}; it is for: {allowed}."},
	CodeDepartmentNotAllowed: {"R9", Text{"部门无权办理", "department not allowed"}, "部门“{department}”不能执行 {command}[（条款 {clause}）]；可执行的部门：{allowed}。",
		"The department {department} may not give {command}[ under clause {clause}]; it is for: {allowed}."},
	CodeFourEyes: {"R9", Text{"同一事项须由不同的人经办", "four eyes"}, "{person} 已经承担“{did}”，不能再承担“{does}”：同一事项须由不同的人经办。",
		"{person} has already filled \"{did}\" and may not also fill \"{does}\": different persons must act (four eyes)."},
	CodeClauseUnknown: {"R7", Text{"没有这个条款", "unknown clause"}, "政策中没有条款“{clause}”。", "The policy has no clause {clause}."},
	CodeClauseByReference: {"R7", Text{"条款参照其他条款执行", "clause applies by reference"}, "条款 {clause} 参照其他条款执行，没有自己的额度；请指明所参照的条款（{allowed}）。",
		"Clause {clause} applies by reference and has no account of its own; name the clause it refers to ({allowed})."},
	CodeVersionsTooMany:     {"R7", Text{"条款版本过多", "too many versions"}, "条款 {clause} 已有 {limit} 个版本，不能再修订；请发布后续政策。", "Clause {clause} has {limit} versions already and takes no more: publish a policy that follows."},
	CodeClauseNotAppliedFor: {"R6", Text{"条款不接受申请", "clause not applied for"}, "条款 {clause} 不接受申请，仅以更大力度支持的方式授予。", "Clause {clause} is not applied for; it is granted as exceptions."},
	CodeReferenceInvalid:    {"R7", Text{"条款不能这样参照", "invalid reference"}, "条款 {clause} 不能参照“{value}”[；可参照：{allowed}]。", "Clause {clause} cannot refer to {value}[; it may refer to: {allowed}]."},
	CodeAmendmentEmpty:      {"R7", Text{"修订没有改变上限", "amendment changes nothing"}, "修订没有改变条款 {clause} 的上限（现为 {cap}）。", "The amendment does not change the cap of clause {clause} (it is {cap})."},
	CodeSubjectRequired:     {"R2", Text{"须填写计额对象", "cap subject needed"}, "条款 {clause} 按 {subject_kind} 设上限，须填写“{field}”。", "Clause {clause} limits each {subject_kind}; the field {field} is needed."},
	CodeSubjectNotAllowed: {"R2", Text{"不能填写计额对象", "cap subject not allowed"}, "条款 {clause} 按 {subject_kind} 设上限，不能填写“{field}”。",
		"Clause {clause} limits each {subject_kind}; the field {field} does not belong here."},
	CodeEnterpriseUnknown: {"R10", Text{"企业尚未登记", "enterprise not registered"}, "企业 {enterprise} 尚未登记；请先登记。", "The enterprise {enterprise} is not registered; register it first."},
	CodeEnterpriseExists:  {"R10", Text{"企业已登记", "enterprise already registered"}, "企业 {enterprise} 已登记。", "The enterprise {enterprise} is already registered."},
	CodeCreditCodeInvalid: {"R10", Text{"统一社会信用代码无效", "invalid credit code"}, "“{enterprise}”不是有效的统一社会信用代码（GB 32100-2015，校验码不符或字符有误）。",
		"{enterprise} is not a valid unified social credit code (GB 32100-2015: a sign or the check character is wrong)."},
	CodeIndustryUnknown: {"R10", Text{"没有这个行业", "unknown industry"}, "政策中没有行业“{industry}”。", "The policy has no industry {industry}."},
	CodeIndustryNotServed: {"R10", Text{"条款不适用于该行业", "industry not served"}, "条款 {clause} 不适用于行业“{industry}”；适用行业：{allowed}。[{year} 年度已有 {use}。]",
		"Clause {clause} does not serve the industry {industry}; it serves: {allowed}.[ For {year} there is {use} under it.]"},
	CodeCreditRestricted: {"R10", Text{"企业信用受限", "credit restricted"}, "企业 {enterprise} 信用受限[（自 {from} 起）][，{until} 恢复]；受限期间不能批准或支付。",
		"The credit of {enterprise} is restricted[ from {from}][ until {until}]; nothing can be approved or paid in that time."},
	CodeCreditNotRestricted: {"R10", Text{"企业信用未受限", "credit not restricted"}, "企业 {enterprise} 的信用未受限。", "The credit of {enterprise} is not restricted."},
	CodeAlreadyAdmitted:     {"R9", Text{"已被批准为支持对象", "already admitted"}, "企业 {enterprise} 已被批准为支持对象。", "The enterprise {enterprise} is already admitted."},
	CodeApplicationUnknown:  {"R2", Text{"没有这件申请", "unknown application"}, "没有编号为 {application} 的申请。", "There is no application {application}."},
	CodeApplicationExists:   {"R2", Text{"申请编号已存在", "application already exists"}, "申请编号 {application} 已存在。", "The application {application} already exists."},
	CodeApplicationState: {"R2", Text{"申请的状态不符", "application in another state"}, "申请 {application} 现为“{state}”状态，不能执行 {command}；须为：{allowed}。",
		"The application {application} is {state}; {command} needs it to be: {allowed}."},
	CodeApplicationSuspended: {"R3", Text{"申请已暂停", "application suspended"}, "申请 {application} 已暂停，恢复前不能办理。", "The application {application} is suspended; nothing proceeds until it is resumed."},
	CodeNotSuspended:         {"R3", Text{"申请未被暂停", "application not suspended"}, "申请 {application} 未被暂停。", "The application {application} is not suspended."},
	CodeReviewsRequired: {"R9", Text{"评审人数不足", "reviews missing"}, "申请 {application} 须有 {limit} 人评审方可批准，现有 {use} 人。",
		"The application {application} needs reviews by {limit} before it is approved; it has {use}."},
	CodeDuplicateYear:      {"R2", Text{"同一年度出现两次", "year stands twice"}, "支持年度 {year} 出现两次；每年合为一笔。", "The support year {year} stands twice; give one instalment a year."},
	CodeScheduleNotAllowed: {"R2", Text{"不允许这样分期", "schedule not allowed"}, "条款 {clause} 只允许一次性支持，或连续年度内每年一笔。", "Clause {clause} allows one instalment, or one for each year of an unbroken term."},
	CodeRequestedExceeded: {"R2", Text{"超过申请额", "more than applied for"}, "[已批准 {use}，再]批准 {asked} 超过申请的 {limit}，超出 {short_by}。",
		"Approving {asked}[ beside the {use} that is approved] is more than the {limit} applied for, by {short_by}."},
	CodeCapExceeded: {"R2", Text{"超过上限", "over the cap"}, "条款 {clause} 对 {subject} 的上限为 {cap}（{year}），例外 {exceptions}，已用 {use}[（其中合并计入 {joined}）]；再增 {asked} 将超出 {short_by}。",
		"Clause {clause} caps {subject} at {cap} ({year}), with exceptions of {exceptions}; {use} is used[, {joined} of it by what counts as one with it], so {asked} more is short by {short_by}."},
	CodeAccountOverCap: {"R3", Text{"账户超出上限", "account over its cap"}, "条款 {clause} 下 {subject} 须守的上限为 {cap}（{year}），例外 {exceptions}，已用 {use}，超出 {over_by}（追溯修订或冲销收回所致）；核减或取得例外之前不能支付。",
		"Under clause {clause}, {subject} has to stay within {cap} ({year}) and exceptions of {exceptions}; it uses {use} and is over by {over_by}, for a retroactive amendment or a reversed recovery: reduce the approval or obtain an exception before paying."},
	CodeInstalmentUnknown: {"R3", Text{"该年度没有批准的分期", "no instalment of the year"}, "申请 {application} 在 {year} 年度没有批准的分期。", "The application {application} has no approved instalment for {year}."},
	CodeInstalmentExceeded: {"R3", Text{"超过批准额", "more than approved"}, "申请 {application} 在 {year} 年度批准 {limit}，已付 {use}；再付 {asked} 将超出 {short_by}。",
		"The instalment of {application} for {year} is {limit} and {use} of it is paid; paying {asked} is too much by {short_by}."},
	CodeReductionExceeded: {"R12", Text{"超过未支付部分", "more than is unpaid"}, "申请 {application} 在 {year} 年度只有 {limit} 未支付，不能减少 {asked}（超出 {short_by}）。",
		"Only {limit} of the instalment of {application} for {year} is unpaid; it cannot be cut by {asked} (too much by {short_by})."},
	CodePayoutUnknown: {"R3", Text{"没有这笔支付", "unknown payout"}, "没有编号为 {payout} 的支付。", "There is no payout {payout}."},
	CodePayoutExists:  {"R3", Text{"支付编号已存在", "payout already exists"}, "支付编号 {payout} 已存在。", "The payout {payout} already exists."},
	CodeReturnExceeded: {"R3", Text{"超过可以退回的", "more than can be returned"}, "支付 {payout} 还有 {limit} 可以退回，不能退回 {asked}（超出 {short_by}）。",
		"Of the payout {payout}, {limit} can still be returned, not {asked} (too much by {short_by})."},
	CodeClawbackUnknown: {"R4", Text{"没有这笔追回", "unknown clawback"}, "没有编号为 {clawback} 的追回。", "There is no clawback {clawback}."},
	CodeClawbackExists:  {"R4", Text{"追回编号已存在", "clawback already exists"}, "追回编号 {clawback} 已存在。", "The clawback {clawback} already exists."},
	CodeClawbackExceeded: {"R4", Text{"超过可以追回的", "more than can be clawed back"}, "支付 {payout} 还有 {limit} 可以追回，不能追回 {asked}（超出 {short_by}）。",
		"Of the payout {payout}, {limit} can still be clawed back, not {asked} (too much by {short_by})."},
	CodeWaiverExceeded: {"R4", Text{"超过未收回部分", "more than is outstanding"}, "追回 {clawback} 还有 {limit} 未收回，不能免除 {asked}（超出 {short_by}）。",
		"Of the clawback {clawback}, {limit} is outstanding; {asked} cannot be waived (too much by {short_by})."},
	CodeWriteOffExceeded: {"R4", Text{"核销超过未收回部分", "more than can be written off"}, "追回 {clawback} 还有 {limit} 未收回，不能核销 {asked}（超出 {short_by}）。",
		"Of the clawback {clawback}, {limit} is outstanding; {asked} cannot be written off (too much by {short_by})."},
	CodeOffsetElsewhere: {"R4", Text{"不是同一企业", "another enterprise's"}, "追回 {clawback} 由企业 {enterprise} 退还，申请 {application} 付给企业 {payee}，不能抵扣。",
		"The clawback {clawback} is owed by {enterprise}; the application {application} is paid to {payee}, and is not offset against it."},
	CodeScheduleDiffers: {"R4", Text{"安排与未收回部分不符", "schedule unlike what is outstanding"},
		"追回 {clawback} 还有 {limit} 未收回，安排的各期合计 {asked}[，少 {short_by}][，多 {over_by}]。",
		"Of the clawback {clawback}, {limit} is outstanding; the schedule adds up to {asked}[, too little by {short_by}][, too much by {over_by}]."},
	CodeInterestDiffers: {"R4", Text{"滞纳利息与计算不符", "interest unlike what is reckoned"},
		"追回 {clawback} 收回 {amount}，按 {days} 天计应收滞纳利息 {limit}，记为 {asked}。",
		"On the {amount} recovered on the clawback {clawback}, {limit} of late interest is owed for {days} days; {asked} is recorded."},
	CodeOwesMoney: {"R4", Text{"企业有逾期未退的追回款", "owes money back"},
		"企业 {enterprise} 有追回款自 {since} 起逾期未退，尚欠 {outstanding}（追回 {clawbacks}）。",
		"The enterprise {enterprise} has owed money back since {since}: {outstanding} is overdue (clawbacks {clawbacks})."},
	CodeRecoveryUnknown:     {"R4", Text{"没有这笔收回", "unknown recovery"}, "没有编号为 {recovery} 的收回款。", "There is no recovery {recovery}."},
	CodeRecoveryExists:      {"R4", Text{"收回编号已存在", "recovery already exists"}, "收回编号 {recovery} 已存在。", "The recovery {recovery} already exists."},
	CodeRecoveryExceeded:    {"R4", Text{"超过可以收回的", "more than is left to recover"}, "还有 {limit} 可收回，不能收回 {asked}（超出 {short_by}）。", "{limit} is left to recover; {asked} is too much by {short_by}."},
	CodeRecoveryReversed:    {"R12", Text{"收回已冲销", "recovery already reversed"}, "收回 {recovery} 已冲销。", "The recovery {recovery} is already reversed."},
	CodeExceptionNotAllowed: {"R6", Text{"条款不允许更大力度支持", "exception not allowed"}, "条款 {clause} 不允许更大力度支持；上限 {cap} 不能提高 {asked}。", "Clause {clause} allows no exception; its cap of {cap} cannot be raised by {asked}."},
	CodeExceptionScope: {"R6", Text{"例外的年度不符", "exception of the wrong scope"}, "条款 {clause} 的上限按“{period}”计：按“每年”计的，例外须写明支持年度；按“累计”计的，不写支持年度。",
		"The cap of clause {clause} counts by {period}: where that is year, an exception names its support year; where it is total, it names none."},
	CodeExceptionUnknown: {"R6", Text{"没有这项例外", "unknown exception"}, "没有编号为 {exception} 的例外，或其条款、对象、年度不符。", "There is no exception {exception} of that clause, subject and year."},
	CodeExceptionExists:  {"R6", Text{"例外编号已存在", "exception already exists"}, "例外编号 {exception} 已存在。", "The exception {exception} already exists."},
	CodeExceptionInUse: {"R6", Text{"例外已被使用", "exception in use"}, "例外 {exception} 只有 {limit} 未使用，不能撤销 {asked}（超出 {short_by}）。",
		"Only {limit} of the exception {exception} is unused; {asked} cannot be revoked (too much by {short_by})."},
	CodeNoCapStated:      {"R6", Text{"条款未规定上限", "no cap stated"}, "条款 {clause} 未规定上限，无从提高。", "Clause {clause} states no cap, so there is none to raise."},
	CodeDocumentRequired: {"R6", Text{"缺少批准文号", "document needed"}, "须填写批准文件的文号。", "The number of the authorising document is needed."},
	CodeAppropriationAdjusted: {"R3", Text{"预算已调整", "appropriation adjusted already"}, "{scope} 的 {budget_year} 年度预算已调整为 {cap}，年初预算不再改动；请设定调整预算。",
		"The appropriation of {scope} for {budget_year} has been adjusted to {cap}: the initial one stays as it is; adjust it again."},
	CodeAppropriationBelow: {"R3", Text{"预算低于已支付", "appropriation below what is paid"}, "{budget_year} 年度已支付 {use}，预算不能定为 {asked}（相差 {short_by}）。",
		"{use} is already paid in {budget_year}; the appropriation cannot be {asked} (short by {short_by})."},
	CodeAppropriationCommitted: {"R3", Text{"预算低于已付与已批未付", "appropriation below what is paid and committed"}, "{scope} 的 {budget_year} 年度已支付 {use}，已批未付 {committed}；预算不能定为 {asked}（相差 {short_by}）。",
		"Of {scope} in {budget_year}, {use} is paid and {committed} is committed and unpaid; the appropriation cannot be {asked} (short by {short_by})."},
	CodeBudgetExceeded: {"R3", Text{"超过可用预算", "beyond what the budget has free"}, "{scope} 的 {budget_year} 年度预算为 {cap}，已支付 {use}，已批未付 {committed}；再批 {asked} 将超出 {short_by}。",
		"The appropriation of {scope} for {budget_year} is {cap}, {use} is paid and {committed} is committed and unpaid; {asked} more is short by {short_by}."},
	CodePlanEmpty: {"R3", Text{"计划没有变化", "the plan changes nothing"}, "申请 {application} 的 {year} 年度在 {month} 已计划 {use}，没有变化。",
		"Of {year} of application {application}, {use} is planned for {month} already."},
	CodePlanExceeded: {"R3", Text{"计划超过未付", "planned beyond what is unpaid"}, "申请 {application} 的 {year} 年度未付 {limit}，其他月份已计划 {use}；再计划 {asked} 将超出 {short_by}。",
		"Of {year} of application {application}, {limit} is unpaid and {use} is planned for other months; {asked} is short by {short_by}."},
	CodePlanPast: {"R3", Text{"计划月份已过", "the month is over"}, "{month} 在业务日期 {date} 之前，不能计划支付。",
		"{month} is over on {date}: no payment can be planned for it."},
	CodeAppropriationExceed: {"R3", Text{"超过预算", "over the appropriation"}, "{scope} 的 {budget_year} 年度预算为 {cap}，已支付 {use}；再付 {asked} 将超出 {short_by}。",
		"The appropriation of {scope} for {budget_year} is {cap} and {use} is paid; paying {asked} is short by {short_by}."},
	CodeBudgetYearClosed: {"R14", Text{"预算年度已封账", "budget year closed"}, "{budget_year} 预算年度已于 {closed_on} 封账（文号 {document}），业务日期在该年度内的不再办理；如须重开，由{department}凭文办理。",
		"The budget year {budget_year} was closed on {closed_on} (document {document}): nothing dated in it is decided any more; {department} may reopen it on a document."},
	CodeBudgetYearOpen: {"R14", Text{"预算年度尚未封账", "budget year not closed"}, "{budget_year} 预算年度没有封账；请先封账，再结转或重开。",
		"The budget year {budget_year} is not closed; close it before anything is carried over from it or it is reopened."},
	CodeBudgetYearNotOver: {"R14", Text{"预算年度尚未结束", "budget year not over"}, "{budget_year} 预算年度尚未结束，{date} 不能封账；最早为 {earliest}。",
		"The budget year {budget_year} is not over, and cannot be closed on {date}; its last day, {earliest}, is the earliest."},
	CodeLaterYearClosed: {"R14", Text{"以后年度已经封账", "later year closed"}, "{latest} 预算年度已经封账；须先重开 {latest} 年度，再重开 {budget_year} 年度。",
		"The budget year {latest} is closed; reopen it before {budget_year}."},
	CodeDifferencesUnsaid: {"R14", Text{"差异未确认", "differences not acknowledged"}, "{budget_year} 年度的国库支付文件与支付有 {use} 个凭证不符，合计相差 {limit}，封账确认的是 {value} 个、{asked}；请先对账，或凭文件确认这些差异。",
		"In {budget_year} the treasury's files and the payouts differ on {use} vouchers, by {limit}; the closing acknowledges {value}, of {asked}. Reconcile them, or acknowledge the differences on the document."},
	CodeCarryExceeded: {"R14", Text{"超过可结转的", "more than is left to carry over"}, "{scope} 的 {budget_year} 年度预算为 {cap}（含结转入、减结转出），已支付 {use}，可结转 {limit}；结转 {asked} 将超出 {short_by}。",
		"The appropriation of {scope} for {budget_year} is {cap}, with what was carried in and less what was carried over, and {use} of it is paid; {limit} is left, and carrying over {asked} is too much by {short_by}."},
}

// RefusalTitle is what a refusal's code is called, without figures; a code that is none has none.
func RefusalTitle(code string) (Text, bool) {
	text, known := refusalTexts[code]
	return text.title, known
}

// RefusalCodes maps every code to its rule.
func RefusalCodes() map[string]string {
	codes := make(map[string]string, len(refusalTexts))
	for code, text := range refusalTexts {
		codes[code] = text.rule
	}
	return codes
}
