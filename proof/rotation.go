package proof

import (
	"cmp"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/wire"
)

// Rotation is a change of the key that signs a log's checkpoints. Both keys sign it: the old one says who comes next, the new one that
// it is there. What they sign is
//
//	fundledger key change v1
//	<origin of the log>
//	<position: events under the last checkpoint that the old key signed>
//	<old verifier key>
//	<new verifier key>
//
// each with a line break behind it. No checkpoint begins like that.
type Rotation struct {
	Seq                        uint64 // of its event; 0: it is not on the log yet
	Old, New                   string // verifier keys
	Position                   uint64
	OldSignature, NewSignature string // in base64
}

// ErrRotation says that a change of key is not signed by both keys: nobody follows it.
var ErrRotation = errors.New("the change of the checkpoint key is not signed by both keys")

// SignRotation signs a change of key with both. The old key has signed a checkpoint of so many events as position says.
func SignRotation(position uint64, old, now Key) (Rotation, error) {
	r := Rotation{Old: old.Verifier, New: now.Verifier, Position: position}
	for _, by := range []struct {
		key  Key
		into *string
	}{{old, &r.OldSignature}, {now, &r.NewSignature}} {
		signer, err := by.key.Signer()
		if err != nil {
			return r, fmt.Errorf("signing a change of key: %w", err)
		}
		signature, err := signer.Sign(r.text(old.Name))
		if err != nil {
			return r, fmt.Errorf("signing a change of key: %w", err)
		}
		*by.into = base64.StdEncoding.EncodeToString(signature)
	}
	return r, nil
}

// text is what both keys sign.
func (r Rotation) text(origin string) []byte {
	return []byte(strings.Join([]string{"fundledger key change v1", origin, strconv.FormatUint(r.Position, 10), r.Old, r.New, ""}, "\n"))
}

// Check is [ErrRotation] where a change of the key of an origin's log is not signed by both keys.
func (r Rotation) Check(origin string) error {
	for _, by := range []struct{ key, signature string }{{r.Old, r.OldSignature}, {r.New, r.NewSignature}} {
		v, err := NewVerifier(by.key)
		if err != nil {
			return fmt.Errorf("%w: %w", ErrRotation, err)
		}
		signature, err := base64.StdEncoding.Strict().DecodeString(by.signature)
		if err != nil || v.Name() != origin || !v.Verify(r.text(origin), signature) {
			return fmt.Errorf("%w: %s did not sign it", ErrRotation, domain.Clip(by.key, 120))
		}
	}
	if r.Seq > 0 && r.Position >= r.Seq {
		return fmt.Errorf("%w: it is of event %d and names a checkpoint of %d", ErrRotation, r.Seq, r.Position)
	}
	return nil
}

// RotationSaid is the rotation that an event says.
func RotationSaid(seq uint64, e domain.CheckpointKeyRotated) Rotation {
	return Rotation{Seq: seq, Old: e.Old, New: e.New, Position: e.Position, OldSignature: e.OldSignature, NewSignature: e.NewSignature}
}

// Rotations reads the rotations of a log.
func Rotations(ctx context.Context, log Log) ([]Rotation, error) {
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
	return RotationSaid(r.Seq, *e), true
}

// Replaced is the key that took a key's place, as the log's changes say and both keys signed; empty: none did.
func Replaced(origin, key string, changes []Rotation) string {
	for _, r := range changes {
		if r.Old == key && r.Check(origin) == nil {
			return r.New
		}
	}
	return ""
}

