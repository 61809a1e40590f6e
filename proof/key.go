package proof

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"github.com/fundledger/fundledger/internal/whole"
)

// Key signs checkpoints: a log's, or a witness's. Its file holds two lines, the signer's key and the verifier's, and is
// readable by its owner alone.
type Key struct {
	Name     string
	Verifier string // a log's: what to give to those who check; print it, publish it
	signer   string
}

// OpenKey reads the key in a file, and makes one of a name, with mode 0600, where there is none. made tells which. A key of another
// name, or one that others may read, is an error.
func OpenKey(path, name string) (k Key, made bool, err error) {
	k, made, err = openKey(path, name, func(name string) (signer, verifier string, err error) { return note.GenerateKey(rand.Reader, name) })
	if err == nil && k.isSM2() {
		return Key{}, false, fmt.Errorf("reading the signing key %s: it is an SM2 key, which signs beside an Ed25519 key: name another file", path)
	}
	return k, made, err
}

func openKey(path, name string, generate func(name string) (signer, verifier string, err error)) (k Key, made bool, err error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		k, err = makeKey(path, name, generate)
		return k, err == nil, err
	}
	if err != nil {
		return Key{}, false, fmt.Errorf("reading the signing key: %w", err)
	}
	info, err := os.Stat(path)
	if err != nil {
		return Key{}, false, fmt.Errorf("reading the signing key: %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return Key{}, false, fmt.Errorf("the signing key %s can be read by others: chmod 600 it, and make a new one if anybody may have", path)
	}
	k, err = parseKey(text)
	if err == nil && k.Name != name {
		err = fmt.Errorf("it is the key of %q, not of %q", k.Name, name)
	}
	if err != nil {
		return Key{}, false, fmt.Errorf("reading the signing key %s: %w", path, err)
	}
	return k, false, nil
}

func makeKey(path, name string, generate func(name string) (signer, verifier string, err error)) (Key, error) {
	signer, verifier, err := generate(name)
	if err != nil {
		return Key{}, fmt.Errorf("making a signing key for %q: %w", name, err)
	}
	if err := writeNew(path, []byte(signer+"\n"+verifier+"\n")); err != nil {
		return Key{}, fmt.Errorf("keeping the signing key: %w", err)
	}
	return Key{Name: name, Verifier: verifier, signer: signer}, nil
}

func parseKey(text []byte) (Key, error) {
	signer, verifier, _ := strings.Cut(string(bytes.TrimSpace(text)), "\n")
	s, err := newSigner(signer)
	if err != nil {
		return Key{}, err
	}
	v, err := NewVerifier(verifier)
	if err != nil {
		return Key{}, err
	}
	if s.Name() != v.Name() || s.KeyHash() != v.KeyHash() {
		return Key{}, errors.New("its two lines are of different keys")
	}
	return Key{Name: s.Name(), Verifier: verifier, signer: signer}, nil
}

// Signer signs as a log.
func (k Key) Signer() (note.Signer, error) { return newSigner(k.signer) }

// writeNew writes a file that is not there yet, whole or not at all, and lets nobody else read it.
func writeNew(path string, text []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	return whole.Create(path, 0o600, whole.Text(text))
}
