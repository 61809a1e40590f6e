package pages_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/wire"
)

// said is what a payout says of itself, in whatever shape it is.
type said struct{ Payout, Application, Amount, Voucher string }

// seen is a shape that the payout had on its way, and what it said there.
type seen struct {
	shape string
	said  said
}

// walked is what is left of a payout at the end of its way.
type walked struct {
	Trail    []seen
	Data     string              // of its event
	Envelope eventstore.Envelope // without the moment of the decision
	Stored   map[string]any      // its row in the tables
	API      map[string]any      // and in the API's list
	Page     []string            // and on the page
}

// A payout is followed on its way, in a ledger of two years: once from the page's form and once from JSON, with the same ids. Either way
// it has the shapes that docs/design.md counts, each once; in every shape it says the same; and what comes of it is the same.
func TestAPayoutIsTheSameByFormAndByJSONAllTheWay(t *testing.T) {
	ways := map[string]walked{}
	for _, way := range []string{"form", "JSON"} {
		s := open(t)
		c := s.payable()
		var sent string
		if way == "form" {
			form := url.Values{"command": {"make_payout"}, "id": {string(c.ID)}, "date": {c.Date.String()}, "as": {"treasurer@finance"},
				"payout": {string(c.Payout)}, "support_year": {fmt.Sprint(c.SupportYear)}, "amount": {c.Amount.String()}, "voucher": {c.Voucher}}
			sent = form.Encode()
			if status, _, body := s.confirm("/applications/"+url.PathEscape(string(c.Application)), form); status != http.StatusSeeOther {
				t.Fatalf("status %d: %.2000s", status, body)
			}
		} else {
			sent = fmt.Sprintf(`{"command":"make_payout","id":%q,"date":%q,"payout":%q,"application":%q,"support_year":%d,"amount":%q,"voucher":%q}`,
				c.ID, c.Date, c.Payout, c.Application, c.SupportYear, c.Amount, c.Voucher)
			r := must(http.NewRequestWithContext(t.Context(), http.MethodPost, s.http.URL+"/v1/commands", strings.NewReader(sent)))(t)
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set("X-Act-As", "treasurer@finance")
			if status, _, body := s.send(r); status != http.StatusOK {
				t.Fatalf("status %d: %s", status, body)
			}
		}
		w := s.follow(c)
		w.Trail = slices.Insert(w.Trail, 0, seen{"the form's values", toldIn(t, way, sent, c.Application)})
		ways[way] = w
	}
	form, text := ways["form"], ways["JSON"]
	if diff := cmp.Diff(form, text, cmp.AllowUnexported(seen{})); diff != "" {
		t.Errorf("what comes of a form (-) is not what comes of JSON (+):\n%s", diff)
	}
	for _, at := range form.Trail[1:] {
		if at.said != form.Trail[0].said {
			t.Errorf("as %s it says %+v, it was given as %+v", at.shape, at.said, form.Trail[0].said)
		}
	}
	var shapes []string
	for _, at := range form.Trail {
		shapes = append(shapes, at.shape)
	}
	if drawn := drawnShapes(t); !slices.Equal(shapes, drawn) {
		t.Errorf("a payout was seen as %q, docs/design.md counts %q", shapes, drawn)
	}
}

// drawnShapes are the shapes that docs/design.md counts, without the order: it holds the command itself, and nobody outside sees it.
func drawnShapes(t *testing.T) []string {
	t.Helper()
	text := must(os.ReadFile("../../docs/design.md"))(t)
	found := regexp.MustCompile(`and eight shapes: ([^.]+)\.`).FindSubmatch(bytes.ReplaceAll(text, []byte("\n"), []byte(" ")))
	if found == nil {
		t.Fatal("docs/design.md counts no shapes")
	}
	shapes := strings.Split(string(found[1]), ", ")
	if len(shapes) != 8 || shapes[2] != "order" {
		t.Fatalf("docs/design.md counts %q", shapes)
	}
	return slices.Delete(shapes, 2, 3)
}

// payable is a payout that the ledger would take, and that nobody has given yet.
func (s *site) payable() *domain.MakePayout {
	s.t.Helper()
	today := domain.DateIn(now, domain.Shanghai)
	var fits *domain.MakePayout
	for row, err := range projections.Instalments.Every(s.t.Context(), s.queries, projections.Ask{Limit: projections.MaxLimit}) {
		if err != nil {
			s.t.Fatal(err)
		}
		c := &domain.MakePayout{Head: domain.Head{ID: "walk", Date: today, Actor: domain.Actor{ID: "officer", Role: domain.Treasurer, Department: "finance"}},
			Payout: "P-walk", Application: row.Application, SupportYear: row.SupportYear, Amount: domain.Fen(123), Voucher: "银字 2025-walk"}
		err := s.ledger.View(s.t.Context(), func(state *domain.State, _ uint64) {
			if _, refusal := domain.Decide(state, c, today); refusal == nil {
				fits = c
			}
		})
		if err != nil {
			s.t.Fatal(err)
		}
		if fits != nil {
			return fits
		}
	}
	s.t.Fatal("nothing can be paid")
	return nil
}

