package audit

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/internal/scribe"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/wire"
)

// Whatever lies on the log, in its middle or at its end: a verification comes to its end, names the message, and fails. Events that can be
// read and that the rules would never have made are named too.
func TestAVerificationNamesWhateverIsNoEventAndComesToItsEnd(t *testing.T) {
	whole := scribe.TwoYears().Records
	submitted := slices.IndexFunc(whole, func(r eventstore.Record) bool { return strings.HasSuffix(r.Subject, ".application_submitted") })
	paid := slices.IndexFunc(whole, func(r eventstore.Record) bool { return strings.HasSuffix(r.Subject, ".payout_made") })
	if submitted < 0 || paid < 0 {
		t.Fatal("the sample has no application or no payout")
	}
	header := func(name, value string) func(*eventstore.Record) {
		return func(r *eventstore.Record) { r.Header[name] = []string{value} }
	}
	data := func(text string) func(*eventstore.Record) {
		return func(r *eventstore.Record) { r.Data = []byte(text) }
	}
	for name, poison := range map[string]struct {
		at     int
		change func(*eventstore.Record)
		code   string // of the finding; empty: any
	}{
		"garbage":                 {submitted, func(r *eventstore.Record) { r.Header, r.Data = nil, []byte{0, 255, 1} }, CodeUnreadable},
		"an empty body":           {submitted, data(""), CodeUnreadable},
		"depth":                   {submitted, data(strings.Repeat("[", 10_001)), CodeUnreadable},
		"an unknown kind":         {submitted, header("ce-type", "fundledger.money_printed"), CodeUnreadable},
		"a header forged":         {submitted, header("ce-commandcount", "1000000000"), CodeUnreadable},
		"an object of nothing":    {submitted, data("{}"), ""},
		"a payout of nothing":     {paid, data("{}"), ""},
		"another kind's data":     {paid, header("ce-type", "fundledger.application_submitted"), ""},
		"a payout as an approval": {paid, header("ce-type", "fundledger.application_approved"), ""},
		"another subject":         {paid, func(r *eventstore.Record) { r.Subject = "fund.elsewhere.x.y.z" }, ""},
		"a far year": {submitted, func(r *eventstore.Record) {
			r.Data = bytes.Replace(r.Data, []byte(`"support_year":20`), []byte(`"support_year":90`), 1)
		}, ""},
		"a far day": {submitted, header("ce-businessdate", "9999-12-31"), ""},
		"a sum beyond bounds": {paid, func(r *eventstore.Record) {
			r.Data = bytes.Replace(r.Data, []byte(`"amount":"`), []byte(`"amount":"99999`), 1)
		}, ""},
		"no actor":         {paid, func(r *eventstore.Record) { delete(r.Header, "ce-actor"); delete(r.Header, "ce-role") }, ""},
		"a person unknown": {paid, header("ce-actor", strings.Repeat("%E4%B8%AD", 80)), ""},
	} {
		for _, last := range []bool{false, true} {
			log := scribe.Copied(whole[:paid+200])
			if last {
				log = log[:poison.at+1]
			}
			seq := log[poison.at].Seq
			poison.change(&log[poison.at])
			report, err := Verify(t.Context(), Evidence{Fund: "changning-2024", Log: log}, Options{})
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			named := slices.ContainsFunc(report.Findings, func(f Finding) bool {
				return slices.Contains(f.Events, seq) && f.Severity == Error && (poison.code == "" || f.Code == poison.code)
			})
			if report.Sound || !named {
				t.Errorf("%s (last: %v): event %d is not named: sound %v, %+v", name, last, seq, report.Sound, report.Checks)
			}
			err = projections.NewBatch().Take(log[poison.at])
			if unreadable := new(wire.Unreadable); poison.code != "" && (!errors.As(err, &unreadable) || unreadable.Seq != seq) {
				t.Errorf("%s: the projection says %v", name, err)
			}
		}
	}
}
