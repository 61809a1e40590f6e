package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/internal/disk"
)

// tendEvery is how often the servers are looked at that this process runs itself.
const tendEvery = time.Second

// tend starts the log's server again once its store can be written to, where it has failed: a store that could not write once writes
// nothing more. It returns when ctx ends, or why the log cannot be served any more, such as damage.
func (s *Settings) tend(ctx context.Context, in *infrastructure) error {
	if in.server == nil {
		<-ctx.Done()
		return nil
	}
	tick := time.NewTicker(tendEvery)
	defer tick.Stop()
	dir := filepath.Join(in.dir, logDir)
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		if in.server.Failed() == nil || disk.Probe(dir) != nil || in.room(s).Err() != nil {
			continue
		}
		err := in.server.Restart()
		if err == nil {
			err = s.settle(ctx, in)
		}
		var damage *eventstore.Damaged
		switch {
		case errors.As(err, &damage):
			return s.damaged(in, damage)
		case err != nil:
			s.logger.Error("the log's server does not start again yet", "error", err)
		default:
			s.logger.Warn("the log's disk can be written to again, and its server was started anew")
		}
	}
}

// room is that enough stays free where the log and the tables lie that this machine keeps.
func (in *infrastructure) room(s *Settings) disk.Room {
	return disk.Room{Folders: in.local, Least: s.MinFree << 20}
}

// storeWatch tells why the log's store takes nothing; where a disk is full, that. The store itself notices when it writes: whether its disk has
// turned read-only is looked at also when nothing is written. One goroutine asks it.
func (in *infrastructure) storeWatch() func() error {
	folder := filepath.Join(in.dir, logDir)
	var looked time.Time
	var found error
	return func() error {
		if time.Since(looked) >= tendEvery {
			if found = disk.Writable(folder); found != nil {
				found = fmt.Errorf("%w: %w", eventstore.ErrStoreFailed, found)
			}
			looked = time.Now()
		}
		err := in.server.Failed()
		if err == nil {
			return found
		}
		var full *disk.Full
		if probed := disk.Probe(folder); errors.As(probed, &full) {
			full.Cause = errors.Join(err, full.Cause)
			return full
		}
		return err
	}
}
