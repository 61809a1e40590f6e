package main

import (
	"path/filepath"
	"testing"

	"github.com/shopspring/decimal"
)

// What the sample ledger of the first release is: its root, the key that signed it, and its sums.
const (
	editionOneRoot   = "hReQWeIgSqqR2HpTUeY5WrGpozHmDcfx+4/JwUajH3s="
	editionOneKey    = "fundledger/changning-2024+1898a599+AXyqMX7dxJVjADWwKJnrGA31Qso0PfWtm/9ODvt90DK9"
	editionOneEvents = 6186
	editionOneRows   = 885
)

var editionOneSums = map[string]string{
	"requested": "2827407264.27", "approved": "2235993982.57", "paid": "1895248897.54", "net_paid": "1805600296.55",
}

// A ledger of the first edition is restored with its root and sums, is sound, and goes on.
func TestALedgerOfTheFirstEditionIsSoundAndGoesOn(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "ledger")
	backup := filepath.Join("testdata", "edition-1", "demo.backup")
	var restored backedUp
	unmarshal(t, output(t, "restore", backup, "--data", dir, "--trust", editionOneKey, "--format", "json"), &restored)
	if restored.Events.Last != editionOneEvents || restored.Refusals.Last != 131 || restored.Checkpoints != 1 {
		t.Errorf("restored %+v", restored)
	}
	if root := verifiedSound(t, dir, editionOneEvents); root != editionOneRoot {
		t.Errorf("the root is %s, not %s", root, editionOneRoot)
	}

	var totals []map[string]any
	unmarshal(t, output(t, "totals", "--data", dir, "--format", "json"), &totals)
	if len(totals) != editionOneRows {
		t.Errorf("%d rows of totals, want %d", len(totals), editionOneRows)
	}
	for column, want := range editionOneSums {
		sum := decimal.Zero
		for _, row := range totals {
			sum = sum.Add(decimal.RequireFromString(row[column].(string)))
		}
		if sum.StringFixed(2) != want {
			t.Errorf("%s is %s, want %s", column, sum.StringFixed(2), want)
		}
	}

	output(t, "appropriate", "--data", dir, "--id", "goes-on", "--date", "2026-11-01", "--department", "finance", "--actor", "officer",
		"--budget-year", "2026", "--clause", "7", "--amount", "1000000000.00", "--document", "长财〔2026〕99号")
	verifiedSound(t, dir, editionOneEvents+1)
}
