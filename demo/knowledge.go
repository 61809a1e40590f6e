package demo

import (
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"github.com/fundledger/fundledger/domain"
)

// What departments know of the enterprises: facts of two years, links, offers. It is drawn by itself, so that what the rest of the sample plays does not
// depend on it.

// standing is what an enterprise is like.
type standing struct {
	size    string
	revenue int64 // yuan, of the year before the policy's term
	staff   int64
	yearly  float64 // by how much it grows
}

var (
	sizes   = []string{"micro", "small", "small", "small", "medium", "medium", "large"}
	streets = []string{"huayang", "jiangsu", "xinhua", "zhoujiaqiao", "tianshan", "xianxia", "hongqiao", "chengjiaqiao", "beixinjing", "xinjing"}
	// earning are the least revenue of a size in millions of yuan, and the most.
	earning = map[string][2]float64{"micro": {0.5, 5}, "small": {5, 60}, "medium": {60, 500}, "large": {500, 4000}}
)

// atScale is the revenue from which the sample's enterprises are in the statistics.
const atScale = 20_000_000

func newStanding(rng *rand.Rand) standing {
	size := sizes[rng.IntN(len(sizes))]
	least, most := math.Log(earning[size][0]), math.Log(earning[size][1])
	revenue := int64(math.Exp(least+rng.Float64()*(most-least)) * 1_000_000)
	return standing{size: size, revenue: revenue, staff: 3 + revenue/(600_000+rng.Int64N(900_000)), yearly: 0.85 + rng.Float64()*0.5}
}

// known puts on the agenda what is recorded of an enterprise from the day on which it is registered. Some of it is left out: nobody knows everything.
func (w *world) known(n int, f *firm) {
	if w.next == nil {
		return
	}
	rng := rand.New(rand.NewPCG(seed, uint64(1000+n)))
	is, day := newStanding(rng), plus(w.day, 3+rng.IntN(20))
	place := "310105"
	if n == movedFirm {
		place = "310112"
	}
	w.fact(day, rng, f, "market", "place", day.String(), place)
	w.fact(day, rng, f, "investment", "street", day.String(), streets[rng.IntN(len(streets))])
	w.fact(day, rng, f, "commerce", "size", day.String(), is.size)
	if is.revenue >= atScale {
		w.fact(day, rng, f, "commerce", "scale", day.String(), domain.FlagYes)
	}
	if f.industry != "" && rng.IntN(10) < 6 {
		w.recognised(day, rng, f, day, f.industry)
	}
	for year := w.policy.Term.From.Year(); year < w.policy.Term.To.Year(); year++ {
		told := latest(day, plus(date(year+1, time.April, 8), rng.IntN(45)))
		w.year(told, rng, f, is, year)
		is.revenue, is.staff = int64(float64(is.revenue)*is.yearly), max(1, int64(float64(is.staff)*is.yearly))
	}
}

// year is what is recorded of a year once it is over.
func (w *world) year(day domain.Date, rng *rand.Rand, f *firm, is standing, year int) {
	period := fmt.Sprint(year)
	if rng.IntN(20) > 0 {
		w.fact(day, rng, f, "finance", "revenue", period, yuanAndFen(is.revenue, rng))
		w.fact(day, rng, f, "finance", "tax-paid", period, yuanAndFen(is.revenue*int64(20+rng.IntN(60))/1000, rng))
	}
	if f.industry != "commerce-finance" && rng.IntN(10) < 7 {
		w.fact(plus(day, 2), rng, f, "science", "rd-spending", period, yuanAndFen(is.revenue*int64(5+rng.IntN(120))/1000, rng))
	}
	w.fact(plus(day, 4), rng, f, "human-resources", "employees", period, fmt.Sprint(is.staff))
}

func yuanAndFen(yuan int64, rng *rand.Rand) string {
	return fmt.Sprintf("%d.%02d", yuan, rng.IntN(100))
}

// fact records one value of an enterprise.
func (w *world) fact(day domain.Date, rng *rand.Rand, f *firm, office domain.DepartmentID, fact domain.FactID, period, value string) {
	person := pick(rng, staff(office, domain.Clerk))
	w.on(day, func() {
		w.give(&domain.RecordFact{Head: w.headOf(fmt.Sprintf("f-%s-%s-%s-%s", f.id, fact, period, office), domain.Clerk, office, person), Enterprise: f.id, Fact: fact, Period: period, Value: value})
	})
}

func pick[T any](rng *rand.Rand, list []T) T { return list[rng.IntN(len(list))] }

// recognised: a department recognises the industry of an enterprise from a day on, and another one confirms it a week later.
func (w *world) recognised(day domain.Date, rng *rand.Rand, f *firm, from domain.Date, industry domain.IndustryID) {
	office := domain.DepartmentID("commerce")
	switch industry {
	case "ai":
		office = "science"
	case "smart-internet":
		office = "data"
	}
	w.fact(day, rng, f, office, "recognised-industry", from.String(), string(industry))
	w.fact(plus(day, 7), rng, f, "reform", "recognised-industry", from.String(), string(industry))
}

// movedFirm is an enterprise that is registered in another district.
const movedFirm = 40

