package proof

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/fundledger/fundledger/domain"
)

// ServeHTTP answers C2SP tlog-witness: POST …/add-checkpoint; and GET /readyz, to who watches that it runs.
func (w *Witness) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/readyz" {
		fmt.Fprintf(rw, "cosigned %d events\n", w.Last().Size)
		return
	}
	if !strings.HasSuffix(r.URL.Path, "/add-checkpoint") {
		http.NotFound(rw, r)
		return
	}
	if r.Method != http.MethodPost {
		rw.Header().Set("Allow", http.MethodPost)
		http.Error(rw, "POST a checkpoint here", http.StatusMethodNotAllowed)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(rw, r.Body, MaxNoteBytes+maxProof*64))
	if err != nil {
		http.Error(rw, "the submission is too long or was cut off", http.StatusBadRequest)
		return
	}
	submission, err := parseSubmission(body)
	if err != nil {
		http.Error(rw, err.Error(), http.StatusBadRequest)
		return
	}
	line, err := w.Add(submission)
	if err != nil {
		refuseSubmission(rw, err)
		return
	}
	rw.Header().Set("Content-Type", "text/plain; charset=utf-8")
	rw.Write(line)
}

// refuseSubmission answers as the protocol tells the reasons apart.
func refuseSubmission(rw http.ResponseWriter, err error) {
	var stale *staleError
	status := http.StatusInternalServerError
	switch {
	case errors.As(err, &stale):
		rw.Header().Set("Content-Type", sizeType)
		rw.WriteHeader(http.StatusConflict)
		fmt.Fprintf(rw, "%d\n", stale.Size)
		return
	case errors.Is(err, errSubmission):
		status = http.StatusBadRequest
	case errors.Is(err, errUnknownLog):
		status = http.StatusNotFound
	case errors.Is(err, ErrCheckpoint):
		status = http.StatusForbidden
	case errors.Is(err, ErrForked):
		status = http.StatusConflict
	case errors.Is(err, ErrProof):
		status = http.StatusUnprocessableEntity
	}
	http.Error(rw, err.Error(), status)
}

const sizeType = "text/x.tlog.size"

// errWitness says that a witness did not cosign a checkpoint. Its reason stands behind it; one that speaks of a fork or a
// proof is an alarm.
var errWitness = errors.New("the witness did not cosign")

// Cosign asks the witness at a URL to cosign a checkpoint of the tree, from where it last cosigned on, and returns the note with its
// signature. The witness's answer is believed only as far as trust verifies it.
func Cosign(ctx context.Context, client *http.Client, url string, h Hashes, trust Trust, s Signed) (Signed, error) {
	if len(s.Cosignatures) > 0 && len(s.Cosignatures) == len(trust.Witnesses) {
		return s, nil // by every witness that is trusted
	}
	old := uint64(0)
	for range 3 {
		if old > s.Size {
			return s, fmt.Errorf("%w: it has cosigned %d events, and there are %d: %w", errWitness, old, s.Size, ErrRolledBack)
		}
		proof, err := ProveConsistency(ctx, h, old, s.Size)
		if err != nil {
			return s, err
		}
		line, stale, err := submit(ctx, client, url, submission{Old: old, Proof: proof.Hashes, Checkpoint: s.Note})
		if err != nil {
			return s, err
		}
		if stale != nil {
			old = stale.Size
			continue
		}
		return accept(trust, s, line)
	}
	return s, fmt.Errorf("%w: it names another size each time", errWitness)
}

// accept takes a witness's line over if it is a signature that is trusted.
func accept(trust Trust, s Signed, line []byte) (Signed, error) {
	cosigned, err := trust.Open(s.Origin, withLines(s.Note, line))
	if err != nil {
		return s, fmt.Errorf("%w: %w", errWitness, err)
	}
	if len(cosigned.Cosignatures) <= len(s.Cosignatures) {
		// One that had cosigned it already says the same again.
		if words := strings.Fields(string(line)); len(words) > 1 && slices.ContainsFunc(s.Cosignatures, func(c Cosignature) bool { return c.Witness == words[1] }) {
			return s, nil
		}
		return s, fmt.Errorf("%w: its answer is not signed by a witness that is trusted here", errWitness)
	}
	return cosigned, nil
}

func submit(ctx context.Context, client *http.Client, url string, s submission) (line []byte, stale *staleError, err error) {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimSuffix(url, "/")+"/add-checkpoint", bytes.NewReader(s.encode()))
	if err != nil {
		return nil, nil, fmt.Errorf("asking the witness: %w", err)
	}
	answer, err := client.Do(request)
	if err != nil {
		return nil, nil, fmt.Errorf("asking the witness: %w", err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(io.LimitReader(answer.Body, MaxNoteBytes))
	if err != nil {
		return nil, nil, fmt.Errorf("asking the witness: %w", err)
	}
	if answer.StatusCode == http.StatusOK {
		return text, nil, nil
	}
	if answer.StatusCode == http.StatusConflict && answer.Header.Get("Content-Type") == sizeType {
		size, err := strconv.ParseUint(strings.TrimSuffix(string(text), "\n"), 10, 63)
		if err == nil {
			return nil, &staleError{Size: size}, nil
		}
	}
	return nil, nil, fmt.Errorf("%w (%s): %s", errWitness, answer.Status, domain.Clip(strings.TrimSpace(string(text)), 160))
}
