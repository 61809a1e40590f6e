package accounts

import (
	"context"
	"time"
)

// HoldStill has these accounts hear nothing for a while, as those of a process that is held still. wake lets it go on.
func (u *Users) HoldStill(ctx context.Context, d time.Duration) (wake func()) {
	u.Close()
	u.sure.Store(time.Now().Add(-d).UnixNano())
	return func() { u.run(ctx) }
}
