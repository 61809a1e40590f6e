package postgres_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/internal/scribe"
	"github.com/fundledger/fundledger/projections"
)

// A project that is registered stands in its list, and two that are one use one cap in every list from then on.
func TestProjectsAreListedWithWhatTheyAreOneWith(t *testing.T) {
	s, firms := linkedFund(t)
	head := func(day string, role domain.Role, office domain.DepartmentID, n int) domain.Head {
		return domain.Head{ID: domain.CommandID(fmt.Sprint("p", n)), Date: scribe.Day(day), Actor: domain.Actor{ID: domain.PersonID("p-" + string(role)), Role: role, Department: office}}
	}
	for _, c := range []domain.Command{
		&domain.RegisterProject{Head: head("2025-07-01", domain.Clerk, "commerce", 1), Project: "P1", Title: "智能工厂", Enterprise: firms[0], Place: "虹桥"},
		&domain.BookPayout{Head: head("2025-07-01", domain.Treasurer, "finance", 2), Payout: "X1", Enterprise: firms[0], Clause: "7", Project: "P1", SupportYear: 2025, Amount: domain.Yuan(600_000), Voucher: "W1"},
		&domain.BookPayout{Head: head("2025-07-01", domain.Treasurer, "finance", 3), Payout: "X2", Enterprise: firms[1], Clause: "7", Project: "GX", SupportYear: 2025, Amount: domain.Yuan(700_000), Voucher: "W2"},
		&domain.SameProject{Head: head("2025-07-02", domain.Clerk, "commerce", 4), A: "P1", B: "GX", Document: "长科〔2025〕6号"},
	} {
		if r := s.Give(c); r != nil {
			t.Fatal(c.Name(), r, r.Figures)
		}
	}
	url := migrated(t)
	project(t, url, s.Records)
	last := s.Records[len(s.Records)-1]
	q := ask(t, url, last.Time.Add(time.Hour))
	told := func(a projections.Ask) (list []string) {
		for _, r := range every(t, q, projections.Projects, a) {
			list = append(list, strings.Join([]string{r.Project, r.ProjectName, r.EnterpriseName, r.ProjectPlace, r.JoinedWith, r.ChargedClauses, r.Use.String()}, " "))
		}
		return list
	}
	if got, want := told(projections.Ask{}), []string{"GX    P1 7 700000.00", "P1 智能工厂 企业甲 虹桥 GX 7 600000.00"}; !slices.Equal(got, want) {
		t.Errorf("the projects are %q, want %q", got, want)
	}
	if got, want := told(projections.Ask{AsOf: projections.AsOf{Seq: last.Seq - 1}}), []string{"P1 智能工厂 企业甲 虹桥  7 600000.00"}; !slices.Equal(got, want) {
		t.Errorf("before they were joined: %q, want %q", got, want)
	}
	for _, r := range every(t, q, projections.Accounts, projections.Where(projections.ByClause.Is("7"))) {
		v, _ := s.State.Account(domain.Account{Clause: "7", Subject: domain.Subject{Kind: domain.SubjectProject, ID: r.Subject}}, r.SupportYear, scribe.Day("2025-07-02"))
		if r.Headroom != domain.Stated(domain.NoMoney) || r.OverBy != domain.Yuan(300_000) || v.OverBy() != r.OverBy || v.Joined != r.JoinedUse {
			t.Errorf("%+v, the rules see %+v", r, v)
		}
	}
	for _, name := range []string{"P1", "GX"} {
		var got []string
		for _, h := range every(t, q, projections.ProjectHistory, projections.Where(projections.ByProject.Is(name))) {
			got = append(got, h.EventType)
		}
		if !slices.Contains(got, "projects_joined") {
			t.Errorf("the history of %s is %q", name, got)
		}
	}
}
