package projections

import "time"

// KeptEvent is an event as the projections keep it.
type KeptEvent struct {
	Seq      uint64
	Recorded time.Time // UTC, to the nanosecond
	Subject  string
	Data     []byte // the exact JSON
}
