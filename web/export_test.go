package web_test

import (
	"bufio"
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"github.com/fundledger/fundledger/demo"
	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/projections"
)

// load fills a house's ledger with about n events of many enterprises.
func (h *house) load(n int) {
	h.t.Helper()
	var last uint64
	var orders []ledger.Order
	give := func() {
		for _, r := range h.ledger.DoAll(h.t.Context(), orders) {
			if r.Err != nil || r.Refusal != nil {
				h.t.Fatal(r.Err, r.Refusal)
			}
			last = r.Outcome.LastSeq
		}
		orders = orders[:0]
	}
	for c := range demo.Load(h.policy, n, 3) {
		if orders = append(orders, ledger.Order{Command: c}); len(orders) == 1000 {
			give()
		}
	}
	give()
	if err := h.projector.WaitFor(h.t.Context(), last); err != nil {
		h.t.Fatal(err)
	}
}

// peak is the most that the process' heap held while something ran, above what it held before.
func peak(run func()) uint64 {
	var before, now runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	stop, most := make(chan struct{}), make(chan uint64)
	go func() {
		var highest uint64
		for tick := time.NewTicker(20 * time.Millisecond); ; {
			select {
			case <-tick.C:
				runtime.ReadMemStats(&now)
				highest = max(highest, now.HeapInuse)
			case <-stop:
				tick.Stop()
				most <- highest
				return
			}
		}
	}()
	run()
	close(stop)
	return max(<-most, before.HeapInuse) - before.HeapInuse
}

// exported is what an export held.
type exported struct {
	rows     int
	sum      decimal.Decimal
	position string
	keys     map[string]bool
	header   http.Header
}

// export reads the journal as CSV, line by line.
func (h *house) export(path, token string) (e exported) {
	h.t.Helper()
	r := must(http.NewRequestWithContext(h.t.Context(), "GET", h.http.URL+path, nil))(h.t)
	r.Header.Set("Authorization", "Bearer "+token)
	response := must(h.client.Do(r))(h.t)
	defer response.Body.Close()
	e.keys, e.position, e.header = map[string]bool{}, response.Header.Get("Fundledger-Position"), response.Header
	lines := bufio.NewScanner(response.Body)
	lines.Buffer(make([]byte, 64<<10), 1<<20)
	lines.Scan()
	columns := strings.Split(strings.TrimPrefix(strings.TrimSpace(lines.Text()), "\ufeff"), ",")
	amount := 0
	for columns[amount] != "amount" {
		amount++
	}
	for lines.Scan() {
		cells := strings.Split(strings.TrimSpace(lines.Text()), ",")
		e.keys[cells[0]+"."+cells[1]] = true
		e.sum = e.sum.Add(must(decimal.NewFromString(cells[amount]))(h.t))
		e.rows++
	}
	if err := lines.Err(); err != nil {
		h.t.Fatal(err)
	}
	for name, values := range response.Trailer {
		response.Header[name] = values
	}
	return e
}

// An export of many pages holds exactly the rows of the position it names while others write, in memory that does not grow with its length.
func TestALongExportIsOfOnePositionWhileOthersWrite(t *testing.T) {
	h := open(t)
	const events = 60_000
	h.load(events)
	token := h.token("an", "analyst")
	var stop atomic.Bool
	written := make(chan int)
	go func() { // one clerk goes on registering and asking for approvals of nothing: what is recorded meanwhile is in no export
		n := 0
		for ; !stop.Load(); n++ {
			id := fmt.Sprint("meanwhile-", n)
			head := domain.Head{ID: domain.CommandID(id), Date: domain.DateOf(2025, 3, 3), Actor: domain.Actor{ID: "li.na", Role: domain.Clerk, Department: "investment"}}
			r := h.ledger.Do(t.Context(), ledger.Order{Command: &domain.RegisterEnterprise{Head: head, Enterprise: domain.EnterpriseID(sampleCode(500_000 + n)), Title: "同时登记的企业", Industry: "ai"}})
			if r.Err != nil || r.Refusal != nil {
				t.Errorf("writing meanwhile: %v %v", r.Err, r.Refusal)
				break
			}
		}
		written <- n
	}()
	var e exported
	grown := peak(func() { e = h.export("/v1/journal?format=csv&kind=paid,approved", token) })
	stop.Store(true)
	n := <-written
	at := must(projections.ParseAsOf("seq:" + e.position))(t)
	want, sum := 0, decimal.Zero
	for ask := (projections.Ask{Where: []projections.Condition{projections.ByKind.Is([]string{"paid", "approved"})}, AsOf: at, Limit: projections.MaxLimit}); ; {
		page := must(projections.Journal.Page(t.Context(), h.queries, ask))(t)
		for _, r := range page.Rows {
			want, sum = want+1, sum.Add(r.Amount.Decimal())
			if !e.keys[fmt.Sprintf("%d.%d", r.Seq, r.N)] {
				t.Fatalf("posting %d.%d is not exported", r.Seq, r.N)
			}
		}
		if ask.Cursor = page.Next; ask.Cursor == "" {
			break
		}
	}
	if e.rows != want || !e.sum.Equal(sum) || e.rows < 10_000 {
		t.Errorf("%d rows of %s are exported, there are %d of %s", e.rows, e.sum, want, sum)
	}
	if rows := e.header.Get("Fundledger-Rows"); rows != fmt.Sprint(want) || !strings.Contains(e.header.Get("Fundledger-Totals"), `"amount":"`+sum.StringFixed(2)+`"`) {
		t.Errorf("it counts %s rows and %s", rows, e.header.Get("Fundledger-Totals"))
	}
	if e.header.Get("Fundledger-Position-End") != e.position {
		t.Errorf("it began at %s and ended at %s", e.position, e.header.Get("Fundledger-Position-End"))
	}
	t.Logf("%d rows while %d events were written; the heap grew by %d MB at most, the test's own copy of the keys included", e.rows, n, grown>>20)
	if grown > 256<<20 {
		t.Errorf("the heap grew by %d MB", grown>>20)
	}
	if n == 0 {
		t.Error("nothing was written meanwhile")
	}
}
