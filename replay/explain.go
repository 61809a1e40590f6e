package replay

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/proof"
	"github.com/fundledger/fundledger/wire"
	"github.com/fundledger/fundledger/words"
)

// ErrFigure says that a figure is not one that can be explained.
var ErrFigure = errors.New("no such figure: known are the kinds of postings, use and net_paid")

// Total names a figure. Empty fields do not narrow it.
type Total struct {
	Figure      string              `json:"figure"` // a kind of posting ("approved", "paid", …), "use" or "net_paid"
	Enterprise  domain.EnterpriseID `json:"enterprise,omitzero"`
	Clause      domain.ClauseID     `json:"clause,omitzero"` // whose account is charged
	SubjectKind domain.SubjectKind  `json:"subject_kind,omitzero"`
	Subject     string              `json:"subject,omitzero"`
	Year        domain.SupportYear  `json:"support_year,omitzero"`
	Upto        uint64              `json:"upto,omitzero"` // the last event that counts; 0: the log's
	// Cursor is [Explanation.Next] of the page before; only what is too much for one answer comes in pages.
	Cursor string `json:"-"`
	Limit  int    `json:"-"` // postings of such a page; 0: 1,000
	NoSums bool   `json:"-"` // such a page without what all of them come to: of a term, only what is on it
	// Claimed is what is shown elsewhere, to be held against the sum; nil: nothing is.
	Claimed *domain.Balance `json:"claimed,omitempty"`
}

// Explanation is a number and what it is made of, down to the events and the people who decided: the figure, its terms, the applications in
// each, the postings of each. Holds says that its parts sum to it, here and below; where it is false the number is to be shown red.
type Explanation struct {
	Level  string         `json:"level"` // "total", "term", "application", "posting"
	ID     string         `json:"id"`
	Title  domain.Text    `json:"title"`
	Amount domain.Balance `json:"amount"` // signed: what it adds to the one above
	Holds  bool           `json:"holds"`
	Parts  []Explanation  `json:"parts,omitempty"`

	// Of a figure that comes in pages, the total and each term are of all of them, and Parts is what is on this one. Next is where the next
	// begins, and Postings how many a term has.
	Next     string `json:"next,omitzero"`
	Postings int64  `json:"postings,omitzero"`

	// Of a posting: its event, and who decided what led to it.
	Seq           uint64      `json:"seq,omitzero"`
	Place         int         `json:"n,omitzero"`
	Event         string      `json:"event,omitzero"`
	Command       string      `json:"command,omitzero"`
	Date          domain.Date `json:"date,omitzero"`
	ClauseVersion int         `json:"clause_version,omitzero"`
	Ref           string      `json:"ref,omitzero"`
	People        []Person    `json:"people,omitempty"`
}

// term is a kind of posting in a figure.
type term struct {
	kind projections.Kind
	sign int64
}

// termsOf is what a figure is made of.
func termsOf(figure string) ([]term, error) {
	switch figure {
	case "use":
		return []term{{projections.Approved, 1}, {projections.Outside, 1}, {projections.RecoveredError, -1}}, nil
	case "net_paid":
		return []term{{projections.Paid, 1}, {projections.Returned, -1}, {projections.RecoveredError, -1}, {projections.RecoveredBreach, -1}}, nil
	}
	for _, k := range projections.Kinds() {
		if k.String() == figure {
			return []term{{k, 1}}, nil
		}
	}
	return nil, fmt.Errorf("%q: %w", domain.Clip(figure, 160), ErrFigure)
}

func (t Total) counts(l projections.Line) bool {
	return (t.Enterprise == "" || l.Enterprise == t.Enterprise) && (t.Clause == "" || l.Clause == t.Clause) &&
		(t.SubjectKind == "" || l.Subject.Kind == t.SubjectKind) && (t.Subject == "" || l.Subject.ID == t.Subject) && (t.Year == 0 || l.Year == t.Year)
}

