package office

import (
	"errors"
	"iter"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/proof"
	"github.com/fundledger/fundledger/tabular"
	"github.com/fundledger/fundledger/wire"
	"github.com/fundledger/fundledger/words"
)

// packTable is a table of a pack: a file, whose columns are the fields of its rows, by their names.
type packTable struct {
	name  string
	title domain.Text
	row   reflect.Type
	key   string // the columns that no two rows share
	rows  func(p *packRun, yield func(any) bool) error
}

// packed makes a table of rows, handed over one after another until nobody wants more.
func packed[T any](name string, title domain.Text, key string,
	rows func(p *packRun, yield func(T) bool) error) packTable {
	return packTable{name, title, reflect.TypeFor[T](), key, func(p *packRun, yield func(any) bool) error {
		return rows(p, func(row T) bool { return yield(row) })
	}}
}

var packTables = []packTable{
	packed(projections.Enterprises.Name, projections.Enterprises.Title, "enterprise", enterpriseRows),
	packed("policy_clauses", domain.Text{ZH: "政策条款及版本", EN: "Policy clauses and their versions"},
		"clause clause_version", clauseRows),
	packed(projections.Applications.Name, projections.Applications.Title, "application", applicationRows),
	packed("approvals", domain.Text{ZH: "批准的分期", EN: "Approvals, by instalment"}, "seq n", approvalRows),
	packed(projections.Payouts.Name, projections.Payouts.Title, "payout", payoutRows),
	packed(projections.Clawbacks.Name, projections.Clawbacks.Title, "clawback", clawbackRows),
	packed(projections.Recoveries.Name, projections.Recoveries.Title, "recovery", recoveryRows),
	packed(projections.Exceptions.Name, projections.Exceptions.Title, "exception", exceptionRows),
	packed(projections.Appropriations.Name, projections.Appropriations.Title,
		"budget_year scope_kind scope clause", appropriationRows),
	packed(projections.Closings.Name, projections.Closings.Title, "seq", closingRows),
	packed("account_lines", domain.Text{ZH: "账户明细", EN: "Account lines"},
		"enterprise clause subject_kind subject support_year", accountLineRows),
	packed("findings", domain.Text{ZH: "审计发现", EN: "Findings"}, "finding", findingRows),
	packed("finding_cases", domain.Text{ZH: "审计发现的各例", EN: "Cases of the findings"}, "case", findingCaseRows),
	packed("dispositions", domain.Text{ZH: "发现的处置", EN: "Dispositions"}, "seq", dispositionRows),
	packed("treasury_payments", domain.Text{ZH: "国库付款文件", EN: "Payment files of the treasury"},
		"statement line", paymentRows),
	packed(projections.Journal.Name, projections.Journal.Title, "seq n", journalRows),
	packed(projections.Events.Name, projections.Events.Title, "seq", eventRows),
}

// PackColumn is a column of a pack's tables, as the dictionary has it.
type PackColumn struct {
	Name    string      `json:"column"`
	Type    string      `json:"type"` // "text", "money", "integer", "date", "time" or "bool"
	Unit    string      `json:"unit,omitzero"`
	Summed  bool        `json:"summed"` // its sum is among the control totals
	Heading domain.Text `json:"heading"`
	Meaning domain.Text `json:"meaning"`
}

// header is the table's columns, in order. Of them amounts only are control totals.
func (t packTable) header(currency string) []tabular.Column {
	list := words.ColumnsOf(t.row)
	for i, c := range list {
		if name := packNames[t.name][c.Name]; name != "" {
			c = words.Column(name)
			list[i] = c
		}
		if c.Kind == tabular.Money {
			list[i].Unit = words.MoneyUnit(currency)
		}
		list[i].Total = c.Total && c.Kind == tabular.Money
	}
	return list
}

// list is the table's columns as a pack's definitions tell them.
func (t packTable) list(currency string) []PackColumn {
	var out []PackColumn
	for _, c := range t.header(currency) {
		out = append(out, PackColumn{c.Name, c.Kind.String(), c.Unit, c.Total, c.Title, c.Meaning})
	}
	return out
}

