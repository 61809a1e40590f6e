package proof

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
)

// A cosignature is the Ed25519 "cosignature/v1" of C2SP tlog-cosignature: over "cosignature/v1", a line with the time, and the
// checkpoint's text. The signature is the time, 8 bytes big-endian, and the 64 bytes of Ed25519.

const (
	algEd25519     = 1
	algCosignature = 4
)

// cosigner signs as a witness. It is a note.Signer.
type cosigner struct {
	name string
	hash uint32
	key  ed25519.PrivateKey
	now  func() time.Time
}

func (c *cosigner) Name() string    { return c.name }
func (c *cosigner) KeyHash() uint32 { return c.hash }

func (c *cosigner) Sign(text []byte) ([]byte, error) {
	at := c.now().Unix()
	signature := ed25519.Sign(c.key, cosigned(uint64(at), text))
	return append(binary.BigEndian.AppendUint64(nil, uint64(at)), signature...), nil
}

// coverifier checks a witness's signatures. It is a note.Verifier.
type coverifier struct {
	name string
	hash uint32
	key  ed25519.PublicKey
}

func (c *coverifier) Name() string    { return c.name }
func (c *coverifier) KeyHash() uint32 { return c.hash }

func (c *coverifier) Verify(text, signature []byte) bool {
	if len(signature) != 8+ed25519.SignatureSize {
		return false
	}
	return ed25519.Verify(c.key, cosigned(binary.BigEndian.Uint64(signature), text), signature[8:])
}

func cosigned(at uint64, text []byte) []byte {
	return fmt.Appendf(nil, "cosignature/v1\ntime %d\n%s", at, text)
}

// newCosigner makes a cosigner of a note's Ed25519 signer key.
func newCosigner(signer string, now func() time.Time) (*cosigner, error) {
	parts := strings.SplitN(signer, "+", 5)
	if len(parts) != 5 {
		return nil, errKey
	}
	key, err := base64.StdEncoding.DecodeString(parts[4])
	if err != nil || len(key) != 1+ed25519.SeedSize || key[0] != algEd25519 {
		return nil, errKey
	}
	private := ed25519.NewKeyFromSeed(key[1:])
	return &cosigner{name: parts[2], hash: cosignerHash(parts[2], private.Public().(ed25519.PublicKey)), key: private, now: now}, nil
}

// newCoverifier reads a witness's verifier key.
func newCoverifier(verifier string) (*coverifier, error) {
	parts := strings.SplitN(verifier, "+", 3)
	if len(parts) != 3 {
		return nil, errKey
	}
	key, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil || len(key) != 1+ed25519.PublicKeySize || key[0] != algCosignature {
		return nil, errKey
	}
	c := &coverifier{name: parts[0], hash: cosignerHash(parts[0], key[1:]), key: key[1:]}
	if c.name == "" || fmt.Sprintf("%08x", c.hash) != parts[1] {
		return nil, errKey
	}
	return c, nil
}

var errKey = errors.New("not an Ed25519 key of its kind: copy the whole line")

func cosignerHash(name string, key ed25519.PublicKey) uint32 {
	digest := sha256.Sum256(append(append([]byte(name), '\n', algCosignature), key...))
	return binary.BigEndian.Uint32(digest[:])
}

// cosignerKey is a witness's verifier key, to give to those who check.
func cosignerKey(c *cosigner) string {
	public := c.key.Public().(ed25519.PublicKey)
	return fmt.Sprintf("%s+%08x+%s", c.name, c.hash, base64.StdEncoding.EncodeToString(append([]byte{algCosignature}, public...)))
}

// cosignedAt is the time in a cosignature.
func cosignedAt(s note.Signature) (time.Time, error) {
	raw, err := base64.StdEncoding.DecodeString(s.Base64)
	if err != nil || len(raw) != 4+8+ed25519.SignatureSize {
		return time.Time{}, errors.New("it holds no time")
	}
	return time.Unix(int64(binary.BigEndian.Uint64(raw[4:])), 0).UTC(), nil
}
