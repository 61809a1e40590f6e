package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"github.com/fundledger/fundledger/migrations"
)

// Schema is where the tables are that the log is projected into.
const Schema = "fundledger"

// Migrate brings the database of a URL to the schema that this binary knows: the tables, and what analysts see. Several processes
// may do it at once: one does, the others wait.
func Migrate(ctx context.Context, url string) error {
	if err := migrateSchema(ctx, url, Schema); err != nil {
		return err
	}
	config, err := connConfig(url, Schema)
	if err != nil {
		return err
	}
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return fmt.Errorf("connecting to the database: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	// A verification that reads the views' definitions, or an analyst, may hold what the views wait for, and wait for them: PostgreSQL
	// ends one of the two, which asks again.
	for attempt := 1; ; attempt++ {
		err = pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error { return installViews(ctx, tx) })
		var refused *pgconn.PgError
		if attempt == viewAttempts || !errors.As(err, &refused) || refused.Code != deadlockDetected {
			return err
		}
	}
}

const (
	viewAttempts     = 5
	deadlockDetected = "40P01"
)

func migrateSchema(ctx context.Context, url, schema string) error {
	config, err := connConfig(url, schema)
	if err != nil {
		return err
	}
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
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 300))
	if err != nil {
		return err
	}
	provider, err := goose.NewProvider(goose.DialectPostgres, db, migrations.Files, goose.WithSessionLocker(locker), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return err
	}
	_, err = provider.Up(ctx)
	return err
}

// createSchema makes a schema where there is none. Two sessions that do it at once may collide in the catalogue.
func createSchema(schema string) string {
	return fmt.Sprintf(`DO $$ BEGIN CREATE SCHEMA IF NOT EXISTS %s; EXCEPTION WHEN unique_violation THEN NULL; END $$`, pgx.Identifier{schema}.Sanitize())
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
