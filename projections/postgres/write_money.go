package postgres

import (
	"fmt"

	"github.com/go-json-experiment/json"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
)

var (
	copyPayoutsSQL      = statement("copy_payouts")
	addToPayoutsSQL     = statement("add_to_payouts")
	copyClawbacksSQL    = statement("copy_clawbacks")
	addToClawbacksSQL   = statement("add_to_clawbacks")
	copyRecoveriesSQL   = statement("copy_recoveries")
	changeRecoveriesSQL = statement("change_recoveries")
	copyExceptionsSQL   = statement("copy_exceptions")
	revokeExceptionsSQL = statement("revoke_exceptions")
	addToBudgetsSQL     = written("add_to_budgets", false)
	copyRepaymentsSQL   = statement("copy_repayments")
	copyPlanMovesSQL    = statement("copy_plan_moves")
	copyFactValuesSQL   = statement("copy_fact_values")
	upsertFindingsSQL   = statement("upsert_findings")
)

// charge writes the columns enterprise, clause, via, subject_kind, subject, support_year.
func (r *rows) charge(c domain.Charge, y domain.SupportYear) {
	r.text(string(c.Enterprise))
	r.text(string(c.Clause))
	r.optional(string(c.Via))
	r.text(string(c.Subject.Kind))
	r.text(c.Subject.ID)
	r.int16(int(y))
}

// findings writes a list of broken rules, or NULL for none.
func (r *rows) findings(list []domain.Finding) error {
	if len(list) == 0 {
		r.null()
		return nil
	}
	data, err := json.Marshal(list, json.Deterministic(true))
	if err != nil {
		return fmt.Errorf("writing findings: %w", err)
	}
	r.bytes(data)
	return nil
}

// departments writes a list of departments, or NULL for none.
func (r *rows) departments(list []domain.DepartmentID) error {
	if len(list) == 0 {
		r.null()
		return nil
	}
	data, err := json.Marshal(list)
	if err != nil {
		return fmt.Errorf("writing departments: %w", err)
	}
	r.bytes(data)
	return nil
}

func payoutEffects(b *projections.Batch) ([]effect, error) {
	fresh := newRows(copyPayoutsSQL)
	var ids []string
	var reversedOn, reasons []string
	var outside, returned, ordered, waived, recovered, reversedSeqs, seqs []int64
	for _, p := range b.Payouts.Order {
		if p.Fresh {
			if err := addPayout(fresh, p); err != nil {
				return nil, err
			}
			continue
		}
		ids, outside, returned = append(ids, string(p.ID)), append(outside, p.Outside.Fen()), append(returned, p.Returned.Fen())
		ordered, waived = append(ordered, p.Ordered.Fen()), append(waived, p.Waived.Fen())
		reversedOn, reasons = append(reversedOn, p.ReversedOn.String()), append(reasons, p.ReversedReason)
		recovered, seqs = append(recovered, p.Recovered.Fen()), append(seqs, int64(p.LastSeq))
		reversedSeqs = append(reversedSeqs, int64(p.ReversedSeq))
	}
	return []effect{fresh, changing(addToPayoutsSQL, len(ids), ids, outside, returned, ordered, waived, recovered, reversedOn, reasons, reversedSeqs, seqs)}, nil
}

func addPayout(out *rows, p *projections.PayoutChange) error {
	out.next()
	out.text(string(p.ID))
	out.optional(string(p.Application))
	out.charge(p.Charge, p.Year)
	out.int16(p.PaidOn.Year())
	out.date(p.PaidOn)
	out.optional(p.Voucher)
	out.optional(string(p.Department))
	if err := out.departments(p.Departments); err != nil {
		return err
	}
	out.int32(p.ClauseVersion)
	out.bool(p.Booked)
	if err := out.findings(p.Findings); err != nil {
		return err
	}
	out.text(string(p.Actor))
	out.money(p.Amount)
	out.money(p.KeptBack)
	out.money(p.Outside)
	out.money(p.Returned)
	out.money(p.Ordered)
	out.money(p.Waived)
	out.money(p.Recovered)
	out.date(p.ReversedOn)
	out.optional(p.ReversedReason)
	out.optionalSeq(p.ReversedSeq)
	out.int64(int64(p.Seq))
	out.int64(int64(p.LastSeq))
	return nil
}

