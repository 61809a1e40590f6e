// Package audit judges a ledger again. It needs a log and nothing else: the live one or a copy of its records.
//
// # Judging
//
// [Judge] replays a log and decides every command again. An event holds all that its command said, so the command is
// made from it ([CommandOf]), decided on the state that the events before left, with the day of the decision as today, and
// the event that the rules would have written is compared with the one that lies there: data byte by byte, subject,
// type, clause version, index and count, actor. The hash of the command must be that of the command made again, in one
// of the forms that mean the same (a date that may be left out, for one). What the rules would have refused, or written
// otherwise, is a [Finding] with the event's sequence.
//
// # Verification
//
// [Verify] does all of it at once: the root at the size of every checkpoint kept, each decision, each kept leaf and node of the tree, each
// projected event, posting, line and account; and what auditors ask about. A report is sound when nothing that was checked
// failed; findings of the last kind do not make it unsound. What could not be checked is said. [TamperDrill] shows on a copy what
// catches which change.
//
// # Findings
//
// A finding has a code, a severity, a subject and an id made from code and subject, so that the same finding has the same id
// in every report, and what an auditor made of it ([domain.FindingDisposed]) is found again. An error says that the log, a
// decision or a projection is not what it claims to be. A warning or a notice says what a person should look at; the ledger is
// sound all the same.
package audit
