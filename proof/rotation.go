package proof

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/wire"
)

// Rotation is a change of the key that signs a log's checkpoints, as an event of the log says it.
type Rotation struct {
	Seq      uint64
	Old, New string // verifier keys
}

// rotations reads the rotations of a log.
func rotations(ctx context.Context, log Log) ([]Rotation, error) {
	var found []Rotation
	err := log.Read(ctx, 1, 0, func(records []eventstore.Record) error {
		for _, r := range records {
			if rotation, ok := RotationOf(r); ok {
				found = append(found, rotation)
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading which keys signed the log: %w", err)
	}
	return found, nil
}

// RotationOf reads the rotation that a record is, if it is one. What cannot be read rotates nothing; judging the log finds it.
func RotationOf(r eventstore.Record) (Rotation, bool) {
	if !strings.HasSuffix(r.Subject, "."+domain.CheckpointKeyRotated{}.Name()) {
		return Rotation{}, false
	}
	entry, err := wire.Decode(r)
	if err != nil {
		return Rotation{}, false
	}
	e, ok := entry.Event.(*domain.CheckpointKeyRotated)
	if !ok {
		return Rotation{}, false
	}
	return Rotation{Seq: r.Seq, Old: e.Old, New: e.New}, true
}

// Follow is the trust that follows from a trusted key and the rotations of a log. Who trusts a key believes what it signed,
// and a rotation that lies under a checkpoint signed by it tells which key came before or after. The rest is up to the one who
// asks: that the checkpoints hold against the log that the rotations were read from. Keys that nothing leads to stay unknown.
func (t Trust) Follow(origin string, rotations []Rotation, notes [][]byte) Trust {
	for {
		var vouched uint64 // the size of the largest log that a believed checkpoint stands for
		for _, text := range notes {
			if s, err := t.Open(origin, text); err == nil {
				vouched = max(vouched, s.Size)
			}
		}
		known := len(t.Log)
		for _, r := range rotations {
			if r.Seq > vouched {
				continue
			}
			before, err := NewVerifier(r.Old)
			if err != nil {
				continue
			}
			after, err := NewVerifier(r.New)
			if err != nil {
				continue
			}
			switch old, now := t.Knows(before), t.Knows(after); {
			case old && !now && after.Name() == origin:
				t.Log = append(slices.Clip(t.Log), after)
			case now && !old && before.Name() == origin:
				t.Log = append(slices.Clip(t.Log), before)
			}
		}
		if len(t.Log) == known {
			return t
		}
	}
}

// Knows reports whether a key of the log is trusted.
func (t Trust) Knows(v note.Verifier) bool {
	return slices.ContainsFunc(t.Log, func(k note.Verifier) bool { return k.Name() == v.Name() && k.KeyHash() == v.KeyHash() })
}

// opens reports whether every note is signed by a trusted key.
func (t Trust) opens(origin string, notes [][]byte) bool {
	return !slices.ContainsFunc(notes, func(text []byte) bool { _, err := t.Open(origin, text); return err != nil })
}

// Following is the trust with what follows from the log's rotations, where some note needs them.
func (t Trust) Following(ctx context.Context, origin string, log Log, notes [][]byte) (Trust, error) {
	if t.opens(origin, notes) {
		return t, nil
	}
	rotations, err := rotations(ctx, log)
	if err != nil {
		return t, err
	}
	return t.Follow(origin, rotations, notes), nil
}
