package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/projections/postgres"
)

// logName names the fund's log to the database.
func (in *infrastructure) logName() postgres.Log {
	return postgres.Log{Stream: ledger.StreamName(in.fund), Fund: string(in.fund)}
}

// asOwner is the database by the role that owns it, where that is known; else by the one that there is.
func (in *infrastructure) asOwner() string { return cmp.Or(in.ownerURL, in.databaseURL) }

// migrate brings the tables up to date.
func (in *infrastructure) migrate(ctx context.Context, s *Settings) error {
	return postgres.Migrate(ctx, in.asOwner(), s.logger)
}

type migrateCmd struct{}

// Run makes the tables, or brings them up to date, as the role that owns them: then the service needs no right to.
func (migrateCmd) Run(ctx context.Context, s *Settings) error {
	in := &infrastructure{databaseURL: s.DatabaseURL, ownerURL: s.DatabaseOwnerURL}
	if in.asOwner() == "" {
		var err error
		if in, err = s.open(ctx, purpose{}); err != nil {
			return err
		}
	}
	defer in.close()
	done := s.waiting(s.say("升级数据表", "bringing the tables up to date"))
	err := in.migrate(ctx, s)
	done()
	if err != nil {
		return err
	}
	fmt.Fprintln(s.stderr, s.say("数据表已是最新", "the tables are up to date"))
	return nil
}

// project brings the projections up to a position. A service may do the same at the same time: each event is projected
// once only, whoever is first.
func (in *infrastructure) project(ctx context.Context, s *Settings, position uint64) error {
	log, err := ledger.OpenLog(ctx, in.nc, in.ledgerConfig(s), true)
	if err != nil {
		return err
	}
	if err := in.migrate(ctx, s); err != nil {
		return err
	}
	return s.catchUp(ctx, postgres.Config{URL: in.databaseURL, Source: log, Log: in.logName(), Logger: s.logger}, position)
}

// openLog opens the fund's log to read it.
func (in *infrastructure) openLog(ctx context.Context, s *Settings) (*eventstore.Log, error) {
	log, err := ledger.OpenLog(ctx, in.nc, in.ledgerConfig(s), true)
	if errors.Is(err, eventstore.ErrNoStream) {
		err = fmt.Errorf(s.say("这里没有资金 %s 的账本；请先导入，或用 --fund 指明资金", "there is no ledger of the fund %s here; import into it first, or name another with --fund"), in.fund)
	}
	return log, err
}

// projectAll brings the projections up to the log's end.
func (in *infrastructure) projectAll(ctx context.Context, s *Settings) error {
	log, err := in.openLog(ctx, s)
	if err != nil {
		return err
	}
	end, err := log.Last(ctx)
	if err != nil {
		return err
	}
	return in.project(ctx, s, end)
}

// catchUp projects up to a position, and stops.
func (s *Settings) catchUp(ctx context.Context, cfg postgres.Config, position uint64) error {
	projector, err := postgres.Start(ctx, cfg)
	if err != nil {
		return err
	}
	defer projector.Stop()
	if projector.Position() >= position {
		return nil
	}
	bar := s.progress(s.say("更新投影", "projecting"))
	defer bar.done()
	for {
		waiting, cancel := context.WithTimeout(ctx, 200*time.Millisecond)
		err := projector.WaitFor(waiting, position)
		cancel()
		bar.at(int64(projector.Position()), int64(position))
		switch {
		case err == nil:
			return nil
		case !errors.Is(err, context.DeadlineExceeded):
			return fmt.Errorf("projecting up to event %d: %w", position, err)
		}
	}
}
