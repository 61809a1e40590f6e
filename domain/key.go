package domain

import (
	"slices"
	"strings"
)

// RotateCheckpointKey makes another key sign the log's checkpoints from now on. Keys are written as verifier keys of
// signed notes (C2SP signed-note): name+hash+key, the hash in eight hexadecimal digits, the key in base64.
type RotateCheckpointKey struct {
	Head
	Old    string `json:"old"` // the key so far
	New    string `json:"new"`
	Reason string `json:"reason"`
}

// CheckpointKeyRotated says which key signs the log's checkpoints from here on. Whoever trusts the old key, and holds a
// checkpoint signed with it that this event lies under, may trust the new one.
type CheckpointKeyRotated struct {
	Old    string `json:"old"`
	New    string `json:"new"`
	Reason string `json:"reason"`
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
	if now := s.checkpointKeys.get(presentKey); now != "" && now != c.Old {
		return nil, refuse(CodeKeyNotPresent, "value", c.Old, "key", now)
	}
	if c.New == c.Old || s.checkpointKeys.has(c.New) {
		return nil, refuse(CodeKeyUsedBefore, "value", c.New)
	}
	return []Event{&CheckpointKeyRotated{Old: c.Old, New: c.New, Reason: c.Reason}}, nil
}

// presentKey is under what the key that signs now is kept; no key is written like that.
const presentKey = ""

func (*CheckpointKeyRotated) concerns() Concern { return Concern{} }

func (e *CheckpointKeyRotated) command(h Head) Command {
	return &RotateCheckpointKey{Head: h, Old: e.Old, New: e.New, Reason: e.Reason}
}

func (e *CheckpointKeyRotated) describe() Text {
	return both("检查点签名公钥由 %s 更换为 %s:%s",
		"checkpoints are signed with another key, %[2]s instead of %[1]s: %[3]s", e.Old, e.New, e.Reason)
}

func (e *CheckpointKeyRotated) apply(s *State, _ Deed) {
	s.checkpointKeys.put(presentKey, e.New)
	s.checkpointKeys.put(e.Old, e.Old)
	s.checkpointKeys.put(e.New, e.New)
}

// CheckpointKey is the verifier key that signs the log's checkpoints now, where the log says; empty while the first key signs.
func (s *State) CheckpointKey() string { return s.checkpointKeys.get(presentKey) }

// CheckpointKeys are the verifier keys that the log says have signed, or sign, its checkpoints, in the order of their text;
// none while the first key signs.
func (s *State) CheckpointKeys() []string {
	var keys []string
	for key := range s.checkpointKeys.rows {
		if key != presentKey {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys
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
		only(parts[2], "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=")
	if !whole {
		return refuse(CodeFieldInvalid, "field", field, "value", Clip(key, 60),
			"reason", ReasonVerifierKey)
	}
	return nil
}

const maxKey = 600

func only(s, allowed string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool { return !strings.ContainsRune(allowed, r) })
}
