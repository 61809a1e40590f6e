package pages

import (
	"cmp"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/web"
	"github.com/fundledger/fundledger/wire"
)

// paper is what every printed paper says beside its matter.
type paper struct {
	Policy  domain.Text
	policy  *domain.Policy
	Payer   domain.DepartmentID // the policy's treasury
	Printed time.Time
	CNY     bool // amounts are in it: they have its sign, and capitals
	Today   domain.Date
}

// paper reads what papers say of the fund, and lets see look at the live state.
func (p *Pages) paper(r *http.Request, see func(*domain.State)) (paper, error) {
	sheet := paper{Printed: p.server.Now(), Today: p.today()}
	err := p.server.View(r.Context(), func(s *domain.State, _ uint64) {
		if policy := s.Policy(); policy != nil {
			sheet.policy, sheet.Policy, sheet.Payer, sheet.CNY = policy, policy.Title, policy.Treasury, policy.Currency == "CNY"
		}
		see(s)
	})
	return sheet, err
}

// named is a person as papers name them; ID is empty where it says no more than the name.
type named struct{ Name, ID string }

func (p *Pages) named(id string) named {
	n := named{Name: p.server.Called(domain.PersonID(id)), ID: id}
	if n.Name == id {
		n.ID = ""
	}
	return n
}

// deed is what somebody did on an application, on the way to its money.
type deed struct {
	projections.HistoryRow
	Duty    domain.Duty
	Person  named
	For     *named // in whose place, as their deputy
	Opinion domain.Opinion
	Comment string
}

// deeds are who filled which duty on an application, in the order of the log, as it was decided: what was said of an earlier submission, or
// taken back by the same person, is of the past.
func (p *Pages) deeds(history []projections.HistoryRow) (list []deed) {
	for _, row := range history {
		d := deed{HistoryRow: row, Person: p.named(string(row.Actor))}
		if row.ActorFor != "" {
			principal := p.named(string(row.ActorFor))
			d.For = &principal
		}
		switch e := row.Event.(type) {
		case *domain.ApplicationSubmitted, *domain.ApplicationTransferred:
			list = nil
			continue
		case *domain.ApplicationAccepted:
			d.Duty = domain.DutyAccept
		case *domain.ApplicationReviewed:
			d.Duty, d.Opinion, d.Comment = domain.DutyReview, e.Opinion, e.Comment
			list = slices.DeleteFunc(list, func(o deed) bool { return o.Duty == d.Duty && o.samePerson(d) })
		case *domain.ApplicationAmended:
			if len(e.Previously) > 0 { // the opinions were of what was asked before
				list = slices.DeleteFunc(list, ofNoDecision(list))
			}
			continue
		case *domain.ApplicationMoved:
			if e.Merged { // what was said of it goes on
				continue
			}
			list = slices.DeleteFunc(list, ofNoDecision(list))
			continue
		case *domain.ApplicationApproved, *domain.ApprovalSupplemented, *domain.ApplicationRejected:
			d.Duty = domain.DutyApprove
		default:
			continue
		}
		list = append(list, d)
	}
	return list
}

// ofNoDecision tells the opinions that no approval rests on yet: those behind the last one.
func ofNoDecision(list []deed) func(deed) bool {
	var last uint64
	for _, d := range list {
		if d.Duty == domain.DutyApprove {
			last = d.Seq
		}
	}
	return func(d deed) bool { return d.Duty == domain.DutyReview && d.Seq > last }
}

// samePerson reports whether two deeds are of one person, or were done in one person's place.
func (d deed) samePerson(o deed) bool {
	by := domain.Actor{ID: d.Actor, For: d.ActorFor}
	return by.Among(domain.Actor{ID: o.Actor, For: o.ActorFor}.Persons()) != ""
}

