// Package projections says what people ask of a ledger: it folds events into signed amounts on lines, and names the
// questions and their answers. It does no I/O; package postgres keeps what is folded here, and answers.
//
// # Postings
//
// An event becomes postings: signed amounts, each of one [Kind], on a [Line]. A line is one enterprise's part of an
// account (clause and cap subject) in a support year. Everything that is counted is a sum of postings: an enterprise's
// yearly line adds its lines of a clause and year, an account line adds the lines of all enterprises. So every total is
// explained by its postings, and a total as of a past moment is the sum of the postings up to that moment.
//
//	applications       1 for each year that an application asks for (a count, on the posting "requested")
//	requested          asked for; a submission anew takes back the one it replaces
//	approved           committed: approved − reduced − released
//	outside            booked outside any approval, less what the bank returned of it
//	paid, returned     left the treasury; sent back by the bank
//	clawback_ordered, clawback_waived
//	recovered_error, recovered_breach
//	interest           late interest: shown, never counted
//	exception          stronger support: granted − revoked, on year 0 where it is for the total
//	written_off        of what was ordered back, given up for good: it did not come back, and frees nothing
//	received_beyond    came in beyond what went out: shown, frees nothing and counts into neither use nor net paid
//
// From them: use = approved + outside − recovered_error (R5); net paid = paid − returned − recovered, both causes.
//
// A posting has two dates: the moment its event was recorded, and a business date, which is the day the money moved for
// payouts and recoveries and the date of the command for everything else.
//
// # Lists
//
// A question whose answer is a table is one value, a [List]: its name, what it is called, the filters it has, whether it has a past, the
// columns it is sorted by, and the statement that answers it. Its columns are the fields of its rows; package words says what each
// means. The API's routes, /openapi.json, the command line, the pages, the exports and the analysts' views read that value, so a new
// list is a row type with its value here, a statement in postgres/sql, an index where it needs one, and what its new columns mean.
//
// A list is asked by a [Keeper] with an [Ask]. What the list has no filter for, and a value that a filter cannot have, are a
// [FilterError] that says what is right.
//
// # Folding
//
// Events say by themselves what they are charged to, so folding needs no memory: [Fold] is a function of one event. A
// [Batch] sums what a run of events changes; adding batches up gives the same whatever their boundaries.
package projections
