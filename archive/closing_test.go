package archive

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/internal/prooftest"
	"github.com/fundledger/fundledger/internal/scribe"
	"github.com/fundledger/fundledger/proof"
)

// closedYears is the made-up history gone on into 2027, with 2025 closed, a part of it carried over, and a payout of 2025 booked behind the close.
type closedYears struct {
	*scribe.Scribe
	t      *testing.T
	n      int
	key    proof.Key
	clause domain.ClauseID
	firm   domain.EnterpriseID
}

func (c *closedYears) head(day string, role domain.Role, office domain.DepartmentID) domain.Head {
	c.n++
	return domain.Head{ID: domain.CommandID("close-" + string(rune('a'+c.n))), Date: scribe.Day(day), Actor: domain.Actor{ID: domain.PersonID("closer-" + string(role)), Role: role, Department: office}}
}

func (c *closedYears) treasurer(day string) domain.Head {
	return c.head(day, domain.Treasurer, c.State.Policy().Treasury)
}

func (c *closedYears) give(command domain.Command) {
	c.t.Helper()
	if r := c.Give(command); r != nil {
		c.t.Fatal(r, r.Figures)
	}
}

func (c *closedYears) close(day string, year int) {
	c.t.Helper()
	_, differ, by := c.State.Differences(year)
	c.give(&domain.CloseBudgetYear{Head: c.treasurer(day), Year: year, Document: "长财〔2026〕\"1\"号", Differences: differ, DifferenceAmount: by})
}

func (c *closedYears) book(id domain.PayoutID, day string, amount int64) {
	c.t.Helper()
	c.give(&domain.BookPayout{Head: c.treasurer("2027-02-01"), Payout: id, Enterprise: c.firm, Clause: c.clause, Project: "补记项目", SupportYear: 2025, Amount: domain.Yuan(amount), PaidOn: scribe.Day(day)})
}

func closedAtTheEnd(t *testing.T) *closedYears {
	t.Helper()
	two := scribe.TwoYears()
	c := &closedYears{Scribe: scribe.New(t), t: t, key: prooftest.Key(t, proof.Origin(two.Fund)), clause: "4"}
	c.Fund, c.Records = two.Fund, scribe.Copied(two.Records)
	b := newYearBook(2025)
	b.state = c.State
	for _, r := range c.Records {
		if _, _, err := b.take(r); err != nil {
			t.Fatal(err)
		}
	}
	for l := range b.tables.lines {
		c.firm = max(c.firm, l.Enterprise)
	}
	c.close("2027-01-05", 2025)
	return c
}

func (c *closedYears) signed() []byte {
	c.t.Helper()
	s, err := CloseStatement(c.t.Context(), c.Records, c.Fund, 2025)
	if err != nil {
		c.t.Fatal(err)
	}
	signer, err := c.key.Signer()
	if err != nil {
		c.t.Fatal(err)
	}
	text, err := s.Sign(signer)
	if err != nil {
		c.t.Fatal(err)
	}
	return text
}

func TestExample44TheDemosClosedYear(t *testing.T) {
	c := closedAtTheEnd(t)
	for name, refused := range map[string]domain.Command{
		"a budget": &domain.SetAppropriation{Head: c.treasurer("2027-01-06"), BudgetYear: 2025, Clause: "4", Amount: domain.Yuan(1_000_000_000), Document: "d"},
		"a payout": &domain.MakePayout{Head: c.treasurer("2025-12-31"), Payout: "P-44", Application: "2025-A-0192", SupportYear: 2025, Amount: domain.Fen(1), PaidOn: scribe.Day("2025-12-31")},
	} {
		if r := c.Give(refused); r == nil || r.Code != domain.CodeBudgetYearClosed || r.Figures["budget_year"] != "2025" || r.Figures["closed_on"] != "2027-01-05" {
			t.Errorf("%s of 2025: %v", name, r)
		}
	}
	c.give(&domain.SetAppropriation{Head: c.treasurer("2027-01-06"), BudgetYear: 2026, Clause: "4", Amount: domain.Yuan(9_000_000_000), Document: "d"})
}

