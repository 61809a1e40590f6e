package eventstore

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nuid"
	"github.com/synadia-io/orbit.go/jetstreamext"
)

// Files keeps contents, each under its SHA-256 in hex, in an object store of NATS: any client of one reads them. Other than such a client it takes nothing
// away, and asks for no right to: a content is one atomic batch of its chunks and of what it is, so that half a content is never there, and of two who put the
// same at once one does. It is safe for concurrent use.
type Files struct {
	log    *Log
	bucket string
}

var (
	// ErrDamaged says that a content is not what its name says: some of it was changed, or is gone.
	ErrDamaged = errors.New("the content kept is not the one of that hash")
	// ErrOtherContent says that a content that was to be kept is not the one of the hash that was told.
	ErrOtherContent = errors.New("the content is not the one of that hash")
	// ErrTooLong says that a content is longer than it may be.
	ErrTooLong = errors.New("the content is too long")
	// ErrEmpty says that there is no content.
	ErrEmpty = errors.New("the content is empty")
)

const (
	// MaxFileBytes is the longest content that a store takes: one atomic batch, less what its messages say besides.
	MaxFileBytes = MaxBatchBytes - 1<<20

	fileChunk    = 128 << 10 // bytes of a message, as other clients of an object store have it
	fileDigest   = "SHA-256="
	filePatience = 20 * time.Second // how long the answer to a batch may take: it is tens of megabytes, and on the disk of most nodes
)

// FilesStream is the stream that an object store of NATS keeps a bucket in.
func FilesStream(bucket string) string { return "OBJ_" + bucket }

// OpenFiles opens a store of contents as [Open] opens a log. What was taken from it behind its back is no reason not
// to open: whoever asks for a content learns that it is not there.
func OpenFiles(ctx context.Context, nc *nats.Conn, bucket string, cfg Config) (*Files, error) {
	cfg.Stream, cfg.Plain = FilesStream(bucket), true
	cfg.Subjects = []string{"$O." + bucket + ".C.>", "$O." + bucket + ".M.>"}
	log, err := Open(ctx, nc, cfg)
	if err != nil {
		return nil, err
	}
	return &Files{log: log, bucket: bucket}, nil
}

// ReadFile reads a content of at most limit bytes to its end, and is its hash. wanted is the hash that it must have; "": any. ErrEmpty, ErrTooLong,
// ErrOtherContent: it may not be kept.
func ReadFile(from io.Reader, limit int64, wanted string) (content []byte, hash string, err error) {
	digest := sha256.New()
	content, err = io.ReadAll(io.TeeReader(io.LimitReader(from, limit+1), digest))
	hash = hex.EncodeToString(digest.Sum(nil))
	switch {
	case err != nil:
		return nil, "", err
	case int64(len(content)) > limit:
		return nil, "", ErrTooLong
	case len(content) == 0:
		return nil, "", ErrEmpty
	case wanted != "" && !strings.EqualFold(hash, wanted): // tools write hashes in either case
		return nil, hash, fmt.Errorf("%w: it is the one of %s", ErrOtherContent, hash)
	}
	return content, hash, nil
}

// Keep keeps a content, and is its hash. One that is kept already is not kept twice; one that was damaged is kept anew.
func (f *Files) Keep(ctx context.Context, content []byte) (hash string, err error) {
	sum := sha256.Sum256(content)
	hash = hex.EncodeToString(sum[:])
	if f.log.cfg.ReadOnly {
		return "", fmt.Errorf("keeping a file: %w", ErrReadOnly)
	}
	switch {
	case len(content) == 0:
		return "", fmt.Errorf("keeping a file: %w", ErrEmpty)
	case len(content) > MaxFileBytes:
		return "", fmt.Errorf("keeping a file of %d bytes: %w", len(content), ErrTooLong)
	}
	for wait := firstPause; ; wait = pauseAfter(wait) {
		was, err := f.standing(ctx, hash)
		if err == nil && was.whole {
			return hash, nil
		}
		if err == nil {
			err = f.keepOnce(ctx, hash, sum[:], content, was.seq)
		}
		switch {
		case err == nil:
			return hash, nil
		case !isOutOfTurn(err) && !isTransient(err) && countIncomplete(err) == 0:
			return "", fmt.Errorf("keeping file %s: %w", hash, err)
		}
		if pauseErr := pause(ctx, wait); pauseErr != nil { // somebody else kept it, nobody leads, or an answer was lost: it is looked for
			return "", fmt.Errorf("keeping file %s: %w (last answer: %w)", hash, pauseErr, err)
		}
	}
}

// standing is what lies under a hash: whether all of it is right, and the position of what says so; 0: nothing does.
func (f *Files) standing(ctx context.Context, hash string) (was struct {
	seq   uint64
	whole bool
}, err error) {
	info, seq, err := f.info(ctx, hash)
	was.seq = seq
	if errors.Is(err, ErrNotFound) || errors.Is(err, ErrDamaged) {
		return was, nil
	}
	if err == nil {
		_, err = f.content(ctx, hash, info)
		was.whole = err == nil
	}
	if errors.Is(err, ErrDamaged) {
		err = nil
	}
	return was, err
}

