package replay

import (
	"fmt"
	"runtime"
	"testing"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/internal/scribe"
)

// A hundred thousand applications under a lower cap: how long it takes, and what is held at its end.
func BenchmarkSimulateAHundredThousandApplications(b *testing.B) {
	s := tell(b, firm())
	for i := range 100_000 {
		s.and(caseOf(domain.ApplicationID(fmt.Sprintf("A-%d", i)), fmt.Sprintf("项目%d号", i), 1_000)...)
	}
	trial := readTrial(b, scribe.Changning(b), "cut", "set 4.cap=500.00", "budget 2025=20000000.00")
	for b.Loop() {
		r, err := Simulate(b.Context(), s.Records, nil, trial)
		if err != nil || r.Applications != 100_000 || r.ChangeCount != 100_000 || len(r.Changed) > maxChanged {
			b.Fatalf("%d of %d applications: %v", r.ChangeCount, r.Applications, err)
		}
		runtime.KeepAlive(r)
	}
	b.ReportAllocs()
}
