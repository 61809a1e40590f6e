package ledger

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/wire"
)

// Whatever somebody with the log's password publishes that is no event: the ledger that meets it names it and books nothing behind it, and
// so does one that is opened on it. What was booked before is there.
func TestAMessageThatIsNoEventIsNamedAndNothingIsBookedBehindIt(t *testing.T) {
	deep := strings.Repeat(`{"a":`, 10_001) + "1" + strings.Repeat("}", 10_001)
	header := func(name, value string) func(*nats.Msg) {
		return func(m *nats.Msg) {
			if m.Header.Del(name); value != "" {
				m.Header[name] = []string{value}
			}
		}
	}
	data := func(text string) func(*nats.Msg) { return func(m *nats.Msg) { m.Data = []byte(text) } }
	replace := func(old, by string) func(*nats.Msg) {
		return func(m *nats.Msg) { m.Data = bytes.Replace(m.Data, []byte(old), []byte(by), 1) }
	}
	for name, change := range map[string]func(*nats.Msg){
		"garbage without headers":  func(m *nats.Msg) { m.Header, m.Data = nil, []byte("\x00\xff garbage") },
		"nothing at all":           func(m *nats.Msg) { m.Header, m.Data = nil, nil },
		"an empty body":            data(""),
		"bytes that are no UTF-8":  data("{\"application\":\"\xff\xfe\"}"),
		"JSON that is cut":         data(`{"application":`),
		"a list":                   data(`[]`),
		"depth of 10,001":          data(deep),
		"a member of another type": replace(`"support_year":2025`, `"support_year":{}`),
		"a huge number":            replace(`"support_year":2025`, `"support_year":1e999999999`),
		"a year beyond all":        replace(`"support_year":2025`, `"support_year":99999999999999999999`),
		"an amount as a number":    replace(`"10.00"`, `10.00`),
		"an amount beyond all":     replace(`"10.00"`, `"`+strings.Repeat("9", 100_000)+`.00"`),
		"a member twice":           replace(`"application":"x"`, `"application":"x","application":"y"`),
		"a kind nobody knows":      header("ce-type", "fundledger.money_printed"),
		"a later version":          header("ce-dataversion", "99"),
		"a later edition":          header("ce-edition", "99"),
		"no place in its command":  header("ce-commandindex", ""),
		"a place beyond all":       header("ce-commandindex", "99999999999999999999"),
		"no type":                  header("ce-type", ""),
		"a header of its own":      header("ce-forged", "x"),
		"another content type":     header("ce-datacontenttype", "text/plain"),
		"a day that is none":       header("ce-businessdate", "2025-02-30"),
		"a year of five digits":    header("ce-time", "12025-01-01T00:00:00Z"),
	} {
		t.Run(name, func(t *testing.T) {
			_, nc := server(t)
			l := opened(t, nc)
			before := last(t, l)
			order := submit("x", 10)
			decision := domain.Decision{Events: []domain.Event{&domain.ApplicationSubmitted{Application: "x", Title: "项目",
				Requested: []domain.Instalment{{SupportYear: 2025, Amount: domain.Yuan(10)}}}}}
			drafts, err := wire.Drafts(fund, order.Command, strings.Repeat("0", 64), decision, order.Origin, l.cfg.Now())
			if err != nil {
				t.Fatal(err)
			}
			m := &nats.Msg{Subject: drafts[0].Subject, Header: drafts[0].Envelope.Header(), Data: drafts[0].Data}
			change(m)
			if bytes.Equal(m.Data, drafts[0].Data) && reflect.DeepEqual(m.Header, drafts[0].Envelope.Header()) {
				t.Fatal("nothing was changed")
			}
			js, err := nc.JetStream()
			if err != nil {
				t.Fatal(err)
			}
			if ack, err := js.PublishMsg(m); err != nil || ack.Sequence != before+1 {
				t.Fatal(ack, err)
			}
			named := func(what string, err error) {
				t.Helper()
				var unreadable *wire.Unreadable
				if !errors.As(err, &unreadable) || unreadable.Seq != before+1 || !strings.HasPrefix(unreadable.Error(), wire.CodeUnreadable+": message ") ||
					!strings.HasPrefix(unreadable.Message().ZH, wire.CodeUnreadable+"：日志第 ") {
					t.Errorf("%s: %v", what, err)
				}
			}
			named("a command", l.Do(t.Context(), submit("after", 10)).Err)
			named("another", l.Do(t.Context(), submit("more", 10)).Err)
			named("the ledger", l.Broken())
			again, err := Open(t.Context(), nc, Config{Fund: fund})
			if err != nil {
				t.Fatal(err)
			}
			defer again.Close()
			named("one opened on it", again.Broken())
			named("a command to it", again.Do(t.Context(), submit("after", 10)).Err)
			if at := last(t, again); at != before+1 {
				t.Errorf("the log ends at %d, and %d was the last message", at, before+1)
			}
			if err := again.View(t.Context(), func(s *domain.State, at uint64) {
				if _, there := s.Enterprise("e"); !there || at != before {
					t.Errorf("at %d what was booked is there: %v", at, there)
				}
			}); err != nil {
				t.Error(err)
			}
			named("the log's reader", again.Log().Read(t.Context(), 1, 0, func(records []eventstore.Record) error {
				for _, r := range records {
					if _, err := wire.Decode(r); err != nil {
						return err
					}
				}
				return nil
			}))
		})
	}
}
