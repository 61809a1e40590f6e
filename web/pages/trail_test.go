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
		if status != http.StatusOK || !strings.Contains(page, `href="`+to+`"`) {
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
