package projections

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"github.com/fundledger/fundledger/domain"
)

// groupsOf are groups by clause and quarter, each "clause quarter enterprises".
func groupsOf(lines ...string) (rows []StatisticsRow) {
	for _, line := range lines {
		var r StatisticsRow
		n, m := int64(0), int64(1)
		var clause string
		fmt.Sscan(line, &clause, &r.Quarter, &n)
		r.Clause, r.Enterprises, r.Applications = domain.ClauseID(clause), &n, &m
		r.Amount = decimal.NewNullDecimal(decimal.NewFromInt(n * 100))
		rows = append(rows, r)
	}
	return rows
}

// What single enterprises have is withheld, and so is as much as keeps it from being reckoned.
func TestWhatIsWithheldCannotBeReckoned(t *testing.T) {
	for name, c := range map[string]struct {
		by   []string
		rows []string
		want string // what is withheld, in the order of the rows: t too few, a for another, . told
	}{
		"nobody is few":                          {[]string{"clause"}, []string{"1 - 5", "2 - 9"}, ".."},
		"one is few: the next smallest goes too": {[]string{"clause"}, []string{"1 - 4", "2 - 9", "3 - 7"}, "t.a"},
		"two are few, of three together":         {[]string{"clause"}, []string{"1 - 1", "2 - 2", "3 - 7", "4 - 8"}, "tta."},
		"two are few, of five together":          {[]string{"clause"}, []string{"1 - 1", "2 - 4", "3 - 7"}, "tt."},
		"alone in its line":                      {[]string{"clause"}, []string{"1 - 3"}, "t"},
		"a line that keeps one back leaves another with one": {[]string{"clause", "quarter"},
			[]string{"1 q1 2", "1 q2 6", "1 q3 9", "2 q1 7", "2 q2 8", "2 q3 9"}, "ta.aa."},
	} {
		t.Run(name, func(t *testing.T) {
			rows := groupsOf(c.rows...)
			Withhold(rows, c.by)
			var got strings.Builder
			for _, r := range rows {
				got.WriteString(map[string]string{"": ".", TooFew: "t", ForAnother: "a"}[r.Withheld])
			}
			if got.String() != c.want {
				t.Errorf("%s is withheld, not %s", got.String(), c.want)
			}
		})
	}
}

// Whatever the groups are: no line leaves over one group, nor groups of fewer than five enterprises, unless all of the line is withheld.
func TestNoLineLeavesOverTooLittle(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	by := []string{"clause", "quarter"}
	kept := 0
	for range 300 {
		var lines []string
		for clause := range 1 + random.IntN(6) {
			for quarter := range 1 + random.IntN(6) {
				if random.IntN(4) > 0 {
					lines = append(lines, fmt.Sprintf("%d q%d %d", clause, quarter, random.IntN(12)))
				}
			}
		}
		rows := groupsOf(lines...)
		before := slices.Clone(rows)
		Withhold(rows, by)
		for _, left := range by {
			for _, line := range linesOf(rows, by, left) {
				groups, enterprises := 0, int64(0)
				for _, i := range line {
					if rows[i].Withheld != "" {
						groups, enterprises = groups+1, enterprises+*before[i].Enterprises
						kept++
					} else if *before[i].Enterprises < FewestEnterprises {
						t.Fatalf("%+v is told", rows[i])
					}
				}
				if groups > 0 && groups < len(line) && (groups < 2 || enterprises < FewestEnterprises) {
					t.Fatalf("%v: a line leaves over %d groups of %d enterprises", lines, groups, enterprises)
				}
			}
		}
	}
	if kept < 300 {
		t.Errorf("only %d groups were withheld", kept)
	}
}

// The weights of a measure are what its figures are made of: nothing else says so.
func TestMeasuresAreWeighedAsFiguresAre(t *testing.T) {
	for _, m := range Measures {
		for _, k := range Kinds() {
			if w := m.Weight(k); w < -1 || w > 1 {
				t.Errorf("%s weighs %s %d", m.Name, k, w)
			}
		}
	}
	m, _ := MeasureOf("net_paid")
	if got := strings.Join(m.Kinds(), " "); got != "paid returned recovered_error recovered_breach" {
		t.Errorf("net paid is made of %s", got)
	}
}
