package eventstore

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"github.com/nats-io/nats.go/jetstream"
)

// testFiles: a content lies under its hash, once whoever puts it; any client of an object store reads it; what was changed is named, and kept anew where it is
// put again.
func testFiles(t *testing.T, s site) {
	cfg := s.config()
	s.deleteAfter(t, "OBJ_FILES_test")
	ctx := deadline(t)
	nc := s.connect(t)
	first, second := must[*Files](t)(OpenFiles(ctx, nc, "FILES_test", cfg)), must[*Files](t)(OpenFiles(ctx, nc, "FILES_test", cfg))
	content := make([]byte, 20<<20+17)
	chacha := rand.NewChaCha8([32]byte{1})
	_, _ = chacha.Read(content)
	sum := sha256.Sum256(content)
	hash := hex.EncodeToString(sum[:])
	if _, err := first.Get(ctx, hash); !errors.Is(err, ErrNotFound) {
		t.Fatalf("of an empty store: %v", err)
	}
	var both sync.WaitGroup
	for _, f := range []*Files{first, second, first} {
		both.Go(func() {
			if got, err := f.Keep(ctx, content); got != hash || err != nil {
				t.Errorf("%s, %v", got, err)
			}
		})
	}
	both.Wait()
	size := must[Size](t)(first.log.Size(ctx))
	if size.Messages != 162 {
		t.Errorf("three who put the same left %d messages", size.Messages)
	}
	if n := must[int64](t)(second.Size(ctx, hash)); n != int64(len(content)) {
		t.Errorf("it is %d bytes long", n)
	}
	if got := must[[]byte](t)(second.Get(ctx, hash)); !bytes.Equal(got, content) {
		t.Error("another content was read")
	}
	store := must[jetstream.ObjectStore](t)(first.log.js.ObjectStore(ctx, "FILES_test"))
	if got := must[[]byte](t)(store.GetBytes(ctx, hash)); !bytes.Equal(got, content) {
		t.Error("another client read another content")
	}
	small := must[string](t)(first.Keep(ctx, []byte("甲")))
	// Somebody who may change the stream writes another content under the name, or takes some of one away.
	stream := must[jetstream.Stream](t)(first.log.js.Stream(ctx, "OBJ_FILES_test"))
	meta := must[*jetstream.RawStreamMsg](t)(stream.GetLastMsgForSubject(ctx, first.meta(small)))
	_, err := first.log.js.Publish(ctx, first.meta(hash), meta.Data)
	check(t, err)
	if _, err := first.Get(ctx, hash); !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), small) {
		t.Errorf("another content is taken for it: %v", err)
	}
	must[string](t)(second.Keep(ctx, content))
	if got := must[[]byte](t)(first.Get(ctx, hash)); !bytes.Equal(got, content) {
		t.Error("it was not kept anew")
	}
	setting := must[*jetstream.StreamInfo](t)(stream.Info(ctx)).Config
	setting.DenyPurge = false
	if _, err := first.log.js.UpdateStream(ctx, setting); err == nil {
		t.Error("a denial was lifted")
	}
}

func TestAContentIsReadToItsBound(t *testing.T) {
	for name, c := range map[string]struct {
		text, wanted string
		err          error
	}{
		"as long as it may be":  {"12345", "", nil},
		"longer":                {"123456", "", ErrTooLong},
		"none":                  {"", "", ErrEmpty},
		"another than was told": {"12345", strings.Repeat("0", 64), ErrOtherContent},
		"the one that was told": {"12345", "5994471abb01112afcc18159f6cc74b4f511b99806da59b3caf5a9c173cacfc5", nil},
	} {
		content, _, err := ReadFile(strings.NewReader(c.text), 5, c.wanted)
		if !errors.Is(err, c.err) || err == nil && string(content) != c.text {
			t.Errorf("%s: %q, %v", name, content, err)
		}
	}
}
