package postgres_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"github.com/shopspring/decimal"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/projections/postgres"
	"github.com/fundledger/fundledger/projections/projtest"
	"github.com/fundledger/fundledger/wire"
)

// reclassified is a history in which enterprises get other industries while money moves.
func reclassified(t testing.TB, seed uint64, n int) []eventstore.Record {
	t.Helper()
	a, random := projtest.NewAuthor(seed, n), rand.New(rand.NewPCG(seed, 1))
	policy := projtest.Policy()
	var known []domain.EnterpriseID
	for read := 0; len(a.Records()) < n; {
		a.Act()
		if random.IntN(12) > 0 {
			continue
		}
		for ; read < len(a.Records()); read++ {
			if entry, err := wire.Decode(a.Records()[read]); err != nil {
				t.Fatal(err)
			} else if e, ok := entry.Event.(*domain.EnterpriseRegistered); ok {
				known = append(known, e.Enterprise)
			}
		}
		a.Do(&domain.CorrectEnterprise{Head: a.Head("root", domain.Admin, ""), Enterprise: known[random.IntN(len(known))],
			Industry: policy.Industries[random.IntN(len(policy.Industries))].ID, Reason: "核定"})
	}
	return a.Records()
}

// sized is a history in which departments record, correct and confirm what the statistics ask of enterprises, under facts that an amendment gave the fund.
func sized(t testing.TB, seed uint64, n int) *projtest.Author {
	t.Helper()
	a, random := projtest.NewAuthor(seed, n), rand.New(rand.NewPCG(seed, 1))
	codes := []domain.FactCode{{ID: "large", Name: domain.Text{ZH: "大", EN: "large"}}, {ID: "small", Name: domain.Text{ZH: "小", EN: "small"}}}
	finance := []domain.DepartmentID{"finance"}
	a.Do(&domain.AmendPolicy{Head: a.Head("root", domain.Admin, ""), EffectiveOn: a.Today(), Document: "D", AddFacts: []domain.Fact{
		{ID: "how-large", Name: domain.Text{ZH: "规模", EN: "Size"}, Unit: domain.UnitCode, Per: domain.FromDay, Means: domain.MeansSize, Codes: codes, Sources: finance},
		{ID: "where", Name: domain.Text{ZH: "街镇", EN: "Street"}, Unit: domain.UnitCode, Per: domain.FromDay, Means: domain.MeansStreet, Codes: codes, Sources: finance},
		{ID: "what", Name: domain.Text{ZH: "产业", EN: "Industry"}, Unit: domain.UnitCode, Per: domain.FromDay, Means: domain.MeansIndustry, Sources: finance,
			ConfirmedBy: []domain.DepartmentID{"science"}}}})
	for len(a.Records()) < n {
		a.Act()
		known := a.State().EnterprisesBehind("")
		if random.IntN(3) > 0 || len(known) == 0 {
			continue
		}
		e, fact := known[random.IntN(len(known))], []domain.FactID{"how-large", "where", "what"}[random.IntN(3)]
		period, value := domain.DateIn(a.Now().AddDate(0, 0, -random.IntN(90)), domain.Shanghai).String(), codes[random.IntN(2)].ID
		if fact == "what" {
			value = string(projtest.Policy().Industries[random.IntN(len(projtest.Policy().Industries))].ID)
		}
		if a.Do(&domain.RecordFact{Head: a.Head("ji", domain.Clerk, "finance"), Enterprise: e, Fact: fact, Period: period, Value: value}) != nil {
			a.Do(&domain.CorrectFact{Head: a.Head("ji", domain.Clerk, "finance"), Enterprise: e, Fact: fact, Period: period, Value: value, Reason: "更正"})
		}
		if fact == "what" && random.IntN(2) == 0 {
			a.Do(&domain.RecordFact{Head: a.Head("yi", domain.Clerk, "science"), Enterprise: e, Fact: fact, Period: period, Value: value})
		}
	}
	return a
}

// Size, sub-district and industry of a posting are what the rules know of the enterprise on its business date.
func TestStatisticsAskTheFactsOfTheBusinessDate(t *testing.T) {
	t.Parallel()
	a := sized(t, 35, 1500)
	url := migrated(t)
	project(t, url, a.Records())
	q := ask(t, url, a.Records()[len(a.Records())-1].Time.Add(time.Hour))
	for column, m := range map[string]domain.FactMeaning{"enterprise_size": domain.MeansSize, "street": domain.MeansStreet, "industry": domain.MeansIndustry} {
		want := map[string]decimal.Decimal{}
		for r, err := range projections.Journal.Every(t.Context(), q, projections.Ask{Where: []projections.Condition{projections.ByKind.Is([]string{"approved"})}, Limit: projections.MaxLimit}) {
			if err != nil {
				t.Fatal(err)
			}
			group := projections.Unknown
			if k, is := a.State().Meant(m, domain.FactSubject{Enterprise: r.Enterprise}, r.BusinessDate); is {
				group = k.Value
			} else if column == "industry" {
				continue // the rules' own register, which the test of other industries has
			}
			want[group] = want[group].Add(r.Amount.Decimal())
		}
		got := map[string]decimal.Decimal{}
		for _, r := range statistics(t, q, projections.AsOf{}, "approved", []string{column}) {
			got[r.Group(column)] = r.Amount.Decimal
		}
		if column != "industry" && (len(got) != 3 || fmt.Sprint(got) != fmt.Sprint(want)) {
			t.Errorf("by %s: %v, want %v", column, got, want)
		}
		for group, sum := range want {
			if got[group].LessThan(sum) {
				t.Errorf("by %s: %s has %s, of which %s is known", column, group, got[group], sum)
			}
		}
	}
}