func clawbackEffects(b *projections.Batch) []effect {
	fresh := newRows(copyClawbacksSQL)
	var ids []string
	var waived, recovered, interest, off, seqs []int64
	for _, c := range b.Clawbacks.Order {
		if c.Fresh {
			addClawback(fresh, c)
			continue
		}
		ids, waived, recovered = append(ids, string(c.ID)), append(waived, c.Waived.Fen()), append(recovered, c.Recovered.Fen())
		interest, off, seqs = append(interest, c.Interest.Fen()), append(off, c.WrittenOff.Fen()), append(seqs, int64(c.LastSeq))
	}
	return []effect{fresh, changing(addToClawbacksSQL, len(ids), ids, waived, recovered, interest, off, seqs)}
}

func addClawback(out *rows, c *projections.ClawbackChange) {
	out.next()
	out.text(string(c.ID))
	out.text(string(c.Payout))
	out.optional(string(c.Application))
	out.charge(c.Charge, c.Year)
	out.text(string(c.Cause))
	out.date(c.OrderedOn)
	out.text(string(c.OrderedBy))
	out.text(c.Reason)
	out.money(c.Ordered)
	out.money(c.Waived)
	out.money(c.Recovered)
	out.money(c.Interest)
	out.money(c.WrittenOff)
	out.int64(int64(c.Seq))
	out.int64(int64(c.LastSeq))
}

func recoveryEffects(b *projections.Batch) ([]effect, error) {
	fresh := newRows(copyRecoveriesSQL)
	var ids, on, reasons []string
	var beyond, seqs []int64
	for _, r := range b.Recoveries.Order {
		if r.Fresh {
			if err := addRecovery(fresh, r); err != nil {
				return nil, err
			}
			continue
		}
		ids, beyond, on = append(ids, string(r.ID)), append(beyond, r.Beyond.Fen()), append(on, r.ReversedOn.String())
		reasons, seqs = append(reasons, r.ReversedReason), append(seqs, int64(r.LastSeq))
	}
	return []effect{fresh, changing(changeRecoveriesSQL, len(ids), ids, beyond, on, reasons, seqs)}, nil
}

func addRecovery(out *rows, r *projections.RecoveryChange) error {
	out.next()
	out.text(string(r.ID))
	out.optional(string(r.Clawback))
	out.optional(string(r.Payout))
	out.optional(string(r.Application))
	out.charge(r.Charge, r.Year)
	out.text(string(r.Cause))
	out.date(r.ReceivedOn)
	out.bool(r.Booked)
	out.optional(string(r.KeptFrom))
	if err := out.findings(r.Findings); err != nil {
		return err
	}
	out.money(r.Amount)
	out.money(r.Interest)
	out.money(r.Beyond)
	out.bool(r.Reversed)
	out.date(r.ReversedOn)
	out.optional(r.ReversedReason)
	out.int64(int64(r.Seq))
	out.int64(int64(r.LastSeq))
	return nil
}

func exceptionEffects(b *projections.Batch) []effect {
	fresh := newRows(copyExceptionsSQL)
	var ids []string
	var revoked, seqs []int64
	for _, x := range b.Exceptions.Order {
		if x.Fresh {
			addException(fresh, x)
			continue
		}
		ids, revoked, seqs = append(ids, string(x.ID)), append(revoked, x.Revoked.Fen()), append(seqs, int64(x.LastSeq))
	}
	return []effect{fresh, changing(revokeExceptionsSQL, len(ids), ids, revoked, seqs)}
}

func addException(out *rows, x *projections.ExceptionChange) {
	out.next()
	out.text(string(x.ID))
	out.text(string(x.Clause))
	out.text(string(x.Subject.Kind))
	out.text(x.Subject.ID)
	if x.Year == 0 {
		out.null()
	} else {
		out.int16(int(x.Year))
	}
	out.money(x.Amount)
	out.money(x.Revoked)
	out.text(x.Document)
	out.date(x.GrantedOn)
	out.text(string(x.GrantedBy))
	out.int64(int64(x.Seq))
	out.int64(int64(x.LastSeq))
}

