// Package migrations is the database's DDL, forward only. What is here once is never edited: a change is a new file.
//
// Nothing in it names a schema: it runs with search_path set to the schema that is filled, "fundledger", or the one that a
// rebuild fills beside it. One that inserts into the checkpoint or updates it first sets fundledger.tables to its own number, as whoever
// writes there does (00011).
package migrations

import "embed"

// Files are the migrations, by number.
//
//go:embed *.sql
var Files embed.FS
