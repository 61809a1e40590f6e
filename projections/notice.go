package projections

import (
	"slices"
	"strings"
	"time"

	"github.com/fundledger/fundledger/domain"
)

// NoticeKind says what was reached, of a cap or of an appropriation, or what a policy's end is told by.
type NoticeKind string

// The kinds of notices.
const (
	CapNear    NoticeKind = "cap_near" // from 90 %
	CapFull    NoticeKind = "cap_full"
	CapOver    NoticeKind = "cap_over" // beyond what stands, as [Over]
	BudgetNear NoticeKind = "budget_near"
	BudgetFull NoticeKind = "budget_full"
	BudgetOver NoticeKind = "budget_over"

	// No event causes these: the clock does. See [ExpiryNotices].
	PolicyExpiring NoticeKind = "policy_expiring"
	PolicyEnded    NoticeKind = "policy_ended"
)

// Caused are the kinds that an event causes.
var Caused = []string{string(CapNear), string(CapFull), string(CapOver), string(BudgetNear), string(BudgetFull), string(BudgetOver)}

// Status is how what is told of stands.
func (k NoticeKind) Status() Status {
	_, level, _ := strings.Cut(string(k), "_")
	return Status(level)
}

// NoticeRow is that an event carried an account, or an appropriation, across 90 % of its room, to all of it, or over it. It is told once, by
// the event that did it, and again only after it fell below and rose again; an event that goes from below 90 % to full tells of full alone.
// Or it is that a policy ends in a month at most, or ended a month ago at most: that is told as of a moment, by the event that the end rests on.
type NoticeRow struct {
	Seq            uint64              `json:"seq"`
	Place          int64               `json:"place"`                         // among its event's notices, from 1; 0: of a policy's end
	RecordedAt     time.Time           `json:"recorded_at" sql:"recorded_ns"` // UTC
	Notice         NoticeKind          `json:"notice"`
	Clause         domain.ClauseID     `json:"clause"`
	SubjectKind    domain.SubjectKind  `json:"subject_kind"` // "": an appropriation
	Subject        string              `json:"subject"`
	Enterprise     domain.EnterpriseID `json:"enterprise"` // where the subject is one
	EnterpriseName string              `json:"enterprise_name"`
	SupportYear    domain.SupportYear  `json:"support_year"` // 0: all years together, or an appropriation
	BudgetYear     int64               `json:"budget_year"`  // 0: an account
	ScopeKind      string              `json:"scope_kind"`   // of an appropriation: "clause" or "department"
	Scope          string              `json:"scope"`
	Room           domain.Ceiling      `json:"room"` // cap and exceptions, or the appropriation; none of a policy's end, which uses nothing
	UsedBefore     domain.Ceiling      `json:"used_before"`
	UsedAfter      domain.Ceiling      `json:"used_after"`
	Policy         domain.PolicyID     `json:"policy"`   // whose end it is of; "": it is of no end, and there is no last day
	LastDay        domain.Date         `json:"last_day"` // of it
}

// The filters of notices.
var (
	ByNotice       = by[[]string]("kind", Several, "提醒类别，可用逗号并列", "the kind of notice, or several with commas between").asked().of(append(slices.Clone(Caused), string(PolicyExpiring), string(PolicyEnded))...)
	ByNoticeClause = by[domain.ClauseID]("clause", Identifier, "条款", "the clause").asked().named(clauses)
	ByNoticeYear   = by[domain.SupportYear]("year", Year, "支持年度或预算年度", "the support year, or the budget year").asked().named(years).kept("accounts", "year").kept("appropriations", "budget_year")
	BySeq          = by[uint64]("seq", Position, "事件序号", "the position of the event")
	Since          = by[string]("since", Day, "自该日起入账的", "recorded on that day or later").asked()
	Until          = by[string]("until", Day, "至该日止入账的", "recorded up to the end of that day").asked()
)

// Notices are the latest first.
var Notices = list[NoticeRow](List{Name: "notices", Source: "notices", Past: true, Key: []string{"seq", "place"}, Latest: true,
	Title:   domain.Text{ZH: "提醒", EN: "Notices"},
	Meaning: domain.Text{ZH: "额度或预算达到九成、用完或超出的提醒，各由一个事件引起；以及政策即将到期或已到期", EN: "Caps and appropriations reaching 90 %, used up or exceeded, each by one event; and policies that end soon or have ended"},
}, ByNotice, ByNoticeClause, ByEnterprise.asked(), ByNoticeYear, BySeq, Since, Until)
