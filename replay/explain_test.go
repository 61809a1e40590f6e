package replay

import (
	"errors"
	"testing"

	"github.com/go-json-experiment/json"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/internal/prooftest"
	"github.com/fundledger/fundledger/internal/scribe"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/proof"
	"github.com/fundledger/fundledger/wire"
)

// linesOf folds a log to its lines.
func linesOf(t *testing.T, l eventstore.Records) map[projections.Line]*projections.Figures {
	lines := map[projections.Line]*projections.Figures{}
	for _, r := range l {
		entry, err := wire.Decode(r)
		if err != nil {
			t.Fatal(err)
		}
		postings, err := projections.Fold(entry)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range postings {
			if lines[p.Line] == nil {
				lines[p.Line] = &projections.Figures{}
			}
			lines[p.Line].Add(p)
		}
	}
	return lines
}

func TestAnyTotalIsTheSumOfItsParts(t *testing.T) {
	n := 0
	for line, figures := range linesOf(t, scribe.TwoYears().Records) {
		if n++; n > 4 {
			break
		}
		figuresOf := map[string]domain.Money{"use": figures.Use(), "net_paid": figures.NetPaid()}
		for _, k := range projections.Kinds() {
			figuresOf[k.String()] = figures.Of(k)
		}
		for figure, want := range figuresOf {
			total := Total{Figure: figure, Enterprise: line.Enterprise, Clause: line.Clause, SubjectKind: line.Subject.Kind, Subject: line.Subject.ID, Year: line.Year,
				Claimed: &domain.Balance{Money: want}}
			x, err := Explain(t.Context(), scribe.TwoYears().Records, total)
			if err != nil || !x.Holds || x.Amount.Money != want || x.Title.ZH == "" {
				t.Errorf("%s of %+v: %s, holds %v, want %s (%v)", figure, line, x.Amount, x.Holds, want, err)
			}
		}
	}
	if _, err := Explain(t.Context(), scribe.TwoYears().Records, Total{Figure: "luck"}); !errors.Is(err, ErrFigure) {
		t.Error(err)
	}
}

func TestANumberIsExplainedDownToThePeople(t *testing.T) {
	s := tell(t, firm()).and(caseOf("A-1", "P", 12_000_000)...).and(pay("1", "2025-03-02", "A-1", 5_000_000), pay("2", "2025-03-03", "A-1", 1_000_000),
		&domain.ReturnPayout{Head: by("b", "2025-03-04", domain.Treasurer, "finance", "tre"), Payout: "P-2", Amount: domain.Yuan(1_000_000), Reason: "账号有误"})
	x, err := Explain(t.Context(), s.Records, Total{Figure: "net_paid", Enterprise: firmA})
	if err != nil || !x.Holds || x.Amount.Money != domain.Yuan(5_000_000) || len(x.Parts) != 2 {
		t.Fatalf("%+v, %v", x, err)
	}
	paid, returned := x.Parts[0], x.Parts[1]
	if paid.ID != "paid" || returned.Amount.Money != domain.Yuan(-1_000_000) || paid.Parts[0].ID != "A-1" || len(paid.Parts[0].Parts) != 2 {
		t.Errorf("%+v", x)
	}
	people := paid.Parts[0].Parts[0].People
	if len(people) != 5 || people[0].Did != "submit_application" || people[3].Person != "app" || people[4].Did != "make_payout" {
		t.Errorf("%+v", people)
	}
	wrong, err := Explain(t.Context(), s.Records, Total{Figure: "net_paid", Enterprise: firmA, Claimed: &domain.Balance{Money: domain.Yuan(4_000_000)}})
	if err != nil || wrong.Holds || wrong.Amount.Money != domain.Yuan(4_000_000) {
		t.Errorf("a total that is not the sum of its parts holds: %+v", wrong)
	}
	if _, err := json.Marshal(x); err != nil {
		t.Error(err)
	}
}

