package audit

import (
	"fmt"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/fundledger/fundledger/domain"
)

// slowly finds the runs by looking at each window anew, as they are defined.
func slowly(limits Limits, group []payment) (runs [][]uint64) {
	for len(group) > 1 {
		n, total := 1, group[0].amount
		for n < len(group) && daysBetween(group[0].paidOn, group[n].paidOn) <= limits.SplitDays {
			total = total.Add(group[n].amount)
			n++
		}
		if n < 2 || total.Less(limits.SplitThreshold) {
			group = group[1:]
			continue
		}
		runs = append(runs, seqs(group[:n]))
		group = group[n:]
	}
	return runs
}

func seqs(group []payment) (list []uint64) {
	for _, p := range group {
		list = append(list, p.seq)
	}
	return list
}

func onDay(i int, day int, fen int64) payment {
	return payment{id: domain.PayoutID(fmt.Sprint("P-", i)), seq: uint64(i + 1), paidOn: domain.DateOf(2025, 1, 1+day), amount: domain.Fen(fen),
		account: domain.Account{Clause: "1", Subject: domain.Subject{Kind: domain.SubjectEnterprise, ID: "E"}}}
}

// A window that moves on finds the runs that looking at each anew finds.
func TestAMovingWindowFindsTheSameRuns(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := &analysis{limits: Limits{SplitThreshold: domain.Fen(rapid.Int64Range(2, 60).Draw(t, "threshold")), SplitDays: rapid.IntRange(0, 5).Draw(t, "days")}}
		days := rapid.SliceOfN(rapid.IntRange(0, 30), 0, 40).Draw(t, "on")
		slices.Sort(days)
		group := make([]payment, len(days))
		for i, day := range days {
			group[i] = onDay(i, day, min(rapid.Int64Range(1, 30).Draw(t, "fen"), a.limits.SplitThreshold.Fen()-1))
		}
		var got [][]uint64
		for _, f := range a.splitsOf(nil, group) {
			got = append(got, f.Events)
		}
		if want := slowly(a.limits, group); !reflect.DeepEqual(got, want) {
			t.Fatalf("found %v, want %v", got, want)
		}
	})
}

// Any number of small payouts in one window are gone through once: each looked at with all others would not come to an end here.
func TestManySmallPayoutsInOneWindowAreGoneThroughOnce(t *testing.T) {
	a := &analysis{limits: Limits{SplitThreshold: domain.Fen(2_000_000), SplitDays: 30}}
	group := make([]payment, 400_000)
	for i := range group {
		group[i] = onDay(i, i*20/len(group), 1)
	}
	if found := a.splitsOf(nil, group); len(found) != 0 {
		t.Errorf("%d runs come to less than the threshold", len(found))
	}
}
