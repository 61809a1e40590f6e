// Package web is the ledger over HTTP: commands in, questions and their answers out, and who may.
//
// # Who
//
// Every route but health, sign-in and /static/ needs a viewer: a session (POST /login) or an API token
// ("Authorization: Bearer flt_…"). Users, their grants (a role, for a department) and tokens lie in one file of mode 0600
// ([Users]), passwords by argon2id, tokens by SHA-256, for a token is 256 random bits already. What a route is open to
// stands in one table (routes.go); what a command is open to, the rules judge (R9). The actor of a command is its viewer,
// never its body: X-Act-As: role@department, or role and department in the body's actor, choose among the viewer's grants.
//
// An organisation's own sign-in (OpenID Connect) is a matter of configuration; roles stay in the file. Every answer has a
// content security policy without inline anything, forms from other sites are refused (Sec-Fetch-Site, Origin), guessing
// passwords waits longer each time, clients are held to a rate, bodies and headers to a size, and a client that neither reads
// nor writes is let go.
//
// # Commands
//
// POST /v1/commands takes one command as JSON. Its id may come as Idempotency-Key. 200 is its outcome, durable; the same
// command again gives the first outcome. A refusal is a problem (RFC 9457) with code, rule and figures: 400 what cannot be
// read, 403 role, department and four eyes, 404 what does not exist, 409 another command under the same id, 422 every other
// rule. 503 with Retry-After says that the outcome is not known, or that the service closes: send the same again. With
// If-Match it is decided only while what was read still holds, judged on the very state of the decision: the ETag of
// /v1/applications/{id} holds while the application and its headroom are as they were, that of any other answer while nothing
// at all was recorded since; 412 otherwise.
//
// POST /v1/commands/batch takes one command a line (NDJSON) and answers one line each, in order, while it reads; it holds a
// bounded number of lines. ?actors=lines lets an admin import lines that name their actors;
// with &dry_run=true they are decided on a copy in memory and nothing is booked.
// With Prefer: respond-async the answer is 202 with Location, /v1/jobs/{id}: the lines are decided meanwhile, and their answers
// are under /v1/jobs/{id}/outcomes once all are. Jobs are few, of bounded size, kept for an hour, their giver's alone, and end with
// the service: lines without an outcome are sent again with the same ids.
//
// The same over NATS request/reply: "cmd.<fund>" ([CommandSubject]), the body a command, the header Authorization a token; the
// answer is the outcome, or a problem with its status in Nats-Service-Error-Code.
//
// # Questions
//
// Lists have filters, as_of (the recording clock: a time, a date, seq:N), on (the business date), limit and cursor. JSON is
// one page: {"seq", "next", "rows"}, with Link: rel="next". CSV, XLSX, Parquet and NDJSON, by Accept or ?format=, are
// everything that is filtered: Fundledger-Position says from which position, Fundledger-Rows and Fundledger-Totals
// count it, as headers or, where it is long, as trailers; an answer that breaks off is cut, never ended. What has as_of is
// of one position however long it is; of the lists of details as they are now, Fundledger-Position-End tells whether
// something was recorded while they were read. min_seq, which every route and page takes, waits
// until a position is projected. ETag is the position.
//
// GET /v1/stream (server-sent events) tells "position" whenever the projections have moved: {"projected", "last"}.
//
// # Proof
//
// [Proof] says what proves the ledger. Checkpoints, proofs that an event lies in the tree (/v1/proofs/inclusion) and that the log only
// grew (/v1/proofs/consistency), the last verification and another one now, replays, explanations, receipts, what-ifs, samples and
// bundles are asked for under /v1. They read of the log what bears on the question. Those that read much take turns, or are
// refused with 429 and Retry-After while others run; what would not fit into memory is refused as too_much.
//
// /checkpoint and /tile/… are the log as C2SP tlog-tiles describes it, so that public tools read it: with a token like everything
// else, or, where [Config].OpenTiles says so, the checkpoint and the hashes without; the events (/tile/entries/…) always need one.
//
// What is asked, with which parameters and answers, stands in /openapi.json and, for people, in /docs, both made of the table
// of routes.
//
// An unknown parameter is an error: a filter that is misspelt must not give everything.
package web
