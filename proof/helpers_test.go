package proof

import (
	"path/filepath"
	"testing"

	"golang.org/x/mod/sumdb/note"
)

func treeOf(t testing.TB, l Log) *Tree {
	t.Helper()
	tree, err := TreeOf(t.Context(), l)
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

func key(t testing.TB, name string) Key {
	t.Helper()
	k, made, err := OpenKey(filepath.Join(t.TempDir(), "key"), name)
	if err != nil || !made {
		t.Fatal(made, err)
	}
	return k
}

func trust(t testing.TB, keys ...string) Trust {
	t.Helper()
	tr, err := ParseTrust(keys...)
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

// issue signs a checkpoint of the first size events of a tree.
func issue(t testing.TB, k Key, tree *Tree, size uint64) []byte {
	t.Helper()
	root, err := RootAt(t.Context(), tree, size)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := k.Signer()
	if err != nil {
		t.Fatal(err)
	}
	text, err := Checkpoint{Origin: k.Name, Size: size, Root: root}.Sign(signer)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func signerOf(t testing.TB, k Key) note.Signer {
	t.Helper()
	s, err := k.Signer()
	if err != nil {
		t.Fatal(err)
	}
	return s
}
