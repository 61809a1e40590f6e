// Package ledger is the one decider of a fund: it holds the live state, judges commands against it one after another,
// and answers when their events are durable.
//
// One goroutine owns the state. Commands that arrive while an append is in flight are decided on the state as it will be
// when that append has landed, and go together into the next one: a lone command is a plain publish, and under load a
// group is one atomic batch with one sync of the disk. Nothing is answered before its group is durable, refusals and
// repetitions included, for they may rest on events of the same group.
//
// The append is guarded by the log's expected last position. When another instance has written meanwhile, or the append
// failed, everything undecided on the log is rolled back, the log is read up to its end, and the same commands are
// decided again. A refusal without an append is checked against the log's end before it is given. So several
// instances on one log decide as one. Who loses a race tries again with fewer commands, and grows by winning: a large group
// takes longer to land, and would lose for ever against an instance that writes little by little.
//
// The log is followed also where nothing is decided, and held against what was taken in: the event at the live position is read again
// with every catching up, every lost race, and four times a second, with the stream's settings and beginning. A log that is shorter, holds
// another event there, or is set otherwise is [ErrContradicted]; once that has stood for some seconds the ledger has [Ledger.Halted], and
// decides nothing more.
//
// Every command has an id (R11). The events carry the id and the hash of the command's canonical form, so what was
// decided before a restart is known after it: the same command gives the first outcome again, another one under the
// same id is a conflict, and a refusal binds nobody.
//
// Refusals are kept on a stream of their own: who asked what, when, at which position, and why not.
package ledger
