// Package wire is how commands and events are written: JSON, read strictly.
//
// A command is one JSON object, the same in a line of a .jsonl file, the body of a POST and a NATS request:
//
//	{"command": "make_payout", "id": "2025-0001", "date": "2025-03-01",
//	 "actor": {"id": "li.na", "role": "treasurer", "department": "finance"},
//	 "payout": "P-1", "application": "A-1", "support_year": 2025, "amount": "1800000.00", "voucher": "V-17"}
//
// Read strictly means: valid UTF-8, no member twice, no member that the command does not have, no number where an
// amount (a string) belongs, nothing behind the object. A member that is null is as if left out; only in amend_clause a
// cap of null means that none is stated any more, and a cap left out is refused. What cannot be read is
// a [domain.Refusal] that names the field.
//
// The canonical form of a command is its members in the order of its Go struct, "command" first; its SHA-256 tells
// whether two commands of one id are the same (R11).
//
// An event is the JSON of its Go struct, under the type "fundledger." and its name, with a schema version counted from
// 1. A version that was ever written is read for ever: [DecodeEvent] takes an old one through its upcasts, one version
// at a time. Reading ignores members it does not know, so that an older binary can follow a newer one's log.
package wire
