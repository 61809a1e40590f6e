package audit

import (
	"slices"
	"testing"
	"time"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/wire"
)

// said is an entry of a person, perhaps imported by another, decided and recorded on days of 2025.
func said(seq uint64, event domain.Event, person, importer string, on, recorded time.Time) *wire.Entry {
	return &wire.Entry{Seq: seq, Recorded: recorded, Date: domain.DateIn(on, domain.Shanghai), Event: event,
		Envelope: eventstore.Envelope{Actor: person, Role: "approver", Department: "science", ImportedBy: importer}}
}

func TestWhatOneLoginDecidesInOthersNamesIsFound(t *testing.T) {
	march, june := time.Date(2025, 3, 1, 4, 0, 0, 0, time.UTC), time.Date(2025, 6, 1, 4, 0, 0, 0, time.UTC)
	accepted := &domain.ApplicationAccepted{Step: domain.Step{Application: "A"}}
	booked := &domain.PayoutBooked{Payout: "B", Amount: domain.Yuan(1)}
	codes := func(entries ...*wire.Entry) (list []string) {
		a := newAnalysis(Limits{}.withDefaults(), domain.DateOf(2025, 7, 1))
		for _, e := range entries {
			a.take(e)
		}
		for _, f := range a.hearsay.finish(nil) {
			list = append(list, f.Code)
		}
		return list
	}
	own := said(1, accepted, "wang", "", march, march)
	for name, c := range map[string]struct {
		entries []*wire.Entry
		want    []string
	}{
		"a history taken over":                            {[]*wire.Entry{said(1, accepted, "x", "admin", march, march)}, nil},
		"an import on a ledger in use":                    {[]*wire.Entry{own, said(2, accepted, "x", "admin", march, march)}, []string{codeImported}},
		"a payout booked by an import on a ledger in use": {[]*wire.Entry{own, said(2, booked, "x", "admin", march, march)}, []string{codeImported}},
		"a payout booked while the ledger is taken over":  {[]*wire.Entry{said(1, booked, "x", "admin", march, march), own}, nil},
		"a payout booked long after":                      {[]*wire.Entry{said(1, booked, "x", "", march, june)}, nil},
		"a payout booked does not begin the use":          {[]*wire.Entry{said(1, booked, "x", "", march, march), said(2, booked, "y", "admin", march, march)}, nil},
		"in one's own name":                               {[]*wire.Entry{own, said(2, accepted, "ＡＤＭＩＮ", "admin", march, march)}, nil},
		"recorded three months later":                     {[]*wire.Entry{said(1, accepted, "wang", "", march, june)}, []string{codeRecordedLate}},
		"recorded thirty days later":                      {[]*wire.Entry{said(1, accepted, "wang", "", march, march.AddDate(0, 0, 30))}, nil},
		"approved against every review":                   {[]*wire.Entry{said(1, &domain.ApplicationReviewed{Application: "A", Opinion: domain.Oppose}, "li", "", march, march), said(2, &domain.ApplicationApproved{Granted: domain.Granted{Application: "A"}}, "zhao", "", march, march)}, []string{codeOpposed}},
		"approved with a change of mind": {[]*wire.Entry{said(1, &domain.ApplicationReviewed{Application: "A", Opinion: domain.Oppose}, "li", "", march, march),
			said(2, &domain.ApplicationReviewed{Application: "A", Opinion: domain.Support}, "LI", "", march, march), said(3, &domain.ApplicationApproved{Granted: domain.Granted{Application: "A"}}, "zhao", "", march, march)}, nil},
	} {
		if got := codes(c.entries...); !slices.Equal(got, c.want) {
			t.Errorf("%s: found %v, not %v", name, got, c.want)
		}
	}
}

// A decision is late by the policy of its clause, on its own day, whatever policy was published since.
func TestADecisionIsLateByThePolicyOfItsClause(t *testing.T) {
	of := func(id domain.PolicyID, clause domain.ClauseID, days int) *domain.PolicyPublished {
		return &domain.PolicyPublished{Policy: domain.Policy{Fund: "f", ID: id, Workflow: domain.Workflow{RecordedLateDays: days},
			Term: domain.Term{From: domain.DateOf(2025, 1, 1), To: domain.DateOf(2025, 12, 31)}, Clauses: []domain.Clause{{ID: clause}}}}
	}
	april, later := time.Date(2025, 4, 1, 4, 0, 0, 0, time.UTC), time.Date(2025, 5, 1, 4, 0, 0, 0, time.UTC)
	under := func(clause domain.ClauseID) domain.Event {
		return &domain.ApplicationAccepted{Step: domain.Step{Application: "A", Charge: domain.Charge{Clause: clause}}}
	}
	amended := &domain.PolicyAmended{Policy: "strict", EffectiveOn: domain.DateOf(2025, 4, 2), Workflow: &domain.Workflow{RecordedLateDays: 90}}
	for name, c := range map[string]struct {
		clause domain.ClauseID
		on     time.Time
		days   string
	}{
		"of the patient one":               {"1", april, ""},
		"of the strict one":                {"2", april, "10"},
		"of the strict one, since amended": {"2", april.AddDate(0, 0, 1), ""},
	} {
		a := newAnalysis(Limits{}.withDefaults(), domain.DateOf(2025, 7, 1))
		for i, e := range []domain.Event{of("patient", "1", 60), of("strict", "2", 10), amended} {
			a.take(said(uint64(i+1), e, "root", "", april, april))
		}
		a.take(said(4, under(c.clause), "wang", "", c.on, later))
		list := a.hearsay.finish(nil)
		if (len(list) == 1) != (c.days != "") || c.days != "" && (list[0].Code != codeRecordedLate || list[0].Figures["days"] != c.days) {
			t.Errorf("%s: found %+v", name, list)
		}
	}
}

func TestPhasesOfOneProjectAreANotice(t *testing.T) {
	list := phases([]string{"智慧工厂一期", "智慧工厂 二期", "另一项目一期", "智慧工厂"})
	if len(list) != 1 || list[0].Severity != Notice || list[0].Figures["count"] != "2" {
		t.Errorf("found %+v", list)
	}
}

// A correction tells what stands that its clause would not serve: the auditor sees the enterprise, the year and the amount.
func TestWhatACorrectionFindsIsReported(t *testing.T) {
	p := newPlay(t)
	p.approved("A", "2.1.2", "P", yuan(2025, 10)).do(&domain.CorrectEnterprise{Head: p.by("2025-02-04", domain.Clerk, "", "clerk"), Enterprise: aiFirm,
		Industry: "other-services", Reason: "登记有误"})
	list := judgedFindings(t, p.Records)
	i := slices.IndexFunc(list, func(f Finding) bool { return f.Code == domain.CodeIndustryNotServed })
	if i < 0 {
		t.Fatalf("found %+v", first(list, 20))
	}
	f := list[i]
	if len(f.Cases) != 1 || f.Cases[0].Subject != "enterprise "+string(aiFirm)+" under 2.1.2" || f.Cases[0].Figures["amount"] != "10.00" || f.Figures["year"] != "2025" {
		t.Errorf("found %+v", f)
	}
}
