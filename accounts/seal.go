package accounts

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
)

// Sealer seals the numbers of bank accounts before the ledger sees them, and opens them for who may read them. Its key lies on the fund's shelf, made
// when the first number is sealed: all instances share it, and neither the log nor the tables have it. One number is always sealed alike, so
// that a command asked again is the same command; who has the log alone can tell that two accounts are one, and no more of them than their ends.
type Sealer struct {
	fund  domain.FundID
	shelf func(context.Context) (*eventstore.Shelf, error)

	mu   sync.Mutex
	keys []*sealKeys // the one that seals first, then those that it was before; nil: not read yet
}

// sealKeys are made of the key: one for what is sealed, one for its nonces.
type sealKeys struct {
	aead   cipher.AEAD
	nonces []byte
}

// NewSealer is a sealer of a fund, on a shelf that it asks for when it needs it.
func NewSealer(fund domain.FundID, shelf func(context.Context) (*eventstore.Shelf, error)) *Sealer {
	return &Sealer{fund: fund, shelf: shelf}
}

// Sealer seals and opens by the key on the shelf of these users' fund.
func (u *Users) Sealer() *Sealer { return u.sealer }

// UnreadableNumber is what stands for a number that can be none, and for a sealed one that is not of this fund: the rules refuse it.
const UnreadableNumber domain.AccountNumber = "***"

// sealKeyOn is where the key lies on the shelf, and how many bytes it has. Where it was changed the retired ones lie behind it, the latest first: one value, so
// that a change is whole or is none, and all instances see it at once.
const (
	sealKeyOn   = "payee-key"
	sealKeyLen  = 32
	maxSealKeys = 100
)

// ErrSealKey says that a ledger seals under another key than the one that is brought to it.
var ErrSealKey = errors.New("account numbers of this ledger are sealed under another key: take the users over into a ledger that has sealed none")

// Seal seals a number. One that is sealed already stays as it is, where it is of this fund.
func (s *Sealer) Seal(ctx context.Context, n domain.AccountNumber) (domain.AccountNumber, error) {
	keys, err := s.ready(ctx, true)
	if err != nil {
		return "", err
	}
	if n.Tail() != "" {
		if _, err := openBy(keys, s.fund, n); err != nil {
			return UnreadableNumber, nil
		}
		return n, nil
	}
	plain, ok := n.Plain()
	if !ok {
		return UnreadableNumber, nil
	}
	tail := string(plain[len(plain)-4:])
	by := keys[0]
	mac := hmac.New(sha256.New, by.nonces)
	mac.Write([]byte(plain))
	nonce := mac.Sum(nil)[:by.aead.NonceSize()]
	sealed := by.aead.Seal(nonce, nonce, []byte(plain), aboutNumber(s.fund, tail))
	return domain.SealedNumber(tail, base64.RawURLEncoding.EncodeToString(sealed)), nil
}

// Open is a sealed number in whole, for who may read it.
func (s *Sealer) Open(ctx context.Context, n domain.AccountNumber) (string, error) {
	keys, err := s.ready(ctx, false)
	if err != nil {
		return "", err
	}
	plain, err := openBy(keys, s.fund, n)
	if err != nil { // the key may have been changed since it was read
		if keys, err = s.read(ctx, false); err == nil {
			plain, err = openBy(keys, s.fund, n)
		}
	}
	return plain, err
}

// Rotate has another key seal from now on. What was sealed before is opened by the retired ones, which seal nothing any more: an instance reads the key anew for
// every number that it seals.
func (s *Sealer) Rotate(ctx context.Context) (retired int, err error) {
	if _, err := s.read(ctx, true); err != nil {
		return 0, err
	}
	shelf, err := s.shelf(ctx)
	if err != nil {
		return 0, fmt.Errorf("the key of account numbers: %w", err)
	}
	have, was, err := shelf.Get(ctx, sealKeyOn)
	if err != nil {
		return 0, fmt.Errorf("the key of account numbers: %w", err)
	}
	if len(have) >= sealKeyLen*maxSealKeys {
		return 0, fmt.Errorf("the key of account numbers was changed %d times: no more keys are kept", maxSealKeys-1)
	}
	key := make([]byte, sealKeyLen, sealKeyLen+len(have))
	_, _ = rand.Read(key) // it never fails
	if err := shelf.Swap(ctx, sealKeyOn, append(key, have...), was, 0); err != nil {
		return 0, fmt.Errorf("changing the key of account numbers: %w", err)
	}
	_, err = s.read(ctx, false)
	return len(have) / sealKeyLen, err
}

