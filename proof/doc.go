// Package proof shows what a log holds to someone who trusts nobody who runs it, and lets them check it.
//
// # Tree
//
// Each record of a log is a leaf of an RFC 6962 tree; leaf n is the event of sequence n+1. What a leaf hashes is written at
// [eventstore.Leaf]. [LeafHasher] takes the same hash in code of its own, so that who checks shares no code with who builds.
// A tree's hashes are read through [Hashes]; [Tree] holds them in memory, and [Tile] cuts them as C2SP tlog-tiles has it.
//
// # Checkpoints
//
// A checkpoint is a C2SP tlog-checkpoint note of three lines, each ended by a newline: the origin ([Origin], "fundledger/" and the fund's
// id), the number of leaves in decimal, the root in base64. A blank line and the signatures follow:
//
//	fundledger/changning-2024
//	7
//	4bSxwpt5XJY3dlBZ7mvRHRJZvWAkZzp4mkhJWNZ6jcE=
//
//	— fundledger/changning-2024 4oMzEw…
//
// A [Key] of the log signs it with Ed25519, and where the fund has one ([OpenSM2Key]) an SM2 key beside it (GB/T 32918, over the same
// text); to who does not know SM2 that is a signature by somebody unknown. A body in any other spelling is no checkpoint. [Trust] is whose
// signatures are believed; a note signed by none of the log's keys that are trusted, or wrongly by one of them, is [ErrCheckpoint].
//
// A log's key may be changed by an event of the log. [Trust.Follow] believes the next key, or the one before, when a believed checkpoint
// covers the event that says so; that checkpoint bears the signatures of both.
//
// # Proofs
//
// [ProveInclusion] and [ProveConsistency] make the proofs of RFC 6962 with one library, their Check checks them with another. A proof that
// does not hold is [ErrProof]. Of two checkpoints of one log the smaller must be a beginning of the larger: where it is not, the log is
// [ErrForked]; where the log is shorter than what was signed, [ErrRolledBack].
//
// # Notary and witnesses
//
// A [Notary] follows a log and signs its checkpoints: every so many events, and after so long. It keeps them in a [Store], one note a size,
// for ever: another body of a size that is kept is refused, other signatures on the same body are added. A notary signs nothing that does not
// continue what was signed before, its own or others'; when that fails it signs no more, and says why ([Notary.Err]).
//
// A [Witness] cosigns the checkpoints of a log it watches (C2SP tlog-cosignature, tlog-witness), each of which must continue the last one
// that it cosigned; it keeps that one in a file of its own. Whoever holds a cosigned checkpoint knows that the log was shown to somebody
// else as it was shown to them.
package proof
