package prooftest

import (
	"path/filepath"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"github.com/fundledger/fundledger/proof"
)

// TreeOf is the tree of a log.
func TreeOf(t testing.TB, l proof.Log) *proof.Tree {
	t.Helper()
	tree, err := proof.TreeOf(t.Context(), l)
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

// Key is a new key of a name.
func Key(t testing.TB, name string) proof.Key {
	t.Helper()
	k, made, err := proof.OpenKey(filepath.Join(t.TempDir(), "key"), name)
	if err != nil || !made {
		t.Fatal(made, err)
	}
	return k
}

// Trust believes keys.
func Trust(t testing.TB, keys ...string) proof.Trust {
	t.Helper()
	tr, err := proof.ParseTrust(keys...)
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

// Issue signs a checkpoint of the first size events of a tree.
func Issue(t testing.TB, k proof.Key, tree *proof.Tree, size uint64) []byte {
	t.Helper()
	root, err := proof.RootAt(t.Context(), tree, size)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := k.Signer()
	if err != nil {
		t.Fatal(err)
	}
	text, err := proof.Checkpoint{Origin: k.Name, Size: size, Root: root}.Sign(signer)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// SignerOf signs with a key.
func SignerOf(t testing.TB, k proof.Key) note.Signer {
	t.Helper()
	s, err := k.Signer()
	if err != nil {
		t.Fatal(err)
	}
	return s
}
