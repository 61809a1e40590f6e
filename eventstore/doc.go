// Package eventstore keeps events: an append-only log, without gaps, on a NATS JetStream stream. It knows nothing of
// what the events say.
//
// # The log
//
// A log is one stream. Its events have positions 1, 2, 3, … and lie there for ever: the stream keeps its events in files, has
// no limit of number, bytes, age or size, refuses new events rather than dropping old ones, denies delete and
// purge, and takes atomic batches. Open creates it so, and refuses a stream that is set otherwise or from which anything was
// taken (SettingsError). Every event is on the disk before it is acknowledged, provided the server syncs always; those of
// StartServer and StartCluster do, and no client can see whether another server does.
//
// # An event
//
// An event is one message. Its subject is fund.<fund>.<entity>.<id>.<what> (Subject escapes the tokens). Its data are
// opaque bytes. Its headers are a CloudEvents 1.0 context in the NATS binding's binary mode, one header an attribute, named ce-
// and the attribute in lower case, in which every byte but printable ASCII, and space, '"' and '%', is written %XX:
//
//	ce-specversion      "1.0"
//	ce-datacontenttype  "application/json"
//	ce-id               unique to the event: <command id>#<index>
//	ce-source           URI reference of what the event belongs to
//	ce-type             what happened
//	ce-dataversion      version of the data's schema, from 1
//	ce-time             moment of the decision, RFC 3339, UTC, nanoseconds
//	ce-subject          the entity
//	ce-command          name of the command that was decided
//	ce-commandid        its id
//	ce-commandhash      SHA-256 of its canonical form, hexadecimal
//	ce-commandindex     the event's place among the command's events, from 0
//	ce-commandcount     how many events the command has
//	ce-correlationid, ce-causationid, ce-actor, ce-actorfor, ce-role, ce-department, ce-importedby, ce-businessdate, ce-aswritten,
//	ce-clauseversion, ce-edition, ce-traceparent
//	                    where there is one; without ce-edition an event is of the first
//
// Beside them only the server's own headers (Nats-) may be present: the guard and the batch that brought the event. The time of
// recording is the stream's (Record.Time).
//
// # Writing
//
// Append is guarded by the position the log is believed to end at (Nats-Expected-Last-Sequence, for the whole stream).
// Who finds it moved gets ErrOutOfTurn. One event is a plain publish, several are one atomic batch: a command's events
// land together or not at all, and Append refuses drafts that are not whole commands. A few commands of one event each are
// published in a row where that is faster than a batch.
// An answer that is lost is never guessed: see Append.
//
// # Reading
//
// Get and Last ask the stream's leader, so they see every acknowledged append. Read and Follow deliver in order and check that no
// position is missing; they use consumers of their own, in the server's memory, and delete them. What Follow hands over ends
// where a command ends.
package eventstore
