package office

import (
	"encoding/base64"
	"iter"
	"slices"
	"strconv"
	"strings"

	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/tabular"
	"github.com/fundledger/fundledger/wire"
	"github.com/fundledger/fundledger/words"
)

// packTable is a table of a pack: a file, in what order its columns stand, and how its rows come.
type packTable struct {
	name    string
	title   domain.Text
	columns string // names, separated by spaces
	key     string // the columns that no two rows share
	rows    func(p *packRun, yield func(...any) bool) error
}

var packTables = []packTable{
	{projections.Enterprises.Name, projections.Enterprises.Title, "enterprise name industry registered_on credit_restricted admitted", "enterprise", enterpriseRows},
	{"policy_clauses", domain.Text{ZH: "政策条款及版本", EN: "Policy clauses and their versions"},
		"clause clause_version clause_name source departments cap subject_kind period stronger_support effective_on retroactive document", "clause clause_version", clauseRows},
	{projections.Applications.Name, projections.Applications.Title,
		"application enterprise clause via_clause subject_kind subject title state suspended submitted_on approved_on department requested approved paid returned seq", "application", applicationRows},
	{"approvals", domain.Text{ZH: "批准的分期", EN: "Approvals, by instalment"},
		"seq n business_date application enterprise clause via_clause subject_kind subject support_year amount actor department clause_version reason", "seq n", approvalRows},
	{projections.Payouts.Name, projections.Payouts.Title,
		"payout application enterprise clause via_clause subject_kind subject support_year budget_year paid_on voucher booked amount outside returned clawback_ordered clawback_waived recovered department clause_version actor rule_findings seq",
		"payout", payoutRows},
	{projections.Clawbacks.Name, projections.Clawbacks.Title,
		"clawback payout application enterprise clause subject_kind subject support_year cause ordered_on ordered_by clawback_ordered clawback_waived recovered interest outstanding reason seq", "clawback", clawbackRows},
	{projections.Recoveries.Name, projections.Recoveries.Title,
		"recovery clawback payout application enterprise clause subject_kind subject support_year cause received_on booked amount interest reversed reversed_on rule_findings seq", "recovery", recoveryRows},
	{projections.Exceptions.Name, projections.Exceptions.Title, "exception clause subject_kind subject support_year amount revoked document granted_on granted_by seq", "exception", exceptionRows},
	{projections.Appropriations.Name, projections.Appropriations.Title, "budget_year scope_kind scope appropriation budget_paid document set_on seq", "budget_year scope_kind scope", appropriationRows},
	{"account_lines", domain.Text{ZH: "账户明细", EN: "Account lines"},
		"enterprise clause subject_kind subject support_year applications requested approved outside paid returned clawback_ordered clawback_waived recovered_error recovered_breach interest exception_amount received_beyond net_paid use cap headroom",
		"enterprise clause subject_kind subject support_year", accountLineRows},
	{"findings", domain.Text{ZH: "审计发现", EN: "Findings"},
		"finding code severity about title_zh title_en explanation_zh explanation_en events disposition comment actor action_zh action_en case_count",
		"finding", findingRows},
	{"finding_cases", domain.Text{ZH: "审计发现的各例", EN: "Cases of the findings"},
		"finding case about explanation_zh explanation_en events disposition comment actor", "case", findingCaseRows},
	{"dispositions", domain.Text{ZH: "发现的处置", EN: "Dispositions"}, "seq business_date finding disposition comment actor department", "seq", dispositionRows},
	{"treasury_payments", domain.Text{ZH: "国库付款文件", EN: "Payment files of the treasury"}, "statement line voucher paid_on amount payee seq", "statement line", paymentRows},
	{projections.Journal.Name, projections.Journal.Title,
		"seq n recorded_at business_date kind count amount enterprise clause via_clause subject_kind subject support_year budget_year application reference event_type actor", "seq n", journalRows},
	{projections.Events.Name, projections.Events.Title,
		"seq recorded_at business_date event_type log_subject command_id actor role department imported_by clause_version leaf_hash data", "seq", eventRows},
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
	list := words.Named(strings.Fields(t.columns)...)
	for i, c := range list {
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
		more := true
		err := t.rows(p, func(cells ...any) bool {
			if more {
				more = yield(cells, nil)
			}
			return more
		})
		if err != nil && more {
			yield(nil, err)
		}
	})
	return out
}

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

