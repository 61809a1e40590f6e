package main

import (
	"bytes"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/fundledger/fundledger/proof"
)

func TestAServiceSignsWithSM2TooWhereAKeyIsNamed(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "ledger")
	t.Setenv("FUNDLEDGER_SM2_KEY", filepath.Join(t.TempDir(), "sm2.key"))
	output(t, "import", "--data", dir, "--policy", "elsewhere-2025", commandFile(t, 20))
	var note []byte
	said := serving(t, dir, func(url string) { note = fetched(t, url+"/checkpoint") })
	keys := regexp.MustCompile(`fundledger/\S+\+[0-9a-f]{8}\+\S+`).FindAllString(said, -1)
	if len(keys) != 2 || bytes.Count(note, []byte("\n— ")) != 2 {
		t.Fatalf("%d keys, and the checkpoint\n%s\nsaid:\n%s", len(keys), note, said)
	}
	for _, key := range keys {
		trust, err := proof.ParseTrust(key)
		if err != nil {
			t.Fatal(err)
		}
		if s, err := trust.Open(proof.Origin("elsewhere-2025"), note); err != nil || s.Size != 21 || s.Unknown != 1 {
			t.Errorf("%s: %+v %v", key, s, err)
		}
	}
	t.Setenv("FUNDLEDGER_SM2_KEY", "")
	serving(t, dir, func(url string) {
		if again := fetched(t, url+"/checkpoint"); !bytes.Equal(again, note) {
			t.Errorf("without the key the checkpoint is another:\n%s", again)
		}
	})
}