func TestAClosingStatementHoldsByItselfAndInEveryLaterLedger(t *testing.T) {
	c := closedAtTheEnd(t)
	trust := prooftest.Trust(t, c.key.Verifier)
	text := c.signed()
	s, err := OpenClosing(trust, text)
	if err != nil || s.Year != 2025 || len(s.Clauses) < 5 || len(s.Budgets) < 5 || !s.Total.Paid.Positive() || s.Document != "长财〔2026〕\"1\"号" {
		t.Fatalf("%v: %+v", err, s)
	}
	m, err := MovedSinceClose(t.Context(), c.Records, c.Fund, s)
	if err != nil || len(m.Events) != 0 || m.Position != s.Position {
		t.Fatalf("nothing followed: %v, %+v", err, m.Events)
	}
	var left domain.Money
	for _, b := range s.Budgets {
		if b.Scope == "4" {
			left = b.Left.Money
		}
	}
	c.give(&domain.CarryOver{Head: c.treasurer("2027-01-08"), From: 2025, To: 2027, Clause: "4", Amount: left, Document: "d"})
	c.book("B-after", "2025-12-31", 7)
	c.book("B-other", "2027-02-01", 9)
	c.give(&domain.ReturnPayout{Head: c.treasurer("2027-02-02"), Payout: "B-after", Amount: domain.Yuan(3)})
	c.give(&domain.ReopenBudgetYear{Head: c.head("2027-02-03", domain.Authority, c.State.Policy().Authority), Year: 2025, Document: "d", Reason: "r"})
	if _, err := CloseStatement(t.Context(), c.Records, c.Fund, 2025); !errors.Is(err, ErrClosing) {
		t.Errorf("a year that was opened again has a statement: %v", err)
	}
	m, err = MovedSinceClose(t.Context(), c.Records, c.Fund, s)
	if err != nil {
		t.Fatal(err)
	}
	var said []string
	for _, e := range m.Events {
		said = append(said, strings.Join([]string{e.Type, e.Paid.String(), e.Returned.String(), e.Budget.String(), map[bool]string{true: "after", false: "–"}[e.After]}, " "))
	}
	want := []string{"appropriation_carried 0.00 0.00 " + left.Neg().String() + " –", "payout_booked 7.00 0.00 0.00 after", "payout_returned 0.00 3.00 0.00 after", "budget_year_reopened 0.00 0.00 0.00 –"}
	if !slices.Equal(said, want) {
		t.Errorf("moved since:\n%s\nwant:\n%s", strings.Join(said, "\n"), strings.Join(want, "\n"))
	}
	if m.Total.Paid.Money != s.Total.Paid.Add(domain.Yuan(7)) {
		t.Errorf("paid is %s, and was %s", m.Total.Paid, s.Total.Paid)
	}

	// A listed event that says another amount, is left out, or is one too many does not tie.
	for i := range m.Events[:3] {
		for name, forge := range map[string]func(*Moved){
			"amount":  func(f *Moved) { f.Events[i].Paid.Money = f.Events[i].Paid.Add(domain.Fen(1)); f.Events[i].Clause = "4" },
			"without": func(f *Moved) { f.Events = slices.Delete(f.Events, i, i+1) },
			"twice":   func(f *Moved) { f.Events = append(f.Events, f.Events[i]) },
		} {
			f := m
			f.Events = slices.Clone(m.Events)
			forge(&f)
			if err := f.Ties(); !errors.Is(err, ErrClosing) {
				t.Errorf("%s of event %d: %v", name, m.Events[i].Seq, err)
			}
		}
	}
}

func TestAForgedClosingStatementIsFound(t *testing.T) {
	c := closedAtTheEnd(t)
	trust := prooftest.Trust(t, c.key.Verifier)
	text := c.signed()
	body, signatures, _ := strings.Cut(string(text), "\n\n")
	signer, err := c.key.Signer()
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(body, "\n")
	for i, line := range lines {
		digit := strings.LastIndexAny(line, "0123456789")
		if digit < 0 {
			continue
		}
		forged := slices.Clone(lines)
		other := byte('0' + (line[digit]-'0'+1)%10)
		forged[i] = line[:digit] + string(other) + line[digit+1:]
		if _, err := OpenClosing(trust, []byte(strings.Join(forged, "\n")+"\n\n"+signatures)); err == nil {
			t.Errorf("line %d changed to %q opens", i, forged[i])
		}
		// The same by whoever has the key: it does not add up, or is not what the log comes to.
		s, err := parseClosing(strings.Join(forged, "\n") + "\n")
		if err != nil || s.Origin != string(proof.Origin(c.Fund)) {
			continue
		}
		signed, err := s.Sign(signer)
		if err != nil {
			t.Fatal(err)
		}
		if s, err = OpenClosing(trust, signed); err != nil {
			continue
		}
		if _, err := MovedSinceClose(t.Context(), c.Records, c.Fund, s); err == nil {
			t.Errorf("line %d, signed again as %q, holds in the log", i, forged[i])
		}
	}
	s, err := OpenClosing(trust, text)
	if err != nil {
		t.Fatal(err)
	}
	// A log in which an event before the close says another amount, and one that ends before.
	other := scribe.Copied(c.Records)
	i := slices.IndexFunc(other, func(r eventstore.Record) bool {
		return strings.Contains(r.Subject, "payout_made") || bytes.Contains(r.Data, []byte(`"paid_on"`))
	})
	other[i].Data = bytes.Replace(other[i].Data, []byte(`"amount":"1`), []byte(`"amount":"2`), 1)
	if bytes.Equal(other[i].Data, c.Records[i].Data) {
		other[i].Data = bytes.Replace(other[i].Data, []byte(`"voucher":"`), []byte(`"voucher":"x`), 1)
	}
	if _, err := MovedSinceClose(t.Context(), other, c.Fund, s); !errors.Is(err, proof.ErrForked) {
		t.Errorf("in a log that was rewritten: %v", err)
	}
	if _, err := MovedSinceClose(t.Context(), c.Records[:s.Position-1], c.Fund, s); !errors.Is(err, proof.ErrRolledBack) {
		t.Errorf("in a log that was cut: %v", err)
	}
	if _, err := OpenClosing(prooftest.Trust(t, prooftest.Key(t, proof.Origin(c.Fund)).Verifier), text); err == nil {
		t.Error("another key's statement opens")
	}
}
