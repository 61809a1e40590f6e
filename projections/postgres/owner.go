package postgres

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/fundledger/fundledger/domain"
)

// guardSchema holds what the owner keeps for itself: a table that is locked by whoever changes the tables, what was made last, and the
// function that ends analysts' sessions. No lock that an analyst can take is waited for: advisory locks are everybody's.
const guardSchema = "fundledger_guard"

// ownerRole owns the database where pgserver/roles.sql was run.
const ownerRole = "fundledger_owner"

const (
	lockTimeout       = 2 * time.Second        // of one attempt: who waits for a table holds up everybody who comes after
	lookAfter         = lockTimeout / 2        // who is in the way is looked for while it is waited for
	betweenAttempts   = 300 * time.Millisecond // for those who were held up
	warnings          = 1                      // attempts before an analyst who is in the way is sent away
	migrationAttempts = 130                    // five minutes
)

// How long a transaction may stand idle before the database ends its session. None of them does while its process lives: one that does is of a process
// that is held still (it was stopped, its machine is moved), and what it locked others wait for. A verification's snapshot stands while the log is read.
const (
	ownerStill    = 5 * time.Second
	questionStill = 30 * time.Second
	refoldStill   = 5 * time.Minute
	snapshotStill = 20 * time.Minute
)

func idleMost(d time.Duration) string { return fmt.Sprint(d.Milliseconds()) }

// awake does something by other connections while a transaction holds what others have to wait for meanwhile. It says a word on that one every so often;
// where that fails, what it held is free, and what is being done is broken off by [errLost].
func awake(ctx context.Context, tx pgx.Tx, every time.Duration, do func(context.Context) error) error {
	within, lost := context.WithCancelCause(ctx)
	saying, enough := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for tick := time.Tick(every); ; {
			select {
			case <-saying.Done():
				return
			case <-tick:
			}
			if _, err := tx.Exec(ctx, "SELECT 1"); err != nil {
				lost(fmt.Errorf("%w: %w", errLost, err))
				return
			}
		}
	}()
	err := do(within)
	enough()
	<-ended
	if cause := context.Cause(within); err == nil || errors.Is(cause, errLost) {
		err = cause
	}
	lost(nil)
	return err
}

// errLost says that what was held while others waited is held no longer: another process may be at the same work.
var errLost = errors.New("this process was held still, or cut off from the database, and the database ended its session: try again")

// owned is a connection of the database's owner, for work that others may be in the way of.
type owned struct {
	conn   *pgx.Conn
	config *pgx.ConnConfig
	logger *slog.Logger
}

func openOwner(ctx context.Context, url string, logger *slog.Logger) (*owned, error) {
	config, err := connConfig(url, Schema)
	if err != nil {
		return nil, err
	}
	if logger == nil {
		logger = slog.New(slog.DiscardHandler)
	}
	config.RuntimeParams["lock_timeout"] = fmt.Sprint(lockTimeout.Milliseconds())
	config.RuntimeParams["idle_in_transaction_session_timeout"] = idleMost(ownerStill)
	config.RuntimeParams["application_name"] = "fundledger owner " + rand.Text()[:8]
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("connecting to the database: %w", err)
	}
	return &owned{conn: conn, config: config, logger: logger}, nil
}

func (o *owned) close(ctx context.Context) { _ = o.conn.Close(context.WithoutCancel(ctx)) }

// makeGuard makes what the guard consists of where it is not there. Sessions that do it at once may collide in the catalogue.
func (o *owned) makeGuard(ctx context.Context) error {
	if _, err := o.conn.Exec(ctx, statement("guard")); err != nil {
		return fmt.Errorf("making the guard of the tables: %w", err)
	}
	return nil
}

// notOwner says whose work it is.
type notOwner struct{ owner string }

func (e *notOwner) Error() string { return e.Message().EN }

func (e *notOwner) Is(target error) bool { return target == ErrNotOwner }

// Message is the error for people.
func (e *notOwner) Message() domain.Text {
	return domain.Text{
		ZH: fmt.Sprintf("数据表须由属主角色 %s 建立或升级：请以该角色运行 fundledger migrate（--database-owner-url）", e.owner),
		EN: fmt.Sprintf("the tables have to be made or brought up to date by the role %s, which owns them: run \"fundledger migrate\" as that role (--database-owner-url)", e.owner),
	}
}

