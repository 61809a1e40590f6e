package pages

import (
	"testing"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/policies"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/web"
)

// A deputy stands in a place with what its holder has done: what four eyes forbid the one it forbids the other. Before a policy is known here it is
// nobody's turn, whatever the tables hold.
func TestADeputysTurnIsTheirsWhoseTurnItWas(t *testing.T) {
	policy, err := policies.Named("changning-2024")
	if err != nil {
		t.Fatal(err)
	}
	s := domain.NewState()
	today := domain.DateOf(2025, 3, 10)
	row := projections.QueueRow{Step: projections.ToDecide, Reference: "A"}
	viewer := func(id domain.PersonID, g web.Grant) web.Viewer { return web.Viewer{ID: id, Grants: []web.Grant{g}} }
	reviewer := web.Grant{Role: domain.Reviewer, Department: "reform"}
	if _, own := turnOf(s, viewer("dai", reviewer), today, row); own {
		t.Error("without a policy it is somebody's turn")
	}
	give := func(c domain.Command) {
		t.Helper()
		decision, refusal := domain.Decide(s, c, today)
		if refusal != nil {
			t.Fatal(refusal)
		}
		for _, e := range decision.Events {
			domain.Apply(s, e, domain.Deed{Actor: c.Given().Actor, Date: c.Given().Date})
		}
	}
	head := func(id string, who domain.PersonID, role domain.Role, d domain.DepartmentID) domain.Head {
		return domain.Head{ID: domain.CommandID(id), Date: today, Actor: domain.Actor{ID: who, Role: role, Department: d}}
	}
	give(&domain.PublishPolicy{Head: domain.Head{ID: "p", Date: policy.IssuedOn, Actor: domain.Actor{ID: "root", Role: domain.Admin}}, Policy: policy})
	give(&domain.RegisterEnterprise{Head: head("r", "wu", domain.Clerk, "reform"), Enterprise: "914403001922038216", Title: "示例", Industry: policy.Industries[0].ID})
	give(&domain.SubmitApplication{Head: head("s", "wu", domain.Clerk, "reform"), Application: "A", Enterprise: "914403001922038216", Clause: "6", Project: "P", Title: "楼宇",
		Requested: []domain.Instalment{{SupportYear: 2025, Amount: domain.Fen(100)}}})
	give(&domain.AcceptApplication{Head: head("a", "ou", domain.Clerk, "reform"), Application: "A"})

	if _, own := turnOf(s, viewer("dai", reviewer), today, row); !own {
		t.Error("it is no reviewer's turn")
	}
	reviewer.For = "ou"
	if judged, own := turnOf(s, viewer("dai", reviewer), today, row); own {
		t.Errorf("a deputy of who accepted it is shown it as theirs: %+v", judged)
	}
}

// Vouchers go on by their last number, and keep its width.
func TestVouchersAreNumberedOn(t *testing.T) {
	for first, third := range map[string]string{"沪长财支〔2025〕0998号": "沪长财支〔2025〕1000号", "V-9": "V-11", "银字": "银字", "": "", "2025-0001": "2025-0003",
		"99999999999999999999": "99999999999999999999"} {
		if got := numbered(first, 2); got != third {
			t.Errorf("the third from %q is %q, not %q", first, got, third)
		}
	}
}
