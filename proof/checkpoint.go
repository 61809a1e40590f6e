package proof

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	formats "github.com/transparency-dev/formats/log"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/fundledger/fundledger/domain"
)

// Errors about checkpoints that a caller branches on.
var (
	// ErrCheckpoint says that a text is not a checkpoint of this log, signed by a key that is trusted.
	ErrCheckpoint = errors.New("not a checkpoint of this log that is signed by a trusted key")
	// ErrUnknownKey says that no key that is trusted has signed a checkpoint, and none that is trusted has signed it wrongly. It is an
	// [ErrCheckpoint] too.
	ErrUnknownKey = fmt.Errorf("no trusted key signed it: %w", ErrCheckpoint)
	// ErrRolledBack says that a log ends before a checkpoint that was issued: events were lost. Stop, and restore a backup.
	ErrRolledBack = errors.New("the log ends before a checkpoint that was issued")
	// ErrReplaced says that another key took the place of the one that signs: it signs nothing more.
	ErrReplaced = errors.New("the key that signs checkpoints was replaced")
	// ErrForked says that a log's beginning is not the one that a checkpoint was issued on: it was rewritten.
	ErrForked = errors.New("the log is not the one that the checkpoint was issued on")
)

// MaxNoteBytes bounds a checkpoint with all its signatures.
const MaxNoteBytes = 64 << 10

// Checkpoint is the state of a log at a moment: how many events, and the root of their tree.
type Checkpoint struct {
	Origin string    `json:"origin"`
	Size   uint64    `json:"size"`
	Root   tlog.Hash `json:"root"`
}

// Origin names a fund's log in its checkpoints, and its key: "fundledger/<fund>". White space and plus signs, which neither may
// have, are written %XX.
func Origin(fund domain.FundID) string {
	return "fundledger/" + strings.ReplaceAll(url.PathEscape(string(fund)), "+", "%2B")
}

// text is the checkpoint's body as it is signed.
func (c Checkpoint) text() []byte {
	return formats.Checkpoint{Origin: c.Origin, Size: c.Size, Hash: c.Root[:]}.Marshal()
}

// Sign writes a checkpoint as a note signed with the log's key, and others. The first signer's name is the origin.
func (c Checkpoint) Sign(log note.Signer, others ...note.Signer) ([]byte, error) {
	if log.Name() != c.Origin {
		return nil, fmt.Errorf("signing a checkpoint of %q with the key of %q: %w", c.Origin, log.Name(), ErrCheckpoint)
	}
	signed, err := note.Sign(&note.Note{Text: string(c.text())}, append([]note.Signer{log}, others...)...)
	if err != nil {
		return nil, fmt.Errorf("signing the checkpoint of %d events: %w", c.Size, err)
	}
	return signed, nil
}

// Cosignature is a witness's word that a checkpoint continues every earlier one it has seen.
type Cosignature struct {
	Witness string    `json:"witness"`
	At      time.Time `json:"at"` // UTC, by the witness's clock
}

// Signed is a checkpoint whose signatures were verified.
type Signed struct {
	Checkpoint
	Note         []byte        `json:"note"`
	Cosignatures []Cosignature `json:"cosignatures"`
	Unknown      int           `json:"unknown_signatures"` // of keys that are not trusted here
}

// Trust is whose signatures are believed.
type Trust struct {
	Log       []note.Verifier // the log's keys, old ones too; named as the origin
	Witnesses []note.Verifier

	NoFollow bool       // changes of key are not followed
	Followed []Rotation // the changes that led to some of the keys

	changes []Rotation // of the log's key, as the log says them
}

// ParseTrust reads verifier keys: those whose name is an origin ("fundledger/…") are a log's, Ed25519 or SM2, the others witnesses'.
// Of a log's keys that are trusted one signature is enough; a wrong one beside it is an error all the same.
func ParseTrust(keys ...string) (Trust, error) {
	var t Trust
	for _, key := range keys {
		key = strings.TrimSpace(key)
		if name, _, _ := strings.Cut(key, "+"); strings.HasPrefix(name, "fundledger/") {
			v, err := NewVerifier(key)
			if err != nil {
				return t, fmt.Errorf("reading the verifier key of %q: %w", name, err)
			}
			t.Log = append(t.Log, v)
			continue
		}
		v, err := newCoverifier(key)
		if err != nil {
			return t, fmt.Errorf("reading a witness's verifier key: %w", err)
		}
		t.Witnesses = append(t.Witnesses, v)
	}
	return t, nil
}

// verifiers are all keys that are trusted, each once: a key that was named twice is no doubt.
func (t Trust) verifiers() []note.Verifier {
	var list []note.Verifier
	for _, v := range slices.Concat(t.Log, t.Witnesses) {
		if !slices.ContainsFunc(list, func(k note.Verifier) bool { return k.Name() == v.Name() && k.KeyHash() == v.KeyHash() }) {
			list = append(list, v)
		}
	}
	return list
}

