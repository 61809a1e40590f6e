package archive

import (
	"bytes"
	"errors"
	"testing"

	"github.com/fundledger/fundledger/proof"
)

// A backup, of whatever bytes, is whole, or is said not to be: nothing of it stops the reader, and none that was changed passes.
func FuzzOpenBackup(f *testing.F) {
	f.Add([]byte{}, false)
	f.Add(make([]byte, 1024), true) // a tar of nothing
	f.Add(append([]byte("manifest.json\x00"), make([]byte, 2048)...), true)
	f.Fuzz(func(t *testing.T, text []byte, compressed bool) {
		if compressed { // past the envelope, into what it holds
			var b bytes.Buffer
			z, err := backupZstd(&b)
			if err != nil {
				t.Fatal(err)
			}
			_, wrong := z.Write(text)
			if err := errors.Join(wrong, z.Close()); err != nil {
				t.Fatal(err)
			}
			text = b.Bytes()
		}
		err := refusedAt(t, text)
		if err == nil {
			t.Error("a file that nobody made passes")
		}
		if !errors.Is(err, ErrBackup) && !errors.Is(err, proof.ErrCheckpoint) && !errors.Is(err, proof.ErrForked) && !errors.Is(err, proof.ErrRolledBack) {
			t.Error(err)
		}
	})
}

func FuzzReadRetired(f *testing.F) {
	f.Add([]byte("{\"format\":\"" + retiredFormat + "\"}\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		if _, _, err := ReadRetired(bytes.NewReader(text)); err != nil && !errors.Is(err, ErrRetired) {
			t.Error(err)
		}
	})
}
