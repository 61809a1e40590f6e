// Package archive writes a ledger into one file that leaves the house, and reads such a file of whose maker nothing is known.
//
// # Bundles
//
// A bundle ([WriteBundle], [OpenBundle], [VerifyBundle]) is a zip that proves itself to whoever trusts the log's verifier key: the whole
// ledger, whose root is taken anew and whose decisions are judged, or an extract of a [Scope], each event of which is proved to lie on the
// log. Every bundle states the totals of the whole ledger at its checkpoint with the roots of their sum trees; by these an
// extract also proves that it leaves nothing of its scope out, and how it adds up with the rest to those totals. That proof rests on the
// statement, which the log's key signs, and which a bundle of the whole ledger makes again. [Grew] holds two bundles of one ledger against
// each other: that the later log continues the earlier, and that two of one checkpoint state the same totals.
//
// # Backups
//
// A backup ([WriteBackup], [OpenBackup]) is one file of which the ledger is made again: every event and refusal with its sequence, its
// moment and its bytes, and the checkpoints, with one of just what is in it. It is checked whole, in bounded memory, before anything is
// made of it, and what was made is held against it ([Backup.Hold]). A log that contradicts its checkpoints is not backed up. Who made up a
// whole file could sign it with a key of their own: so it is believed by keys that were got elsewhere. A file that is not whole is [ErrBackup].
//
// Both readers bound what they read: a file may have been made to exhaust them.
package archive