func enterpriseRows(p *packRun, yield func(...any) bool) error {
	for _, e := range p.batch.Enterprises.Order {
		if !yield(e.ID, e.Name, e.Industry, e.RegisteredOn, isSet(e.Restricted), isSet(e.Admitted)) {
			break
		}
	}
	return nil
}

func clauseRows(p *packRun, yield func(...any) bool) error {
	policy := p.state.Policy()
	if policy == nil {
		return nil
	}
	for _, c := range policy.Clauses {
		var departments []string
		for _, d := range c.Departments {
			departments = append(departments, string(d))
		}
		versions := p.state.Versions(c.ID)
		if len(versions) == 0 {
			versions = []domain.ClauseVersion{{Version: 1, Cap: c.Cap.Amount, EffectiveOn: policy.Term.From}}
		}
		for _, v := range versions {
			if !yield(c.ID, v.Version, c.Name.ZH, c.Source, strings.Join(departments, ";"), ceilingCell(v.Cap), c.Cap.Subject, c.Cap.Period, c.StrongerSupport, v.EffectiveOn, v.Retroactive, v.Document) {
				return nil
			}
		}
	}
	return nil
}

func applicationRows(p *packRun, yield func(...any) bool) error {
	for _, a := range p.batch.Applications.Order {
		var charge domain.Charge
		title := ""
		if a.Filed != nil {
			charge, title = a.Filed.Charge, a.Filed.Title
		}
		if !yield(a.ID, charge.Enterprise, charge.Clause, charge.Via, charge.Subject.Kind, charge.Subject.ID, title, a.State, isSet(a.Suspended), a.SubmittedOn, a.ApprovedOn, a.Department,
			a.Requested, a.Approved, a.Paid, a.Returned, a.FirstSeq) {
			break
		}
	}
	return nil
}

func approvalRows(p *packRun, yield func(...any) bool) error {
	return p.each(func(e wire.Entry, _ eventstore.Record) bool {
		a, ok := e.Event.(*domain.ApplicationApproved)
		if !ok {
			return true
		}
		for n, i := range a.Instalments {
			if !yield(e.Seq, n, e.Date, a.Application, a.Charge.Enterprise, a.Charge.Clause, a.Charge.Via, a.Charge.Subject.Kind, a.Charge.Subject.ID, yearCell(i.SupportYear), i.Amount, e.Envelope.Actor,
				e.Envelope.Department, orNil(a.ClauseVersion), a.Reason) {
				return false
			}
		}
		return true
	})
}

func payoutRows(p *packRun, yield func(...any) bool) error {
	for _, o := range p.batch.Payouts.Order {
		c := o.Charge
		if !yield(o.ID, o.Application, c.Enterprise, c.Clause, c.Via, c.Subject.Kind, c.Subject.ID, yearCell(o.Year), o.PaidOn.Year(), o.PaidOn, o.Voucher, o.Booked, o.Amount, o.Outside, o.Returned,
			o.Ordered, o.Waived, o.Recovered, o.Department, orNil(o.ClauseVersion), o.Actor, codes(o.Findings), o.Seq) {
			break
		}
	}
	return nil
}

func clawbackRows(p *packRun, yield func(...any) bool) error {
	for _, b := range p.batch.Clawbacks.Order {
		c := b.Charge
		if !yield(b.ID, b.Payout, b.Application, c.Enterprise, c.Clause, c.Subject.Kind, c.Subject.ID, yearCell(b.Year), b.Cause, b.OrderedOn, b.OrderedBy, b.Ordered, b.Waived, b.Recovered, b.Interest,
			b.Ordered.Sub(b.Waived).Sub(b.Recovered), b.Reason, b.Seq) {
			break
		}
	}
	return nil
}

func recoveryRows(p *packRun, yield func(...any) bool) error {
	for _, r := range p.batch.Recoveries.Order {
		c := r.Charge
		if !yield(r.ID, r.Clawback, r.Payout, r.Application, c.Enterprise, c.Clause, c.Subject.Kind, c.Subject.ID, yearCell(r.Year), r.Cause, r.ReceivedOn, r.Booked, r.Amount, r.Interest, r.Reversed,
			r.ReversedOn, codes(r.Findings), r.Seq) {
			break
		}
	}
	return nil
}

