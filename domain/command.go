package domain

// Role is what a person may do in the ledger (R9).
type Role string

// The roles.
const (
	Clerk     Role = "clerk"     // submits, accepts, returns, withdraws; registers and renames enterprises
	Reviewer  Role = "reviewer"  // reviews for a responsible department
	Approver  Role = "approver"  // decides for a responsible department
	Treasurer Role = "treasurer" // pays, books, claws back for the finance bureau
	Authority Role = "authority" // grants exceptions, admits, waives for the district government
	Auditor   Role = "auditor"   // reads; records dispositions of findings
	Analyst   Role = "analyst"   // reads
	Admin     Role = "admin"     // publishes and amends the policy, imports, keeps users
)

// Roles lists every role.
var Roles = []Role{Clerk, Reviewer, Approver, Treasurer, Authority, Auditor, Analyst, Admin}

// Actor is the person who gives a command, in which role and for which department.
type Actor struct {
	ID         PersonID     `json:"id"`
	Role       Role         `json:"role"`
	Department DepartmentID `json:"department,omitzero"`
}

// Head is what every command carries.
type Head struct {
	ID    CommandID `json:"id"`            // the same id with the same content is the same command (R11)
	Date  Date      `json:"date,omitzero"` // the business date of the decision (R14)
	Actor Actor     `json:"actor"`
}

// Given is the head itself, promoted to every command.
func (h Head) Given() Head { return h }

// Command is something a person asks of the ledger. The set is closed: a command without a rule does not compile.
type Command interface {
	// Name is the command's name on the wire, such as "make_payout".
	Name() string
	// Given is the command's head.
	Given() Head

	// decide judges the command against the state: what happens, or why nothing may.
	decide(s *State, today Date) ([]Event, *Refusal)
}

// Commands is the table of contents: a maker of an empty command of every kind, in the order of the design.
var Commands = []func() Command{
	func() Command { return new(PublishPolicy) },
	func() Command { return new(AmendClause) },
	func() Command { return new(RegisterEnterprise) },
	func() Command { return new(RenameEnterprise) },
	func() Command { return new(RestrictCredit) },
	func() Command { return new(RestoreCredit) },
	func() Command { return new(AdmitBeneficiary) },
	func() Command { return new(SubmitApplication) },
	func() Command { return new(AcceptApplication) },
	func() Command { return new(ReturnApplication) },
	func() Command { return new(WithdrawApplication) },
	func() Command { return new(SuspendApplication) },
	func() Command { return new(ResumeApplication) },
	func() Command { return new(RecordReview) },
	func() Command { return new(ApproveApplication) },
	func() Command { return new(RejectApplication) },
	func() Command { return new(ReduceApproval) },
	func() Command { return new(ReleaseApproval) },
	func() Command { return new(GrantException) },
	func() Command { return new(RevokeException) },
	func() Command { return new(MakePayout) },
	func() Command { return new(BookPayout) },
	func() Command { return new(BookRecovery) },
	func() Command { return new(ReturnPayout) },
	func() Command { return new(OrderClawback) },
	func() Command { return new(WaiveClawback) },
	func() Command { return new(ReceiveRecovery) },
	func() Command { return new(ReverseRecovery) },
	func() Command { return new(SetAppropriation) },
	func() Command { return new(DisposeFinding) },
	func() Command { return new(RecordTreasuryPayment) },
	func() Command { return new(VoidTreasuryPayment) },
	func() Command { return new(RotateCheckpointKey) },
}

// office says for which departments a command may be given.
type office uint8

const (
	anyOffice   office = iota // any department of the policy
	responsible               // a department responsible for the application's clause; judged by the verb
	treasury                  // the policy's treasury
	authority                 // the policy's authority
)

// right is who may give a command: R9 and the design's table, in one place.
type right struct {
	roles  []Role
	office office
}

