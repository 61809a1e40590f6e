package postgres_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/internal/scribe"
	"github.com/fundledger/fundledger/projections"
)

// linkedFund is a fund with four enterprises, of which the first controls the second from 2025-02-01 on, the second the third up to 2025-03-31, and the
// fourth holds a little of the first. Each has 60,000,000.00 of 1.1a.
func linkedFund(t testing.TB) (*scribe.Scribe, []domain.EnterpriseID) {
	t.Helper()
	s := scribe.New(t)
	n := 0
	who := func(day string, role domain.Role, office domain.DepartmentID) domain.Head {
		n++
		return domain.Head{ID: domain.CommandID(fmt.Sprint("c", n)), Date: scribe.Day(day), Actor: domain.Actor{ID: domain.PersonID("p-" + string(role)), Role: role, Department: office}}
	}
	var firms []domain.EnterpriseID
	for i := range 4 {
		body := fmt.Sprintf("91310105MA1FW%04d", i+1)
		check, _ := domain.CreditCodeCheck(body)
		firms = append(firms, domain.EnterpriseID(body+string(check)))
	}
	link := func(id domain.LinkID, a, b int, share domain.Share, from, to string) domain.Command {
		c := &domain.LinkEnterprises{Head: who("2025-05-01", domain.Clerk, "commerce"), Link: id, A: firms[a], B: firms[b], Kind: domain.Controls, Share: share,
			From: scribe.Day(from), Document: "企登〔2025〕" + string(id)}
		if to != "" {
			c.To = scribe.Day(to)
		}
		return c
	}
	commands := []domain.Command{scribe.Publish(scribe.Changning(t))}
	for i, firm := range firms {
		commands = append(commands, &domain.RegisterEnterprise{Head: who("2025-01-05", domain.Clerk, "commerce"), Enterprise: firm, Title: fmt.Sprint("企业", "甲乙丙丁"[i*3:i*3+3]), Industry: "ai"},
			&domain.BookPayout{Head: who("2025-02-10", domain.Treasurer, "finance"), Payout: domain.PayoutID(fmt.Sprint("B", i)), Enterprise: firm, Clause: "1.1a", SupportYear: 2025,
				Amount: domain.Yuan(60_000_000), Voucher: fmt.Sprint("V", i)})
	}
	groups := func(effective string, g domain.GroupCap) domain.Command {
		return &domain.AmendPolicy{Head: who("2025-05-01", domain.Admin, "reform"), Clause: "1.1a", EffectiveOn: scribe.Day(effective), Document: "修订", GroupCap: &g}
	}
	commands = append(commands, groups("2025-05-05", domain.GroupCap{Amount: domain.Stated(domain.Yuan(150_000_000))}), groups("2025-05-20", domain.GroupCap{}))
	commands = append(commands, link("L1", 0, 1, "50.01", "2025-02-01", ""), link("L2", 1, 2, "", "2025-02-01", "2025-03-31"), link("L3", 3, 0, "50", "2025-02-01", ""),
		&domain.EndLink{Head: who("2025-06-01", domain.Clerk, "commerce"), Link: "L1", To: scribe.Day("2025-05-31"), Document: "止1"})
	for _, c := range commands {
		if r := s.Give(c); r != nil {
			t.Fatal(c.Name(), r, r.Figures)
		}
	}
	return s, firms
}

