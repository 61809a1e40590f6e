// Package domain is the law of the ledger: what may happen to public support money, and what it comes to. It is pure: no
// clock, no file, no log, no random number. Everything that can be wrong with money is decided here.
//
// [Decide] judges a [Command] against a [State] on a day and gives events or a [Refusal]; it changes nothing. [Apply]
// lets an event happen to the state. The state is the fold of the events from [NewState] on, and nothing else. The same
// command on the same state is decided alike every time. What follows is the whole of the rules; R1 to R16 are their
// names, and every refusal carries one.
//
// # Terms
//
// The support year is the year that support is granted for; caps count against it. The budget year is the calendar year
// of the day that money is paid on; appropriations count against it. A cap subject is whom a clause limits: an
// enterprise, a project or an award. An [Account] is a clause and a cap subject; it has a line for each support year.
// Today is the day passed to Decide, in Asia/Shanghai; a command's date is the business date that its giver says.
//
// # What is judged for every command, in this order
//
// Identifiers are 1 to 200 bytes of UTF-8 without control, format, private or other invisible characters, and
// without white space at either end. Free texts are at most 4,000 bytes, and may have line breaks and tabs.
// A resident identity number (18 signs, a date of birth, its check character; digits of any script, spaces and hyphens
// between them too) in any of them is refused, and shown in no figure (R15); a valid credit code that looks like one is a credit code. The date is not
// after today (R14); a policy is published; the date is not before its term, but for book_payout and book_recovery.
// The actor's role is one of the command's, and the department is the treasury, the authority, or one of the policy's,
// as the command asks (R9; [Verbs]).
//
// A deputy acts in another's place, and the event names both. Both answer for it: wherever two duties are kept apart (accept, review, approve and
// pay; an exception and an approval on it; ordering a clawback and waiving it), neither may fill the other one, themselves or by a deputy; and the
// reviews of a person, of their deputy and of whom they stand in for count as one (R9).
//
// # Names (R16)
//
// Identifiers are kept as they are written and compared by [Key]. A command that spells one otherwise is understood as the
// spelling that the fund knows: the very one, where it is known, else the first of its key ([State.Understand]); events are
// charged to that, and [Decision.Written] keeps what was written. A new id with a known key exists. Persons are
// compared by key wherever two are held against each other. A project or award that is new, in an application or an
// exception, and has the [Skeleton] of one that the fund knows is refused, looks_like, unless distinct_from names every such
// one and a reason is given; in what is booked it is a finding.
//
// An import speaks for others. Until somebody has decided for themselves ([Decides]) the ledger is being taken over; from
// then on who imports asks [State.CheckImported], which refuses the names that nobody knows.
//
// # Money (R1)
//
// [Money] is a whole number of hundredths, at most 999,999,999,999.99 where it is given. [ParseMoney] reads digits, and
// one or two more behind a point. Nothing is rounded. Every amount in a command is above zero, but late interest, which
// may be left out. A [Balance] is a sum that an event records, and may be negative or larger.
//
// # Applications (R2, R8, R9, R10)
//
// submit_application is dated within the policy's term and asks for one amount a support year, each year within the
// term. The enterprise is registered, and on the application's date of an industry that the clause applied for serves, a
// by-reference clause's own list included, or admitted for the clause; and again on the approval's date. An industry is
// corrected from a day on, not before the day of the one it follows; what is approved or booked for that day or later and would not be
// served now stands, and is a finding of the correction, as of a revoked admission. An admission holds from its date, for the clauses named or
// all, until a day or the term's end, or until the day it is revoked; one that says nothing more than one that stands is refused. A clause that caps projects or awards wants one named; projects of all enterprises share
// their names. Under a by-reference clause the application names one of the clauses it lists, and is charged to that
// clause's account, while the by-reference clause's departments decide. A clause that is not applied for takes none.
//
//	submitted ─accept─▶ accepted ─approve─▶ approved
//	    │  ▲               │ └────reject──▶ rejected    (also from submitted)
//	    │  └──submit──┐    │
//	    └──return──▶ returned ◀──┘          withdraw: from submitted, accepted, returned
//
// An application that was returned is submitted again under its own id, for the same enterprise; its reviews count no
// more, its duties stay filled. Where the workflow asks for no acceptance, a submitted application is reviewed, and
// approved, as an accepted one is. Each of these steps is dated no earlier than the one before. Suspension lies beside
// the states: it stops approval and payouts until it is lifted.
//
// amend_application changes what is asked for, the title or the project: before the decision by a clerk, after it by an approver of a
// responsible department on a document. It asks for no less than is approved, and leaves its account only while nothing is committed, paid or
// booked. Where amounts or account change, the reviews count no more. supplement_approval adds to an approval, and is judged as one: by reviews
// that were given since the last one, by the version of its day, against request and cap; a cut takes the latest decision's first.
//
// move_application gives an application to another enterprise. Of what is approved the unpaid moves, and is held against the account that it moves to
// where that is another; the paid stays. What the bank returns of that is released in the same event, and held again where the return is undone.
// Industry and credit of the other enterprise are asked at the decision, or at each payout; where it is approved already, the event notes them.
//
// void_application takes an application out of which nothing is committed, paid or booked: it takes its request and its count back. The id is
// submitted again as a new application that names itself in replaces, or another id names it, once.
//
// transfer_application moves what is undecided, and has no money booked on it, to another clause that is applied for, on a
// document, by a clerk of a department responsible for it: checked as at submission, with the subject that it had. It
// keeps its state and its filled duties; its reviews count no more.
//
// Reviews are by a responsible department, or by any where the clause says so; suspending and resuming is for the responsible ones
// alone. Of a person the latest opinion counts: an abstention does not, an opposing one unless the workflow asks for support. An approval
// is dated within the term, by an approver of a responsible department, after as many persons' reviews as the workflow
// asks, while the credit is unrestricted, on the approval's date too whenever it is recorded, and the application not suspended. A
// restriction lasts from its date to the day before it is lifted; the two alternate, and their dates do not go back. It names one amount a support year within the
// term, together at most what was applied for; under a one-off-or-term clause one, or one for each year of an unbroken
// term. On one application no person fills two of accept, review, approve (or reject) and pay; and who granted an
// exception on the account, of any year, that is not wholly revoked may not approve.
//
// # Caps (R2, R5, R6, R7)
//
// committed = approved − reduced − released. outside = booked outside any approval − returned of it. Use of a line =
// committed + outside − freed. Freed is what came back with cause error, and never more than went out: of a payout, what it still has
// out; where a recovery names none, what is booked outside on the enterprise's line and did not come back. It is judged when it is
// recorded; what comes in beyond is kept apart. Where less is outside afterwards (a return, a reversed booking), the latest recoveries
// that named no payout give way; a reversed return puts back what it had made give way, a reversed recovery lets those that were beyond
// take its place, the earliest first. A decision sees no exception and no recovery of a later day than its own. An approval is refused where use with it would be beyond the cap and
// the exceptions: of each year for a cap by year, of all years together for a cap in total. No cap stated: no limit.
// A subject's exceptions are granted where the clause allows stronger support and states a cap, with a document; for one
// support year of the term under a cap by year, for none under a cap in total. What is revoked of one is unused: at most
// what is left of it, not before it was granted, and never what approvals rely on: no more than the lowest cap of the versions that govern
// an approval with something committed, and the exceptions, are above use.
//
// A clause has versions: the first from the term's begin, then one for each amendment from its effective day, which is
// not before the term and may lie ahead. In force on a day is the one with the latest effective day up to it, of equal days
// the last recorded ([VersionOn]). A decision is governed by the version in force on its date; but a lower cap
// of a retroactive version that has taken effect by today governs also what is approved today under an earlier date
// ([GoverningVersion]). What is approved already stands under the highest cap from the last retroactive version on
// ([StandingCap]); beyond that, the account is over. Where a reversed recovery has put it over what it must hold, it is over beyond that.
//
// reduce_approval and release_approval make an instalment smaller by at most its unpaid rest.
//
// # Policies follow one another
//
// A fund has one policy after another. A second one names in publish_policy the one that it succeeds, whose term does not overlap its own; its clauses
// have ids that the fund has not yet, or a prefix before them, and each may continue a clause of a policy before it, of the same kind of subject.
// Every decision is judged by the policy of its clause, as that stood on the decision's date; what it approved is paid after its end. Beside the
// clause's own term there is one of the fund, from the first policy's begin to the last one's end: registrations, admissions, credit, budgets and facts ask
// for that. Behind a policy's end what is undecided waits: deciding it is policy_expired, which names the clause that goes on, and transfer_application
// moves it there.
//
// Use that is carried counts against the cap of the clause that continues another, as it stands at any time: what is cut, returned, recovered or
// booked on the earlier account later moves it too. An approval on the earlier account that is decided late is held against every account that
// carries it and has a use of its own. Fresh use begins at nought.
//
// amend_policy changes, from a day on that is not past, the end of a term that has not ended (not before what was applied for or approved), a
// clause's departments or industries, what groups may use of it, the workflow, what debtors get; it adds a clause, or closes one to applications. Only
// caps are changed with effect for the past (amend_clause).
//
// # The life of a grant
//
// amend_application changes what is asked for, the title or the project: by a clerk before the decision, by an approver and on a document after
// it, never to less than is approved. supplement_approval adds to an approval, up to what is asked for: it is reviewed anew and held against the
// cap. move_application takes an application to another enterprise: what is paid stays with whom it was paid to, what is unpaid moves and is held against
// the other account. void_application takes it out with its request and its count, where nothing is committed or paid on it; its id may come
// again as an application that names it.
//
// # Budget control
//
// set_appropriation sets a budget year's budget of the fund, a clause, a department, or a department's share of a clause, initial or adjusted. Free of it is
// what is appropriated, less what is paid − returned, less what is committed, unpaid and due in the year. An instalment is due in its support
// year, unless plan_payment plans it for a later month; what was due in a year that is over is late, and counts against the present year. The policy's
// budget_control says what an approval, a supplement or a plan beyond that gets: nothing, a finding, or a refusal.
//
// # Payouts (R3)
//
// make_payout names an approved application and one of its instalments, and pays at most amount − paid + returned. Its
// date and the day of payment are not before the approval, the day of payment is not after today. It is refused while the
// enterprise's credit is restricted, the application suspended, or use is over what stands, where a version was ever
// higher (a retroactive amendment lowered it; an account that bookings alone put over goes on paying); and beyond an
// appropriation of the budget year that it counts against ([BudgetsOf]).
// Appropriations are set with a document, replace one another, and are never below what is paid − returned.
//
// close_budget_year closes a budget year on its last day or later, and with it those before it that are open, once what the treasury's lines of the year and the
// payouts differ by is acknowledged: voucher by voucher, how many and how much; where no line of the year is recorded there is nothing to hold
// the payouts against. From then on payouts, returns, budgets, reductions, releases, clawbacks, waivers and reversals dated in it are refused
// (R14): a payout by the day it is paid on, a budget by its year, the others by their own date. Facts are recorded, with a finding: book_payout,
// receive_recovery, book_recovery and reverse_recovery dated in it, and a return, its reversal or a reversed booking of a later date that moves
// what was paid in it. carry_over takes at most what a closed year's appropriation has left (appropriated − paid + returned − carried over) into a later year
// that is not closed, where it adds to what is set. reopen_budget_year opens the latest closed year; what was carried over stays, and counts
// against its appropriation as what is paid does.
//
// record_payee_account says to which bank account an enterprise is paid, from its date on; of several the one from the latest day up to the
// day of payment counts, of equal days the last recorded. Whose account it is has to be what the enterprise is called, or a reason is given. Its number
// is an [AccountNumber]: sealed. Who recorded, or imported, the account that is paid to on the day of payment may not pay to it, whatever the application (R9); where none
// is recorded, payouts go on.
//
// book_payout records what is paid already. It is refused only for what cannot be recorded: bad identifiers, an amount or
// a date that is none or lies in the future, an actor who may not, an application, enterprise or clause that is unknown. It
// fills what its application's instalment has left; the rest is outside any approval. Its findings, in this order, are
// the refusals it would have met: date before the policy, support year, industry, a merger, credit, debts, state of the application, order of
// dates, instalment, four eyes, suspension, four eyes on the bank account, cap (for the part outside), account over, appropriation.
//
// return_payout gives back, first of the part outside, at most amount − returned − ordered (less waived) − booked as
// recovered; the instalment can be paid again, and the budget year of the payment has the money back. reverse_return undoes it, or a part: the
// instalment takes the money back as far as it has room, the rest is outside; where the application was submitted for another account
// meanwhile, all of it, on the account where it was booked. reverse_booking undoes a booked payout, with what was returned of it, while no
// clawback and no booked recovery stands on it. Neither is dated before what it undoes, nor a return before a reversal that was recorded
// before it; returns by themselves are facts, in any order.
//
// # Clawbacks (R4)
//
// order_clawback is for at most the same rest of one payout, not before it was paid. waive_clawback, by another person,
// and receive_recovery together reach at most what was ordered. An order may name the day by which it is due; else the policy's
// clawback_due_days count from its date; where neither says, it is due on no day and never overdue. schedule_recovery says by which days what
// is outstanding is to be paid back, to the fen, in order, none before its own date; a later one replaces it. What is waived or comes in settles
// what is due first. A part is overdue from the day after it was due.
// An approval, a supplement or a payout whose enterprise owes on its date (of a payout, on the day of payment too) what was due before carries the
// finding owes_money; where the policy says debtors: refuse it is refused. Under debtors: offset an approval is found; a payout is split, in one decision, into
// what is kept back for what was due before the day of payment (the oldest first, then the late interest on it), which is a recovery, and what is paid. The payout
// settles its instalment and counts with all of its amount; the bank returns at most what was paid; a recovery that was kept back is reversed on both sides.
// offset_recovery does the same by hand, against any unpaid instalment of the enterprise, due or not. write_off, by another person than ordered it and on a document,
// gives up what cannot be had back: the order stands, nothing is freed, nothing is ordered again. A booked payout is a fact, and carries the finding. All are charged to the payout's support year. A recovery
// with cause error lowers use; with cause breach it does not. Neither reopens the instalment. Interest counts nowhere. Where the policy has rates (late_interest, each from a day
// on), what is owed on an amount is reckoned from the day of payment to the day of the order ([Policy.InterestOn]); a recovery that says otherwise
// carries the finding interest_differs.
// book_recovery records what came back without an order, on a payout or a line: more than the payout has left, money
// before it was paid, and a year outside the term are findings. reverse_recovery undoes a recovery once, not before the day it was
// received: a fact, recorded whatever the rules say, with a finding where the account is then over what it must hold; payouts wait there.
//
// # Links and groups (R15)
//
// link_enterprises says on a document how two enterprises are linked, from a day that has begun until a day, or until further notice, both days included: a
// controls b, by a share of it or in another way; somebody else controls both; b is a branch of a. end_link says, once, which day was the last, or that
// the link was recorded by mistake and never was. Refused are a link to oneself, the same link twice on one day, control that comes back to
// where it began on one day, shares of one enterprise over 100 % on a day.
//
// A group is what control connects on a day: shares of more than one half, control of a share that is not known, one controller, branches. Shares are not
// added up along a chain. Under a clause that caps enterprises, what an approval, a supplement or a move adds is held against what the group of
// the decision's day uses together, as that decision sees each member's account, and the cap of groups: the clause's group_cap, or its
// own cap, with the exceptions of all members. Beyond that it is a finding, or, where group_cap says so, refused. A booking is found, never
// refused; what moves within a group adds nothing to it. A link changes nothing that was decided before its days.
//
// # Mergers (R15)
//
// merge_enterprises says on a document that one enterprise was taken over by another, from a day that has begun and on which both were registered. Refused
// are a merger with itself, of or into one that was taken over already (so none goes in a circle), and one dated before a step of what moves with it.
//
// What was granted stands. In the same decision every application of the one that ends which is undecided, or of which something is approved and unpaid,
// goes on under the other: on its accounts, to its bank account, with its duties filled, its reviews and the version that governed it, for nothing was
// decided. What is paid stays with whom it was paid to; what the bank returns of that is released. What the one that ends was recognised or admitted as stays its own. From its day on
// it is not applied for, approved, paid, granted an exception or linked under its own name: enterprise_merged names the other, to which an application can be
// moved; a booking is a fact, with the finding.
//
// From when it is recorded both count as one, for decisions of any day (else a date could be chosen to get round the cap): what either uses of a clause that caps
// enterprises counts against one cap, with the exceptions of both; headroom is never below zero, what is beyond is shown as over. Payouts of what each was granted
// within its own cap go on: they wait beyond as many caps as there are enterprises. A restriction of either's credit, what either owes and what either is linked
// with are the other's too; a link within what is one is none.
//
// void_merger says on a document that a merger was recorded by mistake and never was. From when it is recorded the two are two again, for decisions of any day, and
// what the one took over before stays with it. What was decided and paid meanwhile stands where it stands; what the merger took along, and is still with the other and
// undecided or unpaid, goes back in the same decision. It is refused before the day of the merger's record or of a later step of what goes back, and while a later merger
// builds on it: that one is voided first.
//
// # Projects (R16)
//
// register_project says what a project is called, whose it is and where it lies: once; one that is not registered goes on as it is, and a new id that looks like
// a known one is refused as in an application. same_project says on a document that two projects, registered or named by anything before, are one. Refused
// are a project with itself and two that are one already, through any number of others. From when it is recorded they count as one under every clause that caps projects, as
// merged enterprises do under those that cap enterprises: one cap for what all use, the exceptions of all, headroom never below zero; what each was granted stands.
//
// # What the policy does not say (R13, R15)
//
// One project under two clauses, support under several clauses, a talent in a team's award: nothing
// is refused for these. R11, one outcome for one command id, is kept by who calls Decide. R12: no event is changed or
// removed; reductions, returns, waivers and reversals say what they correct.
//
// # Editions
//
// The rules have an edition ([Edition]), which every event carries; one that carries none is of the first. Decide knows the
// present edition only. Whoever judges an event of an earlier edition by these rules, and finds that they would decide
// otherwise, has found no fault. Along a log editions do not go back.
//
// # Going back
//
// [State.Mark] begins to record changes, [State.Rollback] undoes what is recorded, [State.Keep] makes it final up to
// a mark.
package domain
