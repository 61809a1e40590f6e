package postgres_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/internal/scribe"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/projections/projtest"
)

// mergedFund is the fund of [linkedFund], in which the third enterprise was taken over by the fourth.
func mergedFund(t testing.TB) (s *scribe.Scribe, firms []domain.EnterpriseID, merger uint64) {
	t.Helper()
	s, firms = linkedFund(t)
	merger = s.Records[len(s.Records)-1].Seq + 1
	if r := s.Give(&domain.MergeEnterprises{Head: domain.Head{ID: "merge", Date: scribe.Day("2025-07-01"), Actor: domain.Actor{ID: "p-clerk", Role: domain.Clerk, Department: "commerce"}},
		From: firms[2], Into: firms[3], On: scribe.Day("2025-06-15"), Document: "市监〔2025〕8号"}); r != nil {
		t.Fatal(r, r.Figures)
	}
	return s, firms, merger
}

func TestWhatMergedEnterprisesUseCountsTogetherInEveryList(t *testing.T) {
	s, firms, merger := mergedFund(t)
	url := migrated(t)
	project(t, url, s.Records)
	q := ask(t, url, s.Records[len(s.Records)-1].Time.Add(time.Hour))
	before := projections.AsOf{Seq: merger - 1}
	for name, c := range map[string]struct {
		asOf projections.AsOf
		want string
	}{
		"now":    {projections.AsOf{}, "60000000.00 joined 60000000.00 headroom 0.00 over 20000000.00 over"},
		"before": {before, "60000000.00 joined 0.00 headroom 40000000.00 over 0.00 ok"},
	} {
		for _, firm := range firms[2:] {
			a := projections.Where(projections.BySubject.Is(string(firm)))
			a.AsOf = c.asOf
			for _, r := range every(t, q, projections.Accounts, a) {
				if got := fmt.Sprint(r.Use, " joined ", r.JoinedUse, " headroom ", r.Headroom, " over ", r.OverBy, " ", r.Status); got != c.want {
					t.Errorf("%s: the account of %s: %s, want %s", name, firm, got, c.want)
				}
			}
			a = projections.Where(projections.ByEnterprise.Is(firm))
			a.AsOf = c.asOf
			for _, r := range every(t, q, projections.Totals, a) {
				if got := fmt.Sprint(r.Use, " headroom ", r.Headroom, " over ", r.OverBy); !strings.Contains(strings.ReplaceAll(c.want, "joined 60000000.00 ", ""), got) && name == "now" {
					t.Errorf("%s: the totals of %s: %s", name, firm, got)
				}
			}
		}
	}
	for name, c := range map[string]struct {
		ask  projections.Ask
		want int
	}{"of the one that ended": {projections.Where(projections.ByEnterprise.Is(firms[2])), 1}, "of the one that goes on": {projections.Where(projections.ByEnterprise.Is(firms[3])), 1},
		"of another": {projections.Where(projections.ByEnterprise.Is(firms[0])), 0}, "before": {projections.Ask{AsOf: before}, 0}} {
		if got := every(t, q, projections.Mergers, c.ask); len(got) != c.want || c.want > 0 && (got[0].MergedIntoName != "企业丁" || got[0].MergedOn != scribe.Day("2025-06-15")) {
			t.Errorf("mergers %s: %+v", name, got)
		}
	}
	// On a day when the third was linked the fourth is in its place.
	group := projections.Where(projections.ByEnterprise.Is(firms[2]))
	group.On = scribe.Day("2025-03-31")
	rows := every(t, q, projections.Groups, group)
	v, _ := s.State.GroupUse(firms[0], "1.1a", 2025, group.On)
	if len(rows) != 1 || rows[0].Members != 3 || rows[0].MemberNames != "企业甲; 企业乙; 企业丁" || rows[0].Use != domain.Yuan(240_000_000) || v.Use != rows[0].Use || len(v.Members) != 3 {
		t.Errorf("the group is %+v, the rules see %+v", rows, v)
	}
}

// Whatever happened to two enterprises stands in the histories of both, and the old code finds the new enterprise.
func TestBothHistoriesTellWhatLinksTwo(t *testing.T) {
	s, firms, merger := mergedFund(t)
	url := migrated(t)
	project(t, url, s.Records)
	q := ask(t, url, s.Records[len(s.Records)-1].Time.Add(time.Hour))
	for i, want := range []string{"enterprise_registered payout_booked enterprises_linked enterprises_linked link_ended", "enterprise_registered payout_booked enterprises_linked enterprises_linked link_ended",
		"enterprise_registered payout_booked enterprises_linked enterprises_merged", "enterprise_registered payout_booked enterprises_linked enterprises_merged"} {
		var got []string
		for _, h := range every(t, q, projections.EnterpriseHistory, projections.Where(projections.ByEnterprise.Is(firms[i]))) {
			got = append(got, h.EventType)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("the history of the enterprise %d is %q, want %q", i, got, want)
		}
	}
	earlier := projections.Where(projections.ByEnterprise.Is(firms[3]))
	earlier.AsOf.Seq = merger - 1
	if got := every(t, q, projections.EnterpriseHistory, earlier); got[len(got)-1].EventType == "enterprises_merged" {
		t.Error("a past history tells what came later")
	}
	var found []domain.EnterpriseID
	for _, e := range every(t, q, projections.Enterprises, projections.Where(projections.BySearch.Is(string(firms[2])))) {
		found = append(found, e.Enterprise)
	}
	if !slices.Equal(found, firms[2:]) {
		t.Errorf("the old code finds %q, want %q", found, firms[2:])
	}
}