// Groups are those of a day as they were known at a position, and the rules see the same.
func TestGroupsAreThoseOfADayAsTheyWereKnown(t *testing.T) {
	s, firms := linkedFund(t)
	url := migrated(t)
	project(t, url, s.Records)
	q := ask(t, url, s.Records[len(s.Records)-1].Time.Add(time.Hour))
	last := s.Records[len(s.Records)-1].Seq
	for _, c := range []struct {
		name string
		ask  projections.Ask
		want []string
	}{
		{"on a day when two links held", projections.Ask{On: scribe.Day("2025-03-31")}, []string{"甲 3 企业甲; 企业乙; 企业丙 1.1a 2025 180000000.00 100000000.00 80000000.00"}},
		{"the day after one", projections.Ask{On: scribe.Day("2025-04-01")}, []string{"甲 2 企业甲; 企业乙 1.1a 2025 120000000.00 100000000.00 20000000.00"}},
		{"under a cap of groups that was amended", projections.Ask{On: scribe.Day("2025-05-05")}, []string{"甲 2 企业甲; 企业乙 1.1a 2025 120000000.00 150000000.00 0.00"}},
		{"the day before it was", projections.Ask{On: scribe.Day("2025-05-04")}, []string{"甲 2 企业甲; 企业乙 1.1a 2025 120000000.00 100000000.00 20000000.00"}},
		{"when it was taken back", projections.Ask{On: scribe.Day("2025-05-20")}, []string{"甲 2 企业甲; 企业乙 1.1a 2025 120000000.00 100000000.00 20000000.00"}},
		{"before the payments", projections.Ask{On: scribe.Day("2025-02-09")}, []string{"甲 3 企业甲; 企业乙; 企业丙  total 0.00  0.00"}},
		{"before any link", projections.Ask{On: scribe.Day("2025-01-31")}, nil},
		{"now, when all have ended", projections.Ask{}, nil},
		{"on the last day, known later", projections.Ask{On: scribe.Day("2025-06-01")}, nil},
		{"the same before the end was known", projections.Ask{On: scribe.Day("2025-06-01"), AsOf: projections.AsOf{Seq: last - 1}},
			[]string{"甲 2 企业甲; 企业乙 1.1a 2025 120000000.00 100000000.00 20000000.00"}},
		{"of a member", projections.Ask{On: scribe.Day("2025-04-01"), Where: []projections.Condition{projections.ByEnterprise.Is(firms[1])}},
			[]string{"甲 2 企业甲; 企业乙 1.1a 2025 120000000.00 100000000.00 20000000.00"}},
		{"of none", projections.Ask{On: scribe.Day("2025-04-01"), Where: []projections.Condition{projections.ByEnterprise.Is(firms[3])}}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, g := range every(t, q, projections.Groups, c.ask) {
				name := g.ControllerName[len("企业"):]
				got = append(got, fmt.Sprint(name, " ", g.Members, " ", g.MemberNames, " ", g.Clause, " ", g.SupportYear, " ", g.Use, " ", g.Cap, " ", g.OverBy))
				if g.Clause == "" || !c.ask.AsOf.IsZero() {
					continue
				}
				v, _ := s.State.GroupUse(g.FirstMember, g.Clause, g.SupportYear, c.ask.On)
				if v.Use != g.Use || v.OverBy() != g.OverBy || v.Cap != g.Cap || len(v.Members) != int(g.Members) {
					t.Errorf("the rules see %+v, the list %+v", v, g)
				}
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
	var got []string
	for _, m := range every(t, q, projections.GroupMembers, projections.Ask{On: scribe.Day("2025-03-01")}) {
		got = append(got, fmt.Sprint(m.FirstMember == firms[0], " ", m.Name, " ", m.Uncontrolled, " ", m.ControlledBy))
	}
	if want := []string{"true 企业甲 true ", "true 企业乙 false " + string(firms[0]), "true 企业丙 false " + string(firms[1])}; !slices.Equal(got, want) {
		t.Errorf("the members are %q, want %q", got, want)
	}
}

func TestLinksAreListedWithHowTheyEnded(t *testing.T) {
	s, firms := linkedFund(t)
	url := migrated(t)
	project(t, url, s.Records)
	q := ask(t, url, s.Records[len(s.Records)-1].Time.Add(time.Hour))
	for name, c := range map[string]struct {
		ask  projections.Ask
		want []string
	}{
		"all": {projections.Ask{}, []string{"L1 企业甲 企业乙 controls 50.01 2025-02-01 2025-05-31 true 止1", "L2 企业乙 企业丙 controls  2025-02-01 2025-03-31 true ",
			"L3 企业丁 企业甲 controls 50 2025-02-01  false "}},
		"of an enterprise on either side": {projections.Where(projections.ByEnterprise.Is(firms[2])), []string{"L2 企业乙 企业丙 controls  2025-02-01 2025-03-31 true "}},
		"by its id":                       {projections.Where(projections.ByLink.Is("L3")), []string{"L3 企业丁 企业甲 controls 50 2025-02-01  false "}},
		"before its end was known":        {projections.Ask{AsOf: projections.AsOf{Seq: s.Records[len(s.Records)-1].Seq - 3}}, []string{"L1 企业甲 企业乙 controls 50.01 2025-02-01  true "}},
	} {
		var got []string
		for _, l := range every(t, q, projections.Links, c.ask) {
			got = append(got, fmt.Sprint(l.Link, " ", l.AName, " ", l.BName, " ", l.LinkKind, " ", l.Share, " ", l.LinkedFrom, " ", l.LinkedTo, " ", l.Connects, " ", l.EndedDocument))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}
