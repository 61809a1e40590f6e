package archive

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/internal/prooftest"
)

// Not one bit of a bundle may change: of one byte in three one is tried, and each of those at both ends.
func TestABundleOfWhichOneBitIsFlippedIsNotSound(t *testing.T) {
	k := small(t, 12)
	tr := prooftest.Trust(t, k.key.Verifier)
	for name, scope := range map[string]Scope{"whole": {}, "extract": {Clause: "1.1a"}} {
		step := 3
		if !scope.whole() {
			step = 11
		}
		text := k.pack(t, scope)
		if r, err := checked(t, text, tr); err != nil || !r.Sound {
			t.Fatal(name, err, r.Checks)
		}
		tried := eachFlip(text, step, func(flipped []byte, at int, bit byte) {
			b, err := ReadBundle(bytes.NewReader(flipped), int64(len(flipped)))
			if err == nil {
				err = b.checkEncoding()
			}
			if err == nil {
				t.Errorf("%s: bit %d of byte %d of %d is not noticed", name, bit, at, len(text))
			}
		})
		t.Logf("%s: %d flips of %d bytes, each is refused", name, tried, len(text))
		for what, changed := range map[string][]byte{"something behind it": append(bytes.Clone(text), 0), "something before it": append([]byte{0}, text...)} {
			if r, err := checked(t, changed, tr); err == nil && r.Sound {
				t.Errorf("%s: %s is not noticed", name, what)
			}
		}
	}
}

// eachFlip tries flipped bits and says how many: a bit of one byte in so many, and every bit at both ends. The bytes are as they were
// between two calls.
func eachFlip(text []byte, step int, try func(flipped []byte, at int, bit byte)) (tried int) {
	const ends = 64
	for at := range text {
		var bits []byte
		switch {
		case at < ends || at >= len(text)-ends:
			bits = []byte{0, 1, 2, 3, 4, 5, 6, 7}
		case at%step == 0:
			bits = []byte{byte(at / step % 8)}
		}
		for _, bit := range bits {
			text[at] ^= 1 << bit
			try(text, at, bit)
			text[at] ^= 1 << bit
			tried++
		}
	}
	return tried
}

// What a flipped bit is reported as: the check, the code, the place, in both languages.
func TestABundleWithAnotherDateInItsHeadersNamesThePlace(t *testing.T) {
	k := small(t, 12)
	text := k.pack(t, Scope{})
	i := bytes.LastIndex(text, []byte("PK\x01\x02")) // of the directory's last entry: the date is behind 12 bytes
	text[i+12] ^= 4
	r, err := checked(t, text, prooftest.Trust(t, k.key.Verifier))
	if err != nil || r.Sound {
		t.Fatal(err, r.Sound)
	}
	n := slices.IndexFunc(r.Checks, func(c audit.Check) bool { return c.Name == "encoding" })
	detail := r.Checks[n].Detail
	if r.Checks[n].Result != audit.Failed || !strings.HasPrefix(detail.EN, CodeNotCanonical+": byte ") || !strings.Contains(detail.EN, "directory") ||
		!strings.HasPrefix(detail.ZH, CodeNotCanonical+"：第 ") {
		t.Errorf("%+v", r.Checks)
	}
}