// Open reads a checkpoint of a log and verifies its signatures: one of the log's keys must have signed it, or it is
// [ErrCheckpoint].
func (t Trust) Open(origin string, text []byte) (Signed, error) {
	if len(text) > MaxNoteBytes {
		return Signed{}, fmt.Errorf("a checkpoint of %d bytes: %w", len(text), ErrCheckpoint)
	}
	n, err := note.Open(text, note.VerifierList(t.verifiers()...))
	if unverified := (*note.UnverifiedNoteError)(nil); errors.As(err, &unverified) {
		return Signed{}, fmt.Errorf("%w: %w", ErrUnknownKey, err)
	}
	if err != nil {
		return Signed{}, fmt.Errorf("%w: %w", ErrCheckpoint, err)
	}
	c, err := parseCheckpoint(n.Text)
	if err != nil {
		return Signed{}, fmt.Errorf("%w: %w", ErrCheckpoint, err)
	}
	if c.Origin != origin {
		return Signed{}, fmt.Errorf("%w: its origin is %q, not %q", ErrCheckpoint, c.Origin, origin)
	}
	s := Signed{Checkpoint: c, Note: bytes.Clone(text), Unknown: len(n.UnverifiedSigs)}
	byLog := false
	for _, sig := range slices.Concat(n.Sigs, n.UnverifiedSigs) {
		if _, err := base64.StdEncoding.Strict().DecodeString(sig.Base64); err != nil {
			return Signed{}, fmt.Errorf("%w: the signature of %q is not spelled as base64 is", ErrCheckpoint, sig.Name)
		}
	}
	for _, sig := range n.Sigs {
		if t.isLog(sig, origin) {
			byLog = byLog || t.believes(sig, c.Size)
			continue
		}
		at, err := cosignedAt(sig)
		if err != nil {
			return Signed{}, fmt.Errorf("%w: the cosignature of %q: %w", ErrCheckpoint, sig.Name, err)
		}
		s.Cosignatures = append(s.Cosignatures, Cosignature{Witness: sig.Name, At: at})
	}
	if !byLog {
		return Signed{}, fmt.Errorf("%w: no key of %q signed it that is believed at %d events", ErrUnknownKey, origin, c.Size)
	}
	return s, nil
}

// SignedBy are the keys of the log that signed a checkpoint and are believed on it, each as its verifier key begins: name and hash.
func (t Trust) SignedBy(s Signed) ([]string, error) {
	n, err := note.Open(s.Note, note.VerifierList(t.verifiers()...))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrCheckpoint, err)
	}
	var keys []string
	for _, sig := range n.Sigs {
		if t.isLog(sig, s.Origin) && t.believes(sig, s.Size) {
			keys = append(keys, fmt.Sprintf("%s+%08x", sig.Name, sig.Hash))
		}
	}
	return keys, nil
}

// OpenStatement is the text of a note that is no checkpoint, once a trusted key of the log has signed it and no signature of such a key
// on it is wrong.
func (t Trust) OpenStatement(origin string, text []byte) (string, error) {
	n, err := note.Open(text, note.VerifierList(Trust{Log: t.Log}.verifiers()...))
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrCheckpoint, err)
	}
	for _, sig := range slices.Concat(n.Sigs, n.UnverifiedSigs) {
		if _, err := base64.StdEncoding.Strict().DecodeString(sig.Base64); err != nil {
			return "", fmt.Errorf("%w: the signature of %q is not spelled as base64 is", ErrCheckpoint, domain.Clip(sig.Name, 160))
		}
	}
	if !slices.ContainsFunc(n.Sigs, func(sig note.Signature) bool { return t.isLog(sig, origin) }) {
		return "", fmt.Errorf("%w: no key of %q signed it", ErrCheckpoint, origin)
	}
	return n.Text, nil
}

func (t Trust) isLog(sig note.Signature, origin string) bool {
	for _, v := range t.Log {
		if v.Name() == origin && sig.Name == origin && v.KeyHash() == sig.Hash {
			return true
		}
	}
	return false
}

// believes reports whether the key that made a signature is believed on a checkpoint of so many events.
func (t Trust) believes(sig note.Signature, size uint64) bool {
	return slices.ContainsFunc(t.Log, func(v note.Verifier) bool {
		return v.Name() == sig.Name && v.KeyHash() == sig.Hash && (size > t.since(v) || t.since(v) == 0)
	})
}

// parseCheckpoint reads a checkpoint's body in its one spelling: three lines and nothing behind them.
func parseCheckpoint(text string) (Checkpoint, error) {
	var raw formats.Checkpoint
	rest, err := raw.Unmarshal([]byte(text))
	switch {
	case err != nil:
		return Checkpoint{}, err
	case len(rest) > 0:
		return Checkpoint{}, errors.New("there are lines behind the root")
	case len(raw.Hash) != tlog.HashSize:
		return Checkpoint{}, fmt.Errorf("the root has %d bytes", len(raw.Hash))
	}
	c := Checkpoint{Origin: raw.Origin, Size: raw.Size, Root: tlog.Hash(raw.Hash)}
	if string(c.text()) != text {
		return Checkpoint{}, errors.New("it is not spelled as a checkpoint is")
	}
	return c, nil
}

// continues checks that a log of a size, whose hashes are given, goes on from a checkpoint: [ErrRolledBack] where it ends
// before it, [ErrForked] where its beginning is another.
func (c Checkpoint) continues(ctx context.Context, h Hashes, size uint64) error {
	if size < c.Size {
		return fmt.Errorf("%w: it ends at event %d, and %d events were signed for", ErrRolledBack, size, c.Size)
	}
	root, err := RootAt(ctx, h, c.Size)
	if err != nil {
		return err
	}
	if root != c.Root {
		return fmt.Errorf("%w: the first %d events have the root %s, signed is %s", ErrForked, c.Size, base64.StdEncoding.EncodeToString(root[:]),
			base64.StdEncoding.EncodeToString(c.Root[:]))
	}
	return nil
}

// withLines is a checkpoint's note with signature lines added, such as a witness answers. A line that is there already is
// not added again.
func withLines(text, lines []byte) []byte {
	out := bytes.Clone(text)
	for line := range bytes.Lines(lines) {
		if bytes.HasPrefix(line, []byte("— ")) && !bytes.Contains(out, bytes.TrimRight(line, "\n")) {
			out = append(append(out, bytes.TrimRight(line, "\n")...), '\n')
		}
	}
	return out
}
