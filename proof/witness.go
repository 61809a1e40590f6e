package proof

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/internal/whole"
)

// Errors of a witness, as C2SP tlog-witness tells them apart.
var (
	// errUnknownLog says that a witness does not watch the log of a checkpoint.
	errUnknownLog = errors.New("this witness does not watch that log")
	// errSubmission says that a submission is not written as the protocol asks.
	errSubmission = errors.New("the submission is malformed")
)

// staleError says that a submission goes on from another size than the witness last cosigned: prove growth from Size, and
// submit again. A log that cannot has shrunk or forked.
type staleError struct{ Size uint64 }

func (e *staleError) Error() string {
	return fmt.Sprintf("this witness last cosigned %d events: prove the growth from there", e.Size)
}

// maxProof is how many hashes a submission's proof may have.
const maxProof = 63

// Witness cosigns the checkpoints of one log, each of which must continue the one before. It remembers the last one in a file
// of its own, which it brings to the disk before it cosigns; so it never cosigns two histories, whatever it is
// told. It is safe for concurrent use, of one process: keep one witness a file.
type Witness struct {
	origin string
	trust  Trust
	signer *cosigner
	path   string

	mu   sync.Mutex
	last Checkpoint // the zero Checkpoint: none yet
}

// OpenWitness takes up a witness: its key, the file it remembers in, and the verifier key of the log it watches. A log whose key was changed
// has several: what the older ones signed is remembered, and what the newer ones sign is cosigned.
func OpenWitness(key Key, path string, log ...string) (*Witness, error) {
	return openWitness(key, path, time.Now, log...)
}

func openWitness(key Key, path string, now func() time.Time, log ...string) (*Witness, error) {
	var trust Trust
	for _, text := range log {
		v, err := NewVerifier(text)
		if err != nil {
			return nil, fmt.Errorf("reading the verifier key of the log to watch: %w", err)
		}
		trust.Log = append(trust.Log, v)
		if first := trust.Log[0].Name(); v.Name() != first {
			return nil, fmt.Errorf("the keys are of two logs, %q and %q: a witness watches one", first, v.Name())
		}
	}
	if len(trust.Log) == 0 {
		return nil, errors.New("name the verifier key of the log to watch")
	}
	signer, err := newCosigner(key.signer, now)
	if err != nil {
		return nil, fmt.Errorf("reading the witness's key: %w", err)
	}
	w := &Witness{origin: trust.Log[0].Name(), trust: trust, signer: signer, path: path}
	text, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return w, os.MkdirAll(filepath.Dir(path), 0o700)
	case err != nil:
		return nil, fmt.Errorf("reading what the witness remembers: %w", err)
	}
	remembered, err := w.trust.Open(w.origin, text)
	if err != nil {
		return nil, fmt.Errorf("reading what the witness remembers in %s: %w", path, err)
	}
	w.last = remembered.Checkpoint
	return w, nil
}

// Last is the checkpoint that was cosigned last; its origin is empty where there was none.
func (w *Witness) Last() Checkpoint {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.last
}

// Verifier is the witness's verifier key, to give to those who check.
func (w *Witness) Verifier() string { return cosignerKey(w.signer) }

// submission is what a log asks a witness to cosign: a checkpoint, and the proof that it goes on from an earlier size.
type submission struct {
	Old        uint64
	Proof      []tlog.Hash
	Checkpoint []byte
}

// Add cosigns a checkpoint that continues the last one, and returns the signature line. Else it is errUnknownLog,
// [ErrCheckpoint], errSubmission, *staleError or, where the log is not the one it was, [ErrForked] or [ErrProof].
func (w *Witness) Add(s submission) ([]byte, error) {
	if len(s.Proof) > maxProof {
		return nil, fmt.Errorf("a proof of %d hashes: %w", len(s.Proof), errSubmission)
	}
	origin, _, _ := strings.Cut(string(s.Checkpoint[:min(len(s.Checkpoint), MaxNoteBytes)]), "\n")
	if origin != w.origin {
		return nil, fmt.Errorf("%q: %w", domain.Clip(origin, 160), errUnknownLog)
	}
	signed, err := w.trust.Open(w.origin, s.Checkpoint)
	if err != nil {
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.continues(s, signed.Checkpoint); err != nil {
		return nil, err
	}
	line, err := w.cosign(signed.Checkpoint)
	if err != nil {
		return nil, err
	}
	if err := whole.Replace(w.path, 0o600, whole.Text(s.Checkpoint)); err != nil {
		return nil, fmt.Errorf("remembering the checkpoint: %w", err)
	}
	w.last = signed.Checkpoint
	return line, nil
}

func (w *Witness) continues(s submission, next Checkpoint) error {
	switch {
	case s.Old > next.Size:
		return fmt.Errorf("old size %d of a tree of %d: %w", s.Old, next.Size, errSubmission)
	case s.Old != w.last.Size:
		return &staleError{Size: w.last.Size}
	case s.Old == 0:
		if len(s.Proof) > 0 {
			return fmt.Errorf("a proof that nothing grew: %w", errSubmission)
		}
		return nil
	case s.Old == next.Size && w.last.Root != next.Root:
		return fmt.Errorf("%w: %d events were cosigned with another root", ErrForked, next.Size)
	}
	return Consistency{From: s.Old, To: next.Size, Hashes: s.Proof}.Check(w.last.Root, next.Root)
}

// cosign is the signature line.
func (w *Witness) cosign(c Checkpoint) ([]byte, error) {
	signed, err := note.Sign(&note.Note{Text: string(c.text())}, w.signer)
	if err != nil {
		return nil, fmt.Errorf("cosigning the checkpoint of %d events: %w", c.Size, err)
	}
	return signed[len(c.text())+1:], nil
}

// encode writes a submission as C2SP tlog-witness has it.
func (s submission) encode() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "old %d\n", s.Old)
	for _, h := range s.Proof {
		b.WriteString(h.String() + "\n")
	}
	b.WriteString("\n")
	b.Write(s.Checkpoint)
	return b.Bytes()
}

// parseSubmission reads what submission.Encode writes: else it is errSubmission.
func parseSubmission(text []byte) (submission, error) {
	var s submission
	head, checkpoint, ok := bytes.Cut(text, []byte("\n\n"))
	lines := strings.Split(string(head), "\n")
	old, named := strings.CutPrefix(lines[0], "old ")
	n, err := strconv.ParseUint(old, 10, 63)
	if !ok || !named || err != nil || strconv.FormatUint(n, 10) != old {
		return s, fmt.Errorf("its first line is not \"old\" and a size: %w", errSubmission)
	}
	if len(lines)-1 > maxProof {
		return s, fmt.Errorf("a proof of %d hashes: %w", len(lines)-1, errSubmission)
	}
	for _, line := range lines[1:] {
		raw, err := base64.StdEncoding.Strict().DecodeString(line)
		if err != nil || len(raw) != tlog.HashSize {
			return s, fmt.Errorf("a line of its proof is no hash: %w", errSubmission)
		}
		s.Proof = append(s.Proof, tlog.Hash(raw))
	}
	s.Old, s.Checkpoint = n, checkpoint
	return s, nil
}