func TestAReceiptSaysWhatBound(t *testing.T) {
	s := tell(t, firm()).and(caseOf("A-1", "P", 12_000_000)...).and(caseOf("A-2", "P", 7_000_000)...)
	s.and(&domain.SetAppropriation{Head: by("g", "2025-03-01", domain.Treasurer, "finance", "tre"), BudgetYear: 2025, Clause: "4", Amount: domain.Yuan(5_500_000), Document: "预"},
		pay("1", "2025-03-02", "A-1", 5_000_000))
	tree := prooftest.TreeOf(t, s.Records)
	k := prooftest.Key(t, proof.Origin(s.Fund))
	c, err := prooftest.Trust(t, k.Verifier).Open(k.Name, prooftest.Issue(t, k, tree, uint64(len(s.Records))))
	if err != nil {
		t.Fatal(err)
	}
	last := uint64(len(s.Records))
	approval, err := MakeReceipt(t.Context(), s.Records, last-2, tree, &c)
	if err != nil {
		t.Fatal(err)
	}
	if approval.Bound != "requested" || approval.Limits[0].Left.Money != domain.Yuan(1_000_000) || approval.Limits[0].Before.Money != domain.Yuan(12_000_000) ||
		approval.Lines[0].After.Headroom != domain.Stated(domain.Yuan(1_000_000)) || approval.Version.Version != 1 || approval.EnterpriseName != "云杉" || approval.ClauseName.ZH == "" {
		t.Errorf("%+v", approval)
	}
	if err := approval.Proof.Check(c.Root); err != nil {
		t.Error(err)
	}
	payout, err := MakeReceipt(t.Context(), s.Records, last, nil, nil)
	if err != nil || payout.Bound != "appropriation" || payout.Amount != domain.Yuan(5_000_000) || len(payout.Limits) != 2 || payout.Proof != nil || len(payout.People) != 5 {
		t.Errorf("%+v, %v", payout, err)
	}
	if _, err := MakeReceipt(t.Context(), s.Records, 2, nil, nil); !errors.Is(err, ErrNoReceipt) {
		t.Errorf("a registration has a receipt: %v", err)
	}
	if _, err := json.Marshal(payout); err != nil {
		t.Error(err)
	}
}

// What a receipt says was paid of an appropriation is what the ledger counted: a booking that was undone is no part of it.
func TestAReceiptCountsWhatTheLedgerCounted(t *testing.T) {
	s := tell(t, firm()).and(caseOf("A-1", "P", 12_000_000)...)
	s.and(&domain.SetAppropriation{Head: by("g", "2025-03-01", domain.Treasurer, "finance", "tre"), BudgetYear: 2025, Clause: "4", Amount: domain.Yuan(5_500_000), Document: "预"},
		&domain.BookPayout{Head: by("b", "2025-03-01", domain.Treasurer, "finance", "tre"), Payout: "B", Enterprise: firmA, Clause: "4", Project: "Q", SupportYear: 2025,
			Amount: domain.Yuan(400_000), PaidOn: scribe.Day("2025-03-01"), Voucher: "v"},
		&domain.ReverseBooking{Head: by("r", "2025-03-02", domain.Treasurer, "finance", "tre"), Payout: "B", Reason: "误记", Document: "冲"},
		pay("1", "2025-03-02", "A-1", 5_000_000))
	payout, err := MakeReceipt(t.Context(), s.Records, uint64(len(s.Records)), nil, nil)
	if err != nil || len(payout.Limits) != 2 {
		t.Fatalf("%+v, %v", payout, err)
	}
	if of := payout.Limits[1]; of.Name != "appropriation" || of.Scope != "4" || !of.Before.IsZero() || of.Left.Money != domain.Yuan(500_000) {
		t.Errorf("%+v", of)
	}
}

// Every approval and payout of the sample has a receipt whose limits were kept, but for what was booked.
func TestEveryDecisionOnMoneyStaysWithinItsLimits(t *testing.T) {
	for _, seq := range []uint64{uint64(len(scribe.TwoYears().Records)), 3000, 1500} {
		for ; seq > 0; seq-- {
			r, err := MakeReceipt(t.Context(), scribe.TwoYears().Records, seq, nil, nil)
			if errors.Is(err, ErrNoReceipt) {
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			for _, l := range r.Limits {
				if l.Left.Less(domain.NoMoney) && r.Event != "payout_booked" {
					t.Errorf("event %d: %+v", seq, l)
				}
			}
			break
		}
	}
}

// Which decisions have a receipt is said in one place: what it says of every kind of event is so.
func TestAReceiptIsMadeOfThoseDecisionsThatHaveOne(t *testing.T) {
	records, tried := scribe.TwoYears().Records, map[string]bool{}
	for _, r := range records {
		entry, err := wire.Decode(r)
		if err != nil {
			t.Fatal(err)
		}
		name := entry.Event.Name()
		if tried[name] {
			continue
		}
		tried[name] = true
		of, has := ReceiptOf(entry.Event)
		made, err := MakeReceipt(t.Context(), records, entry.Seq, nil, nil)
		if has != !errors.Is(err, ErrNoReceipt) || has && (err != nil || made.Application != of.Application || made.Amount.IsZero() || len(made.People) == 0) {
			t.Errorf("%s: it has one: %v; made is %+v, %v", name, has, made, err)
		}
		if out := domain.Concerns(entry.Event).Application; has && out != of.Application {
			t.Errorf("%s rests on application %q, it concerns %q", name, of.Application, out)
		}
	}
	for _, e := range []domain.Event{&domain.ApplicationApproved{}, &domain.PayoutMade{}, &domain.PayoutBooked{}} {
		if !tried[e.Name()] {
			t.Errorf("no %s was tried", e.Name())
		}
	}
}