// holder is a session that holds what another waits for.
type holder struct {
	PID         int
	Who         string // the role
	Application string
	From        string
	Since       string
	Reader      bool // nothing but an analyst
}

func (h holder) String() string {
	return fmt.Sprintf("pid %d, role %s, application %q, from %s, since %s", h.PID, h.Who, h.Application, h.From, h.Since)
}

// held says who holds what was waited for in vain.
type held struct {
	by  []holder
	err error
}

func (e *held) Error() string { return e.Message().EN }

func (e *held) Unwrap() error { return e.err }

// Message is the error for people.
func (e *held) Message() domain.Text {
	names := make([]string, len(e.by))
	for i, h := range e.by {
		names[i] = h.String()
	}
	who := strings.Join(names, "; ")
	if who == "" {
		return domain.Text{ZH: "数据表被其他会话占用：" + e.err.Error(), EN: "the tables are held by another session: " + e.err.Error()}
	}
	return domain.Text{
		ZH: fmt.Sprintf("数据表被其他会话占用（%s）：请结束该会话后重试", who),
		EN: fmt.Sprintf("the tables are held by another session (%s): end it, then try again", who),
	}
}

// isHeld tells whether somebody else was in the way: a lock that was not given in time, or each waited for the other.
func isHeld(err error) bool {
	var refused *pgconn.PgError
	return errors.As(err, &refused) && (refused.Code == "55P03" || refused.Code == "40P01")
}

// patiently does something that others may be in the way of, again and again; 0 attempts: until ctx ends. Who is in the way is named in
// the log, and an analyst is sent away after that: what the service needs does not depend on whether somebody goes home without
// closing a window.
func (o *owned) patiently(ctx context.Context, attempts int, do func() error) error {
	for attempt := 1; ; attempt++ {
		looking, enough := context.WithCancel(ctx)
		found := make(chan []holder, 1)
		go func() { found <- o.holders(looking) }()
		err := do()
		enough()
		by := <-found
		if !isHeld(err) || ctx.Err() != nil {
			return err
		}
		if attempt == attempts {
			return &held{by, err}
		}
		for _, h := range by {
			if attempt == 1 || attempt%10 == 0 {
				o.logger.Warn("the tables are held by another session", "pid", h.PID, "role", h.Who, "application", h.Application, "from", h.From, "since", h.Since)
			}
			if h.Reader && attempt > warnings {
				o.end(ctx, h)
			}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(betweenAttempts):
		}
	}
}

// holders are the sessions that this owner's connections wait for, as they were seen last until ctx ends.
func (o *owned) holders(ctx context.Context) (by []holder) {
	var conn *pgx.Conn
	for {
		select {
		case <-ctx.Done():
			if conn != nil {
				_ = conn.Close(context.WithoutCancel(ctx))
			}
			return by
		case <-time.After(lookAfter):
		}
		var err error
		if conn == nil {
			if conn, err = pgx.ConnectConfig(ctx, o.config); err != nil {
				continue // whoever waits says what it waits for
			}
		}
		rows, err := conn.Query(ctx, statement("holders"), o.config.RuntimeParams["application_name"])
		if err != nil {
			continue
		}
		if seen, err := pgx.CollectRows(rows, pgx.RowToStructByPos[holder]); err == nil && len(seen) > 0 {
			by = seen
		}
	}
}

// end sends an analyst away.
func (o *owned) end(ctx context.Context, h holder) {
	var ended bool
	conn, err := pgx.ConnectConfig(ctx, o.config)
	if err == nil {
		defer conn.Close(context.WithoutCancel(ctx))
		err = conn.QueryRow(ctx, "SELECT pg_terminate_backend($1)", h.PID).Scan(&ended)
	}
	if err != nil {
		o.logger.Error("an analyst's session is in the way and could not be ended", "pid", h.PID, "role", h.Who, "error", err)
		return
	}
	if ended {
		o.logger.Warn("an analyst's session was in the way and was ended", "pid", h.PID, "role", h.Who, "application", h.Application, "from", h.From, "since", h.Since)
	}
}
