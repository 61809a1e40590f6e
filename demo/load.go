package demo

import (
	"iter"
	"math/rand/v2"
	"slices"
	"strconv"

	"github.com/fundledger/fundledger/domain"
)

// Load makes n commands that are all accepted, one after another, by a ledger with the policy published: it registers an
// enterprise, takes ten applications of it to their payouts, and goes on with the next. Enterprises go through the policy's
// industries, applications through the clauses that serve them; some are for two years. Each project is new, and enterprises
// ask for little, so no cap is ever near. Business dates lie within the policy's first half year. Memory does not grow
// with n. The seed varies the clauses and the amounts, never the ids.
func Load(policy domain.Policy, n int, seed uint64) iter.Seq[domain.Command] {
	return func(yield func(domain.Command) bool) {
		l := newLoad(policy, seed)
		for made := 0; made < n; {
			for _, c := range l.next() {
				if made == n || !yield(c) {
					return
				}
				made++
			}
		}
	}
}

// load is the state of a run: counters.
type load struct {
	rng    *rand.Rand
	policy domain.Policy
	kinds  []industryClauses
	days   []domain.Date
	batch  []domain.Command // of an application: used again for the next

	firm  int
	made  int // applications of the present enterprise
	id    domain.EnterpriseID
	kind  industryClauses
	day   domain.Date
	years []domain.SupportYear
}

type industryClauses struct {
	industry domain.IndustryID
	clauses  []domain.Clause
}

// applicationsEach is how many applications an enterprise hands in.
const applicationsEach = 10

func newLoad(policy domain.Policy, seed uint64) *load {
	l := &load{rng: rand.New(rand.NewPCG(seed, 2)), policy: policy, made: applicationsEach}
	for i := range 120 {
		if day := plus(policy.Term.From, 30+i); !day.After(policy.Term.To) && !dayOff(day) {
			l.days = append(l.days, day)
		}
	}
	industries := []domain.IndustryID{""}
	if len(policy.Industries) > 0 {
		industries = industries[:0]
		for _, i := range policy.Industries {
			industries = append(industries, i.ID)
		}
	}
	for _, industry := range industries {
		k := industryClauses{industry: industry}
		for _, c := range policy.Clauses {
			if !c.NotAppliedFor && (len(c.Industries) == 0 || slices.Contains(c.Industries, industry)) {
				k.clauses = append(k.clauses, c)
			}
		}
		if len(k.clauses) > 0 {
			l.kinds = append(l.kinds, k)
		}
	}
	if len(l.kinds) == 0 || len(l.days) == 0 {
		panic("demo: the policy has no clause to apply for, or hardly a day")
	}
	return l
}

// next is an enterprise's registration, or an application from its submission to its payouts.
func (l *load) next() []domain.Command {
	if l.made == applicationsEach {
		return l.enterprise()
	}
	l.made++
	number := (l.firm-1)*applicationsEach + l.made
	text := padded(number)
	applied := l.kind.clauses[l.rng.IntN(len(l.kind.clauses))]
	charged, refersTo := applied, domain.ClauseID("")
	if applied.ByReference() {
		refersTo = applied.RefersTo[number%len(applied.RefersTo)]
		charged, _ = l.policy.Clause(refersTo)
	}
	office, id := applied.Departments[number%len(applied.Departments)], domain.ApplicationID("A-"+text)
	parts := l.parts(charged, number)
	submit := &domain.SubmitApplication{Head: l.head("s-"+text, domain.Clerk, office, "wang.min"), Application: id, Enterprise: l.id, Clause: applied.ID,
		RefersTo: refersTo, Title: charged.Name.ZH, Requested: parts}
	switch charged.Cap.Subject {
	case domain.SubjectProject:
		submit.Project = "P-" + text
	case domain.SubjectAward:
		submit.Award = "T-" + text
	}
	l.batch = append(l.batch[:0], submit,
		&domain.AcceptApplication{Head: l.head("c-"+text, domain.Clerk, office, "zhou.na"), Application: id},
		&domain.RecordReview{Head: l.head("v-"+text, domain.Reviewer, office, "li.jing"), Application: id, Opinion: domain.Support},
		&domain.ApproveApplication{Head: l.head("p-"+text, domain.Approver, office, "zhao.lei"), Application: id, Instalments: parts})
	for i, part := range parts {
		number := text + "-" + strconv.Itoa(i+1)
		l.batch = append(l.batch, &domain.MakePayout{Head: l.head("m-"+number, domain.Treasurer, l.policy.Treasury, "chen.xia"),
			Payout: domain.PayoutID("O-" + number), Application: id, SupportYear: part.SupportYear, Amount: part.Amount, PaidOn: l.day,
			Voucher: "V-" + number})
	}
	return l.batch
}

// enterprise goes on to the next enterprise, its industry and its day.
func (l *load) enterprise() []domain.Command {
	l.kind, l.day = l.kinds[l.firm%len(l.kinds)], l.days[l.firm%len(l.days)]
	l.made = 0
	l.firm++
	text := padded(l.firm)
	l.id = domain.EnterpriseID("E-" + text)
	if l.policy.Beneficiary == domain.CreditCode {
		l.id = coded("91310105" + text)
	}
	l.years = l.years[:0]
	for y := domain.SupportYear(l.day.Year()); len(l.years) < 2 && l.policy.Term.Holds(y); y++ {
		l.years = append(l.years, y)
	}
	return []domain.Command{&domain.RegisterEnterprise{Head: l.head("e-"+text, domain.Clerk, l.policy.Departments[0].ID, "wang.min"), Enterprise: l.id,
		Title: "上海第" + strconv.Itoa(l.firm) + "企业有限公司", Industry: l.kind.industry}}
}

// parts is what is asked for and granted: for one year, or every fourth time for two. All applications of an enterprise
// together stay below any cap.
func (l *load) parts(charged domain.Clause, number int) []domain.Instalment {
	amount := domain.Fen(1_000_000 + l.rng.Int64N(10_000_000))
	if charged.Cap.Amount.Stated {
		amount = domain.Lesser(amount, domain.Fen(max(charged.Cap.Amount.Amount.Fen()/(2*applicationsEach), 1)))
	}
	years := l.years
	if number%4 != 0 {
		years = years[number%len(years):][:1]
	}
	parts := make([]domain.Instalment, len(years))
	for i, y := range years {
		parts[i] = domain.Instalment{SupportYear: y, Amount: amount}
	}
	return parts
}

func (l *load) head(id string, role domain.Role, office domain.DepartmentID, person domain.PersonID) domain.Head {
	return domain.Head{ID: domain.CommandID(id), Date: l.day, Actor: domain.Actor{ID: person, Role: role, Department: office}}
}

// padded is a number in nine digits, so that ids sort as they were made.
func padded(n int) string {
	const zeros = "000000000"
	text := strconv.Itoa(n)
	return zeros[:max(len(zeros)-len(text), 0)] + text
}