// The same files packed by somebody else, and JSON that says the same in other words, are not the bundle that was written.
func TestABundleThatIsWrittenOtherwiseIsNotSound(t *testing.T) {
	k := small(t, 12)
	tr := prooftest.Trust(t, k.key.Verifier)
	text := k.pack(t, Scope{})
	var again bytes.Buffer
	z := zip.NewWriter(&again)
	for list := contents(t, text); len(list) > 0; list = list[2:] {
		if _, err := AddFile(z, list[0], packedAt, func(w io.Writer) error { _, err := io.WriteString(w, list[1]); return err }); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	forms := map[string][]byte{"packed by another compressor": again.Bytes()}
	for file, change := range map[string][2]string{fileManifest: {`{"format"`, `{ "format"`}, fileEvents: {`{"seq":1,`, `{"seq": 1,`}, fileCheckpoints: {`"size":1,`, `"size":1 ,`}} {
		forms["spaces in "+file] = repack(t, text, func(name, content string) string {
			if name == file {
				return strings.Replace(content, change[0], change[1], 1)
			}
			return content
		})
	}
	for name, text := range forms {
		r, err := checked(t, text, tr)
		if err != nil {
			t.Fatal(name, err)
		}
		if n := slices.IndexFunc(r.Checks, func(c audit.Check) bool { return c.Result == audit.Failed }); n < 0 || r.Checks[n].Name != "encoding" {
			t.Errorf("%s: %+v", name, r.Checks)
		}
	}
}

// A bundle of the format before is read, and is the one encoding of that format.
func TestABundleOfTheFormatBeforeIsStillRead(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("testdata", "format-2.bundle"))
	if err != nil {
		t.Fatal(err)
	}
	key, err := os.ReadFile(filepath.Join("testdata", "format-2.key"))
	if err != nil {
		t.Fatal(err)
	}
	tr := prooftest.Trust(t, strings.TrimSpace(string(key)))
	r, err := checked(t, text, tr)
	if err != nil || !r.Sound || r.Manifest.Format != bundleFormerly {
		t.Fatal(err, r.Checks)
	}
	eachFlip(text[len(text)-300:], 3, func(_ []byte, at int, bit byte) {
		if r, err := checked(t, text, tr); err == nil && r.Sound {
			t.Errorf("bit %d of byte %d before the end is not noticed", bit, 300-at)
		}
	})
}

// Nor may one bit of a backup: one of each byte is tried.
func TestABackupOfWhichOneBitIsFlippedIsRefused(t *testing.T) {
	from, _ := ledgerToBackUp(t)
	path, _ := backUp(t, from)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	refusedAt := func(flipped []byte, at int, bit byte) {
		if _, err := file.WriteAt(flipped[at:at+1], int64(at)); err != nil {
			t.Fatal(err)
		}
		b, err := OpenBackup(t.Context(), path, nil, nil)
		if err == nil {
			_ = b.Close()
			t.Errorf("bit %d of byte %d of %d is not noticed", bit, at, len(text))
		}
		if _, err := file.WriteAt([]byte{flipped[at] ^ 1<<bit}, int64(at)); err != nil {
			t.Fatal(err)
		}
	}
	tried := eachFlip(text, 1, refusedAt)
	t.Logf("%d flips of %d bytes, each is refused", tried, len(text))
	b, err := OpenBackup(t.Context(), path, nil, nil)
	if err != nil {
		t.Fatal("as it was: ", err)
	}
	_ = b.Close()
}

// A backup that holds the same and is packed, dated or cut into entries otherwise is refused by its code.
func TestABackupThatIsWrittenOtherwiseIsRefused(t *testing.T) {
	from, _ := ledgerToBackUp(t)
	path, _ := backUp(t, from)
	list := unpacked(t, path)
	refusedForItsEncoding := func(name string, text []byte) {
		err := refusedAt(t, text)
		var other *NotCanonical
		if !errors.Is(err, ErrBackup) || !errors.As(err, &other) || !strings.Contains(err.Error(), CodeNotCanonical) {
			t.Errorf("%s: %v", name, err)
		}
	}
	dated := slices.Clone(list)
	dated[0].ModTime = packedAt
	refusedForItsEncoding("another date", packed(t, dated))
	owned := slices.Clone(list)
	owned[1].Uname = "root"
	refusedForItsEncoding("an owner", packed(t, owned))
	manifest := slices.Clone(list)
	manifest[len(list)-1].text = bytes.Replace(bytes.Clone(manifest[len(list)-1].text), []byte(`"fund"`), []byte(` "fund"`), 1)
	refusedForItsEncoding("a space in its manifest", packed(t, manifest))
	cut := slices.Clone(list)
	i := slices.IndexFunc(cut, func(e entry) bool { return e.Name == entryName(partEvents, 1) })
	half := len(cut[i].text) / 2
	rest := entry{cut[i].Header, cut[i].text[half:]}
	rest.Name = entryName(partEvents, 2)
	cut[i].text = cut[i].text[:half]
	refusedForItsEncoding("a part in more entries", packed(t, slices.Insert(cut, i+1, rest)))
	var harder bytes.Buffer
	z, err := zstd.NewWriter(&harder, zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(backupWindow), zstd.WithEncoderLevel(zstd.SpeedBestCompression))
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := z.Write(content(text)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	refusedForItsEncoding("packed harder", harder.Bytes())
}
