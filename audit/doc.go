// Package audit proves a ledger to someone who trusts nobody who runs it. It needs a log and nothing else: the live one
// or a copy of its records.
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
// # Tree and checkpoints
//
// Each record is a leaf of an RFC 6962 tree ([eventstore.Leaf]); leaf n is the event of sequence n+1. A checkpoint is a
// C2SP tlog-checkpoint note: origin, number of leaves, root, signed with Ed25519 and cosigned by witnesses (C2SP
// tlog-cosignature). Proofs are built with one library and checked with another.
//
// A [Witness] cosigns the checkpoints of a log it watches, each of which must continue the last one that it cosigned; it
// keeps that one in a file of its own. Whoever holds a cosigned checkpoint knows that the log was shown to somebody else as it
// was shown to them.
//
// # Verification
//
// [Verify] does all of it at once: the root at the size of every checkpoint kept, each decision, each kept leaf and node of the tree, each
// projected event, posting, line and account; and what auditors ask about. A report is sound when nothing that was checked
// failed; findings of the last kind do not make it unsound. What could not be checked is said. [TamperDrill] shows on a copy what
// catches which change.
//
// # Bundles
//
// A bundle ([WriteBundle], [VerifyBundle]) is one file that proves itself to whoever trusts the log's verifier key: the whole
// ledger, whose root is taken anew and whose decisions are judged, or an extract, each event of which is proved to lie on
// the log. Every bundle states the totals of the whole ledger at its checkpoint with the roots of their sum trees ([BuildSums]); by
// these an extract also proves that it leaves nothing of its scope out and how it adds up with the rest to those totals. That
// proof rests on the statement, which the log's key signs, and which a bundle of the whole ledger makes again ([SameSums]).
//
// # For an audit office
//
// A pack ([WritePack]) is the ledger as tables: one CSV each, with what every column means and control totals, made of the log alone.
// It says where two standards have something near, which is a profile and no conformity. [Reconcile] holds the payouts against the
// treasury's own payment files, both ways and to the fen. Samples are seeded by a checkpoint's root, so that nobody can choose them and
// anybody can draw them again: of monetary units ([Draw]), or from strata ([DrawStratified]); an audited one says what it projects to
// and what the misstatement does not exceed ([Evaluate], [EvaluateStratified]). Checkpoints may bear an SM2 signature beside Ed25519 ([OpenSM2Key]), for
// those who must rely on the national algorithms; to the others it is a signature by somebody unknown.
//
// # Backups
//
// A backup ([WriteBackup], [OpenBackup]) is one file of which the ledger is made again: every event and refusal with its sequence, its
// moment and its bytes, and the checkpoints, with one of just what is in it. It is checked whole before anything is made of it,
// and what was made is held against it ([Backup.Hold]). A log that contradicts its checkpoints is not backed up. Who made up a
// whole file could sign it with a key of their own: so it is believed by keys that were got elsewhere.
//
// # Replays
//
// [Replay] tells a case step by step, refusals in their place; [DecideAgain] decides a history under other parameters; [MakeReceipt]
// says what a decision on money rested on; [Explain] takes a number apart down to the people who decided. All
// of them read a log and write nothing. They take a log that leaves out what does not concern them, so that a page need not read
// a million events.
//
// # Findings
//
// A finding has a code, a severity, a subject and an id made from code and subject, so that the same finding has the same id
// in every report, and what an auditor made of it ([domain.FindingDisposed]) is found again. An error says that the log, a
// decision or a projection is not what it claims to be. A warning or a notice says what a person should look at; the ledger is
// sound all the same.
package audit
