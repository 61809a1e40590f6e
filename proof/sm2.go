package proof

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/emmansun/gmsm/sm2"
	"github.com/emmansun/gmsm/smx509"
	"golang.org/x/mod/sumdb/note"
)

// An SM2 signature on a note stands beside the Ed25519 one, for whoever must rely on the national algorithms (GB/T 32918, GM/T 0003): one note,
// two lines, each of a key of its own under the same name. Who knows only Ed25519 passes over the line, as C2SP signed-note says.
//
// signed-note assigns no type byte to SM2. For such types it reserves ff with a text behind it, here "fundledger/sm2-sm3/v1":
//
//	type       ff "fundledger/sm2-sm3/v1"
//	public     the key's SubjectPublicKeyInfo in DER (SM2 curve, RFC 5480 form)
//	key hash   the first 4 bytes of SHA-256(name, newline, type, public)
//	verifier   name+hash+base64(type, public)
//	signer     PRIVATE+KEY+name+hash+base64(type, PKCS #8 in DER)
//	signature  base64(hash, DER of r and s): SM2 with SM3 over the note's text, user identifier "1234567812345678" (GM/T 0009)
//
// The keys' DER is what other tools read: cut the type off and openssl or gmssl takes it.
const sm2Type = "\xfffundledger/sm2-sm3/v1"

var errSM2Key = errors.New("not an SM2 key of its kind: copy the whole line")

// sm2UserID is nil for the user identifier that GM/T 0009 names where none is agreed on: "1234567812345678".
var sm2UserID []byte

// sm2Verifier checks a log's SM2 signatures. It is a note.Verifier.
type sm2Verifier struct {
	name string
	hash uint32
	key  *ecdsa.PublicKey
}

func (v *sm2Verifier) Name() string    { return v.name }
func (v *sm2Verifier) KeyHash() uint32 { return v.hash }

func (v *sm2Verifier) Verify(text, signature []byte) bool {
	return sm2.VerifyASN1WithSM2(v.key, sm2UserID, text, signature)
}

// sm2Signer signs as a log with SM2. It is a note.Signer.
type sm2Signer struct {
	sm2Verifier
	key *sm2.PrivateKey
}

func (s *sm2Signer) Sign(text []byte) ([]byte, error) {
	return s.key.Sign(rand.Reader, text, sm2.NewSM2SignerOption(true, sm2UserID))
}

func sm2Hash(name string, public []byte) uint32 {
	digest := sha256.Sum256(append([]byte(name+"\n"+sm2Type), public...))
	return binary.BigEndian.Uint32(digest[:])
}

// NewVerifier reads a log's verifier key, Ed25519 or SM2.
func NewVerifier(text string) (note.Verifier, error) {
	parts := strings.SplitN(text, "+", 3)
	if len(parts) != 3 {
		return note.NewVerifier(text)
	}
	public, ok := sm2Material(parts[2])
	if !ok {
		return note.NewVerifier(text)
	}
	key, err := parseSM2Public(public)
	if err != nil {
		return nil, err
	}
	v := &sm2Verifier{name: parts[0], hash: sm2Hash(parts[0], public), key: key}
	if !validKeyName(v.name) || fmt.Sprintf("%08x", v.hash) != parts[1] {
		return nil, errSM2Key
	}
	return v, nil
}

// newSigner reads a log's signer key, Ed25519 or SM2.
func newSigner(text string) (note.Signer, error) {
	parts := strings.SplitN(text, "+", 5)
	if len(parts) != 5 || parts[0] != "PRIVATE" || parts[1] != "KEY" {
		return note.NewSigner(text)
	}
	private, ok := sm2Material(parts[4])
	if !ok {
		return note.NewSigner(text)
	}
	parsed, err := smx509.ParsePKCS8PrivateKey(private)
	key, isSM2 := parsed.(*sm2.PrivateKey)
	if err != nil || !isSM2 {
		return nil, errSM2Key
	}
	public, err := smx509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		return nil, errSM2Key
	}
	s := &sm2Signer{sm2Verifier: sm2Verifier{name: parts[2], hash: sm2Hash(parts[2], public), key: &key.PublicKey}, key: key}
	if !validKeyName(s.name) || fmt.Sprintf("%08x", s.hash) != parts[3] {
		return nil, errSM2Key
	}
	return s, nil
}

// sm2Material is what stands behind the type in a key of base64; false where it is of another type.
func sm2Material(text string) ([]byte, bool) {
	raw, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil {
		return nil, false
	}
	return bytes.CutPrefix(raw, []byte(sm2Type))
}

// parseSM2Public reads a public key in its one spelling; that the point lies on the curve is checked by the parser.
func parseSM2Public(der []byte) (*ecdsa.PublicKey, error) {
	parsed, err := smx509.ParsePKIXPublicKey(der)
	key, ok := parsed.(*ecdsa.PublicKey)
	if err != nil || !ok || !sm2.IsSM2PublicKey(key) {
		return nil, errSM2Key
	}
	again, err := smx509.MarshalPKIXPublicKey(key)
	if err != nil || !bytes.Equal(again, der) {
		return nil, errSM2Key
	}
	return key, nil
}

// validKeyName is what a note allows a key to be called.
func validKeyName(name string) bool {
	return name != "" && !strings.ContainsFunc(name, func(r rune) bool { return unicode.IsSpace(r) || r == '+' || r == unicode.ReplacementChar })
}

// generateSM2 makes a key pair of a name, as note.GenerateKey does of Ed25519.
func generateSM2(name string) (signer, verifier string, err error) {
	if !validKeyName(name) {
		return "", "", errSM2Key
	}
	key, err := sm2.GenerateKey(rand.Reader)
	if err != nil {
		return "", "", err
	}
	private, err := smx509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return "", "", err
	}
	public, err := smx509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		return "", "", err
	}
	hash := sm2Hash(name, public)
	line := func(der []byte) string {
		return fmt.Sprintf("%s+%08x+%s", name, hash, base64.StdEncoding.EncodeToString(append([]byte(sm2Type), der...)))
	}
	return "PRIVATE+KEY+" + line(private), line(public), nil
}

// OpenSM2Key reads the SM2 key in a file, and makes one of a name where there is none, with the promises of [OpenKey]. Its signer goes beside
// the Ed25519 one: Sign(signer, sm2Signer).
func OpenSM2Key(path, name string) (k Key, made bool, err error) {
	k, made, err = openKey(path, name, generateSM2)
	if err == nil && !k.isSM2() {
		return Key{}, false, fmt.Errorf("reading the signing key %s: it is an Ed25519 key, not an SM2 key: name another file", path)
	}
	return k, made, err
}

// isSM2 reports whether it is an SM2 key.
func (k Key) isSM2() bool {
	_, encoded, _ := strings.Cut(strings.TrimPrefix(k.Verifier, k.Name+"+"), "+")
	_, ok := sm2Material(encoded)
	return ok
}

// signBeside takes up the keys that sign beside the first. They are believed too, so that a wrong signature of theirs is found.
func (n *Notary) signBeside(keys []Key) error {
	for _, k := range keys {
		signer, err := k.Signer()
		if err != nil {
			return fmt.Errorf("reading a key that signs beside: %w", err)
		}
		own, err := ParseTrust(k.Verifier)
		if err != nil {
			return err
		}
		n.beside = append(n.beside, signer)
		if !slices.ContainsFunc(n.trust.Log, func(v note.Verifier) bool { return v.Name() == signer.Name() && v.KeyHash() == signer.KeyHash() }) {
			n.trust.Log = append(n.trust.Log, own.Log...)
		}
	}
	return nil
}
