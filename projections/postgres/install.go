package postgres

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/fundledger/fundledger/words"
)

// updated are the tables whose rows are updated as the log goes on, and so those that the service's role may update. In all others it
// may insert only: a row there stays as it is. It may delete nowhere.
var updated = []string{"applications", "budgets", "checkpoint", "clawbacks", "enterprises", "exceptions", "findings", "instalments", "lines",
	"payouts", "recoveries"}

// grantsSQL says what each role may do.
var grantsSQL = strings.NewReplacer("{updated}", "fundledger."+strings.Join(updated, ", fundledger."),
	"{overdue}", statement("end_overdue_readers")).Replace(statement("grants"))

// wanted tells what is made by its text: a binary that would make it otherwise, or has other migrations, makes it anew.
func wanted(columns []viewColumn) (string, error) {
	newest, err := newestVersion()
	if err != nil {
		return "", err
	}
	sum := sha256.New()
	fmt.Fprintln(sum, newest, viewsSQL(), grantsSQL)
	for _, l := range viewed() {
		fmt.Fprintln(sum, comment(l.Meaning))
	}
	for _, c := range columns {
		if words.HasColumn(c.Column) { // one that somebody added is no reason to fail: the views are made anew
			fmt.Fprintln(sum, c.View, c.Column, comment(words.Column(c.Column).Meaning))
		}
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// install makes the analysts' views, says what each role may do, and notes that both are as they should be.
func install(ctx context.Context, tx pgx.Tx) error {
	if err := installViews(ctx, tx); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, grantsSQL); err != nil {
		return fmt.Errorf("saying what each role may do: %w", err)
	}
	digest, err := made(ctx, tx)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, "INSERT INTO "+guardSchema+".made (digest) VALUES ($1) ON CONFLICT (only_row) DO UPDATE SET digest = excluded.digest", digest)
	if err != nil {
		return fmt.Errorf("noting what was made: %w", err)
	}
	return nil
}

// made tells what there is, by what it was made of and by what the catalogue says: a view that was dropped or changed by hand shows.
func made(ctx context.Context, from asker) (string, error) {
	columns, err := listColumns(ctx, from)
	if err != nil {
		return "", err
	}
	text, err := wanted(columns)
	if err != nil {
		return "", err
	}
	var found string
	if err := from.QueryRow(ctx, statement("made")).Scan(&found); err != nil {
		return "", fmt.Errorf("reading what was made: %w", err)
	}
	return text + " " + found, nil
}

// installed tells whether everything is there as this binary would make it.
func (o *owned) installed(ctx context.Context, from asker) (bool, error) {
	var noted bool
	err := from.QueryRow(ctx, `SELECT count(*) = 2 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = $1 AND c.relname = 'made' AND has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT')
    OR n.nspname = $2 AND c.relname = 'goose_db_version' AND has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT')`,
		guardSchema, Schema).Scan(&noted)
	if err != nil {
		return false, fmt.Errorf("reading what was made: %w", err)
	}
	if !noted {
		return false, nil
	}
	digest, err := made(ctx, from)
	if err != nil {
		return false, err
	}
	var same bool
	if err := from.QueryRow(ctx, "SELECT EXISTS (SELECT FROM "+guardSchema+".made WHERE digest = $1)", digest).Scan(&same); err != nil {
		return false, fmt.Errorf("reading what was made: %w", err)
	}
	return same, nil
}
