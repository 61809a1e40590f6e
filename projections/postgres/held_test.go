package postgres

import (
	"context"
	"testing"
	"time"

	"github.com/fundledger/fundledger/pgserver/pgtest"
)

// A writer that is held still in the midst of a batch (its machine is moved, its process stopped) keeps the others away for seconds, not for as long as
// it likes; when it goes on it learns that its session is gone, and that is no reason to halt.
func TestAWriterThatIsHeldStillKeepsTheOthersAwayForSecondsOnly(t *testing.T) {
	t.Parallel()
	url := pgtest.NewMigrated(t, "fundledger", func(ctx context.Context, url string) error { return Migrate(ctx, url, nil) })
	log := Log{"FUND_t", "t"}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	still, err := openWriter(ctx, url, Schema, log)
	if err != nil {
		t.Fatal(err)
	}
	tx, err := still.conn.Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := scanCheckpoint(tx.QueryRow(ctx, lockCheckpoint)); err != nil {
		t.Fatal(err)
	}
	another, err := openWriter(ctx, url, Schema, log)
	if err != nil {
		t.Fatal(err)
	}
	defer another.conn.Close(ctx)
	if _, err := scanCheckpoint(another.conn.QueryRow(ctx, lockCheckpoint)); err != nil {
		t.Fatalf("the other one waits in vain: %v", err)
	}
	if _, err := tx.Exec(ctx, moveCheckpoint, int64(1), int64(1), int64(0), []byte{}); err == nil || !isTransient(err) {
		t.Errorf("it goes on with %v", err)
	}
}
