package pages

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/shopspring/decimal"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/web"
)

// seal is what binds a paper to the event that it tells of.
type seal struct {
	Seq  uint64
	Leaf string
	Code *picture // of the address that holds the leaf against the ledger's
}

func (p *Pages) sealOf(r *http.Request, record eventstore.Record) seal {
	s := seal{Seq: record.Seq, Leaf: eventstore.LeafHash(record).String()}
	s.Code = draw(p.server.At(r) + address("/events/"+strconv.FormatUint(s.Seq, 10), url.Values{"leaf": {s.Leaf}}))
	return s
}

// share is a year of an application on paper: what was asked, granted, cut since, and paid.
type share struct {
	Year                          domain.SupportYear
	Requested, Granted, Cut, Paid domain.Money
}

// room is how the account stood when it was decided.
type room struct {
	domain.Basis
	Before decimal.NullDecimal // what was left before; none where no cap is stated
}

// decided is an application as its papers tell of it.
type decided struct {
	paper
	ID          domain.ApplicationID
	Now         domain.ApplicationView
	Row         projections.ApplicationRow
	Clause      domain.Clause // that was applied for
	Workflow    domain.Workflow
	Attachments []attached
	Way         []deed // accepting and reviewing
	Decision    *deed  // nil: none was taken
	Reason      string // of the decision
	Shares      []share
	All         share // of all years
	Rooms       []room
	Seal        *seal

	named []domain.Attachment // by the latest submission
}

// Granted reports whether support was granted, whole or in part.
func (b *decided) Granted() bool { return b.Now.State == domain.Approved }

// Less reports whether less was granted than was asked for.
func (b *decided) Less() bool { return b.Granted() && b.All.Granted.Less(b.All.Requested) }

