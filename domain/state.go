package domain

import (
	"slices"
)

// State is the live fund: what the events so far amount to, as far as decisions need it. It is one goroutine's at a
// time. The zero State is not ready; [NewState] makes one.
type State struct {
	policy         *Policy // that of all policies together
	policies       table[int, policyState]
	clauses        table[ClauseID, clauseState]
	enterprises    table[EnterpriseID, enterprise]
	applications   table[ApplicationID, application]
	accounts       table[Account, account]
	loosened       table[Account, loosened]
	reopened       table[instalmentKey, []dayMove] // what is paid of an instalment that had money back: from then on, what moved it
	lines          table[lineKey, usage]
	flows          table[flowKey, flow]
	payouts        table[PayoutID, payout]
	clawbacks      table[ClawbackID, clawback]
	recoveries     table[RecoveryID, recovery]
	gaveWay        table[PayoutID, []Shift] // what a payout's returns made give way, and no reversal has put back
	exceptions     table[ExceptionID, exception]
	appropriations table[BudgetKey, appropriation]
	spent          table[BudgetKey, Money]
	budgetYears    table[int, budgetYear]
	planned        table[BudgetKey, Money] // committed, not paid, and planned for the budget year
	statements     table[statementLine, treasuryPayment]
	checkpointKeys table[string, string]
	reaches        table[ClauseID, reach]
	sums           sums // the fund's totals
	keyChanges     table[int, CheckpointKeyRotated]
	names          table[nameSlot, spelling]
	facts          table[factKey, []factValue] // in the order of their periods
	offers         table[OfferID, offer]
	offered        table[Account, []OfferID]
	links          table[LinkID, link]
	linked         table[EnterpriseID, []LinkID] // the links of an enterprise, in their order
	charged        table[EnterpriseID, charged]
	roster         []EnterpriseID // the registered enterprises in order, once somebody asked; nil since one was registered
	projects       table[string, ProjectRegistered]
	together       table[Subject, []Subject] // the others that a subject counts as one with
	targets        table[targetKey, string]
	evaluations    table[EvaluationID, evaluation]
	evaluated      table[evaluatedYear, []EvaluationID] // in their order
	rectifications table[RectificationID, rectification]

	happened uint64 // how many events there were: the position of the log

	inUse     bool // somebody has decided for themselves: the ledger is not being taken over any more
	recording bool
	undo      []func()
}

// NewState is a fund to which nothing has happened.
func NewState() *State {
	s := &State{}
	s.policies.init(s)
	s.clauses.init(s)
	s.enterprises.init(s)
	s.applications.init(s)
	s.accounts.init(s)
	s.loosened.init(s)
	s.reopened.init(s)
	s.lines.init(s)
	s.flows.init(s)
	s.payouts.init(s)
	s.clawbacks.init(s)
	s.recoveries.init(s)
	s.gaveWay.init(s)
	s.exceptions.init(s)
	s.appropriations.init(s)
	s.spent.init(s)
	s.budgetYears.init(s)
	s.planned.init(s)
	s.statements.init(s)
	s.checkpointKeys.init(s)
	s.keyChanges.init(s)
	s.reaches.init(s)
	s.names.init(s)
	s.facts.init(s)
	s.offers.init(s)
	s.offered.init(s)
	s.links.init(s)
	s.linked.init(s)
	s.charged.init(s)
	s.projects.init(s)
	s.together.init(s)
	s.targets.init(s)
	s.evaluations.init(s)
	s.evaluated.init(s)
	s.rectifications.init(s)
	return s
}

// table is a part of the state. Its values are plain: what they point to is never changed in place. While changes are
// recorded, a row is replaced and never changed, so that putting the old row back undoes a change; else it is changed
// where it is, which allocates nothing.
type table[K comparable, V any] struct {
	rows map[K]*V
	of   *State
}

func (t *table[K, V]) init(s *State) { t.rows, t.of = map[K]*V{}, s }

func (t *table[K, V]) get(key K) V {
	v, _ := t.find(key)
	return v
}

func (t *table[K, V]) find(key K) (V, bool) {
	if row := t.rows[key]; row != nil {
		return *row, true
	}
	var none V
	return none, false
}

func (t *table[K, V]) has(key K) bool { return t.rows[key] != nil }

func (t *table[K, V]) put(key K, value V) { t.replace(key, &value) }

func (t *table[K, V]) replace(key K, row *V) {
	if t.of.recording {
		old := t.rows[key]
		t.of.undo = append(t.of.undo, func() {
			if old != nil {
				t.rows[key] = old
			} else {
				delete(t.rows, key)
			}
		})
	}
	t.rows[key] = row
}

