package replay

import (
	"fmt"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
)

// Made is what is asked of the tables for a page of an explanation.
func (t Total) Made() (projections.Made, error) {
	terms, err := termsOf(t.Figure)
	if err != nil {
		return projections.Made{}, fmt.Errorf("explaining: %w", err)
	}
	ask := projections.Made{Upto: t.Upto, Cursor: t.Cursor, Limit: t.Limit, NoSums: t.NoSums, Lines: projections.Lines{Enterprise: t.Enterprise, Clause: t.Clause, SubjectKind: t.SubjectKind,
		Subject: t.Subject, Year: t.Year}}
	for _, one := range terms {
		ask.Kinds = append(ask.Kinds, one.kind)
	}
	return ask, nil
}

// ExplainPage is a page of an explanation, of what the tables say: the whole figure, and those of its parts that are on the page. The figure
// holds where the postings come to what the totals say, and each part on the page to what it is made of.
func ExplainPage(t Total, p projections.MadePage) (Explanation, error) {
	terms, err := termsOf(t.Figure)
	if err != nil {
		return Explanation{}, fmt.Errorf("explaining: %w", err)
	}
	root := Explanation{Level: "total", ID: t.Figure, Title: figureTitle(t.Figure), Holds: true, Next: p.Next}
	var kept domain.Money
	for i, one := range terms {
		var sum projections.MadeSum
		if !t.NoSums {
			sum = p.Sums[i]
		}
		part := Explanation{Level: "term", ID: one.kind.String(), Title: figureTitle(one.kind.String()), Postings: sum.Postings,
			Amount: domain.Balance{Money: signed(sum.Amount.Money, one.sign)}, Holds: sum.Kept == sum.Amount}
		part.Parts = pageOf(p, one)
		if t.NoSums {
			root.Parts = append(root.Parts, part)
			continue
		}
		root.Amount.Money = root.Amount.Add(part.Amount.Money)
		kept = kept.Add(signed(sum.Kept.Money, one.sign))
		root.Holds = root.Holds && part.Holds
		if sum.Postings > 0 {
			root.Parts = append(root.Parts, part)
		}
	}
	if root.Holds = root.Holds && kept == root.Amount.Money; !root.Holds {
		root.Amount.Money = kept // what is shown elsewhere
	}
	if claimed := t.Claimed; claimed != nil && claimed.Money != root.Amount.Money {
		root.Amount, root.Holds = *claimed, false
	}
	return root, nil
}

// pageOf are the applications of a term that are on a page.
func pageOf(p projections.MadePage, one term) []Explanation {
	var groups []Explanation
	for _, row := range p.Rows {
		if row.Kind != one.kind {
			continue
		}
		if n := len(groups); n == 0 || groups[n-1].ID != string(row.Application) {
			groups = append(groups, groupOf(row.Application))
		}
		leaf := postingTitled(row.Seq, row.N, row.Event)
		leaf.Amount.Money, leaf.Command, leaf.Date = signed(row.Amount.Money, one.sign), row.By.Command, row.Date
		leaf.ClauseVersion, leaf.Ref, leaf.People = row.ClauseVersion, row.Ref, peopleOf(p.People[row.Application], row)
		g := &groups[len(groups)-1]
		g.Amount.Money = g.Amount.Add(leaf.Amount.Money)
		g.Parts = append(g.Parts, leaf)
	}
	for i := range groups {
		groups[i].Holds = sums(groups[i])
	}
	return groups
}

// peopleOf are those who decided what led to a posting.
func peopleOf(all []projections.MadeBy, row projections.MadeRow) (people []Person) {
	own := false
	for _, by := range all {
		if by.Seq <= row.Seq {
			people, own = append(people, personOf(by)), own || by.Seq == row.Seq
		}
	}
	if !own {
		people = append(people, personOf(row.By))
	}
	return people
}

func personOf(by projections.MadeBy) Person {
	return Person{by.Person, by.For, by.Role, by.Department, by.Command, by.Seq, by.Date}
}
