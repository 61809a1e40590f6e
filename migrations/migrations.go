// Package migrations is the database's DDL, forward only. What is here once is never edited: a change is a new file.
//
// Nothing in it names a schema: it runs with search_path set to the schema that is filled, "fundledger", or the one that a
// rebuild fills beside it; and "fundledger_kept" for what is not derived from the log and outlives every rebuild.
package migrations

import (
	"embed"
	"io/fs"
)

// Files are the migrations of the tables that are derived from the log, by number.
//
//go:embed *.sql
var Files embed.FS

//go:embed kept/*.sql
var kept embed.FS

// Kept are the migrations of the tables that cannot be derived, by number.
var Kept = func() fs.FS {
	files, err := fs.Sub(kept, "kept")
	if err != nil {
		panic("migrations: " + err.Error()) // the folder is named in the line above
	}
	return files
}()