// sheet is the table as it is written.
func (t packTable) sheet(p *packRun) tabular.Table {
	out := tabular.Table{Name: t.name, Title: t.title, Columns: t.header(p.currency())}
	out.Rows = iter.Seq2[tabular.Row, error](func(yield func(tabular.Row, error) bool) {
		more, columns := true, projections.Columns(t.row)
		err := t.rows(p, func(row any) bool {
			if more {
				more = yield(cellsOf(columns, row), nil)
			}
			return more
		})
		if err != nil && more {
			yield(nil, err)
		}
	})
	return out
}

func cellsOf(columns []projections.Column, row any) tabular.Row {
	cells, value := make(tabular.Row, len(columns)), reflect.ValueOf(row)
	for i, c := range columns {
		cells[i] = packedCell(c.Name, value.FieldByIndex(c.Index))
	}
	return cells
}

// packedCell is a field as a pack writes it: a list with semicolons between, and nothing where nothing is stated.
func packedCell(name string, v reflect.Value) any {
	if limit, ok := v.Interface().(domain.Ceiling); ok {
		return ceilingCell(limit)
	}
	if v.Kind() == reflect.Slice {
		parts := make([]string, v.Len())
		for i := range parts {
			parts[i] = v.Index(i).String()
		}
		return strings.Join(parts, ";")
	}
	if name == "clause_version" && v.IsZero() {
		return nil
	}
	return v.Interface()
}

// packNames are the columns of a list that a pack has called otherwise since its first release, by their names in the list.
var packNames = map[string]map[string]string{"policy_clauses": {"version": "clause_version"}}

func yearCell(y domain.SupportYear) any {
	if y == 0 {
		return nil
	}
	return int(y)
}

func orNil[T comparable](v T) any {
	if v == *new(T) {
		return nil
	}
	return v
}

// whether is "true", or nothing.
func whether(b bool) string {
	if b {
		return "true"
	}
	return ""
}

func ceilingCell(c domain.Ceiling) any {
	if !c.Stated {
		return nil
	}
	return c.Amount
}

func isSet(b *bool) bool { return b != nil && *b }

func codes(list []domain.Finding) string {
	var out []string
	for _, f := range list {
		out = append(out, f.Code)
	}
	return strings.Join(out, ";")
}

func enterpriseRows(p *packRun, yield func(packedEnterprise) bool) error {
	for _, e := range p.batch.Enterprises.Order {
		if !yield(packedEnterprise{
			Enterprise: e.ID, Name: e.Name, Industry: e.Industry, RegisteredOn: e.RegisteredOn,
			CreditRestricted: isSet(e.Restricted), Admitted: isSet(e.Admitted)}) {
			break
		}
	}
	return nil
}

func clauseRows(p *packRun, yield func(packedClause) bool) error {
	for _, row := range projections.ClauseRows(p.state, "", "zh") {
		clause, _ := p.state.Policy().Clause(row.Clause)
		if !yield(packedClause{row, clause.Continues.Clause, clause.Continues.Use}) {
			break
		}
	}
	return nil
}

func applicationRows(p *packRun, yield func(packedApplication) bool) error {
	for _, a := range p.batch.Applications.Order {
		var charge domain.Charge
		if a.Charge != nil { // the latest: a transfer charges it to another clause than it was filed under
			charge = *a.Charge
		}
		if !yield(packedApplication{
			Application: a.ID, Enterprise: charge.Enterprise, Clause: charge.Clause, ViaClause: charge.Via,
			SubjectKind: charge.Subject.Kind, Subject: charge.Subject.ID, Title: a.Title, State: a.State,
			Suspended: isSet(a.Suspended), SubmittedOn: a.SubmittedOn, ApprovedOn: a.ApprovedOn,
			Department: a.Department, Requested: a.Requested, Approved: a.Approved, Paid: a.Paid, Returned: a.Returned,
			Seq: a.FirstSeq}) {
			break
		}
	}
	return nil
}

