package postgres_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/projections/projtest"
	"github.com/fundledger/fundledger/wire"
)

// alike is a history in which few different things are known of many enterprises.
func alike(t testing.TB, seed uint64, n int) *projtest.Author {
	t.Helper()
	a, random := projtest.NewAuthor(seed, n), rand.New(rand.NewPCG(seed, 1))
	finance, zh := []domain.DepartmentID{"finance"}, domain.Text{ZH: "事实", EN: "Fact"}
	a.Do(&domain.AmendPolicy{Head: a.Head("root", domain.Admin, ""), EffectiveOn: a.Today(), Document: "D", AddFacts: []domain.Fact{
		{ID: "size", Name: zh, Unit: domain.UnitCode, Per: domain.FromDay, Means: domain.MeansSize, Codes: []domain.FactCode{{ID: "large", Name: zh}, {ID: "small", Name: zh}}, Sources: finance},
		{ID: "place", Name: zh, Unit: domain.UnitCode, Per: domain.FromDay, Means: domain.MeansPlace, Sources: finance},
		{ID: "revenue", Name: zh, Unit: domain.UnitMoney, Per: domain.OfYear, Sources: finance},
		{ID: "people", Name: zh, Unit: domain.UnitCount, Per: domain.OfYear, Sources: finance},
		{ID: "secret", Name: zh, Unit: domain.UnitMoney, Per: domain.OfYear, Sources: finance, Sensitive: true}}})
	told := map[domain.EnterpriseID]bool{}
	for len(a.Records()) < n {
		a.Act()
		for _, e := range a.State().EnterprisesBehind("") {
			record := func(fact domain.FactID, period, value string) {
				a.Do(&domain.RecordFact{Head: a.Head("ji", domain.Clerk, "finance"), Enterprise: e, Fact: fact, Period: period, Value: value})
			}
			if told[e] && random.IntN(400) == 0 { // a figure of the next year
				record("revenue", "2024", fmt.Sprint(100+random.IntN(40)))
			}
			if told[e] {
				continue
			}
			told[e] = true
			record("size", "2024-01-01", []string{"large", "small"}[random.IntN(2)])
			record("place", "2024-01-01", fmt.Sprint(310101+random.IntN(9)))
			record("revenue", "2023", fmt.Sprint(100+random.IntN(40)))
			record("people", "2023", fmt.Sprint(10+random.IntN(2)))
			record("secret", "2023", fmt.Sprint(random.IntN(1000)))
		}
	}
	return a
}

// firstDecision is what became of an application first, and what was known of its enterprise then.
type firstDecision struct {
	id         domain.ApplicationID
	enterprise domain.EnterpriseID
	clause     domain.ClauseID
	approved   bool
	share      decimal.Decimal
	size       string
	numbers    map[domain.FactID]decimal.Decimal
}

// Pairs are those that a recount from the events alone finds, with any caliper, now and as of a moment; nothing is told of sensitive facts, and where an
// enterprise is does not count.
func TestSameFactsAreThoseOfTheEvents(t *testing.T) {
	t.Parallel()
	a := alike(t, 41, 1600)
	url := migrated(t)
	project(t, url, a.Records())
	q := ask(t, url, a.Records()[len(a.Records())-1].Time.Add(time.Hour))
	for _, at := range []uint64{0, 900} {
		list := decisionsOf(t, a, at)
		for _, caliper := range []uint64{0, 1, 30} {
			most := decimal.NewFromInt(int64(max(caliper, 1))).Shift(-2)
			if caliper == 0 {
				most = decimal.NewFromInt(projections.DefaultCaliper).Shift(-2)
			}
			var want, got []string
			for i, x := range list {
				for _, y := range list[i+1:] {
					if x.clause == y.clause && x.enterprise != y.enterprise && x.agrees(y, most) && (x.approved != y.approved || x.share.Sub(y.share).Abs().GreaterThan(most)) {
						want = append(want, fmt.Sprintf("%s %s/%s", x.clause, min(x.id, y.id), max(x.id, y.id)))
					}
				}
			}
			for r, err := range projections.SameFacts.Every(t.Context(), q, projections.Ask{Where: []projections.Condition{projections.ByCaliper.Is(caliper)}, AsOf: projections.AsOf{Seq: at}, Limit: 40}) {
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, fmt.Sprintf("%s %s/%s", r.Clause, r.Application, r.OtherApplication))
			}
			slices.Sort(want)
			slices.Sort(got)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("as of %d within %d %%: (-events +list)\n%s", at, caliper, diff)
			}
			if at == 0 && caliper == 30 && len(want) < 10 {
				t.Errorf("%d pairs try nothing", len(want))
			}
		}
	}
}

func (x firstDecision) agrees(y firstDecision, most decimal.Decimal) bool {
	alike := 0
	for fact, n := range x.numbers {
		m, known := y.numbers[fact]
		if !known {
			continue
		}
		if greater := decimal.Max(n.Abs(), m.Abs(), decimal.NewFromInt(1)); n.Sub(m).Abs().Div(greater).GreaterThan(most) {
			return false
		}
		alike++
	}
	if x.size != "" {
		alike++
	}
	return x.size == y.size && alike >= 3
}

func decisionsOf(t testing.TB, a *projtest.Author, upTo uint64) (list []firstDecision) {
	t.Helper()
	asked, decided := map[domain.ApplicationID]*domain.ApplicationSubmitted{}, map[domain.ApplicationID]bool{}
	latest := map[domain.EnterpriseID]map[domain.FactID]string{}
	numbers := map[domain.EnterpriseID]map[domain.FactID]decimal.Decimal{}
	requested := map[domain.ApplicationID]domain.Money{}
	first := func(id domain.ApplicationID, approved []domain.Instalment, is bool) {
		s := asked[id]
		if decided[id] || s == nil {
			return
		}
		decided[id] = true
		var sum domain.Money
		for _, part := range approved {
			sum = sum.Add(part.Amount)
		}
		d := firstDecision{id: id, enterprise: s.Charge.Enterprise, clause: s.Charge.Clause, approved: is, share: sum.Decimal().Div(requested[id].Decimal()), numbers: map[domain.FactID]decimal.Decimal{}}
		for fact, n := range numbers[d.enterprise] {
			d.numbers[fact] = n
		}
		d.size = latest[d.enterprise]["size"]
		list = append(list, d)
	}
	for _, record := range a.Records() {
		if upTo != 0 && record.Seq > upTo {
			break
		}
		entry, err := wire.Decode(record)
		if err != nil {
			t.Fatal(err)
		}
		switch e := entry.Event.(type) {
		case *domain.ApplicationSubmitted:
			asked[e.Application], requested[e.Application] = e, domain.NoMoney // it may be submitted again
			for _, part := range e.Requested {
				requested[e.Application] = requested[e.Application].Add(part.Amount)
			}
		case *domain.ApplicationApproved:
			first(e.Application, e.Instalments, true)
		case *domain.ApplicationRejected:
			first(e.Application, nil, false)
		case *domain.FactRecorded:
			if latest[e.Enterprise] == nil {
				latest[e.Enterprise], numbers[e.Enterprise] = map[domain.FactID]string{}, map[domain.FactID]decimal.Decimal{}
			}
			switch {
			case e.Fact == "size":
				latest[e.Enterprise]["size"] = e.Value
			case e.Unit != domain.UnitCode && !e.Sensitive && e.Period >= latest[e.Enterprise][e.Fact]:
				latest[e.Enterprise][e.Fact] = e.Period
				numbers[e.Enterprise][e.Fact] = decimal.RequireFromString(e.Value)
			}
		}
	}
	return list
}
