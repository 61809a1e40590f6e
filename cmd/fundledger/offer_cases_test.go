package main

import (
	"path/filepath"
	"strings"
	"testing"
)

// Example 33 on the sample ledger of the first release, and what else is tried with offers: each by the program as it is shipped.
func TestExample33AndWhatOffersAreRefusedFor(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "ledger")
	output(t, "restore", filepath.Join("testdata", "edition-1", "demo.backup"), "--data", dir, "--trust", editionOneKey, "--format", "json")
	const one, another = "91310105MA7W80873U", "91310000775785552L"
	offer := func(id, enterprise, clause, project, amount, until string, more ...string) []string {
		return append([]string{"offer", "--data", dir, "--id", "give-" + id, "--date", "2026-11-27", "--actor", "officer", "--role", "approver", "--department", "commerce",
			"--offer", id, "--enterprise", enterprise, "--clause", clause, "--project", project, "--title", "免申即享", "--instalments", "2026=" + amount, "--expires-on", until}, more...)
	}
	answer := func(verb, id, date string) []string {
		return []string{verb, "--data", dir, "--id", verb + id + date, "--date", date, "--actor", "clerk", "--role", "clerk", "--department", "commerce", "--offer", id}
	}
	no := func(code string, args []string, says ...string) {
		t.Helper()
		told := refusedTo(t, 1, args...)
		for _, text := range append(says, code) {
			if !strings.Contains(told, text) {
				t.Errorf("%v: %q is not said:\n%s", args, text, told)
			}
		}
	}

	no("cap_exceeded", offer("O-1", one, "2.1.1", "2025-P-0013", "2662739.31", "2099-12-31"), "2,662,739.31", "short by 0.01")
	no("enterprise_unknown", offer("O-1", another, "2.1.1", "Q", "1.00", "2099-12-31"))
	no("clause_unknown", offer("O-1", one, "9.9", "Q", "1.00", "2099-12-31"))
	no("date_order", offer("O-1", one, "2.1.1", "Q", "1.00", "2026-11-26"))
	no("field_missing", offer("O-1", one, "2.1.1", "Q", "1.00", ""))
	no("looks_like", offer("O-1", one, "2.1.1", "2025-P-OO13", "1.00", "2099-12-31"), "2025-P-0013")
	output(t, offer("O-0", one, "2.1.1", "2025-P-OO13", "1.00", "2099-12-31", "--distinct-from", "2025-P-0013", "--reason", "另一项目")...)
	output(t, offer("O-1", one, "2.1.1", "2025-P-0013", "2662739.30", "2099-12-31")...)
	no("offer_standing", offer("O-2", one, "2.1.1", "2025-p-0013", "1.00", "2099-12-31"), "O-1", "2026")
	no("offer_exists", offer("o-1", one, "2.1.1", "Q", "1.00", "2099-12-31"))
	output(t, answer("confirm-offer", "O-1", "2026-11-27")...)
	no("offer_answered", answer("confirm-offer", "O-1", "2026-11-28"), "O-1")
	no("offer_answered", answer("decline-offer", "O-1", "2026-11-28"), "O-1")
	no("offer_standing", offer("O-2", one, "2.1.1", "2025-P-0013", "1.00", "2099-12-31"), "O-1")

	// It lapsed before it is answered: no date that is typed brings it back.
	output(t, offer("O-3", one, "2.1.1", "Q", "1.00", "2026-11-28")...)
	no("offer_lapsed", answer("confirm-offer", "O-3", "2026-11-28"), "2026-11-28")
	no("offer_lapsed", answer("confirm-offer", "O-3", "2026-11-29"), "2026-11-28")
	no("offer_unknown", answer("confirm-offer", "O-9", "2026-11-27"))
	verifiedSound(t, dir, editionOneEvents+6)
}