func statistics(t testing.TB, q *postgres.Queries, at projections.AsOf, measure string, by []string, where ...projections.Condition) []projections.StatisticsRow {
	t.Helper()
	where = append(slices.Clone(where), projections.ByMeasure.Is(measure), projections.ByGroups.Is(by))
	return every(t, q, projections.Statistics, projections.Ask{Where: where, AsOf: at})
}

// journalSum is what the postings that fit come to.
func journalSum(t testing.TB, q *postgres.Queries, at projections.AsOf, m projections.Measure, where ...projections.Condition) (amount domain.Money, enterprises int64) {
	t.Helper()
	seen := map[domain.EnterpriseID]bool{}
	ask := projections.Ask{Where: where, AsOf: at, Limit: projections.MaxLimit}
	for r, err := range projections.Journal.Every(t.Context(), q, ask) {
		if err != nil {
			t.Fatal(err)
		}
		k := projections.Kinds()[slices.IndexFunc(projections.Kinds(), func(k projections.Kind) bool { return k.String() == r.Kind })]
		switch m.Weight(k) {
		case 1:
			amount = amount.Add(r.Amount)
		case -1:
			amount = amount.Sub(r.Amount)
		default:
			continue
		}
		if r.Enterprise != "" {
			seen[r.Enterprise] = true
		}
	}
	return amount, int64(len(seen))
}

// wholeCommands is the first place from one on at which no command is cut.
func wholeCommands(t testing.TB, records []eventstore.Record, from int) int {
	t.Helper()
	for ; ; from++ {
		if e, err := wire.Decode(records[from]); err != nil {
			t.Fatal(err)
		} else if e.Envelope.Index == 0 {
			return from
		}
	}
}

// Every grouping comes to what the journal comes to, whatever happened: nothing is left out, nothing is counted twice. What a group opens in the journal
// comes to the group.
func TestStatisticsTieOutToTheJournal(t *testing.T) {
	t.Parallel()
	for name, records := range map[string][]eventstore.Record{
		"budgets and closings": projtest.YearsHistory(31, 1200), "voids, moves and supplements": projtest.LifeHistory(32, 1200),
		"several policies": followed(t, projtest.NewAuthor(11, 900)).Records(), "returns and reversals": projtest.LateHistory(33, 900),
		"other industries": reclassified(t, 34, 900), "sizes and sub-districts": sized(t, 36, 900).Records(),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := migrated(t)
			q := ask(t, url, records[len(records)-1].Time.Add(time.Hour))
			project(t, url, records[:wholeCommands(t, records, len(records)/2)])
			for _, column := range projections.Groupings { // what was taken in up to there goes on from there
				statistics(t, q, projections.AsOf{}, "requested", []string{column})
			}
			project(t, url, records)
			random := rand.New(rand.NewPCG(7, 7))
			seen := map[string]map[string]bool{}
			overview, err := q.Overview(t.Context(), projections.OverviewQuery{})
			if err != nil {
				t.Fatal(err)
			}
			for _, at := range []projections.AsOf{{}, {Seq: uint64(len(records))}, {Seq: uint64(len(records) / 2)}} {
				for _, m := range projections.Measures {
					want, _ := journalSum(t, q, at, m)
					for range 4 {
						by := slices.Clone(projections.Groupings)
						random.Shuffle(len(by), func(i, j int) { by[i], by[j] = by[j], by[i] })
						by = by[:random.IntN(projections.MostGroupings+1)]
						rows := statistics(t, q, at, m.Name, by)
						var sum decimal.Decimal
						var count int64
						for _, r := range rows {
							sum, count = sum.Add(r.Amount.Decimal), count+*r.Applications
							for _, column := range by {
								if seen[column] == nil {
									seen[column] = map[string]bool{}
								}
								seen[column][r.Group(column)] = true
							}
						}
						if m.Counts == "" && !sum.Equal(want.Decimal()) || at == (projections.AsOf{}) && m.Weight(projections.Requested) != 0 && count != overview.Sum.Applications {
							t.Fatalf("%s by %v as of %d comes to %s and %d, the journal to %s and %d", m.Name, by, at.Seq, sum, count, want, overview.Sum.Applications)
						}
						if len(rows) == 0 {
							continue
						}
						r := rows[random.IntN(len(rows))]
						where := []projections.Condition{projections.ByMeasure.Is(m.Name), projections.ByGroups.Is(by)}
						amount, enterprises := journalSum(t, q, at, m, r.Postings(where)...)
						if m.Counts == "" && !amount.Decimal().Equal(r.Amount.Decimal) || enterprises != *r.Enterprises {
							t.Fatalf("%s by %v as of %d: the group %+v opens %v, which comes to %s and %d", m.Name, by, at.Seq, r, r.Postings(where), amount, enterprises)
						}
						if r.Amount.Valid != (m.Counts == "") {
							t.Fatalf("%s has an amount: %v", m.Name, r.Amount)
						}
					}
				}
			}
			for _, column := range projections.Groupings {
				if len(seen[column]) < 1 {
					t.Errorf("nothing was grouped by %s", column)
				}
			}
			if name == "several policies" && len(seen["policy"]) < 3 || name == "other industries" && len(seen["industry"]) < 2 {
				t.Errorf("the groups were %v", seen)
			}
		})
	}
}