func exceptionRows(p *packRun, yield func(...any) bool) error {
	for _, x := range p.batch.Exceptions.Order {
		if !yield(x.ID, x.Clause, x.Subject.Kind, x.Subject.ID, yearCell(x.Year), x.Amount, x.Revoked, x.Document, x.GrantedOn, x.GrantedBy, x.Seq) {
			break
		}
	}
	return nil
}

func appropriationRows(p *packRun, yield func(...any) bool) error {
	for _, b := range p.batch.Budgets.Order {
		var amount any
		document := ""
		if b.Set != nil {
			amount, document = b.Set.Amount, b.Set.Document
		}
		if !yield(b.Year, b.Kind, b.Scope, amount, b.Paid, document, b.On, orNil(b.Seq)) {
			break
		}
	}
	return nil
}

func accountLineRows(p *packRun, yield func(...any) bool) error {
	lines := slices.Clone(p.batch.Lines.Order)
	slices.SortFunc(lines, func(a, b *projections.LineChange) int { return projections.Line.Compare(a.Line, b.Line) })
	for _, l := range lines {
		f := l.Figures
		var limit, headroom any
		if view, ok := p.state.Account(l.Line.Account(), l.Line.Year, p.day); ok {
			limit, headroom = ceilingCell(view.Cap), ceilingCell(view.Headroom())
		}
		cells := []any{l.Line.Enterprise, l.Line.Clause, l.Line.Subject.Kind, l.Line.Subject.ID, yearCell(l.Line.Year), f.Applications}
		for _, k := range projections.Kinds() {
			cells = append(cells, f.Of(k))
		}
		if !yield(append(cells, f.NetPaid(), f.Use(), limit, headroom)...) {
			break
		}
	}
	return nil
}

func findingRows(p *packRun, yield func(...any) bool) error {
	for _, f := range p.findings {
		d := disposed(f.Disposition)
		if !yield(f.ID, f.Code, string(f.Severity), f.Subject, f.Title.ZH, f.Title.EN, f.Explanation.ZH, f.Explanation.EN, sequences(f.Events),
			d.Disposition, d.Comment, d.By, f.Action.ZH, f.Action.EN, f.CaseCount) {
			break
		}
	}
	return nil
}

func findingCaseRows(p *packRun, yield func(...any) bool) error {
	for _, f := range p.findings {
		for _, c := range f.Cases {
			d := disposed(c.Disposition)
			if !yield(f.ID, c.ID, c.Subject, c.Detail.ZH, c.Detail.EN, sequences(c.Events), d.Disposition, d.Comment, d.By) {
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

func dispositionRows(p *packRun, yield func(...any) bool) error {
	return p.each(func(e wire.Entry, _ eventstore.Record) bool {
		d, ok := e.Event.(*domain.FindingDisposed)
		return !ok || yield(e.Seq, e.Date, d.Finding, d.Disposition, d.Comment, e.Envelope.Actor, e.Envelope.Department)
	})
}

func paymentRows(p *packRun, yield func(...any) bool) error {
	for _, l := range p.payments {
		if !yield(l.Statement, l.Line, l.Voucher, l.PaidOn, l.Amount, l.Payee, l.Seq) {
			break
		}
	}
	return nil
}

func journalRows(p *packRun, yield func(...any) bool) error {
	var failed error
	err := p.each(func(e wire.Entry, _ eventstore.Record) bool {
		postings, err := projections.Fold(e)
		if err != nil {
			failed = err
			return false
		}
		for _, o := range postings {
			if !yield(o.Seq, o.N, e.Recorded, o.Date, o.Kind, o.Count, o.Amount, o.Line.Enterprise, o.Line.Clause, o.Via, o.Line.Subject.Kind, o.Line.Subject.ID, yearCell(o.Line.Year),
				orNil(o.BudgetYear), o.Application, o.Ref, e.Envelope.Type, e.Envelope.Actor) {
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

func eventRows(p *packRun, yield func(...any) bool) error {
	return p.each(func(e wire.Entry, r eventstore.Record) bool {
		leaf := eventstore.LeafHash(r)
		v := e.Envelope
		return yield(e.Seq, e.Recorded, e.Date, v.Type, e.Subject, v.CommandID, v.Actor, v.Role, v.Department, v.ImportedBy, orNil(v.ClauseVersion), base64.StdEncoding.EncodeToString(leaf[:]),
			string(r.Data))
	})
}