// A merger itself may carry an account across a level, and so does what is used of the other account later.
func TestMergersAreTold(t *testing.T) {
	s, firms, merger := mergedFund(t)
	if r := s.Give(&domain.BookPayout{Head: domain.Head{ID: "more", Date: scribe.Day("2025-07-02"), Actor: domain.Actor{ID: "p-treasurer", Role: domain.Treasurer, Department: "finance"}},
		Payout: "more", Enterprise: firms[3], Clause: "1.1a", SupportYear: 2026, Amount: domain.Yuan(95_000_000), Voucher: "V9"}); r != nil {
		t.Fatal(r, r.Figures)
	}
	clerk := func(id domain.CommandID) domain.Head {
		return domain.Head{ID: id, Date: scribe.Day("2025-07-03"), Actor: domain.Actor{ID: "p-clerk", Role: domain.Clerk, Department: "commerce"}}
	}
	for _, c := range []domain.Command{&domain.VoidMerger{Head: clerk("void"), From: firms[2], Document: "D", Reason: "误登"},
		&domain.MergeEnterprises{Head: clerk("once more"), From: firms[2], Into: firms[3], Document: "D"}} {
		if r := s.Give(c); r != nil {
			t.Fatal(r, r.Figures)
		}
	}
	var want []string
	for i, size := range []int{1000, 1, 3} {
		url := migrated(t)
		p := start(t, url, &projtest.Log{Records: s.Records, Chunk: size}, batches(size))
		await(t, p, uint64(len(s.Records)))
		p.Stop()
		q := ask(t, url, s.Records[len(s.Records)-1].Time.Add(time.Hour))
		var got []string
		for _, n := range every(t, q, projections.Notices, projections.Ask{}) {
			if n.Seq >= merger {
				got = append(got, fmt.Sprint(n.Seq-merger, " ", n.Subject, " ", n.SupportYear, " ", n.Notice, " ", n.UsedBefore, " ", n.UsedAfter, " ", n.Room))
			}
		}
		if i == 0 {
			if want = got; len(got) != 7 || !strings.Contains(got[2], "60000000.00 120000000.00 100000000.00") || !strings.Contains(got[5], "60000000.00 120000000.00 100000000.00") { // and once more
				t.Errorf("told: %q", got)
			}
		} else if !slices.Equal(got, want) {
			t.Errorf("batches of %d tell %q, not %q", size, got, want)
		}
	}
}

// In histories by chance every account stands in the list as the rules have it.
func TestAccountsOfMergedEnterprisesAreAsTheRulesHaveThem(t *testing.T) {
	a := planned(5, 1500)
	merged := 0
	for i := range 5 {
		firms := a.State().EnterprisesBehind("")
		if a.Do(&domain.MergeEnterprises{Head: a.Head("li", domain.Clerk, "commerce"), From: firms[2*i+1], Into: firms[i], Document: "D"}) == nil {
			merged++
		}
	}
	voided := 0
	for _, from := range slices.Backward(a.State().EnterprisesBehind("")) {
		if voided < 1 && a.Do(&domain.VoidMerger{Head: a.Head("li", domain.Clerk, "commerce"), From: from, Document: "D", Reason: "误登"}) == nil {
			voided++
		}
	}
	for range 250 {
		a.Act()
	}
	if merged < 3 || voided < 1 {
		t.Fatalf("%d mergers prove little", merged)
	}
	url := migrated(t)
	project(t, url, a.Records())
	q := ask(t, url, a.Records()[len(a.Records())-1].Time.Add(time.Minute))
	joined := 0
	for _, r := range every(t, q, projections.Accounts, projections.Ask{}) {
		v, ok := a.State().Account(domain.Account{Clause: r.Clause, Subject: domain.Subject{Kind: r.SubjectKind, ID: r.Subject}}, r.SupportYear, a.Today())
		if !ok || v.Headroom() != r.Headroom || v.Exceptions != r.Exceptions || v.Joined != r.JoinedUse || v.Carried != r.CarriedUse || v.OverBy() != r.OverBy {
			t.Errorf("%s %s %d: the list has %+v, the rules %+v", r.Clause, r.Subject, r.SupportYear, r, v)
		}
		if r.JoinedUse.Positive() {
			joined++
		}
	}
	if joined < 5 {
		t.Errorf("%d accounts count together of %d mergers: nothing was compared", joined, merged)
	}
}