// Follow is the trust that follows from a trusted key and the changes of a log's key that both keys signed. It goes forward only: whoever
// trusts the old key believes the new one, for checkpoints of more events than the change names. Trust never flows from a new key
// back. [Trust.Followed] says which changes were followed; with NoFollow there are none.
//
// A change is followed only where the old key's own checkpoint of the change's position is among the notes, which the caller holds against
// the log. Both signatures are public, and say nothing of the events before: without that checkpoint, whoever stole the new key could put the
// change behind other events, and rewrite what the old key had signed.
func (t Trust) Follow(origin string, rotations []Rotation, notes [][]byte) Trust {
	t.changes = rotations
	if t.NoFollow {
		return t
	}
	for _, r := range rotations {
		old, err := NewVerifier(r.Old)
		if err != nil || !t.Knows(old) || t.since(old) > r.Position || r.Check(origin) != nil || !t.signedUpTo(origin, old, r.Position, notes) {
			continue
		}
		now, err := NewVerifier(r.New)
		if err != nil || t.Knows(now) {
			continue
		}
		t.Log = append(slices.Clip(t.Log), now)
		t.Followed = append(slices.Clip(t.Followed), r)
	}
	return t
}

// signedUpTo reports whether one of some notes is a checkpoint of so many events that a trusted key signed itself, and may have signed.
func (t Trust) signedUpTo(origin string, key note.Verifier, size uint64, notes [][]byte) bool {
	alone := Trust{Log: []note.Verifier{key}}
	return slices.ContainsFunc(notes, func(text []byte) bool {
		s, err := alone.Open(origin, text)
		return err == nil && s.Size == size && size > 0
	})
}

// Knows reports whether a key is trusted.
func (t Trust) Knows(v note.Verifier) bool {
	return slices.ContainsFunc(t.Log, func(k note.Verifier) bool { return k.Name() == v.Name() && k.KeyHash() == v.KeyHash() })
}

// since is how many events a checkpoint must have more than for a trusted key to be believed on it: 0 for a key that was named.
func (t Trust) since(v note.Verifier) uint64 {
	for _, r := range t.Followed {
		if k, err := NewVerifier(r.New); err == nil && k.Name() == v.Name() && k.KeyHash() == v.KeyHash() {
			return r.Position
		}
	}
	return 0
}

// Believe opens a log's checkpoints, the smallest first. A log's older checkpoints are signed by older keys, and trust does not flow back:
// those are left out and counted, where a change that both keys signed says that such a key came before one that is trusted. Any other
// checkpoint that no trusted key signed is [ErrUnknownKey], and a wrong signature is [ErrCheckpoint].
func (t Trust) Believe(origin string, notes [][]byte) (believed []Signed, older int, err error) {
	for i, text := range notes {
		s, err := t.Open(origin, text)
		if errors.Is(err, ErrUnknownKey) && t.cameBefore(origin, text) {
			older++
			continue
		}
		if err != nil {
			return nil, older, fmt.Errorf("checkpoint %d: %w", i+1, err)
		}
		believed = append(believed, s)
	}
	slices.SortStableFunc(believed, func(a, b Signed) int { return cmp.Compare(a.Size, b.Size) })
	if older > 0 && len(believed) == 0 {
		return nil, older, fmt.Errorf("%w: all %d checkpoints are signed by keys that came before the trusted ones; name theirs, if you were given it", ErrUnknownKey, older)
	}
	return believed, older, nil
}

// cameBefore reports whether a checkpoint is signed by a key that a trusted one took the place of, and is not of later than that.
func (t Trust) cameBefore(origin string, text []byte) bool {
	before := Trust{Log: slices.Clone(t.Log)}
	for _, r := range slices.Backward(t.changes) {
		now, err := NewVerifier(r.New)
		if err != nil || !before.Knows(now) || r.Check(origin) != nil {
			continue
		}
		old, err := NewVerifier(r.Old)
		if err != nil || before.Knows(old) {
			continue
		}
		before.Log = append(before.Log, old)
		if s, err := (Trust{Log: []note.Verifier{old}}).Open(origin, text); err == nil && s.Size <= r.Seq {
			return true
		}
	}
	return false
}

// Following is the trust with what follows from the log's rotations, where some note needs them.
func (t Trust) Following(ctx context.Context, origin string, log Log, notes [][]byte) (Trust, error) {
	opens := !slices.ContainsFunc(notes, func(text []byte) bool { _, err := t.Open(origin, text); return err != nil })
	if opens {
		return t, nil
	}
	rotations, err := Rotations(ctx, log)
	if err != nil {
		return t, err
	}
	return t.Follow(origin, rotations, notes), nil
}