func approvalRows(p *packRun, yield func(packedApproval) bool) error {
	return p.each(func(e wire.Entry, _ eventstore.Record) bool {
		a, ok := domain.GrantedBy(e.Event)
		if !ok {
			return true
		}
		for n, i := range a.Instalments {
			if !yield(packedApproval{
				Seq: e.Seq, N: n, BusinessDate: e.Date, Application: a.Application, Enterprise: a.Charge.Enterprise,
				Clause: a.Charge.Clause, ViaClause: a.Charge.Via, SubjectKind: a.Charge.Subject.Kind,
				Subject: a.Charge.Subject.ID, SupportYear: yearCell(i.SupportYear), Amount: i.Amount,
				Actor: e.Envelope.Actor, Department: e.Envelope.Department, ClauseVersion: orNil(a.ClauseVersion),
				Reason: a.Reason, ActorFor: e.Envelope.ActorFor}) {
				return false
			}
		}
		return true
	})
}

func payoutRows(p *packRun, yield func(packedPayout) bool) error {
	for _, o := range p.batch.Payouts.Order {
		c := o.Charge
		if !yield(packedPayout{
			Payout: o.ID, Application: o.Application, Enterprise: c.Enterprise, Clause: c.Clause, ViaClause: c.Via,
			SubjectKind: c.Subject.Kind, Subject: c.Subject.ID, SupportYear: yearCell(o.Year),
			BudgetYear: o.PaidOn.Year(), PaidOn: o.PaidOn, Voucher: o.Voucher, Booked: o.Booked, Amount: o.Amount,
			KeptBack: o.KeptBack, PaidOut: o.Amount.Sub(o.KeptBack), Outside: o.Outside, Returned: o.Returned, ClawbackOrdered: o.Ordered, ClawbackWaived: o.Waived,
			Recovered: o.Recovered, Department: o.Department, ClauseVersion: orNil(o.ClauseVersion), Actor: o.Actor,
			RuleFindings: codes(o.Findings), Seq: o.Seq, ActorFor: o.ActorFor}) {
			break
		}
	}
	return nil
}

func clawbackRows(p *packRun, yield func(packedClawback) bool) error {
	for _, b := range p.batch.Clawbacks.Order {
		c := b.Charge
		if !yield(packedClawback{
			Clawback: b.ID, Payout: b.Payout, Application: b.Application, Enterprise: c.Enterprise, Clause: c.Clause,
			SubjectKind: c.Subject.Kind, Subject: c.Subject.ID, SupportYear: yearCell(b.Year), Cause: b.Cause,
			OrderedOn: b.OrderedOn, OrderedBy: b.OrderedBy, ClawbackOrdered: b.Ordered, ClawbackWaived: b.Waived, WrittenOff: b.WrittenOff,
			Recovered: b.Recovered, Interest: b.Interest, Outstanding: b.Ordered.Sub(b.Waived).Sub(b.WrittenOff).Sub(b.Recovered),
			Reason: b.Reason, Seq: b.Seq}) {
			break
		}
	}
	return nil
}

func recoveryRows(p *packRun, yield func(packedRecovery) bool) error {
	for _, r := range p.batch.Recoveries.Order {
		c := r.Charge
		if !yield(packedRecovery{
			Recovery: r.ID, Clawback: r.Clawback, Payout: r.Payout, Application: r.Application,
			Enterprise: c.Enterprise, Clause: c.Clause, SubjectKind: c.Subject.Kind, Subject: c.Subject.ID,
			SupportYear: yearCell(r.Year), Cause: r.Cause, ReceivedOn: r.ReceivedOn, Booked: r.Booked, KeptFrom: r.KeptFrom, Amount: r.Amount,
			Interest: r.Interest, Reversed: r.Reversed, ReversedOn: r.ReversedOn, RuleFindings: codes(r.Findings),
			Seq: r.Seq}) {
			break
		}
	}
	return nil
}

func exceptionRows(p *packRun, yield func(packedException) bool) error {
	for _, x := range p.batch.Exceptions.Order {
		if !yield(packedException{
			Exception: x.ID, Clause: x.Clause, SubjectKind: x.Subject.Kind, Subject: x.Subject.ID,
			SupportYear: yearCell(x.Year), Amount: x.Amount, Revoked: x.Revoked, Document: x.Document,
			GrantedOn: x.GrantedOn, GrantedBy: x.GrantedBy, Seq: x.Seq}) {
			break
		}
	}
	return nil
}

