package projections

import (
	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/wire"
)

// EventRow is an event as it is kept beside the postings: the entry, its exact data, and what it concerns.
type EventRow struct {
	wire.Entry
	Data        []byte
	Application domain.ApplicationID
	Enterprise  domain.EnterpriseID
	Clause      domain.ClauseID // whose account it concerns, or the clause itself
}

// Batch is what a run of events changes: rows that are new, and changes, summed, of rows that are there. The zero Batch
// is not ready; [NewBatch] makes one.
type Batch struct {
	First, Last uint64 // positions of its events; 0: none yet
	Events      []EventRow
	Postings    []Posting
	Lines       Changes[Line, LineChange]

	Policies     []PolicyRow
	Amended      []PolicyAmendment // of a policy's other things than caps
	Amendments   []Amendment
	Enterprises  Changes[domain.EnterpriseID, EnterpriseChange]
	Names        []NameRow
	Applications Changes[domain.ApplicationID, ApplicationChange]
	Instalments  Changes[InstalmentKey, InstalmentChange]
	Payouts      Changes[domain.PayoutID, PayoutChange]
	Clawbacks    Changes[domain.ClawbackID, ClawbackChange]
	Recoveries   Changes[domain.RecoveryID, RecoveryChange]
	Exceptions   Changes[domain.ExceptionID, ExceptionChange]
	Budgets      Changes[domain.BudgetKey, BudgetChange]
	BudgetMoves  []BudgetMove
	Dues         Changes[DueKey, DueChange]
	PlanMoves    []PlanMove
	Facts        []FactChange
	Repayments   []RepaymentRow
	Joined       []JoinedRow
	Parties      []PartyRow
	approvers    map[domain.ApplicationID]domain.DepartmentID // of what the batch approves
	Findings     Changes[domain.FindingID, FindingChange]

	spoiled bool // see Spoiled
}

// Changes are the changes of one table by key, in the order in which the keys first came.
type Changes[K comparable, V any] struct {
	Order []*V
	byKey map[K]*V
}

// of finds the change of a key, or begins one.
func (c *Changes[K, V]) of(key K) (change *V, begun bool) {
	if c.byKey == nil {
		c.byKey = map[K]*V{}
	}
	if change, ok := c.byKey[key]; ok {
		return change, false
	}
	change = new(V)
	c.byKey[key] = change
	c.Order = append(c.Order, change)
	return change, true
}

// NewBatch is a batch of no events.
func NewBatch() *Batch { return &Batch{} }

// Len is how many events the batch holds.
func (b *Batch) Len() int { return len(b.Events) }

// Take reads a record of the log and takes it in. An error names the position; the batch is then as it was, unless it is [Batch.Spoiled].
func (b *Batch) Take(r eventstore.Record) error {
	e, err := wire.Decode(r)
	if err != nil {
		return err
	}
	return b.Add(e, r.Data)
}

// Spoiled reports whether the batch holds a part of an event that could not be taken in: it must not be written.
func (b *Batch) Spoiled() bool { return b.spoiled }

// Add takes an event in, with its data as the log holds them.
func (b *Batch) Add(e wire.Entry, data []byte) (err error) {
	postings, err := foldGuarded(e)
	if err != nil {
		return err
	}
	defer wire.Guard(e.Seq, &err)
	b.spoiled = true // until it is whole
	row := EventRow{Entry: e, Data: data}
	b.detail(&row)
	b.Events = append(b.Events, row)
	b.Postings = append(b.Postings, postings...)
	for _, p := range postings {
		line, begun := b.Lines.of(p.Line)
		if begun {
			line.Line, line.FirstSeq = p.Line, p.Seq
		}
		line.LastSeq = p.Seq
		line.Figures.Add(p)
	}
	if b.First == 0 {
		b.First = e.Seq
	}
	b.Last = e.Seq
	b.spoiled = false
	return nil
}

func foldGuarded(e wire.Entry) (postings []Posting, err error) {
	defer wire.Guard(e.Seq, &err)
	return Fold(e)
}
