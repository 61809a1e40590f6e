package domain

import "strings"

// RotateCheckpointKey makes another key sign the log's checkpoints from now on. Keys are written as verifier keys of
// signed notes (C2SP signed-note): name+hash+key, the hash in eight hexadecimal digits, the key in base64. Both keys sign the change;
// whether they did is for those to say who can verify signatures, for the rules know no keys. It is given on the command line only:
// who holds the key files holds the ledger.
type RotateCheckpointKey struct {
	Head
	Old          string `json:"old"` // the key so far, which signed the last checkpoint
	New          string `json:"new"`
	Position     uint64 `json:"position"`      // events under that checkpoint: the new key is believed from there on
	OldSignature string `json:"old_signature"` // of the change, by the old key, in base64
	NewSignature string `json:"new_signature"` // by the new key
	Reason       string `json:"reason"`
}

// CheckpointKeyRotated says which key signs the log's checkpoints from here on. Whoever trusts the old key, and finds both signatures
// right, may follow to the new one, from the position on; nobody follows back. Edition 1 wrote none of the three: such a change is
// followed by nobody.
type CheckpointKeyRotated struct {
	Old          string `json:"old"`
	New          string `json:"new"`
	Position     uint64 `json:"position,omitzero"`
	OldSignature string `json:"old_signature,omitzero"`
	NewSignature string `json:"new_signature,omitzero"`
	Reason       string `json:"reason"`
}

// Name is "rotate_checkpoint_key".
func (RotateCheckpointKey) Name() string { return "rotate_checkpoint_key" }

// Name is "checkpoint_key_rotated".
func (CheckpointKeyRotated) Name() string { return "checkpoint_key_rotated" }

// Entity is the new key, by its hash.
func (e CheckpointKeyRotated) Entity() (string, string) {
	if parts := strings.SplitN(e.New, "+", 3); len(parts) == 3 {
		return "key", parts[1]
	}
	return "key", e.New
}

func (*RotateCheckpointKey) isLocal() {}

func (*RotateCheckpointKey) about(*State) Concern { return Concern{} }

func (c *RotateCheckpointKey) decide(s *State, _ Date) ([]Event, *Refusal) {
	if r := checkVerifierKey("old", c.Old); r != nil {
		return nil, r
	}
	if r := checkVerifierKey("new", c.New); r != nil {
		return nil, r
	}
	if r := checkNeeded("reason", c.Reason); r != nil {
		return nil, r
	}
	if r := checkSignature("old_signature", c.OldSignature); r != nil {
		return nil, r
	}
	if r := checkSignature("new_signature", c.NewSignature); r != nil {
		return nil, r
	}
	if c.New == c.Old || s.checkpointKeys.has(c.New) {
		return nil, refuse(CodeKeyUsedBefore, "value", c.New)
	}
	return []Event{&CheckpointKeyRotated{Old: c.Old, New: c.New, Position: c.Position, OldSignature: c.OldSignature,
		NewSignature: c.NewSignature, Reason: c.Reason}}, nil
}

func (*CheckpointKeyRotated) concerns() Concern { return Concern{} }

func (e *CheckpointKeyRotated) command(h Head) Command {
	return &RotateCheckpointKey{Head: h, Old: e.Old, New: e.New, Position: e.Position, OldSignature: e.OldSignature,
		NewSignature: e.NewSignature, Reason: e.Reason}
}

func (e *CheckpointKeyRotated) describe() Text {
	return both("检查点签名公钥由 %s 更换为 %s：%s",
		"checkpoints are signed with another key, %[2]s instead of %[1]s: %[3]s", e.Old, e.New, e.Reason)
}

func (e *CheckpointKeyRotated) apply(s *State, _ Deed) {
	s.checkpointKeys.put(e.Old, e.Old)
	s.checkpointKeys.put(e.New, e.New)
	s.keyChanges.put(len(s.keyChanges.rows), *e)
}

// KeyChanges are the changes of the key that signs the log's checkpoints, in their order, as the log says them: whether both keys signed
// a change is not judged here.
func (s *State) KeyChanges() []CheckpointKeyRotated {
	changes := make([]CheckpointKeyRotated, 0, len(s.keyChanges.rows))
	for i := range len(s.keyChanges.rows) {
		changes = append(changes, s.keyChanges.get(i))
	}
	return changes
}

func checkSignature(field, signature string) *Refusal {
	if signature == "" {
		return refuse(CodeFieldMissing, "field", field)
	}
	if personalID(signature) {
		return refuse(CodePersonalID, "field", field)
	}
	if len(signature) > maxKey || !only(signature, base64Signs) {
		return refuse(CodeFieldInvalid, "field", field, "value", Clip(signature, 60), "reason", ReasonSignature)
	}
	return nil
}

func checkVerifierKey(field, key string) *Refusal {
	if key == "" {
		return refuse(CodeFieldMissing, "field", field)
	}
	if personalID(key) {
		return refuse(CodePersonalID, "field", field)
	}
	parts := strings.SplitN(key, "+", 3)
	whole := len(key) <= maxKey && len(parts) == 3 && validID(parts[0]) && !strings.ContainsAny(parts[0], " \u00a0\u3000") &&
		len(parts[1]) == 8 && only(parts[1], "0123456789abcdef") && len(parts[2]) >= 44 &&
		only(parts[2], base64Signs)
	if !whole {
		return refuse(CodeFieldInvalid, "field", field, "value", Clip(key, 60),
			"reason", ReasonVerifierKey)
	}
	return nil
}

const (
	maxKey      = 600
	base64Signs = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="
)

func only(s, allowed string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool { return !strings.ContainsRune(allowed, r) })
}