// Explain explains a total from the log. The log may leave out events that move nothing in it and do not belong to its
// applications.
func Explain(ctx context.Context, log proof.Log, t Total) (Explanation, error) {
	terms, err := termsOf(t.Figure)
	if err != nil {
		return Explanation{}, fmt.Errorf("explaining: %w", err)
	}
	x := &explainer{total: t, people: map[domain.ApplicationID][]Person{}, parts: make([][]explained, len(terms)), terms: terms}
	err = log.Read(ctx, 1, t.Upto, func(records []eventstore.Record) error {
		for _, r := range records {
			entry, err := wire.Decode(r)
			if err != nil {
				return err
			}
			if err := x.take(entry); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return Explanation{}, fmt.Errorf("explaining: %w", err)
	}
	return x.finish(), nil
}

// explained is a posting and the event that it is of.
type explained struct {
	posting projections.Posting
	entry   wire.Entry
}

type explainer struct {
	total  Total
	terms  []term
	parts  [][]explained // of each term, in the order of the log
	people map[domain.ApplicationID][]Person
	lines  projections.Figures // of what counts
}

func (x *explainer) take(e wire.Entry) error {
	c := domain.Concerns(e.Event)
	if c.Application != "" {
		x.people[c.Application] = append(x.people[c.Application], whoDid(e))
	}
	postings, err := projections.Fold(e)
	if err != nil {
		return err
	}
	for _, p := range postings {
		if !x.total.counts(p.Line) {
			continue
		}
		x.lines.Add(p)
		for i, t := range x.terms {
			if t.kind == p.Kind && !p.Amount.IsZero() {
				x.parts[i] = append(x.parts[i], explained{p, e})
			}
		}
	}
	return nil
}

// finish builds the tree. Each level's amount is what its postings say; that the levels agree is checked, not assumed.
func (x *explainer) finish() Explanation {
	root := Explanation{Level: "total", ID: x.total.Figure, Title: figureTitle(x.total.Figure)}
	for i, t := range x.terms {
		amount := signed(x.lines.Of(t.kind), t.sign)
		root.Amount.Money = root.Amount.Add(amount)
		if len(x.parts[i]) == 0 {
			continue
		}
		part := Explanation{Level: "term", ID: t.kind.String(), Title: figureTitle(t.kind.String()), Amount: domain.Balance{Money: amount}}
		part.Parts = x.applications(x.parts[i], t.sign)
		part.Holds = sums(part)
		root.Parts = append(root.Parts, part)
	}
	root.Holds = sums(root)
	if claimed := x.total.Claimed; claimed != nil && claimed.Money != root.Amount.Money {
		root.Amount, root.Holds = *claimed, false
	}
	return root
}

func signed(m domain.Money, sign int64) domain.Money {
	if sign < 0 {
		return m.Neg()
	}
	return m
}

// sums reports whether a number is the sum of its parts, and they of theirs.
func sums(e Explanation) bool {
	var total domain.Money
	for _, p := range e.Parts {
		if !p.Holds {
			return false
		}
		total = total.Add(p.Amount.Money)
	}
	return total == e.Amount.Money
}

// applications groups a term's postings by application, in the order of their first.
func (x *explainer) applications(list []explained, sign int64) []Explanation {
	var groups []Explanation
	place := map[domain.ApplicationID]int{}
	for _, one := range list {
		id := one.posting.Application
		i, known := place[id]
		if !known {
			i = len(groups)
			place[id] = i
			groups = append(groups, groupOf(id))
		}
		leaf := x.posting(one, sign)
		groups[i].Amount.Money = groups[i].Amount.Add(leaf.Amount.Money)
		groups[i].Parts = append(groups[i].Parts, leaf)
	}
	for i := range groups {
		groups[i].Holds = sums(groups[i])
	}
	return groups
}

func (x *explainer) posting(one explained, sign int64) Explanation {
	p, e := one.posting, one.entry
	leaf := postingTitled(p.Seq, p.N, e.Event.Name())
	leaf.Amount, leaf.Command, leaf.Date = domain.Balance{Money: signed(p.Amount, sign)}, e.Envelope.Command, p.Date
	leaf.ClauseVersion, leaf.Ref = e.Envelope.ClauseVersion, p.Ref
	for _, person := range x.people[p.Application] {
		if person.Seq <= p.Seq {
			leaf.People = append(leaf.People, person)
		}
	}
	if !slices.ContainsFunc(leaf.People, func(q Person) bool { return q.Seq == p.Seq }) {
		leaf.People = append(leaf.People, whoDid(e))
	}
	return leaf
}

// groupOf is an application as a part; "" is what belongs to none.
func groupOf(id domain.ApplicationID) Explanation {
	title := domain.Text{ZH: "申请 " + string(id), EN: "application " + string(id)}
	if id == "" {
		title = domain.Text{ZH: "不属于任何申请", EN: "outside any application"}
	}
	return Explanation{Level: "application", ID: string(id), Title: title}
}

func postingTitled(seq uint64, n int, event string) Explanation {
	called := words.Cell("event_type", event)
	return Explanation{Level: "posting", ID: fmt.Sprintf("%d.%d", seq, n), Holds: true, Seq: seq, Place: n, Event: event,
		Title: domain.Text{ZH: fmt.Sprintf("第 %d 号事件：%s", seq, called.ZH), EN: fmt.Sprintf("event %d: %s", seq, called.EN)}}
}

var figureTitles = map[string]domain.Text{
	"use": {ZH: "已用额度", EN: "use"}, "net_paid": {ZH: "净支付", EN: "net paid"}, "requested": {ZH: "申请", EN: "requested"}, "approved": {ZH: "批准", EN: "approved"},
	"outside": {ZH: "批准之外的补记", EN: "booked outside any approval"}, "paid": {ZH: "支付", EN: "paid"}, "returned": {ZH: "退回", EN: "returned"},
	"clawback_ordered": {ZH: "下达追回", EN: "clawback ordered"}, "clawback_waived": {ZH: "免除追回", EN: "clawback waived"},
	"recovered_error": {ZH: "追回到账（差错）", EN: "recovered (error)"}, "recovered_breach": {ZH: "追回到账（违约）", EN: "recovered (breach)"},
	"interest": {ZH: "利息", EN: "interest"}, "exception": {ZH: "例外", EN: "exceptions"}, "received_beyond": {ZH: "超额到账", EN: "received beyond"}, "written_off": {ZH: "核销追回款", EN: "written off"},
}

func figureTitle(figure string) domain.Text { return figureTitles[figure] }
