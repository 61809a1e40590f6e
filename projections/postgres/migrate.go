package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"

	"github.com/fundledger/fundledger/migrations"
)

// Schema is where the tables are that the log is projected into.
const Schema = "fundledger"

// Migrate brings the database of a URL to the schema that this binary knows: the tables, what each role may do in them, and what analysts
// see. What is there already is left alone, so that whoever reads it is in nobody's way. Else the URL's role has to own the database, or
// it is [ErrNotOwner]. Several processes may do it at once: one does, the others wait. An analyst who holds what has to change is named in
// the log, then sent away; anybody else is waited for, and named in the error when that takes too long.
func Migrate(ctx context.Context, url string, logger *slog.Logger) error {
	o, err := openOwner(ctx, url, logger)
	if err != nil {
		return err
	}
	defer o.close(ctx)
	if done, err := o.installed(ctx, o.conn); done || err != nil {
		return err
	}
	if err := o.mayMigrate(ctx); err != nil {
		return err
	}
	return o.patiently(ctx, migrationAttempts, func() error {
		if err := o.makeGuard(ctx); err != nil {
			return err
		}
		return pgx.BeginFunc(ctx, o.conn, func(tx pgx.Tx) error {
			if _, err := tx.Exec(ctx, "LOCK TABLE "+guardSchema+".work IN EXCLUSIVE MODE"); err != nil {
				return fmt.Errorf("waiting for another migration or rebuild: %w", err)
			}
			if done, err := o.installedNow(ctx, tx); done || err != nil {
				return err // another was first
			}
			if err := notNewer(ctx, tx); err != nil {
				return err // another was first, of a later release
			}
			if err := awake(ctx, tx, ownerStill/5, func(ctx context.Context) error { return o.migrateSchema(ctx, Schema) }); err != nil {
				return err
			}
			return install(ctx, tx)
		})
	})
}

// installedNow is [owned.installed] within a transaction that goes on, and keeps no lock of what it looked at: the migrations, on a connection
// of their own, would wait for it for ever.
func (o *owned) installedNow(ctx context.Context, tx pgx.Tx) (bool, error) {
	look, err := tx.Begin(ctx)
	if err != nil {
		return false, err
	}
	done, err := o.installed(ctx, look)
	return done, errors.Join(err, look.Rollback(ctx))
}

// migrateSchema runs the migrations in a schema, on a connection of their own. Whoever calls it holds the guard.
func (o *owned) migrateSchema(ctx context.Context, schema string) error {
	config := o.config.Copy()
	config.RuntimeParams["search_path"] = schema
	db := stdlib.OpenDB(*config)
	defer db.Close()
	if err := migrateDB(ctx, db, schema); err != nil {
		return fmt.Errorf("migrating the schema %s: %w", schema, err)
	}
	return nil
}

func migrateDB(ctx context.Context, db *sql.DB, schema string) error {
	if _, err := db.ExecContext(ctx, createSchema(schema)); err != nil {
		return err
	}
	provider, err := goose.NewProvider(goose.DialectPostgres, db, migrations.Files, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return err
	}
	_, err = provider.Up(ctx)
	return err
}

// createSchema makes a schema, or leaves the live one that is there if it is this role's. It fails on one that somebody else made: whoever
// owns a schema may drop what is in it, and have functions of theirs called by the migrations.
func createSchema(schema string) string {
	name := pgx.Identifier{schema}.Sanitize()
	if schema == beside {
		return "CREATE SCHEMA " + name
	}
	return fmt.Sprintf(`DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_namespace WHERE nspname = %s AND pg_has_role(current_user, nspowner, 'USAGE')) THEN
    CREATE SCHEMA %s;
END IF; END $$`, quoted(schema), name)
}

// mayMigrate is [ErrOtherVersion] where a later release made the tables, and [ErrNotOwner] for a role that may not change them, or must not
// make them because they would be its own.
func (o *owned) mayMigrate(ctx context.Context) error {
	if err := notNewer(ctx, o.conn); err != nil {
		return err
	}
	var owner string
	var may bool
	err := o.conn.QueryRow(ctx, `SELECT o.rolname, pg_has_role(current_user, o.oid, 'USAGE') OR n.oid IS NULL AND o.rolname <> $2
FROM pg_database d LEFT JOIN pg_namespace n ON n.nspname = $1 JOIN pg_roles o ON o.oid = coalesce(n.nspowner, d.datdba)
WHERE d.datname = current_database()`, Schema, ownerRole).Scan(&owner, &may)
	if err == nil && !may {
		err = &notOwner{owner}
	}
	if err != nil {
		return fmt.Errorf("migrating the schema %s: %w", Schema, err)
	}
	return nil
}

// connConfig reads a URL and sets the schema that unqualified names are looked for in.
func connConfig(url, schema string) (*pgx.ConnConfig, error) {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("reading the database URL: %w", err)
	}
	config.RuntimeParams["search_path"] = schema
	config.RuntimeParams["timezone"] = "UTC"
	config.RuntimeParams["jit"] = "off" // every statement here is short: compiling one would cost more than running it
	return config, nil
}