// openBy opens a number by the key that it was sealed under.
func openBy(keys []*sealKeys, fund domain.FundID, n domain.AccountNumber) (plain string, err error) {
	for _, k := range keys {
		if plain, err = k.open(fund, n); err == nil {
			return plain, nil
		}
	}
	return "", err
}

// aboutNumber is what a number is sealed with: it opens nowhere else.
func aboutNumber(fund domain.FundID, tail string) []byte {
	return []byte("fundledger payee account\x00" + string(fund) + "\x00" + tail)
}

func (k *sealKeys) open(fund domain.FundID, n domain.AccountNumber) (string, error) {
	tail, text, ok := n.Parts()
	sealed, err := base64.RawURLEncoding.DecodeString(text)
	if !ok || err != nil || len(sealed) < k.aead.NonceSize() {
		return "", errors.New("this is no sealed number")
	}
	plain, err := k.aead.Open(nil, sealed[:k.aead.NonceSize()], sealed[k.aead.NonceSize():], aboutNumber(fund, tail))
	if err != nil {
		return "", errors.New("the number is sealed under another key")
	}
	return string(plain), nil
}

// ready is what the key makes, for sealing as it is now.
func (s *Sealer) ready(ctx context.Context, sealing bool) ([]*sealKeys, error) {
	s.mu.Lock()
	keys := s.keys
	s.mu.Unlock()
	if keys != nil && !sealing {
		return keys, nil
	}
	return s.read(ctx, sealing)
}

// read reads the key. Where there is none, one is made if anything is to be sealed.
func (s *Sealer) read(ctx context.Context, sealing bool) ([]*sealKeys, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	shelf, err := s.shelf(ctx)
	if err != nil {
		return nil, fmt.Errorf("the key of account numbers: %w", err)
	}
	key, was, err := shelf.Get(ctx, sealKeyOn)
	if errors.Is(err, eventstore.ErrNotFound) && sealing {
		key = make([]byte, sealKeyLen)
		_, _ = rand.Read(key) // it never fails
		if err = shelf.Swap(ctx, sealKeyOn, key, was, 0); errors.Is(err, eventstore.ErrOutOfTurn) {
			key, _, err = shelf.Get(ctx, sealKeyOn) // another instance was first
		}
	}
	if err != nil {
		return nil, fmt.Errorf("the key of account numbers: %w", err)
	}
	if s.keys, err = keysOf(key); err != nil {
		return nil, err
	}
	return s.keys, nil
}

func keysOf(key []byte) (keys []*sealKeys, err error) {
	if len(key) == 0 || len(key)%sealKeyLen != 0 || len(key) > sealKeyLen*maxSealKeys {
		return nil, fmt.Errorf("the key of account numbers has %d bytes", len(key))
	}
	for one := range slices.Chunk(key, sealKeyLen) {
		k, err := keyOf(one)
		if err != nil {
			return nil, err
		}
		keys = append(keys, k)
	}
	return keys, nil
}

func keyOf(key []byte) (*sealKeys, error) {
	of := func(what string) []byte {
		k, err := hkdf.Key(sha256.New, key, nil, "fundledger "+what, sealKeyLen)
		if err != nil {
			panic(err) // the lengths are ours
		}
		return k
	}
	block, err := aes.NewCipher(of("seal"))
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	return &sealKeys{aead, of("nonce")}, nil
}

// sealKey is the key as it lies on the shelf; nil where there is none.
func (u *Users) sealKey(ctx context.Context) ([]byte, eventstore.Revision, error) {
	key, was, err := u.shelf.Get(ctx, sealKeyOn)
	if errors.Is(err, eventstore.ErrNotFound) {
		return nil, was, nil
	}
	return key, was, err
}

// mayTakeSealKey says no to a key that is none, and to one beside the ledger's own.
func (u *Users) mayTakeSealKey(ctx context.Context, key []byte) error {
	if len(key) == 0 {
		return nil
	}
	if _, err := keysOf(key); err != nil {
		return err
	}
	have, _, err := u.sealKey(ctx)
	if err == nil && have != nil && !bytes.HasSuffix(have, key) && !bytes.HasSuffix(key, have) {
		err = ErrSealKey
	}
	return err
}

// takeSealKey brings the key of another ledger, whose backup came here: numbers on it can be read again.
func (u *Users) takeSealKey(ctx context.Context, key []byte) error {
	have, was, err := u.sealKey(ctx)
	if err != nil || bytes.HasSuffix(have, key) || !bytes.HasSuffix(key, have) { // it has them all, or others
		return err
	}
	return u.shelf.Swap(ctx, sealKeyOn, key, was, 0)
}