// tellDecided reads an application for its papers.
func (p *Pages) tellDecided(r *http.Request, id domain.ApplicationID) (*decided, error) {
	b, found := &decided{ID: id}, false
	var err error
	b.paper, err = p.paper(r, func(s *domain.State) {
		if b.Now, found = s.Application(id); found {
			b.Clause, _ = s.Policy().Clause(b.Now.Charge.Applied())
			b.Workflow = s.Policy().Workflow
		}
	})
	if err != nil {
		return nil, err
	}
	own := projections.Where(projections.ByApplication.Is(id))
	rows, err := projections.Applications.Page(r.Context(), p.server.Queries(), own)
	if err == nil && (!found || len(rows.Rows) == 0) {
		err = projections.ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	b.Row = rows.Rows[0]
	history, err := p.historyOf(r, id, 0)
	if err != nil {
		return nil, err
	}
	b.take(history, p.deeds(history))
	b.Attachments = p.attachedOf(r.Context(), b.named)
	if b.Decision != nil {
		record, err := p.server.Record(r.Context(), b.Decision.Seq)
		if err != nil {
			return nil, err
		}
		s := p.sealOf(r, record)
		b.Seal = &s
	}
	return b, nil
}

// take lays out what the history has: who said what, and the amounts by year.
func (b *decided) take(history []projections.HistoryRow, deeds []deed) {
	for _, d := range deeds {
		if d.Duty == domain.DutyApprove {
			b.Decision = &d
		} else {
			b.Way = append(b.Way, d)
		}
	}
	for _, part := range b.Now.Requested {
		of := b.share(part.SupportYear)
		of.Requested = of.Requested.Add(part.Amount)
	}
	for _, part := range b.Now.Instalments {
		b.share(part.SupportYear).Paid = part.Paid
	}
	for _, row := range history {
		switch e := row.Event.(type) {
		case *domain.ApplicationSubmitted:
			b.named = e.Attachments
		case *domain.ApplicationApproved:
			b.Reason = e.Reason
			b.granted(e.Instalments)
			for _, basis := range e.Basis {
				b.Rooms = append(b.Rooms, roomOf(basis))
			}
		case *domain.ApprovalSupplemented:
			b.granted(e.Instalments)
		case *domain.PayoutReturned:
			b.cut(domain.Cut{SupportYear: e.SupportYear, Amount: e.Released})
		case *domain.ReturnReversed:
			b.cut(domain.Cut{SupportYear: e.SupportYear, Amount: e.Restored.Neg()})
		case *domain.BookingReversed:
			b.cut(domain.Cut{SupportYear: e.SupportYear, Amount: e.Released})
		case *domain.ApplicationRejected:
			b.Reason = e.Reason
		case *domain.ApprovalReduced:
			b.cut(e.Cut)
		case *domain.ApprovalReleased:
			b.cut(e.Cut)
		}
	}
	slices.SortFunc(b.Shares, func(x, y share) int { return int(x.Year) - int(y.Year) })
	for _, s := range b.Shares {
		b.All.Requested, b.All.Granted = b.All.Requested.Add(s.Requested), b.All.Granted.Add(s.Granted)
		b.All.Cut, b.All.Paid = b.All.Cut.Add(s.Cut), b.All.Paid.Add(s.Paid)
	}
}

func (b *decided) granted(list []domain.Instalment) {
	for _, part := range list {
		of := b.share(part.SupportYear)
		of.Granted = of.Granted.Add(part.Amount)
	}
}

func (b *decided) cut(c domain.Cut) {
	of := b.share(c.SupportYear)
	of.Cut = of.Cut.Add(c.Amount)
}

// share is the row of a year.
func (b *decided) share(y domain.SupportYear) *share {
	i := slices.IndexFunc(b.Shares, func(s share) bool { return s.Year == y })
	if i < 0 {
		b.Shares = append(b.Shares, share{Year: y})
		i = len(b.Shares) - 1
	}
	return &b.Shares[i]
}

func roomOf(basis domain.Basis) room {
	of := room{Basis: basis}
	if basis.HeadroomAfter != nil {
		of.Before = decimal.NewNullDecimal(basis.HeadroomAfter.Decimal().Add(basis.Asked.Decimal()))
	}
	return of
}

// Left is what of a share is granted by now.
func (s share) Left() domain.Money { return s.Granted.Sub(s.Cut) }

// Sealers are the departments that have a place for their seal: those responsible, and the treasury.
func (b *decided) Sealers() []domain.DepartmentID {
	list := slices.Clone(b.Clause.Departments)
	if b.Payer != "" && !slices.Contains(list, b.Payer) {
		list = append(list, b.Payer)
	}
	return list
}

// approvalSheet is the paper that an application is decided on.
func (p *Pages) approvalSheet(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	pg, err := p.begin(r, "/applications", domain.Text{ZH: "拨款审批表 " + id, EN: "Approval sheet " + id})
	if err != nil {
		return err
	}
	b, err := p.tellDecided(r, domain.ApplicationID(id))
	if err != nil {
		return err
	}
	return approvalSheetSheet.write(p, w, http.StatusOK, pg, b)
}

// decisionLetter is what the enterprise is told of the decision.
func (p *Pages) decisionLetter(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	pg, err := p.begin(r, "/applications", domain.Text{ZH: "决定通知书 " + id, EN: "Letter of decision " + id})
	if err != nil {
		return err
	}
	b, err := p.tellDecided(r, domain.ApplicationID(id))
	if err != nil {
		return err
	}
	if b.Decision == nil {
		return &web.Problem{Type: "urn:fundledger:problem:not_decided", Status: http.StatusNotFound, Code: "not_decided",
			Message: &domain.Text{ZH: "申请 " + id + " 尚未决定：批准或决定不予支持之后才有决定通知书。",
				EN: "Application " + id + " is not decided: there is a letter once it is approved or rejected."}}
	}
	return decisionLetterSheet.write(p, w, http.StatusOK, pg, &letterBody{*b, *b.Decision})
}