// keepOnce writes a content behind what lay there.
func (f *Files) keepOnce(ctx context.Context, hash string, sum, content []byte, was uint64) error {
	ctx, cancel := context.WithTimeout(ctx, filePatience)
	defer cancel()
	id := nuid.Next()
	var messages []*nats.Msg
	for at := 0; at < len(content); at += fileChunk {
		messages = append(messages, &nats.Msg{Subject: f.chunks(id), Header: nats.Header{}, Data: content[at:min(at+fileChunk, len(content))]})
	}
	info, err := json.Marshal(jetstream.ObjectInfo{ObjectMeta: jetstream.ObjectMeta{Name: hash, Opts: &jetstream.ObjectMetaOptions{ChunkSize: fileChunk}},
		Bucket: f.bucket, NUID: id, Size: uint64(len(content)), Chunks: uint32(len(messages)), Digest: fileDigest + base64.URLEncoding.EncodeToString(sum)})
	if err != nil {
		return err
	}
	messages[0].Header[jetstream.ExpectedStreamHeader] = []string{f.log.cfg.Stream}
	messages = append(messages, &nats.Msg{Subject: f.meta(hash), Data: info,
		Header: nats.Header{jetstream.ExpectedLastSubjSeqHeader: {strconv.FormatUint(was, 10)}}})
	_, err = jetstreamext.PublishMsgBatch(ctx, f.log.js, messages, jetstreamext.BatchFlowControl{AckFirst: true, AckEvery: 32, AckTimeout: filePatience})
	return err
}

func (f *Files) chunks(id string) string { return "$O." + f.bucket + ".C." + id }

func (f *Files) meta(hash string) string {
	return "$O." + f.bucket + ".M." + base64.URLEncoding.EncodeToString([]byte(hash))
}

// Size is how long the content of a hash is, where it is kept: ErrNotFound. It is what was said when it was kept: only [Files.Get] looks at every byte.
func (f *Files) Size(ctx context.Context, hash string) (int64, error) {
	info, _, err := f.info(ctx, hash)
	return int64(info.Size), err
}

// Get is the content of a hash, every byte of it held against the hash. ErrNotFound: it is not kept. ErrDamaged: it is, and not as it was.
func (f *Files) Get(ctx context.Context, hash string) ([]byte, error) {
	info, _, err := f.info(ctx, hash)
	if err != nil {
		return nil, err
	}
	return f.content(ctx, hash, info)
}

// info is what the store says of a content.
func (f *Files) info(ctx context.Context, hash string) (info jetstream.ObjectInfo, seq uint64, err error) {
	r, err := f.next(ctx, map[string]any{"last_by_subj": f.meta(hash)})
	if err != nil {
		return info, 0, fmt.Errorf("reading file %s: %w", hash, err)
	}
	switch err := json.Unmarshal(r.Data, &info); {
	case err != nil || info.Size > MaxFileBytes:
		return info, r.Seq, fmt.Errorf("reading file %s: %w: the store does not say what it is", hash, ErrDamaged)
	case info.Deleted:
		return info, r.Seq, fmt.Errorf("reading file %s: %w", hash, ErrNotFound)
	}
	return info, r.Seq, nil
}

// content reads the chunks of a content.
func (f *Files) content(ctx context.Context, hash string, info jetstream.ObjectInfo) ([]byte, error) {
	var content bytes.Buffer
	for seq := uint64(1); content.Len() < int(info.Size); {
		r, err := f.next(ctx, map[string]any{"seq": seq, "next_by_subj": f.chunks(info.NUID)})
		if errors.Is(err, ErrNotFound) {
			return nil, fmt.Errorf("reading file %s: %w: it ends after %d of %d bytes", hash, ErrDamaged, content.Len(), info.Size)
		}
		if err != nil {
			return nil, fmt.Errorf("reading file %s: %w", hash, err)
		}
		content.Write(r.Data)
		seq = r.Seq + 1
	}
	if sum := sha256.Sum256(content.Bytes()); hex.EncodeToString(sum[:]) != hash {
		return nil, fmt.Errorf("reading file %s: %w: it is the one of %x", hash, ErrDamaged, sum)
	}
	return content.Bytes(), nil
}

// next asks the stream's leader for one message.
func (f *Files) next(ctx context.Context, which map[string]any) (Record, error) {
	request, err := json.Marshal(which)
	if err != nil {
		return Record{}, err
	}
	var answer storedAnswer
	if err := f.log.ask(ctx, "STREAM.MSG.GET."+f.log.cfg.Stream, request, &answer); err != nil {
		return Record{}, err
	}
	return answer.record()
}