func appropriationRows(p *packRun, yield func(packedAppropriation) bool) error {
	set := map[domain.BudgetKey]*projections.BudgetChange{}
	for _, b := range p.batch.Budgets.Order {
		set[b.BudgetKey] = b
	}
	for _, key := range p.state.BudgetKeys() {
		b, by := p.state.Budget(key, p.day), set[key]
		if by == nil { // it has nothing but what is planned
			by = &projections.BudgetChange{}
		}
		if !yield(packedAppropriation{
			BudgetYear: key.Year, ScopeKind: string(key.Kind()), Scope: key.Scope(), Clause: key.Clause, Appropriation: b.Total(), BudgetPaid: b.Paid,
			Returned: by.Returned, Carried: b.Carried, CommittedUnpaid: b.Committed, LateUnpaid: b.Late,
			Document: by.Document, SetOn: by.On, Seq: orNil(by.Seq)}) {
			break
		}
	}
	return nil
}

// closingRows are the closings with the root of the log's tree up to each, which its signed statement bears too.
func closingRows(p *packRun, yield func(packedClosing) bool) error {
	var rows []packedClosing
	err := p.each(func(e wire.Entry, _ eventstore.Record) bool {
		switch of := e.Event.(type) {
		case *domain.BudgetYearClosed:
			rows = append(rows, packedClosing{Seq: e.Seq, Closed: projections.Closed{BudgetYear: int64(of.Year), ClosedOn: e.Date, Document: of.Document,
				Actor: domain.PersonID(e.Envelope.Actor), ActorFor: domain.PersonID(e.Envelope.ActorFor), StatementLines: int64(of.Lines),
				Differences: int64(of.Differences), DifferenceAmount: of.DifferenceAmount}})
		case *domain.BudgetYearReopened:
			for i := range rows {
				if c := &rows[i]; c.BudgetYear == int64(of.Year) && c.ReopenedOn.IsZero() {
					c.ReopenedOn, c.ReopenedDocument, c.ReopenedReason = e.Date, of.Document, of.Reason
				}
			}
		}
		return true
	})
	if err != nil || len(rows) == 0 {
		return err
	}
	tree, err := proof.TreeOf(p.ctx, p.source.Log)
	if err != nil {
		return err
	}
	for _, row := range rows {
		root, err := proof.RootAt(p.ctx, tree, row.Seq)
		if err != nil {
			return err
		}
		if row.Root = root.String(); !yield(row) {
			break
		}
	}
	return nil
}

func accountLineRows(p *packRun, yield func(packedLine) bool) error {
	lines := slices.Clone(p.batch.Lines.Order)
	slices.SortFunc(lines, func(a, b *projections.LineChange) int { return projections.Line.Compare(a.Line, b.Line) })
	for _, l := range lines {
		f := l.Figures
		var limit, headroom any
		view, capped := p.state.Account(l.Line.Account(), l.Line.Year, p.day)
		if capped {
			limit, headroom = ceilingCell(view.Cap), ceilingCell(view.Headroom())
		}
		if !yield(packedLine{
			Enterprise: l.Line.Enterprise, Clause: l.Line.Clause, SubjectKind: l.Line.Subject.Kind,
			Subject: l.Line.Subject.ID, SupportYear: yearCell(l.Line.Year), Applications: f.Applications,
			Requested: f.Of(projections.Requested), Approved: f.Of(projections.Approved),
			Outside: f.Of(projections.Outside), Paid: f.Of(projections.Paid), Returned: f.Of(projections.Returned),
			ClawbackOrdered: f.Of(projections.ClawbackOrdered), ClawbackWaived: f.Of(projections.ClawbackWaived),
			RecoveredError: f.Of(projections.RecoveredError), RecoveredBreach: f.Of(projections.RecoveredBreach),
			Interest: f.Of(projections.Interest), ExceptionAmount: f.Of(projections.Exception),
			ReceivedBeyond: f.Of(projections.ReceivedBeyond), WrittenOff: f.Of(projections.WrittenOff), NetPaid: f.NetPaid(), Use: f.Use(), Cap: limit,
			Headroom: headroom, CarriedUse: view.Carried}) {
			break
		}
	}
	return nil
}

