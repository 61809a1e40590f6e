package pages_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/fundledger/fundledger/projections"
)

// An exception and a checkpoint have pages of their own: from the lists, the search and their events one comes to them, and from them back.
func TestAnExceptionAndACheckpointHaveAPage(t *testing.T) {
	s := open(t)
	exception := must(projections.Exceptions.Page(t.Context(), s.queries, projections.Ask{Limit: 1}))(t).Rows[0]
	signed := must(s.proof.Checkpoints(t.Context(), 0, 1))(t)[0]
	at, event := "/exceptions/"+url.PathEscape(string(exception.Exception)), fmt.Sprint("/events/", exception.Seq)
	sealed := fmt.Sprint("/checkpoints/", signed.Size)
	for from, to := range map[string]string{
		"/exceptions": at, event: at, at: event, "/journal?kind=exception": at, "/lists/exceptions": at,
		"/checkpoints": sealed, event + "?": sealed, sealed: "/events/1", "/search?q=" + fmt.Sprint(signed.Size): sealed,
	} {
		status, page := s.get(from)
		if status != http.StatusOK || !strings.Contains(page, `href="`+to) {
			t.Errorf("%s answers %d and does not lead to %s", from, status, to)
		}
	}
	_, page := s.get(sealed)
	for _, part := range []string{string(s.proof.Verifiers[0][:len("fundledger/"+fund)+9]), signed.Root.String(), "没有外部见证者联署"} {
		if !strings.Contains(strings.ReplaceAll(page, "&#43;", "+"), part) {
			t.Errorf("the checkpoint's page does not say %q", part)
		}
	}
	before := fmt.Sprint(at, "?as_of=seq:", exception.Seq-1)
	if status, _ := s.get(before); status != http.StatusNotFound {
		t.Errorf("%s, before it was granted, answers %d", before, status)
	}
}

// Who acted narrows payouts, postings, events and refusals, on pages and in the API alike.
func TestListsAreNarrowedByWhoActed(t *testing.T) {
	s := open(t)
	all := must(projections.Payouts.Page(t.Context(), s.queries, projections.Ask{Limit: projections.MaxLimit}))(t).Rows
	posted := must(projections.Journal.Page(t.Context(), s.queries, projections.Where(projections.ByReference.Is(string(all[0].Payout)))))(t).Rows
	actor := posted[0].Actor
	for _, path := range []string{"/payouts?actor=", "/journal?actor=", "/refusals?actor=", "/lists/payouts?actor=", "/lists/events?actor="} {
		if status, page := s.get(path + url.QueryEscape(string(actor))); status != http.StatusOK || !strings.Contains(page, `value="`+string(actor)+`"`) {
			t.Errorf("%s answers %d", path, status)
		}
	}
	by := must(projections.Payouts.Page(t.Context(), s.queries, projections.Ask{Where: []projections.Condition{projections.ByActor.Is(actor)}, Limit: projections.MaxLimit}))(t).Rows
	if len(by) == 0 || !strings.Contains(fmt.Sprint(by), string(all[0].Payout)) {
		t.Errorf("%s made %d of %d payouts", actor, len(by), len(all))
	}
	for row, err := range projections.Journal.Every(t.Context(), s.queries, projections.Where(projections.ByActor.Is(actor))) {
		if err != nil || row.Actor != actor {
			t.Fatalf("posting %d.%d is of %s: %v", row.Seq, row.N, row.Actor, err)
		}
	}
	if none := must(projections.Payouts.Page(t.Context(), s.queries, projections.Where(projections.ByActor.Is("nobody"))))(t).Rows; len(none) > 0 {
		t.Errorf("nobody made %d payouts", len(none))
	}
}
