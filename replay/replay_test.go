package replay

import (
	"slices"
	"testing"

	"github.com/go-json-experiment/json"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/internal/scribe"
	"github.com/fundledger/fundledger/wire"
)

// told is a fund told command by command, with whom the tests need.
type told struct{ *scribe.Scribe }

func tell(t testing.TB, commands ...domain.Command) told {
	s := told{scribe.New(t)}
	s.Give(scribe.Publish(scribe.Changning(t)))
	return s.and(commands...)
}

func (s told) and(commands ...domain.Command) told {
	s.T.Helper()
	for _, c := range commands {
		if r := s.Give(c); r != nil {
			s.T.Fatalf("%s: %v", c.Given().ID, r)
		}
	}
	return s
}

func by(id string, on string, role domain.Role, office domain.DepartmentID, person domain.PersonID) domain.Head {
	return domain.Head{ID: domain.CommandID(id), Date: scribe.Day(on), Actor: domain.Actor{ID: person, Role: role, Department: office}}
}

const firmA = domain.EnterpriseID("914403001922038216")

func in(y domain.SupportYear, yuan int64) []domain.Instalment {
	return []domain.Instalment{{SupportYear: y, Amount: domain.Yuan(yuan)}}
}

// caseOf takes an application under clause 4 from its submission to its approval.
func caseOf(id domain.ApplicationID, project string, yuan int64) []domain.Command {
	n := string(id)
	return []domain.Command{
		&domain.SubmitApplication{Head: by(n+"-s", "2025-02-01", domain.Clerk, "science", "cl"), Application: id, Enterprise: firmA, Clause: "4", Project: project, Title: "研发", Requested: in(2025, yuan)},
		&domain.AcceptApplication{Head: by(n+"-a", "2025-02-02", domain.Clerk, "science", "cl"), Application: id},
		&domain.RecordReview{Head: by(n+"-r", "2025-02-03", domain.Reviewer, "science", "rev"), Application: id, Opinion: domain.Support, Comment: "同意"},
		&domain.ApproveApplication{Head: by(n+"-p", "2025-02-04", domain.Approver, "science", "app"), Application: id, Instalments: in(2025, yuan), Reason: "专题会"},
	}
}

func pay(id string, on string, a domain.ApplicationID, yuan int64) *domain.MakePayout {
	return &domain.MakePayout{Head: by(id, on, domain.Treasurer, "finance", "tre"), Payout: domain.PayoutID("P-" + id), Application: a, SupportYear: 2025,
		Amount: domain.Yuan(yuan), Voucher: "V-" + id}
}

func firm() domain.Command {
	return &domain.RegisterEnterprise{Head: by("e", "2025-01-02", domain.Clerk, "", "cl"), Enterprise: firmA, Title: "云杉", Industry: "ai"}
}

func TestADecisionHistoryIsReplayedStepByStep(t *testing.T) {
	s := tell(t, firm()).and(caseOf("A-1", "P", 12_000_000)...).and(caseOf("A-2", "P", 3_000_000)...)
	if r := s.Give(pay("x", "2025-03-01", "A-1", 13_000_000)); r == nil || r.Code != domain.CodeInstalmentExceeded {
		t.Fatal(r)
	}
	s.and(pay("1", "2025-03-02", "A-1", 5_000_000),
		&domain.RestrictCredit{Head: by("k", "2025-03-03", domain.Treasurer, "finance", "tre"), Enterprise: firmA, Reason: "失信"})
	h, err := Replay(t.Context(), s.Records, RefusedList(s.Refused), Question{Application: "A-1"})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, step := range h.Steps {
		name := step.Event
		if step.Refusal != nil {
			name = "!" + step.Refusal.Code
		}
		names = append(names, name)
	}
	want := []string{"application_submitted", "application_accepted", "application_reviewed", "application_approved", "!instalment_exceeded", "payout_made", "credit_restricted"}
	if !slices.Equal(names, want) {
		t.Fatalf("steps %v", names)
	}
	approved, paid := h.Steps[3], h.Steps[5]
	if m := approved.Lines[0]; m.SupportYear != 0 || m.Before.Use.Money != domain.NoMoney || m.After.Use.Money != domain.Yuan(12_000_000) ||
		m.Before.Headroom != domain.Stated(domain.Yuan(20_000_000)) || m.After.Headroom != domain.Stated(domain.Yuan(8_000_000)) {
		t.Errorf("the meter of the approval: %+v", m)
	}
	if !slices.Contains(approved.Changes, Change{"state", "accepted", "approved"}) || !slices.Contains(approved.Changes, Change{"approved.2025", "", "12000000.00"}) {
		t.Errorf("changed by the approval: %v", approved.Changes)
	}
	if !slices.Equal(paid.Changes, []Change{{"duty.pay", "", "tre"}, {"paid.2025", "0.00", "5000000.00"}}) || paid.Lines[0].Before.Use.Money != domain.Yuan(15_000_000) {
		t.Errorf("changed by the payout: %v, meter %+v", paid.Changes, paid.Lines[0])
	}
	if refused := h.Steps[4]; refused.Seq != paid.Seq-1 || refused.Rules[0] != "R3" || len(refused.Changes) > 0 || refused.Refusal.Figures["short_by"] != "1000000.00" {
		t.Errorf("the refusal: %+v", refused)
	}
	if !slices.Contains(h.Steps[6].Changes, Change{"credit_restricted", "", "true"}) {
		t.Errorf("the restriction: %v", h.Steps[6].Changes)
	}
	if *paid.Leaf != paid.Seq-1 || approved.Reason != "专题会" || approved.Why.ZH == "" {
		t.Errorf("%+v", approved)
	}
	upto, err := Replay(t.Context(), s.Records, RefusedList(s.Refused), Question{Application: "A-1", Upto: approved.Seq})
	if err != nil || len(upto.Steps) != 4 {
		t.Errorf("up to the approval: %d steps, %v", len(upto.Steps), err)
	}
	whole, err := Replay(t.Context(), s.Records, RefusedList(s.Refused), Question{Enterprise: firmA})
	if err != nil || len(whole.Steps) != 1+4+4+3 {
		t.Errorf("the enterprise: %d steps, %v", len(whole.Steps), err)
	}
	if _, err := json.Marshal(whole); err != nil {
		t.Error(err)
	}
}

// What a step shows before it is what the one before left, but for what happened to others on the account.
func TestStepsJoinUpForEveryApplicationOfTheSample(t *testing.T) {
	applications := map[domain.ApplicationID]bool{}
	for _, r := range scribe.TwoYears().Records {
		entry, err := wire.Decode(r)
		if err != nil {
			t.Fatal(err)
		}
		if e, ok := entry.Event.(*domain.ApplicationSubmitted); ok && len(applications) < 15 {
			applications[e.Application] = true
		}
	}
	for id := range applications {
		h, err := Replay(t.Context(), scribe.TwoYears().Records, RefusedList(scribe.TwoYears().Refused), Question{Application: id})
		if err != nil || len(h.Steps) == 0 {
			t.Fatal(id, err)
		}
		for i := 1; i < len(h.Steps); i++ {
			if between := changes(h.Steps[i-1].After, h.Steps[i].Before); len(between) > 0 && h.Steps[i].Application == id {
				t.Errorf("%s: between step %d and %d changed %v", id, i-1, i, between)
			}
		}
	}
}