// What is narrowed comes to what the journal comes to narrowed alike, and the unknown is a group of its own.
func TestStatisticsNarrowedTieOutToo(t *testing.T) {
	t.Parallel()
	records := projtest.YearsHistory(35, 1500)
	url := migrated(t)
	project(t, url, records)
	q := ask(t, url, records[len(records)-1].Time.Add(time.Hour))
	m, _ := projections.MeasureOf("requested")
	for _, c := range []projections.Condition{projections.ByClause.Is("2"), projections.ByDepartment.Is("unknown"), projections.ByDepartment.Is("commerce"),
		projections.ByYear.Is(2025), projections.BySubjectKind.Is(domain.SubjectProject), projections.InQuarter.Is("2025-Q2"), projections.InMonth.Is("2025-04"), projections.InBudgetYear.Is(2025)} {
		want, _ := journalSum(t, q, projections.AsOf{}, m, c)
		var sum decimal.Decimal
		for _, r := range statistics(t, q, projections.AsOf{}, m.Name, []string{"month", "clause"}, c) {
			sum = sum.Add(r.Amount.Decimal)
		}
		if !sum.Equal(want.Decimal()) || sum.IsZero() {
			t.Errorf("%v: %s, the journal has %s", c, sum, want)
		}
	}
	if _, err := projections.Statistics.Page(t.Context(), q, projections.Where(projections.ByGroups.Is([]string{"clause", "month", "quarter", "policy"}))); err == nil || !strings.Contains(err.Error(), "at most 3") {
		t.Errorf("four columns: %v", err)
	}
}

// The analysts' view has each measure by each column alone, and withholds what the list withholds from them.
func TestTheViewOfStatisticsWithholdsAsTheListDoes(t *testing.T) {
	t.Parallel()
	records := projtest.History(36, 900)
	url := migrated(t)
	project(t, url, records)
	q := ask(t, url, records[len(records)-1].Time.Add(time.Hour))
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	line := func(measure, column, group string, amount any, enterprises any, withheld string) string {
		return fmt.Sprint(measure, " by ", column, " ", group, ": ", amount, " ", enterprises, " ", withheld)
	}
	var want []string
	kept := 0
	for _, m := range projections.Measures {
		for _, of := range append([]string{""}, projections.Groupings...) {
			by := strings.Fields(of)
			rows := statistics(t, q, projections.AsOf{}, m.Name, by)
			projections.Withhold(rows, by)
			for _, r := range rows {
				var amount, enterprises any = "-", "-"
				if r.Amount.Valid {
					amount = r.Amount.Decimal.StringFixed(2)
				}
				if r.Enterprises != nil {
					enterprises = *r.Enterprises
				} else {
					kept++
				}
				column, group := of, ""
				if column != "" {
					group = r.Group(column)
				}
				if group == "0" { // the year of what is for the total: in the view it is told by its place alone
					column, group = "", ""
				}
				want = append(want, line(m.Name, column, group, amount, enterprises, r.Withheld))
			}
		}
	}
	columns := strings.Join(projections.Groupings, "::text, ") + "::text"
	found, err := conn.Query(t.Context(), `SELECT measure, `+columns+`, coalesce(amount::text, '-'), coalesce(enterprises::text, '-'), withheld FROM analyst.v_statistics`)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for found.Next() {
		values, err := found.Values()
		if err != nil {
			t.Fatal(err)
		}
		column, group, n := "", "", len(projections.Groupings)
		for i, name := range projections.Groupings {
			if v := values[i+1]; v != nil && v != "" && v != "0" {
				column, group = name, fmt.Sprint(v)
			}
		}
		got = append(got, line(fmt.Sprint(values[0]), column, group, values[n+1], values[n+2], fmt.Sprint(values[n+3])))
	}
	if err := found.Err(); err != nil {
		t.Fatal(err)
	}
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-list +view):\n%s", diff)
	}
	if kept < 20 {
		t.Errorf("only %d groups are withheld: the history is of too many enterprises", kept)
	}
}
