package projections

import "github.com/fundledger/fundledger/domain"

// TermRow is a policy of the fund, with its term as it stands on a day.
type TermRow struct {
	Policy       domain.PolicyID `json:"policy"`
	TitleZH      string          `json:"title_zh"`
	TitleEN      string          `json:"title_en"`
	TermFrom     domain.Date     `json:"term_from"`
	TermTo       domain.Date     `json:"term_to"`
	PolicyBefore domain.PolicyID `json:"policy_before"` // that it succeeds
	PolicyAfter  string          `json:"policy_after"`  // that succeed it, with [ListSign] between
	ClauseCount  int64           `json:"clause_count"`
	TermState    TermState       `json:"term_state"`
	DaysLeft     int64           `json:"days_left"` // below zero: it has ended
	Document     string          `json:"document"`  // of the amendment that its end rests on; "": it ends as it was published
	Seq          uint64          `json:"seq"`       // of the event that published it
}

// TermState is where a day lies in a policy's term.
type TermState string

// Where a day may lie.
const (
	ToCome  TermState = "to_come"
	InForce TermState = "in_force"
	Ended   TermState = "ended"
)

// Ending is a policy with its last day.
type Ending struct {
	Policy   domain.PolicyID `json:"policy"`
	LastDay  domain.Date     `json:"last_day"`
	DaysLeft int64           `json:"days_left"` // below zero: it has ended
}

// ExpiringRow is what a policy's end leaves: an application that can be decided until then, or an instalment that is approved, not paid, and goes
// on being paid.
type ExpiringRow struct {
	Pending Pending `json:"pending"`
	Ending
	Application    domain.ApplicationID `json:"application"`
	Enterprise     domain.EnterpriseID  `json:"enterprise"`
	EnterpriseName string               `json:"enterprise_name"`
	Clause         domain.ClauseID      `json:"clause"`
	ViaClause      domain.ClauseID      `json:"via_clause"`
	SupportYear    domain.SupportYear   `json:"support_year"` // 0: of an application, all years together
	Amount         domain.Money         `json:"amount"`       // requested, or unpaid
}

// Pending is what is not done yet under a policy.
type Pending string

// What may be pending.
const (
	Undecided Pending = "undecided"
	Unpaid    Pending = "unpaid"
)

// The filters of policies and of what expires.
var (
	ByPolicy    = by[domain.PolicyID]("policy", Identifier, "政策", "the policy").kept("policies", "policy")
	ByTermState = by[TermState]("term_state", Word, "政策所处阶段", "where the day lies in the term").of(string(ToCome), string(InForce), string(Ended))
	ByPending   = by[Pending]("pending", Word, "未办结的是什么", "what is not done yet").of(string(Undecided), string(Unpaid))
)

// Policies are the fund's policies, the earliest first.
var Policies = list[TermRow](List{Name: "policies", Source: "policies", Past: true, Key: []string{"term_from", "policy"},
	Title:   domain.Text{ZH: "各期政策", EN: "Policies"},
	Meaning: domain.Text{ZH: "本基金的各期政策及其有效期", EN: "The fund's policies and their terms"},
}, ByPolicy, ByTermState)

// Expiring is what is undecided or unpaid under each policy, what ends first standing first.
var Expiring = list[ExpiringRow](List{Name: "expiring", Source: "expiring", Past: true, Key: []string{"last_day", "application", "support_year"}, Day: "last_day", Ahead: true,
	Title:   domain.Text{ZH: "到期事项", EN: "What expires"},
	Meaning: domain.Text{ZH: "各期政策下未决定的申请和已批未付的款项，及政策的最后一日", EN: "Applications undecided and instalments unpaid under each policy, with its last day"},
}, ByPending, ByPolicy, ByEnterprise, ByApplication, ByClause)

// ExpiryNotice is that a policy ends in a month at most, or has ended.
type ExpiryNotice struct {
	Notice NoticeKind `json:"notice"`
	Ending
	PolicyAfter domain.PolicyID `json:"policy_after"` // in force on the day behind; "": none is
	Undecided   int64           `json:"undecided"`    // applications, which wait from then on
	Unpaid      domain.Money    `json:"unpaid"`       // which goes on being paid
}

// ExpiryNotices are what there is to tell of policies' ends on a day: from thirty days before a policy's last day on that it ends, and for thirty days
// behind it that it has ended. Where another policy is in force on the day behind, it is told only while applications are undecided.
func ExpiryNotices(s *domain.State, day domain.Date) (list []ExpiryNotice) {
	for _, e := range s.Expiries(day) {
		left := e.DaysLasting(day)
		if e.Policy.Term.From.After(day) || max(left, -left) > domain.ExpiresWithin || e.Next != nil && e.Undecided == 0 {
			continue
		}
		n := ExpiryNotice{Notice: PolicyExpiring, Ending: Ending{e.Policy.PolicyID(), e.Lasts, int64(left)}, Undecided: int64(e.Undecided), Unpaid: e.Unpaid}
		if left < 0 {
			n.Notice = PolicyEnded
		}
		if e.Next != nil {
			n.PolicyAfter = e.Next.PolicyID()
		}
		list = append(list, n)
	}
	return list
}