// historyOf is what happened to an application up to an event.
func (p *Pages) historyOf(r *http.Request, id domain.ApplicationID, upto uint64) (rows []projections.HistoryRow, err error) {
	ask := projections.Ask{Where: []projections.Condition{projections.ByApplication.Is(id)}, AsOf: projections.AsOf{Seq: upto}, Limit: projections.MaxLimit}
	for row, err := range projections.ApplicationHistory.Every(r.Context(), p.server.Queries(), ask) {
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// payee is a bank account of an enterprise, as a viewer may read it.
type payee struct {
	domain.PayeeView
	Number string
	Whole  bool // or the number's end alone
	Counts bool // today
}

func (p *Pages) payee(r *http.Request, v web.Viewer, of domain.PayeeView) payee {
	one := payee{PayeeView: of}
	one.Number, one.Whole = p.server.Number(r.Context(), v, of.Account)
	return one
}

// payeeAt is the account that an enterprise was paid to on a day, as far as the ledger knew it at an event; nil where it knew none.
func (p *Pages) payeeAt(r *http.Request, v web.Viewer, id domain.EnterpriseID, seq uint64, day domain.Date) (*payee, error) {
	known := false
	if err := p.server.View(r.Context(), func(s *domain.State, _ uint64) { known = len(s.Payees(id)) > 0 }); err != nil || !known {
		return nil, err
	}
	ask := projections.Where(projections.ByEnterprise.Is(id))
	ask.AsOf.Seq, ask.Limit = seq, projections.MaxLimit
	var at domain.PayeeView
	for row, err := range projections.EnterpriseHistory.Every(r.Context(), p.server.Queries(), ask) {
		if err != nil {
			return nil, err
		}
		e, ok := row.Event.(*domain.PayeeAccountRecorded)
		if ok && !row.BusinessDate.After(day) && !row.BusinessDate.Before(at.From) {
			at = domain.PayeeView{From: row.BusinessDate, Holder: e.Holder, Account: e.Account, Bank: e.Bank, By: row.Actor}
		}
	}
	if at.Account == "" {
		return nil, nil
	}
	one := p.payee(r, v, at)
	return &one, nil
}

// box is a place of an amount that is written digit by digit.
type box struct {
	Head, Digit string
	Thick       bool // the right edge is where a comma would stand
}

// digitPlaces are what the places of an amount are called, from 分 on.
var digitPlaces = []rune("分角元十百千万十百千亿十百千万十")

// fewestBoxes are those from 亿 to 分, as forms have them.
const fewestBoxes = 11

// boxes writes an amount digit by digit, with its sign in the box before the first.
func boxes(m domain.Money) []box {
	digits := "¥" + strings.ReplaceAll(m.String(), ".", "")
	written := []rune(digits)
	n := max(len(written), fewestBoxes)
	list := make([]box, n)
	for i := range list {
		place := n - 1 - i
		list[i] = box{Head: string(digitPlaces[min(place, len(digitPlaces)-1)]), Thick: place >= 2 && (place-2)%3 == 0}
		if at := len(written) - 1 - place; at >= 0 {
			list[i].Digit = string(written[at])
		}
	}
	return list
}

// voucherBody is what the voucher of a payout says.
type voucherBody struct {
	projections.PayoutRow // as it stands now
	paper
	Entry      wire.Entry
	Payee      string // as the enterprise was called when the payout was recorded
	Title      string
	ClauseName domain.Text
	Source     string
	Account    *projections.AccountRow // after it; nil: it has none
	Boxes      []box
	Approval   *deed
	Deeds      []deed // by others, before it
	Maker      named
	MakerFor   *named
	Granted    decimal.Decimal // of the support year, when it was paid
	Before     decimal.Decimal // paid of that before, less what was returned
	Rest       decimal.Decimal // below nought where more is paid than was granted
	Seal       seal
	PaidTo     *payee // nil: the ledger knew of no account
	PaidFrom   *from  // nil: none is set for the service
}

// from is the account that the treasury paid from, as a viewer may read it.
type from struct {
	web.Payer
	Number string
	Whole  bool
}

// Standing is what of the payout is ordered back, less what was waived.
func (b *voucherBody) Standing() domain.Money { return b.ClawbackOrdered.Sub(b.ClawbackWaived) }

// voucher is the paper of a payout.
func (p *Pages) voucher(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	pg, err := p.begin(r, "/payouts", domain.Text{ZH: "支付凭证 " + id, EN: "Payment voucher " + id})
	if err != nil {
		return err
	}
	b := &voucherBody{}
	if b.PayoutRow, err = p.payoutAsOf(r, domain.PayoutID(id), 0); err != nil {
		return err
	}
	then, err := p.payoutAsOf(r, b.Payout, b.Seq)
	if err != nil {
		return err
	}
	b.Payee = then.EnterpriseName
	charge := domain.Charge{}
	b.paper, err = p.paper(r, func(s *domain.State) {
		now, _ := s.Payout(b.Payout)
		charge = now.Charge
		if s.Policy() != nil {
			c, _ := s.Policy().Clause(b.Clause)
			b.ClauseName, b.Source = c.Name, c.Source
		}
	})
	if err != nil {
		return err
	}
	if payer, number, whole, set := p.server.Payer(pg.Viewer, b.PaidOn); set {
		b.PaidFrom = &from{payer, number, whole}
	}
	if b.CNY {
		b.Boxes = boxes(b.PaidOut)
	}
	for _, tell := range []func() error{
		func() error { return p.tellPaid(r, b) },
		func() error { return p.tellGranted(r, b) },
		func() error { return p.tellAccount(r, b, charge) },
		func() (err error) {
			b.PaidTo, err = p.payeeAt(r, pg.Viewer, b.Enterprise, b.Seq, b.PaidOn)
			return err
		},
	} {
		if err := tell(); err != nil {
			return err
		}
	}
	return voucherSheet.write(p, w, http.StatusOK, pg, b)
}

// payoutAsOf is a payout's row after an event; 0 is now.
func (p *Pages) payoutAsOf(r *http.Request, id domain.PayoutID, seq uint64) (projections.PayoutRow, error) {
	ask := projections.Where(projections.ByPayout.Is(id))
	ask.AsOf.Seq = seq
	found, err := projections.Payouts.Page(r.Context(), p.server.Queries(), ask)
	if err == nil && len(found.Rows) == 0 {
		err = projections.ErrNotFound
	}
	if err != nil {
		return projections.PayoutRow{}, err
	}
	return found.Rows[0], nil
}

// tellPaid adds the event itself: who gave it, when it was recorded, its leaf, and the code that leads to it.
func (p *Pages) tellPaid(r *http.Request, b *voucherBody) error {
	record, err := p.server.Record(r.Context(), b.Seq)
	if err != nil {
		return err
	}
	if b.Entry, err = wire.Decode(record); err != nil {
		return err
	}
	b.Maker = p.named(b.Entry.Envelope.Actor)
	if principal := b.Entry.Envelope.ActorFor; principal != "" {
		n := p.named(principal)
		b.MakerFor = &n
	}
	b.Seal = p.sealOf(r, record)
	return nil
}

// tellGranted adds the application: who decided what on it before the payout, and how its instalment stood.
func (p *Pages) tellGranted(r *http.Request, b *voucherBody) error {
	if b.Application == "" {
		return nil
	}
	history, err := p.historyOf(r, b.Application, b.Seq)
	if err != nil {
		return err
	}
	for _, row := range history {
		switch e := row.Event.(type) {
		case *domain.ApplicationSubmitted:
			b.Title = e.Title
		case *domain.ApplicationAmended:
			b.Title = cmp.Or(e.Title, b.Title)
		}
	}
	b.Deeds = p.deeds(history)
	for i, d := range b.Deeds {
		if _, ok := d.Event.(*domain.ApplicationApproved); ok {
			b.Approval = &b.Deeds[i]
		}
	}
	if b.Granted, err = p.posted(r, b, b.Seq, projections.Approved); err != nil {
		return err
	}
	paid, err := p.posted(r, b, b.Seq-1, projections.Paid)
	if err != nil {
		return err
	}
	returned, err := p.posted(r, b, b.Seq-1, projections.Returned)
	b.Before = paid.Sub(returned)
	b.Rest = b.Granted.Sub(b.Before).Sub(b.Amount.Decimal())
	return err
}

// posted is what the journal has of a kind on the payout's application and support year, up to an event.
func (p *Pages) posted(r *http.Request, b *voucherBody, upto uint64, kind projections.Kind) (decimal.Decimal, error) {
	ask := projections.Where(projections.ByApplication.Is(b.Application), projections.BySupportYear.Is(b.SupportYear),
		projections.ByKind.Is([]string{kind.String()}))
	ask.AsOf.Seq = upto
	sum, err := p.server.Sum(r.Context(), projections.Journal.List, ask)
	if i := slices.Index(sum.Columns, "amount"); err == nil && i >= 0 {
		return sum.Amounts[i], nil
	}
	return decimal.Zero, err
}

// tellAccount adds how the account stood after the payout.
func (p *Pages) tellAccount(r *http.Request, b *voucherBody, c domain.Charge) error {
	ask := projections.Where(projections.ByClause.Is(c.Clause), projections.BySubject.Is(c.Subject.ID), projections.ByYear.Is(b.SupportYear))
	ask.AsOf.Seq = b.Seq
	found, err := projections.Accounts.Page(r.Context(), p.server.Queries(), ask)
	for _, row := range found.Rows {
		if row.SubjectKind == c.Subject.Kind {
			b.Account = &row
		}
	}
	return err
}

// held is what comes of holding the leaf on a paper against the ledger's.
type held struct {
	Said string // by the paper
	Same bool
	Size uint64 // of the signed checkpoint that holds the event; 0: none does yet
}

// hold holds the leaf that an address names, as the code on a paper does, against that of the event, and proves the event under the latest
// checkpoint.
func (p *Pages) hold(r *http.Request, seq uint64, leaf string) (*held, error) {
	said := r.URL.Query().Get("leaf")
	if said == "" {
		return nil, nil
	}
	h := &held{Said: said, Same: said == leaf}
	proof := p.server.Proof()
	if !h.Same || proof == nil {
		return h, nil
	}
	latest, err := proof.Latest(r.Context())
	var none *web.Problem
	if errors.As(err, &none) || err == nil && latest.Size < seq {
		return h, nil
	}
	if err != nil {
		return nil, err
	}
	inclusion, under, err := proof.Inclusion(r.Context(), seq, latest.Size)
	if err == nil {
		err = inclusion.Check(under.Root)
	}
	if err != nil {
		return nil, err
	}
	h.Size = under.Size
	return h, nil
}