// update changes a row that may be new.
func (t *table[K, V]) update(key K, change func(*V)) {
	row := t.rows[key]
	if row != nil && !t.of.recording {
		change(row)
		return
	}
	changed := new(V)
	if row != nil {
		*changed = *row
	}
	change(changed)
	t.replace(key, changed)
}

// Mark is a moment of a state that can be gone back to, as long as it is neither rolled back nor kept.
type Mark int

// Mark begins recording, where it has not begun, and names the present moment.
func (s *State) Mark() Mark {
	s.recording = true
	return Mark(len(s.undo))
}

// Keep makes all up to a mark final; later marks of the same recording move down by it. When nothing is left to undo,
// recording ends.
func (s *State) Keep(upTo Mark) {
	s.undo = slices.Delete(s.undo, 0, int(upTo))
	s.recording = len(s.undo) > 0
}

// Rollback undoes everything that is not kept.
func (s *State) Rollback() {
	s.backTo(0)
	s.recording = false
}

// Suppose lets f change the state in thought, as far as f likes, and look at what comes of it: when it returns, the state is what it was.
// It may stand within another, and beside what is marked and not kept.
func (s *State) Suppose(f func()) {
	was := s.recording
	from := s.Mark()
	defer func() {
		s.backTo(from)
		s.recording = was
	}()
	f()
}

func (s *State) backTo(m Mark) {
	for _, undo := range slices.Backward(s.undo[m:]) {
		undo()
	}
	clear(s.undo[m:])
	s.undo = s.undo[:m]
}

// use notes that somebody has decided for themselves.
func (s *State) use() {
	if s.inUse {
		return
	}
	if s.recording {
		s.undo = append(s.undo, func() { s.inUse = false })
	}
	s.inUse = true
}

// CheckImported refuses an import in the name of somebody whom nobody knows, once a person has decided for themselves: until
// then the ledger is being taken over, and those who decided may have left long ago (R9).
func (s *State) CheckImported(c Command, known func(PersonID) bool) *Refusal {
	for _, by := range c.Given().Actor.Persons() {
		if s.inUse && !known(by) {
			return refuse(CodeActorUnknown, "person", by)
		}
	}
	return nil
}

// count notes that an event happens.
func (s *State) count() {
	if s.recording {
		s.undo = append(s.undo, func() { s.happened-- })
	}
	s.happened++
}

func (s *State) setPolicy(p *Policy) {
	if s.recording {
		old := s.policy
		s.undo = append(s.undo, func() { s.policy = old })
	}
	s.policy = p
}

type clauseState struct {
	clause      Clause // with every amendment, whatever its day
	versions    []ClauseVersion
	policy      int                    // the place of the policy that brought it
	from        Date                   // its first day
	departments []asOf[[]DepartmentID] // responsible, by day; none: never amended
	industries  []asOf[[]IndustryID]   // served, by day; none: never amended
	conditions  []asOf[[]Condition]    // by day; none: never amended
	promises    []asOf[Promised]       // of its own, by day
	groupCaps   []asOf[GroupCap]       // by day
	closedOn    Date                   // from then on no more applications; none: it is open
	carriedBy   []ClauseID             // the clauses whose caps its use counts against too
}

// ClauseVersion is a clause's cap from a day on (R7).
type ClauseVersion struct {
	Version     int     `json:"version"` // 1 as published
	Cap         Ceiling `json:"cap"`
	EffectiveOn Date    `json:"effective_on"`
	Retroactive bool    `json:"retroactive"` // also governs what was approved before
	Document    string  `json:"document,omitzero"`
}

// VersionOn is the version in force on a day: the latest that has taken effect, the first before the policy began.
func VersionOn(versions []ClauseVersion, day Date) ClauseVersion {
	current := versions[0]
	for _, v := range versions[1:] {
		if !v.EffectiveOn.After(day) && !v.EffectiveOn.Before(current.EffectiveOn) {
			current = v
		}
	}
	return current
}

// GoverningVersion is the version that a decision dated day is judged by, when it is recorded on today. It is the one
// in force on its date; but the amendment that governs what is approved already, where it has taken effect by today and is
// lower, also governs what is approved today under an earlier date: else a date could be chosen to get round it.
func GoverningVersion(versions []ClauseVersion, day, today Date) ClauseVersion {
	governing := VersionOn(versions, day)
	v, ok := lastRetroactive(versions, governing, today)
	if ok && v.Cap.Stated && (!governing.Cap.Stated || v.Cap.Amount.Less(governing.Cap.Amount)) {
		return v
	}
	return governing
}