// toldIn is what was sent says.
func toldIn(t *testing.T, way, sent string, on domain.ApplicationID) said {
	t.Helper()
	if way == "form" { // whose address names the application
		q := must(url.ParseQuery(sent))(t)
		return said{q.Get("payout"), string(on), q.Get("amount"), q.Get("voucher")}
	}
	return toldBy(t, []byte(sent))
}

// toldBy is what a JSON text says.
func toldBy(t testing.TB, text []byte) said {
	t.Helper()
	var read said // by the names of the fields, whatever their case
	if err := json.Unmarshal(text, &read); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return read
}

// follow looks at a payout at every station of its way, from the log on.
func (s *site) follow(c *domain.MakePayout) (w walked) {
	s.t.Helper()
	see := func(shape string, payout domain.PayoutID, application domain.ApplicationID, amount domain.Money, voucher string) {
		w.Trail = append(w.Trail, seen{shape, said{string(payout), string(application), amount.String(), voucher}})
	}
	ctx, log := s.t.Context(), s.ledger.Log()
	last := must(log.Last(ctx))(s.t)
	record := must(log.Get(ctx, last))(s.t)
	entry := must(wire.Decode(record))(s.t)
	if entry.Envelope.CommandID != string(c.ID) || entry.Envelope.Count != 1 {
		s.t.Fatalf("the last event is %d of %d of the command %s", entry.Envelope.Index+1, entry.Envelope.Count, entry.Envelope.CommandID)
	}

	// The event keeps the hash of the command as it was given: it is of nothing else than what was sent.
	command := entry.Command().(*domain.MakePayout)
	if hash := must(wire.HashCommand(c))(s.t); hash != entry.Envelope.CommandHash {
		s.t.Errorf("the command that was decided has the hash %s, that which was sent has %s", entry.Envelope.CommandHash, hash)
	}
	see("command", command.Payout, command.Application, command.Amount, command.Voucher)

	made := entry.Event.(*domain.PayoutMade)
	see("event", made.Payout, made.Application, made.Amount, made.Voucher)
	w.Trail = append(w.Trail, seen{"draft", toldBy(s.t, record.Data)})
	w.Data, w.Envelope = string(record.Data), entry.Envelope
	w.Envelope.Time = now

	batch := projections.NewBatch()
	if err := batch.Add(entry, record.Data); err != nil {
		s.t.Fatal(err)
	}
	if len(batch.Payouts.Order) != 1 || len(batch.Events) != 1 {
		s.t.Fatalf("the event changes %d payouts and is %d events", len(batch.Payouts.Order), len(batch.Events))
	}
	change := batch.Payouts.Order[0]
	see("change", change.ID, change.Application, change.Amount, change.Voucher)

	// The list of the API waits for the tables, so it is asked first.
	address := fmt.Sprintf("?payout=%s&min_seq=%d", url.QueryEscape(string(c.Payout)), last)
	var answer struct{ Rows []map[string]any }
	r := must(http.NewRequestWithContext(ctx, http.MethodGet, s.http.URL+"/v1/payouts"+address, nil))(s.t)
	r.Header.Set("Accept", "application/json")
	status, _, body := s.send(r)
	if err := json.Unmarshal([]byte(body), &answer); err != nil || status != http.StatusOK || len(answer.Rows) != 1 {
		s.t.Fatalf("status %d: %s", status, body)
	}
	w.API = answer.Rows[0]

	db := must(pgx.Connect(ctx, s.database))(s.t)
	defer db.Close(ctx)
	var stored []byte
	if err := db.QueryRow(ctx, "SELECT to_jsonb(p) FROM fundledger.payouts p WHERE p.id = $1", string(c.Payout)).Scan(&stored); err != nil {
		s.t.Fatal(err)
	}
	if err := json.Unmarshal(stored, &w.Stored); err != nil {
		s.t.Fatal(err)
	}
	w.Trail = append(w.Trail, seen{"the table's row", said{fmt.Sprint(w.Stored["id"]), fmt.Sprint(w.Stored["application"]), fmt.Sprint(w.Stored["amount"]), fmt.Sprint(w.Stored["voucher"])}})

	page := must(projections.Payouts.Page(ctx, s.queries, projections.Where(projections.ByPayout.Is(c.Payout))))(s.t)
	if len(page.Rows) != 1 {
		s.t.Fatalf("the list has %d rows of it", len(page.Rows))
	}
	row := page.Rows[0]
	see("the list's row", row.Payout, row.Application, row.Amount, row.Voucher)
	if api := toldBy(s.t, must(json.Marshal(w.API))(s.t)); api != w.Trail[len(w.Trail)-1].said {
		s.t.Errorf("the API says %+v", api)
	}

	status, html := s.get("/payouts" + address)
	if status != http.StatusOK {
		s.t.Fatalf("status %d: %.500s", status, html)
	}
	rows := regexp.MustCompile(`(?s)<tr>\s*<td[^>]* class="id">.*?</tr>`).FindAllString(html, -1)
	if len(rows) != 1 {
		s.t.Fatalf("the page has %d rows of it", len(rows))
	}
	w.Page = strings.Fields(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(rows[0], " "))
	for _, cell := range []string{string(c.Payout), c.Amount.String(), made.PaidOn.String(), strings.Fields(c.Voucher)[1]} {
		if !slices.Contains(w.Page, cell) {
			s.t.Errorf("the page shows %q, without %s", w.Page, cell)
		}
	}
	return w
}
