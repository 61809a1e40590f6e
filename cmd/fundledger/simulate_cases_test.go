package main

import (
	"path/filepath"
	"testing"

	"github.com/fundledger/fundledger/replay"
)

// Examples 51 and 52 on the sample ledger of the first release: the same policy gives no difference; under another cap of clause 4, what is too much cut.
func TestExamples51And52AnotherPolicyOnTheSample(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "ledger")
	output(t, "restore", filepath.Join("testdata", "edition-1", "demo.backup"), "--data", dir, "--trust", editionOneKey, "--format", "json")
	simulate := func(args ...string) (r replay.Simulation) {
		t.Helper()
		unmarshal(t, output(t, append([]string{"simulate", "--data", dir, "--policy", "changning-2024", "--format", "json"}, args...)...), &r)
		return r
	}
	for _, how := range []string{"refuse", "cut"} {
		r := simulate("--decide", how)
		if r.Seq != editionOneEvents || r.Applications != 978 || r.ChangeCount != 0 || !r.Total.Same() || r.Total.Was.Approved.String() != editionOneSums["approved"] ||
			r.Total.Would.NetPaid.String() != editionOneSums["net_paid"] {
			t.Errorf("%s: %d of %d applications differ, %+v", how, r.ChangeCount, r.Applications, r.Total)
		}
	}
	want := map[string]string{
		"2025-A-0192": "16999930.00 15000000.00", "S-11": "20000000.00 15000000.00", // example 52
		"2025-A-0458": "7399932.00 4515000.00", "2025-A-0540": "14799936.37 12378849.00", "2026-A-0234": "13399974.70 13130000.00",
		"2026-A-0145": "2813697.00 0.00", "2026-A-0317": "1590000.00 0.00",
	}
	r := simulate("--decide", "cut", "--set", "4.cap=15000000.00")
	for _, o := range r.Changed {
		if got := o.Was.String() + " " + o.Would.String(); want[string(o.Application)] != got {
			t.Errorf("%s: %s, not %s", o.Application, got, want[string(o.Application)])
		}
	}
	if r.ChangeCount != len(want) || r.Capped != len(want) || r.Winners != 0 {
		t.Errorf("%d differ, %d meet a cap, %d get more", r.ChangeCount, r.Capped, r.Winners)
	}
}