// StandingCap is the cap that what is already approved stands under on a day: the highest of the versions from the
// last retroactive one on, for a version that is not retroactive leaves earlier approvals as they are.
func StandingCap(versions []ClauseVersion, day Date) Ceiling {
	effective := slices.DeleteFunc(slices.Clone(versions), func(v ClauseVersion) bool {
		return v.Version > 1 && v.EffectiveOn.After(day)
	})
	slices.SortStableFunc(effective, func(a, b ClauseVersion) int { return a.EffectiveOn.order() - b.EffectiveOn.order() })
	standing := effective[0].Cap
	for _, v := range effective[1:] {
		switch {
		case v.Retroactive:
			standing = v.Cap
		case !v.Cap.Stated || standing.Stated && v.Cap.Amount.More(standing.Amount):
			standing = v.Cap
		}
	}
	return standing
}

// account holds what concerns all of an account's years.
type account struct {
	usage        usage // all years together; exceptions here are those for the total
	exceptions   []ExceptionID
	lastRecovery RecoveryID // recorded on it; each names the one before
	lastReceived Date       // the latest day that money came back on
}

// loosened is what an account's use moved by, day by day, that a decision of an earlier day does not see.
type loosened struct {
	cuts    []dayMove // what approvals were made smaller by
	returns []dayMove // what was booked outside any approval and then returned or taken back (below zero), or went out again (above)
}

// dayMove is what the use of an account moved by on a day, in a support year.
type dayMove struct {
	on   Date
	year SupportYear
	by   Money
}

type instalmentKey struct {
	application ApplicationID
	year        SupportYear
}

type lineKey struct {
	account Account
	year    SupportYear
}

// usage is the part of a line that decisions need.
type usage struct {
	committed  Money      // approved − reduced − released
	outside    Money      // booked outside any approval, less what the bank returned of it
	freed      Money      // came back with cause error, never more than went out
	freedOut   Money      // of that, what had been booked outside any approval
	beyond     Money      // came in beyond what went out
	exceptions Money      // granted − revoked
	held       []heldPart // what is committed, by the version that governed the approval
	reversed   bool       // a reversed recovery has put it over what it must hold
}

// use is R5's cap use.
func (u usage) use() Money { return u.committed.Add(u.outside).Sub(u.freed) }

// charge changes the usage of an account in a support year.
func (s *State) charge(a Account, year SupportYear, change func(*usage)) {
	s.lines.update(lineKey{a, year}, change)
	s.accounts.update(a, func(t *account) { change(&t.usage) })
}

// scope is a line, or the whole account where its cap counts in total.
func (s *State) scope(a Account, year SupportYear) usage {
	if s.clauses.get(a.Clause).clause.Cap.Period == InTotal {
		return s.accounts.get(a).usage
	}
	return s.lines.get(lineKey{a, year})
}

// scopeYear is the year that a cap is judged in: 0, the total, where the cap counts in total.
func (s *State) scopeYear(c ClauseID, year SupportYear) SupportYear {
	if s.clauses.get(c).clause.Cap.Period == InTotal {
		return 0
	}
	return year
}

// ApplicationState is where an application stands.
type ApplicationState string

// The states of an application. Suspension is apart from them.
const (
	Submitted ApplicationState = "submitted"
	Accepted  ApplicationState = "accepted"
	Returned  ApplicationState = "returned" // for completion; it can be submitted again
	Approved  ApplicationState = "approved"
	Rejected  ApplicationState = "rejected"
	Withdrawn ApplicationState = "withdrawn"
	Voided    ApplicationState = "voided" // it counts as never made; its id can be submitted again
)

type application struct {
	charge     Charge
	state      ApplicationState
	suspended  bool
	requested  Money
	submitted  Date
	lastStep   Date // of the latest step on the way to a decision
	approvedOn Date
	department DepartmentID // that approved
	version    int          // of the clause, that governed the approval
	since      Date         // on which what is approved became as it is: the latest approval or move
	cutOn      Date         // on which it was made smaller last
	filed      []Instalment // as applied for
	payouts    []PayoutID   // made or booked on it, in their order
	schedule   []instalment // as approved
	parts      []part       // what the schedule is made of; none: one approval, on the account that is charged
	duties     []dutyDone
	reviews    []opinion       // of this submission, each person's latest
	more       []opinion       // of what may be added to its approval: since the latest one
	rated      []grantedByRate // what decisions granted by facts
	moved      bool            // to another enterprise, after it was approved
	replaces   ApplicationID
	replacedBy ApplicationID
}

type instalment struct {
	year   SupportYear
	amount Money     // approved − reduced − released
	paid   Money     // within the approval, less what the bank returned of it
	plans  []Planned // of what is not paid, by month
}

