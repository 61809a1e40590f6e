package sample

import (
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"

	"github.com/fundledger/fundledger/domain"
)

// Load makes n commands that are all accepted, one after another, by a ledger with the policy published: it registers an
// enterprise, takes ten applications of it to a payout each, and goes on with the next. Each project is new, so no cap is
// ever near. Memory does not grow with n.
func Load(policy domain.Policy, n int, seed uint64) iter.Seq[domain.Command] {
	l := newLoad(policy, seed)
	return func(yield func(domain.Command) bool) {
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
	rng      *rand.Rand
	policy   domain.Policy
	clauses  []domain.Clause
	industry domain.IndustryID
	day      domain.Date
	year     domain.SupportYear
	firm     int
	made     int // applications of the present enterprise
	ids      domain.EnterpriseID
}

// applicationsEach is how many applications an enterprise hands in.
const applicationsEach = 10

func newLoad(policy domain.Policy, seed uint64) *load {
	l := &load{rng: rand.New(rand.NewPCG(seed, 2)), policy: policy, made: applicationsEach}
	l.day = plus(policy.Term.From, 60)
	l.year = domain.SupportYear(l.day.Year())
	if len(policy.Industries) > 0 {
		l.industry = policy.Industries[0].ID
	}
	for _, c := range policy.Clauses {
		if c.HasAccounts() && c.Cap.Subject != domain.SubjectEnterprise && !c.AnyReviews && (len(c.Industries) == 0 || slices.Contains(c.Industries, l.industry)) {
			l.clauses = append(l.clauses, c)
		}
	}
	if len(l.clauses) == 0 {
		panic("sample: the policy has no clause that limits projects or awards")
	}
	return l
}

// next is an enterprise's registration, or an application from its submission to its payout.
func (l *load) next() []domain.Command {
	if l.made == applicationsEach {
		l.made = 0
		l.firm++
		l.ids = domain.EnterpriseID(fmt.Sprintf("E-%08d", l.firm))
		if l.policy.Beneficiary == domain.CreditCode {
			l.ids = loadCode(l.firm)
		}
		return []domain.Command{&domain.RegisterEnterprise{Head: l.head("e", l.firm, domain.Clerk, "", "clerk-a"), Enterprise: l.ids,
			Title: fmt.Sprintf("上海第%d企业有限公司", l.firm), Industry: l.industry}}
	}
	l.made++
	number := (l.firm-1)*applicationsEach + l.made
	clause := l.clauses[l.rng.IntN(len(l.clauses))]
	office, id := clause.Departments[0], domain.ApplicationID(fmt.Sprintf("A-%09d", number))
	amount := domain.Yuan(10_000 + l.rng.Int64N(50)*1_000)
	if clause.Cap.Amount.Stated {
		amount = domain.Lesser(amount, clause.Cap.Amount.Amount)
	}
	part := []domain.Instalment{{SupportYear: l.year, Amount: amount}}
	submit := &domain.SubmitApplication{Head: l.head("s", number, domain.Clerk, office, "clerk-a"), Application: id, Enterprise: l.ids, Clause: clause.ID,
		Title: "项目", Requested: part}
	if clause.Cap.Subject == domain.SubjectAward {
		submit.Award = fmt.Sprintf("T-%09d", number)
	} else {
		submit.Project = fmt.Sprintf("P-%09d", number)
	}
	return []domain.Command{submit,
		&domain.AcceptApplication{Head: l.head("c", number, domain.Clerk, office, "clerk-b"), Application: id},
		&domain.RecordReview{Head: l.head("v", number, domain.Reviewer, office, "reviewer-a"), Application: id, Opinion: domain.Support},
		&domain.ApproveApplication{Head: l.head("p", number, domain.Approver, office, "approver-a"), Application: id, Instalments: part},
		&domain.MakePayout{Head: l.head("m", number, domain.Treasurer, l.policy.Treasury, "treasurer-a"), Payout: domain.PayoutID(fmt.Sprintf("O-%09d", number)),
			Application: id, SupportYear: l.year, Amount: amount, PaidOn: l.day, Voucher: fmt.Sprintf("V-%09d", number)}}
}

func (l *load) head(kind string, number int, role domain.Role, office domain.DepartmentID, person domain.PersonID) domain.Head {
	return domain.Head{ID: domain.CommandID(fmt.Sprintf("%s-%09d", kind, number)), Date: l.day, Actor: domain.Actor{ID: person, Role: role, Department: office}}
}

// loadCode is a valid credit code for the n-th enterprise of a load.
func loadCode(n int) domain.EnterpriseID {
	body := fmt.Sprintf("91310105MA%07d", n)
	check, _ := domain.CreditCodeCheck(body)
	return domain.EnterpriseID(body + string(check))
}
