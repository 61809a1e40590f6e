package pgserver

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// rolesSQL is what deploy/postgres/init.sh runs too.
//
//go:embed roles.sql
var rolesSQL string

// ensureRoles makes the roles of the ledger's database, and hands to the owner what an earlier release made as the superuser.
func ensureRoles(ctx context.Context, target string, secrets map[string]string) error {
	config, err := pgx.ParseConfig(target)
	if err != nil {
		return fmt.Errorf("reading the database URL: %w", err)
	}
	config.RuntimeParams["search_path"] = "pg_catalog"        // nothing that others can make is called by its name
	config.RuntimeParams["log_min_error_statement"] = "panic" // passwords stand in what is run
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return fmt.Errorf("connecting to make the roles: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	var b strings.Builder
	b.WriteString(rolesSQL)
	fmt.Fprintf(&b, `DO $$ BEGIN IF to_regrole('%[1]s') IS NULL THEN CREATE ROLE %[1]s; END IF; END $$;
GRANT fundledger_writers TO %[1]s;
`, service)
	for _, role := range []string{owner, service} {
		fmt.Fprintf(&b, "ALTER ROLE %s LOGIN PASSWORD '%s';\n", role, strings.ReplaceAll(secrets[role], "'", "''"))
	}
	// Services that waited for the server, and its own vacuum after a crash, write the same rows of the catalogue: whoever loses to them
	// asks again.
	for tries := 1; ; tries++ {
		_, err := conn.Exec(ctx, b.String())
		if err == nil {
			return nil
		}
		if tries == 5 || !lostToAnother(err) {
			return fmt.Errorf("making the roles of the database: %w", err)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("making the roles of the database: %w", err)
		case <-time.After(time.Duration(tries) * 100 * time.Millisecond):
		}
	}
}

// lostToAnother is true of a statement that failed because another session did the same at the same time: a deadlock, a lock that did not
// come in time, a row of the catalogue that was written meanwhile (which has no code of its own).
func lostToAnother(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (pg.Code == "40P01" || pg.Code == "55P03" || pg.Code == "XX000" && strings.Contains(pg.Message, "concurrently"))
}
