package scribe

import (
	"testing"

	"github.com/fundledger/fundledger/domain"
)

// Succeeding is the enterprise of [Succession].
const Succeeding = domain.EnterpriseID("91310105MA7W80873U")

// Succession is a log of two policies: 1,000,000.00 is approved and 400,000.00 paid of project P under clause 4 of the first (A-old), and the same
// under the clause of the second that carries it on (A-new).
func Succession(t testing.TB) *Scribe {
	t.Helper()
	s := New(t)
	head := func(id, day string, role domain.Role, office domain.DepartmentID) domain.Head {
		return domain.Head{ID: domain.CommandID(id), Date: Day(day), Actor: domain.Actor{ID: domain.PersonID(role), Role: role, Department: office}}
	}
	give := func(commands ...domain.Command) {
		for _, c := range commands {
			if r := s.Give(c); r != nil {
				t.Fatal(c.Name(), r, r.Figures)
			}
		}
	}
	grant := func(a domain.ApplicationID, clause domain.ClauseID, day string, year domain.SupportYear) {
		id := string(a)
		asked := []domain.Instalment{{SupportYear: year, Amount: domain.Yuan(1_000_000)}}
		give(&domain.SubmitApplication{Head: head(id+"-1", day, domain.Clerk, "science"), Application: a, Enterprise: Succeeding, Clause: clause, Project: "P", Requested: asked},
			&domain.AcceptApplication{Head: head(id+"-2", day, domain.Clerk, "science"), Application: a},
			&domain.RecordReview{Head: head(id+"-3", day, domain.Reviewer, "science"), Application: a, Opinion: domain.Support},
			&domain.ApproveApplication{Head: head(id+"-4", day, domain.Approver, "science"), Application: a, Instalments: asked},
			&domain.MakePayout{Head: head(id+"-5", day, domain.Treasurer, "finance"), Payout: domain.PayoutID(id), Application: a, SupportYear: year, Amount: domain.Yuan(400_000)})
	}
	give(Publish(Changning(t)), &domain.RegisterEnterprise{Head: head("firm", "2025-01-10", domain.Clerk, "science"), Enterprise: Succeeding, Title: "企业", Industry: "ai"})
	grant("A-old", "4", "2025-03-03", 2025)
	give(&domain.PublishPolicy{Head: head("next", "2026-12-07", domain.Admin, ""), Policy: Successor(t)})
	grant("A-new", "27-4", "2027-01-11", 2027)
	return s
}
