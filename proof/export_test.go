package proof

import (
	"context"
	"crypto/ecdsa"

	"golang.org/x/mod/sumdb/note"

	"github.com/fundledger/fundledger/eventstore"
)

// What the tests, which stand outside, look at and nobody else may.
var (
	NewCosigner     = newCosigner
	CosignerKey     = cosignerKey
	WithLines       = withLines
	ParseSubmission = parseSubmission
	ParseSM2Public  = parseSM2Public
	SM2Hash         = sm2Hash
	ErrSubmission   = errSubmission
	ErrUnknownLog   = errUnknownLog
	ErrWitness      = errWitness
)

const (
	SM2Type    = sm2Type
	LeavesHeld = leavesHeld
)

type (
	Submission = submission
	StaleError = staleError
)

func (s submission) Encode() []byte { return s.encode() }

func (c Checkpoint) Continues(ctx context.Context, h Hashes, size uint64) error {
	return c.continues(ctx, h, size)
}

func (f Folder) Path(size uint64) string { return f.path(size) }

// Read is how many events a notary has read.
func (n *Notary) Read() uint64 { return n.read() }

func (k Key) IsSM2() bool { return k.isSM2() }

// KeyOf is a key that stands in no file.
func KeyOf(name, verifier, signer string) Key {
	return Key{Name: name, Verifier: verifier, signer: signer}
}

// KeptTree is a tree of records as the projections keep it.
func KeptTree(records eventstore.Records) Kept {
	g := newGrowing()
	g.append(records)
	return g.kept()
}

func SM2VerifierOf(public *ecdsa.PublicKey) note.Verifier { return &sm2Verifier{key: public} }