func (a application) instalment(y SupportYear) (instalment, bool) {
	i := slices.IndexFunc(a.schedule, func(x instalment) bool { return x.year == y })
	if i < 0 {
		return instalment{}, false
	}
	return a.schedule[i], true
}

// changeInstalment changes one instalment in a copy of the schedule.
func (a *application) changeInstalment(y SupportYear, change func(*instalment)) {
	a.schedule = slices.Clone(a.schedule)
	for i := range a.schedule {
		if a.schedule[i].year == y {
			change(&a.schedule[i])
		}
	}
}

// Duty is one of the four that no one person may combine on an application (R9).
type Duty string

// The duties that are kept apart.
const (
	DutyAccept  Duty = "accept"
	DutyReview  Duty = "review"
	DutyApprove Duty = "approve"
	DutyPay     Duty = "pay"
)

type dutyDone struct {
	duty   Duty
	person PersonID
}

// fill notes that a person filled a duty, and with a deputy whom they stood in for.
func (a *application) fill(d Duty, by Actor) {
	for _, p := range by.Persons() {
		done := dutyDone{d, p}
		if !slices.Contains(a.duties, done) {
			a.duties = append(slices.Clip(a.duties), done)
		}
	}
}

// fourEyes refuses a duty to a person who filled another one on the application; to a deputy also where the one they stand in for did, or
// somebody did in the place of either.
func (a application) fourEyes(d Duty, by Actor) *Refusal {
	for _, done := range a.duties {
		if p := by.Among([]PersonID{done.person}); p != "" && done.duty != d {
			return refuse(CodeFourEyes, "person", p, "did", done.duty, "does", d)
		}
	}
	return nil
}

type payout struct {
	application ApplicationID // empty: booked outside any application
	charge      Charge
	year        SupportYear
	booked      bool // a fact, not an authorised payout
	reversed    bool // it was booked by mistake
	amount      Money
	outside     Money // the part outside any approval, less what was returned of it
	returned    Money
	released    Money // of what was returned, what no approval holds any more, for its application had moved
	ordered     Money // clawbacks ordered − waived
	recovered   Money // booked without an order
	back        Money // came back of it, on orders and without, less what came in beyond what went out
	backOutside Money // of that, what was booked outside any approval
	paidOn      Date
	department  DepartmentID
	voucher     string
	departments []DepartmentID // of the clause, whose budgets it counts against where no department has approved
	returnedOn  Date           // the latest day of a return by the bank
	undoneOn    Date           // the latest day on which a return was reversed
	kept        Money          // never paid: what is kept back for what the enterprise owes
	givenOut    Money          // of what was returned, what had been kept back and is so no more
}

// reclaimable is what can still be clawed back, or returned by the bank.
func (p payout) reclaimable() Money {
	return p.amount.Sub(p.returned).Sub(p.ordered).Sub(p.recovered).OrNone()
}

// cash is what was really paid of it.
func (p payout) cash() Money { return p.amount.Sub(p.kept).Sub(p.givenOut) }

// returnable is what the bank can still send back: of what can be reclaimed, what was paid.
func (p payout) returnable() Money {
	return Lesser(p.reclaimable(), p.amount.Sub(p.returned).Sub(p.kept).OrNone())
}

type clawback struct {
	nth        int // its place among all, in the order in which they were ordered
	payout     PayoutID
	cause      Cause
	ordered    Money
	waived     Money
	recovered  Money
	writtenOff Money
	orderedOn  Date
	orderedBy  []PersonID      // with a deputy, both
	dueOn      Date            // where there is no schedule; none: on no day
	schedules  []repaymentPlan // in the order of their days
	settled    []dayMove       // what was waived or came in, by day; below zero: what was reversed
}

func (c clawback) outstanding() Money {
	return c.ordered.Sub(c.waived).Sub(c.recovered).Sub(c.writtenOff)
}

type recovery struct {
	clawback ClawbackID // empty: booked
	payout   PayoutID   // empty: booked on an account
	charge   Charge
	year     SupportYear
	amount   Money
	interest Money
	beyond   Money // of the amount, what came in beyond what went out
	outside  Money // of the rest, what was booked outside any approval
	cause    Cause
	keptFrom PayoutID // the payout that it was kept back of; empty: it came in
	received Date
	movedOn  Date // the latest day on which something else made it count for more or for less
	reversed bool
	previous RecoveryID // the one recorded before it on the account
}

type exception struct {
	account   Account
	year      SupportYear // 0: for the total
	left      Money       // granted − revoked
	grantors  []PersonID  // with a deputy, both
	grantedOn Date
}