// acquaintances: planned cases of facts, of links between enterprises, and of offers.
func (w *world) acquaintances() {
	rng := rand.New(rand.NewPCG(seed, 3))
	firm := func(n int) domain.EnterpriseID { return w.firms[n].id }
	// An enterprise of smart internet is one of artificial intelligence from a day on; the recognition of another waits for the second department.
	w.recognised(date(2026, time.January, 5), rng, w.firms[3], date(2026, time.January, 1), "ai")
	w.fact(date(2026, time.October, 19), rng, w.firms[11], "data", "recognised-industry", "2026-10-01", "smart-internet")
	w.on(date(2026, time.September, 7), func() {
		w.give(&domain.CorrectFact{Head: w.headOf("f-correct-01", domain.Clerk, "human-resources", "wang.ping"), Enterprise: firm(5), Fact: "employees", Period: "2025", Value: "412", Reason: "年报更正", Document: "长人社函〔2026〕9号"})
	})
	for _, l := range []struct {
		id    domain.LinkID
		a, b  int
		kind  domain.LinkKind
		share domain.Share
		from  domain.Date
	}{
		{"L-01", 6, 0, domain.Controls, "80", date(2025, time.January, 1)}, {"L-02", 6, 5, domain.Controls, "55.5", date(2025, time.January, 1)},
		{"L-03", 26, 38, domain.Controls, "100", date(2025, time.June, 1)}, {"L-04", 38, 50, domain.Controls, "51", date(2025, time.June, 1)},
		{"L-05", 18, 30, domain.SameController, "", date(2025, time.March, 1)}, {"L-06", 21, 45, domain.Branch, "", date(2025, time.April, 1)},
		{"L-07", 64, 65, domain.Controls, "35", date(2025, time.April, 1)}, {"L-08", 70, 71, domain.Controls, "60", date(2025, time.February, 1)},
	} {
		w.on(date(2026, time.July, 6), func() {
			w.give(&domain.LinkEnterprises{Head: w.headOf(string(l.id)+"-link", domain.Clerk, "market", pick(rng, staff("market", domain.Clerk))), Link: l.id, A: firm(l.a), B: firm(l.b),
				Kind: l.kind, Share: l.share, From: l.from, Document: "工商档案机读材料"})
		})
	}
	w.on(date(2026, time.August, 10), func() {
		w.give(&domain.EndLink{Head: w.headOf("L-08-end", domain.Clerk, "market", "wang.yan"), Link: "L-08", To: date(2026, time.July, 31), Document: "股权转让协议"})
	})
	w.offers()
	w.conditioned()
	w.evaluated()
}

// repaidInParts: the first clawbacks that are not paid back are to be, in two parts.
func (w *world) repaidInParts(id domain.ClawbackID, amount domain.Money) {
	if w.next == nil || w.serial["repaid in parts"] == 3 {
		return
	}
	w.serial["repaid in parts"]++
	first := domain.Fen(amount.Fen() / 2)
	w.on(plus(w.day, 14), func() {
		w.give(&domain.ScheduleRecovery{Head: w.headOf(string(id)+"-schedule", domain.Treasurer, w.policy.Treasury, "chen.xia"), Clawback: id,
			Instalments: []domain.Repayment{{DueOn: plus(w.day, 60), Amount: first}, {DueOn: plus(w.day, 420), Amount: amount.Sub(first)}}, Reason: "经申请，分两期退还"})
	})
}

// offers: one is confirmed and is an application from then on, one is declined, one lapses, one waits. An answer holds while the offer waits on the day
// that it is recorded, and the sample may be recorded years behind its dates.
func (w *world) offers() {
	for _, o := range []struct {
		id     domain.OfferID
		firm   int
		clause domain.ClauseID
		office domain.DepartmentID
		what   string
		yuan   int64
		day    domain.Date
		until  domain.Date
	}{
		{"O-01", 5, "7", "market", "质量标杆培育", 300_000, date(2026, time.September, 7), date(2029, time.December, 31)},
		{"O-02", 10, "7", "market", "标准研制", 200_000, date(2026, time.September, 8), date(2029, time.December, 31)},
		{"O-03", 12, "5", "commerce", "专精特新培育", 500_000, date(2026, time.September, 14), date(2026, time.October, 15)},
		{"O-04", 13, "5", "commerce", "技术改造", 800_000, date(2026, time.November, 2), date(2026, time.December, 25)},
	} {
		w.on(o.day, func() {
			w.give(&domain.OfferSupport{Head: w.headOf(string(o.id)+"-offer", domain.Reviewer, o.office, staff(o.office, domain.Reviewer)[0]), Offer: o.id, Enterprise: w.firms[o.firm].id, Clause: o.clause,
				Project: o.what, Title: o.what, Instalments: one(2026, o.yuan), ExpiresOn: o.until, Reason: "经数据比对符合条件"})
		})
	}
	w.on(date(2026, time.September, 21), func() {
		w.give(&domain.ConfirmOffer{Head: w.headOf("O-01-confirm", domain.Clerk, "market", "wang.yan"), Offer: "O-01"})
		w.give(&domain.DeclineOffer{Head: w.headOf("O-02-decline", domain.Clerk, "market", "zhou.yan"), Offer: "O-02", Reason: "企业本年不拟实施"})
	})
}