func findingRows(p *packRun, yield func(packedFinding) bool) error {
	for _, f := range p.findings {
		d := disposed(f.Disposition)
		if !yield(packedFinding{
			Finding: f.ID, Code: f.Code, Severity: string(f.Severity), About: f.Subject, TitleZH: f.Title.ZH,
			TitleEN: f.Title.EN, ExplanationZH: f.Explanation.ZH, ExplanationEN: f.Explanation.EN,
			Events: sequences(f.Events), Disposition: d.Disposition, Comment: d.Comment, Actor: d.By,
			ActionZH: f.Action.ZH, ActionEN: f.Action.EN, CaseCount: f.CaseCount}) {
			break
		}
	}
	return nil
}

func findingCaseRows(p *packRun, yield func(packedCase) bool) error {
	for _, f := range p.findings {
		for _, c := range f.Cases {
			d := disposed(c.Disposition)
			if !yield(packedCase{
				Finding: f.ID, Case: c.ID, About: c.Subject, ExplanationZH: c.Detail.ZH, ExplanationEN: c.Detail.EN,
				Events: sequences(c.Events), Disposition: d.Disposition, Comment: d.Comment, Actor: d.By}) {
				return nil
			}
		}
	}
	return nil
}

// disposed is what an auditor said, or nothing.
func disposed(d *audit.Disposed) audit.Disposed {
	if d == nil {
		return audit.Disposed{}
	}
	return *d
}

// sequences are events in one cell.
func sequences(events []uint64) string {
	parts := make([]string, len(events))
	for i, seq := range events {
		parts[i] = strconv.FormatUint(seq, 10)
	}
	return strings.Join(parts, ";")
}

func dispositionRows(p *packRun, yield func(packedDisposition) bool) error {
	return p.each(func(e wire.Entry, _ eventstore.Record) bool {
		d, ok := e.Event.(*domain.FindingDisposed)
		return !ok || yield(packedDisposition{
			Seq: e.Seq, BusinessDate: e.Date, Finding: d.Finding, Disposition: d.Disposition, Comment: d.Comment,
			Actor: e.Envelope.Actor, Department: e.Envelope.Department, ActorFor: e.Envelope.ActorFor})
	})
}

func paymentRows(p *packRun, yield func(PaymentLine) bool) error {
	for _, l := range p.payments {
		if !yield(l) {
			break
		}
	}
	return nil
}

func journalRows(p *packRun, yield func(packedPosting) bool) error {
	var failed error
	err := p.each(func(e wire.Entry, _ eventstore.Record) bool {
		postings, err := projections.Fold(e)
		if err != nil {
			failed = err
			return false
		}
		for _, o := range postings {
			if !yield(packedPosting{
				Seq: o.Seq, N: o.N, RecordedAt: e.Recorded, BusinessDate: o.Date, Kind: o.Kind, Count: o.Count,
				Amount: o.Amount, Enterprise: o.Line.Enterprise, Clause: o.Line.Clause, ViaClause: o.Via,
				SubjectKind: o.Line.Subject.Kind, Subject: o.Line.Subject.ID, SupportYear: yearCell(o.Line.Year),
				BudgetYear: orNil(o.BudgetYear), Application: o.Application, Reference: o.Ref, EventType: e.Envelope.Type,
				Actor: e.Envelope.Actor, ActorFor: e.Envelope.ActorFor}) {
				return false
			}
		}
		return true
	})
	if failed != nil {
		return failed
	}
	return err
}

func eventRows(p *packRun, yield func(projections.LoggedRow) bool) error {
	var failed error
	err := p.each(func(_ wire.Entry, r eventstore.Record) bool {
		row, err := projections.LoggedOf(r)
		if failed = err; err != nil {
			return false
		}
		return yield(row)
	})
	return errors.Join(failed, err)
}
