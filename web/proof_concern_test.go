package web_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/go-json-experiment/json"

	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/replay"
	"github.com/fundledger/fundledger/web"
)

// whole is the same proof that reads the whole log for every question.
func whole(p *web.Proof) *web.Proof {
	return &web.Proof{Fund: p.Fund, Log: p.Log, Refusals: p.Refusals, Tree: p.Tree, Store: p.Store, Trust: p.Trust, Notary: p.Notary}
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	return string(must(json.Marshal(v, json.Deterministic(true)))(t))
}

func TestALogThatLeavesOutWhatDoesNotConcernAQuestionGivesTheSameAnswer(t *testing.T) {
	h := open(t, proving(t))
	h.play()
	h.prove()
	some, all := h.web.Proof(), whole(h.web.Proof())
	ctx := t.Context()
	var asked []replay.Question
	page := must(projections.Applications.Page(ctx, h.queries, projections.Ask{Limit: projections.MaxLimit}))(t)
	for i, a := range page.Rows {
		if i%7 == 0 {
			asked = append(asked, replay.Question{Application: a.Application})
		}
	}
	enterprises := must(projections.Enterprises.Page(ctx, h.queries, projections.Ask{Limit: projections.MaxLimit}))(t)
	for i, e := range enterprises.Rows {
		if i%9 == 0 {
			asked = append(asked, replay.Question{Enterprise: e.Enterprise}, replay.Question{Enterprise: e.Enterprise, Upto: 1500})
		}
	}
	if len(asked) < 40 {
		t.Fatalf("only %d questions", len(asked))
	}
	for _, q := range asked {
		got, err := some.Replay(ctx, q)
		want, wrong := all.Replay(ctx, q)
		if fmt.Sprint(err) != fmt.Sprint(wrong) {
			t.Fatalf("%+v: %v, and from the whole log %v", q, err, wrong)
		}
		got.Seq, want.Seq = 0, 0 // the last event that was looked at, and that is another
		if a, b := asJSON(t, got), asJSON(t, want); a != b {
			t.Fatalf("%+v:\n%s\nfrom the whole log:\n%s", q, a, b)
		}
	}
	totals := must(projections.Totals.Page(ctx, h.queries, projections.Ask{Limit: projections.MaxLimit}))(t)
	for i, row := range totals.Rows {
		if i%5 > 0 {
			continue
		}
		for _, figure := range []string{"use", "net_paid", "exception"} {
			ask := replay.Total{Figure: figure, Enterprise: row.Enterprise, Clause: row.Clause, Year: row.SupportYear}
			if a, b := asJSON(t, must(some.Explain(ctx, ask))(t)), asJSON(t, must(all.Explain(ctx, ask))(t)); a != b {
				t.Fatalf("%+v:\n%s\nfrom the whole log:\n%s", ask, a, b)
			}
		}
	}
	for _, ask := range []replay.Total{{Figure: "paid"}, {Figure: "approved", Clause: "4"}, {Figure: "exception", Year: 2025}} {
		if a, b := asJSON(t, must(some.Explain(ctx, ask))(t)), asJSON(t, must(all.Explain(ctx, ask))(t)); a != b {
			t.Errorf("%+v is explained otherwise from the whole log", ask)
		}
	}
}

func TestEveryReceiptIsTheSameFromPartOfTheLog(t *testing.T) {
	h := open(t, proving(t))
	h.play()
	h.prove()
	some, all := h.web.Proof(), whole(h.web.Proof())
	var seqs []uint64
	for _, kind := range []string{"approved", "paid", "outside"} {
		page := must(projections.Journal.Page(t.Context(), h.queries, projections.Ask{Where: []projections.Condition{projections.ByKind.Is([]string{kind})}, Limit: projections.MaxLimit}))(t)
		for i, row := range page.Rows {
			if i%11 == 0 && !slices.Contains(seqs, row.Seq) {
				seqs = append(seqs, row.Seq)
			}
		}
	}
	receipts, limits := 0, 0
	for _, seq := range seqs {
		got, err := some.Receipt(t.Context(), seq)
		want, wrong := all.Receipt(t.Context(), seq)
		if (err == nil) != (wrong == nil) {
			t.Fatalf("event %d: %v, and from the whole log %v", seq, err, wrong)
		}
		if err != nil {
			continue // a reduction has none
		}
		if a, b := asJSON(t, got), asJSON(t, want); a != b {
			t.Fatalf("event %d:\n%s\nfrom the whole log:\n%s", seq, a, b)
		}
		if got.Proof == nil || got.Proof.Check(got.Checkpoint.Root) != nil {
			t.Fatalf("event %d: its receipt is not proved", seq)
		}
		receipts++
		if slices.ContainsFunc(got.Limits, func(l replay.Limit) bool { return l.Name == "appropriation" }) {
			limits++
		}
	}
	if receipts < 30 || limits == 0 {
		t.Errorf("%d receipts, %d with an appropriation: too few to tell", receipts, limits)
	}
}