func budgetEffects(b *projections.Batch) []effect {
	var years []int16
	var kinds, scopes, clauses []string
	var paid, returned, carried []int64
	var initial, adjusted, seqs []*int64
	var documents, on []*string
	fen := func(m *domain.Money) *int64 {
		if m == nil {
			return nil
		}
		amount := m.Fen()
		return &amount
	}
	for _, c := range b.Budgets.Order {
		years, kinds, scopes, clauses = append(years, int16(c.Year)), append(kinds, string(c.Kind())), append(scopes, c.BudgetKey.Scope()), append(clauses, string(c.Clause))
		paid, returned, carried = append(paid, c.Paid.Fen()), append(returned, c.Returned.Fen()), append(carried, c.Carried.Fen())
		initial, adjusted, on = append(initial, fen(c.Initial)), append(adjusted, fen(c.Adjusted)), append(on, day(c.On))
		var seq *int64
		if c.Seq != 0 {
			at := int64(c.Seq)
			seq = &at
		}
		documents, seqs = append(documents, optional(c.Document)), append(seqs, seq)
	}
	var due, dueClauses []string
	var dueVias, dueDepartments []*string
	var dueYears []int16
	var dues []int64
	for _, d := range b.Dues.Order { // what came to nothing within the batch too: a budget has a row wherever batches end
		due, dueClauses, dueVias = append(due, string(d.Application)), append(dueClauses, string(d.Clause)), append(dueVias, optional(d.Via))
		dueDepartments, dueYears, dues = append(dueDepartments, optional(d.Department)), append(dueYears, int16(d.Year)), append(dues, d.Amount.Fen())
	}
	added := changing(addToBudgetsSQL, len(years)+len(due), years, kinds, scopes, clauses, paid, returned, carried, initial, adjusted, documents, on, seqs,
		due, dueClauses, dueVias, dueDepartments, dueYears, dues)
	added.makes = true
	return []effect{added}
}

func planEffects(b *projections.Batch) []effect {
	fresh := newRows(copyPlanMovesSQL)
	for _, m := range b.PlanMoves {
		fresh.next()
		fresh.int64(int64(m.Seq))
		fresh.int16(m.N)
		fresh.text(string(m.Application))
		fresh.int16(int(m.Year))
		fresh.text(string(m.Month))
		fresh.date(m.Date)
		fresh.money(m.Amount)
	}
	return []effect{fresh}
}

func factEffects(b *projections.Batch) []effect {
	fresh := newRows(copyFactValuesSQL)
	for _, f := range b.Facts {
		fresh.next()
		fresh.int64(int64(f.Seq))
		fresh.text(string(f.Enterprise))
		fresh.text(f.Project)
		fresh.text(string(f.Fact))
		fresh.text(f.Period)
		fresh.date(f.Date)
		fresh.text(f.Value)
		fresh.text(f.Previous)
		fresh.text(string(f.Unit))
		fresh.text(string(f.Means))
		fresh.bool(f.Sensitive)
		fresh.bool(f.Pending)
		fresh.text(string(f.Department))
		fresh.text(string(f.Confirmed))
		fresh.text(f.Document)
		fresh.text(f.SHA256)
		fresh.text(string(f.Actor))
	}
	return []effect{fresh}
}

func repaymentEffects(b *projections.Batch) []effect {
	fresh := newRows(copyRepaymentsSQL)
	for _, r := range b.Repayments {
		fresh.next()
		fresh.int64(int64(r.Seq))
		fresh.int16(r.N)
		fresh.text(string(r.Clawback))
		fresh.date(r.Date)
		fresh.date(r.DueOn)
		fresh.money(r.Amount)
	}
	return []effect{fresh}
}

func findingEffects(b *projections.Batch) []effect {
	var ids, dispositions, comments, on, by []string
	var seqs []int64
	for _, f := range b.Findings.Order {
		ids, dispositions, comments = append(ids, string(f.ID)), append(dispositions, string(f.Disposition)), append(comments, f.Comment)
		on, by, seqs = append(on, f.On.String()), append(by, string(f.By)), append(seqs, int64(f.Seq))
	}
	return []effect{changing(upsertFindingsSQL, len(ids), ids, dispositions, comments, on, by, seqs)}
}
