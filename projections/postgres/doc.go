// Package postgres keeps the projections in PostgreSQL and answers from there.
//
// # Exactly once
//
// A batch of events is one transaction. It locks the checkpoint row, compares it with what this projector expects, writes
// the events and the journal by COPY, adds the summed changes of each line in one statement, brings the tables beside them up to
// date, and moves the checkpoint. An event is therefore in all tables exactly if its position is not beyond the checkpoint, wherever
// anything was killed; and of two projectors on one database the second sees that the checkpoint has moved, and goes on from there.
//
// The same transaction keeps the log's RFC 6962 tree: the leaf of each event beside it, the inner hashes that are complete, and the
// frontier in the checkpoint row. So a proof needs no run through the log, and a tree that disagrees with the projections cannot be left behind.
//
// # Driving it
//
// A Watermill router drives it: recovery, retry, correlation, metrics. Its subscriber is ours: a message carries a run of
// whole commands and its position, and the next follows the acknowledgement of the one before, so order is kept. While one
// batch is being written the next is read and folded; what has gathered meanwhile becomes one batch, so a backlog is
// worked off in large transactions, and a lone event is not kept waiting.
//
// The database's passing troubles (lost connections, restarts, deadlocks) are retried without end. Everything else halts the projection
// with the position of the event at fault; nothing is skipped, and nothing goes to a poison queue. Projector.Err says why.
//
// # The past
//
// Every posting stays in the journal, so a line as of a past position is the sum of its postings up to there: a look along an index
// for each line of the page that is asked for. A moment of the recording clock is turned into a position first; clocks may step
// back, so a position counts as recorded at the latest time that any event up to it bears.
package postgres