var rights = map[string]right{
	"publish_policy":          {[]Role{Admin}, anyOffice},
	"amend_clause":            {[]Role{Admin}, anyOffice},
	"register_enterprise":     {[]Role{Clerk, Admin}, anyOffice},
	"rename_enterprise":       {[]Role{Clerk}, anyOffice},
	"restrict_credit":         {[]Role{Treasurer}, treasury},
	"restore_credit":          {[]Role{Treasurer}, treasury},
	"admit_beneficiary":       {[]Role{Authority}, authority},
	"submit_application":      {[]Role{Clerk}, anyOffice},
	"accept_application":      {[]Role{Clerk}, anyOffice},
	"return_application":      {[]Role{Clerk}, anyOffice},
	"withdraw_application":    {[]Role{Clerk}, anyOffice},
	"suspend_application":     {[]Role{Reviewer, Approver}, responsible},
	"resume_application":      {[]Role{Reviewer, Approver}, responsible},
	"record_review":           {[]Role{Reviewer, Approver}, responsible},
	"approve_application":     {[]Role{Approver}, responsible},
	"reject_application":      {[]Role{Approver}, responsible},
	"reduce_approval":         {[]Role{Approver}, responsible},
	"release_approval":        {[]Role{Approver}, responsible},
	"grant_exception":         {[]Role{Authority}, authority},
	"revoke_exception":        {[]Role{Authority}, authority},
	"make_payout":             {[]Role{Treasurer}, treasury},
	"book_payout":             {[]Role{Treasurer}, treasury},
	"book_recovery":           {[]Role{Treasurer}, treasury},
	"return_payout":           {[]Role{Treasurer}, treasury},
	"order_clawback":          {[]Role{Treasurer}, treasury},
	"waive_clawback":          {[]Role{Authority}, authority},
	"receive_recovery":        {[]Role{Treasurer}, treasury},
	"reverse_recovery":        {[]Role{Treasurer}, treasury},
	"set_appropriation":       {[]Role{Treasurer}, treasury},
	"dispose_finding":         {[]Role{Auditor}, anyOffice},
	"record_treasury_payment": {[]Role{Treasurer}, treasury},
	"void_treasury_payment":   {[]Role{Treasurer}, treasury},
	"rotate_checkpoint_key":   {[]Role{Admin}, anyOffice},
}

// RolesFor lists the roles that may give a command; none for a name that is no command.
func RolesFor(command string) []Role { return rights[command].roles }

// Decision is what a command led to.
type Decision struct {
	Events []Event
	// ClauseVersion is the version of the clause that governed the decision; 0 where no clause did.
	ClauseVersion int
}

// Decide judges a command against a state, on a day: the events that follow, or the refusal. It changes nothing.
// Who calls it passes in the day of the decision (Asia/Shanghai), for the rules know no clock.
func Decide(s *State, c Command, today Date) (Decision, *Refusal) {
	if r := s.admissible(c, today); r != nil {
		return Decision{}, r.Under(s.policy)
	}
	events, r := c.decide(s, today)
	if r != nil {
		return Decision{}, r.Under(s.policy)
	}
	d := Decision{Events: events}
	for _, e := range events {
		if g, ok := e.(interface{ governedBy() int }); ok {
			d.ClauseVersion = g.governedBy()
		}
	}
	return d, nil
}

// admissible judges what is the same for every command: identifiers, the date, and who may.
func (s *State) admissible(c Command, today Date) *Refusal {
	h := c.Given()
	if r := checkIDs("id", h.ID, "actor", CommandID(h.Actor.ID)); r != nil {
		return r
	}
	if r := checkOptionalID("department", string(h.Actor.Department)); r != nil {
		return r
	}
	if h.Date.IsZero() {
		return refuse(CodeFieldMissing, "field", "date")
	}
	if r := checkNotFuture("date", h.Date, today); r != nil {
		return r
	}
	if c.Name() != "publish_policy" {
		if s.policy == nil {
			return refuse(CodePolicyMissing)
		}
		if _, fact := c.(fact); !fact && h.Date.Before(s.policy.Term.From) {
			return refuse(CodeDateBeforePolicy, "field", "date", "date", h.Date, "earliest", s.policy.Term.From)
		}
	}
	return s.mayGive(c.Name(), h.Actor)
}

// fact marks the commands that record what has happened already, and are not refused by a rule.
type fact interface{ isFact() }

func (s *State) mayGive(command string, a Actor) *Refusal {
	right := rights[command]
	allowed := false
	for _, role := range right.roles {
		allowed = allowed || role == a.Role
	}
	if !allowed {
		return refuse(CodeRoleNotAllowed, "command", command, "role", a.Role, "allowed", join(right.roles))
	}
	if s.policy == nil {
		return nil
	}
	var want DepartmentID
	switch right.office {
	case treasury:
		want = s.policy.Treasury
	case authority:
		want = s.policy.Authority
	default:
		if a.Department != "" && !s.policy.HasDepartment(a.Department) {
			return refuse(CodeDepartmentNotAllowed, "command", command, "department", a.Department, "allowed", s.departmentList())
		}
		return nil
	}
	if a.Department != want {
		return refuse(CodeDepartmentNotAllowed, "command", command, "department", a.Department, "allowed", want)
	}
	return nil
}
