package audit

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/fundledger/fundledger/demo"
	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/internal/scribe"
	"github.com/fundledger/fundledger/proof"
	"github.com/fundledger/fundledger/wire"
)

func judgeOf(t *testing.T, l proof.Log) Judgement {
	t.Helper()
	j, err := Judge(t.Context(), l, nil)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func TestATrueLogIsJudgedWithoutAFinding(t *testing.T) {
	s := scribe.TwoYears()
	j := judgeOf(t, s.Records)
	if j.Events != uint64(len(s.Records)) || j.Commands != j.Events || j.FindingCount != 0 || j.HashesUnknown != 0 {
		t.Errorf("%d events, %d commands, %d hashes unknown, findings %+v", j.Events, j.Commands, j.HashesUnknown, j.Findings)
	}
	if len(s.Records) < 5000 || len(s.Refused) < 20 {
		t.Errorf("the sample has %d events and %d refusals: too few to say anything", len(s.Records), len(s.Refused))
	}
}

func TestAnEmptyLogIsJudged(t *testing.T) {
	if j := judgeOf(t, eventstore.Records{}); j.Events != 0 || j.FindingCount != 0 {
		t.Errorf("%+v", j)
	}
}

// forge puts another data into the first record of a kind that a test picks, and signs nothing: the chain of hashes and
// headers stays whole.
func forge(t *testing.T, name string, change func(domain.Event)) (eventstore.Records, uint64) {
	t.Helper()
	l := scribe.Copied(scribe.TwoYears().Records)
	for i, r := range l {
		entry, err := wire.Decode(r)
		if err != nil {
			t.Fatal(err)
		}
		if entry.Event.Name() != name {
			continue
		}
		change(entry.Event)
		_, _, data, err := wire.EncodeEvent(entry.Event)
		if err != nil {
			t.Fatal(err)
		}
		l[i].Data = data
		hash, err := wire.HashCommand(entry.Command())
		if err != nil {
			t.Fatal(err)
		}
		l[i].Header["ce-commandhash"] = []string{hash}
		return l, r.Seq
	}
	t.Fatalf("no %s in the sample", name)
	return nil, 0
}

func has(list []Finding, code string, seq uint64) bool {
	return slices.ContainsFunc(list, func(f Finding) bool { return f.Code == code && slices.Contains(f.Events, seq) })
}

func TestDecisionsThatTheRulesWouldNotMakeAreFound(t *testing.T) {
	for name, c := range map[string]struct {
		event  string
		change func(domain.Event)
		code   string
		says   string
	}{
		"paid beyond the instalment": {"payout_made", func(e domain.Event) { e.(*domain.PayoutMade).Amount = domain.Yuan(900_000_000) }, CodeRefused, "instalment_exceeded"},
		"approved beyond the request": {"application_approved", func(e domain.Event) {
			e.(*domain.ApplicationApproved).Instalments = []domain.Instalment{{SupportYear: 2025, Amount: domain.Yuan(90_000_000)}}
		}, CodeRefused, "requested_exceeded"},
		"a headroom that was not": {"application_approved", func(e domain.Event) {
			e.(*domain.ApplicationApproved).Basis[0].Use = domain.Balance{Money: domain.Yuan(1)}
		}, CodeDiffers, "data"},
		"charged to another clause": {"payout_made", func(e domain.Event) { e.(*domain.PayoutMade).Charge.Clause = "7" }, CodeDiffers, "data"},
		"another clause version":    {"payout_made", func(e domain.Event) { e.(*domain.PayoutMade).ClauseVersion = 9 }, CodeDiffers, "data"},
		"an enterprise without a valid code": {"enterprise_registered", func(e domain.Event) {
			e.(*domain.EnterpriseRegistered).Enterprise = "91350100M000100Y4Z"
		}, CodeRefused, "credit_code_invalid"},
	} {
		t.Run(name, func(t *testing.T) {
			l, seq := forge(t, c.event, c.change)
			j := judgeOf(t, l)
			i := slices.IndexFunc(j.Findings, func(f Finding) bool { return f.Code == c.code && slices.Contains(f.Events, seq) })
			if i < 0 || !strings.Contains(strings.Join(values(j.Findings[i].Figures), " "), c.says) {
				t.Errorf("event %d: want %s (%s), got %+v", seq, c.code, c.says, j.Findings[:min(len(j.Findings), 3)])
			}
		})
	}
}

// What the present rules refuse is no fault of a log that was written under the first edition, but a notice of its own kind;
// a hash that is not the command's, or an envelope that is not the event's, still is a fault.
func TestADecisionOfAnEarlierEditionIsANoticeWhereTheRulesHaveChanged(t *testing.T) {
	first := func(l eventstore.Records) eventstore.Records {
		for i := range l {
			delete(l[i].Header, "ce-edition")
		}
		return l
	}
	if j := judgeOf(t, first(scribe.Copied(scribe.TwoYears().Records))); j.FindingCount != 0 {
		t.Errorf("of the sample the first edition decided otherwise: %+v", j.Findings)
	}
	l, seq := forge(t, "application_approved", func(e domain.Event) { e.(*domain.ApplicationApproved).Instalments[0].Amount = domain.Yuan(999_000_000) })
	j := judgeOf(t, first(l))
	i := slices.IndexFunc(j.Findings, func(f Finding) bool { return f.Code == codeEarlierEdition && slices.Contains(f.Events, seq) })
	if i < 0 || j.Findings[i].Severity != Notice || j.Findings[i].Figures["code"] != "requested_exceeded" {
		t.Errorf("event %d: want a notice of an earlier edition, got %+v", seq, j.Findings)
	}
	l, seq = forge(t, "payout_made", func(e domain.Event) { e.(*domain.PayoutMade).ClauseVersion = 9 })
	if j := judgeOf(t, first(l)); !has(j.Findings, codeEarlierEdition, seq) {
		t.Errorf("event %d: want a notice of an earlier edition, got %+v", seq, j.Findings)
	}
	l, seq = forge(t, "payout_made", func(domain.Event) {})
	l[seq-1].Header["ce-commandhash"] = []string{strings.Repeat("0", 64)}
	if j := judgeOf(t, first(l)); !has(j.Findings, CodeCommandHash, seq) {
		t.Errorf("event %d: a false hash is no matter of editions, got %+v", seq, j.Findings)
	}
}

func values(f domain.Figures) (list []string) {
	for _, v := range f {
		list = append(list, v)
	}
	return list
}

func TestAChangedRecordIsFoundByJudging(t *testing.T) {
	const at = 1234
	for name, c := range map[string]struct {
		change func(*eventstore.Record)
		codes  []string
	}{
		"data":           {func(r *eventstore.Record) { r.Data[len(r.Data)/2] ^= 1 }, []string{CodeUnreadable, CodeDiffers, CodeRefused, CodeCommandHash}},
		"subject":        {func(r *eventstore.Record) { r.Subject += "x" }, []string{CodeDiffers}},
		"sequence":       {func(r *eventstore.Record) { r.Seq++ }, []string{CodeSequence}},
		"actor":          {func(r *eventstore.Record) { r.Header["ce-actor"] = []string{"mallory"} }, []string{CodeCommandHash}},
		"role":           {func(r *eventstore.Record) { r.Header["ce-role"] = []string{"analyst"} }, []string{CodeRefused}},
		"date":           {func(r *eventstore.Record) { r.Header["ce-businessdate"] = []string{"2024-11-01"} }, []string{CodeRefused, CodeCommandHash}},
		"clause version": {func(r *eventstore.Record) { r.Header["ce-clauseversion"] = []string{"7"} }, []string{CodeDiffers}},
		"command name":   {func(r *eventstore.Record) { r.Header["ce-command"] = []string{"make_tea"} }, []string{CodeDiffers}},
		"command hash":   {func(r *eventstore.Record) { r.Header["ce-commandhash"] = []string{strings.Repeat("0", 64)} }, []string{CodeCommandHash}},
		"count":          {func(r *eventstore.Record) { r.Header["ce-commandcount"] = []string{"2"} }, []string{CodeDiffers}},
		"source":         {func(r *eventstore.Record) { r.Header["ce-source"] = []string{"/funds/other"} }, []string{CodeDiffers}},
		"id":             {func(r *eventstore.Record) { r.Header["ce-id"] = []string{"x#0"} }, []string{CodeDiffers}},
		"edition back":   {func(r *eventstore.Record) { delete(r.Header, "ce-edition") }, []string{codeEditionBack}},
		"edition ahead":  {func(r *eventstore.Record) { r.Header["ce-edition"] = []string{"3"} }, []string{CodeUnreadable}},
		"unknown header": {func(r *eventstore.Record) { r.Header["ce-spare"] = []string{"1"} }, []string{CodeUnreadable}},
		"decided later":  {func(r *eventstore.Record) { r.Time = r.Time.Add(-time.Hour) }, []string{CodeDecidedLater}},
	} {
		t.Run(name, func(t *testing.T) {
			l := scribe.Copied(scribe.TwoYears().Records)
			c.change(&l[at])
			j := judgeOf(t, l)
			if !slices.ContainsFunc(c.codes, func(code string) bool { return has(j.Findings, code, at+1) || has(j.Findings, code, at+2) }) {
				t.Errorf("want one of %v, got %+v", c.codes, j.Findings)
			}
		})
	}
}

func TestMissingDoubledAndReorderedEventsAreFound(t *testing.T) {
	for name, change := range map[string]func(eventstore.Records) eventstore.Records{
		"dropped":   func(l eventstore.Records) eventstore.Records { return slices.Delete(l, 700, 701) },
		"inserted":  func(l eventstore.Records) eventstore.Records { return slices.Insert(l, 700, l[20]) },
		"reordered": func(l eventstore.Records) eventstore.Records { l[700], l[702] = l[702], l[700]; return l },
		"beheaded":  func(l eventstore.Records) eventstore.Records { return l[1:] },
		"doubled and renumbered": func(l eventstore.Records) eventstore.Records {
			l = slices.Insert(l, 700, l[699])
			for i := range l {
				l[i].Seq = uint64(i + 1)
			}
			return l
		},
	} {
		t.Run(name, func(t *testing.T) {
			j := judgeOf(t, change(scribe.Copied(scribe.TwoYears().Records)))
			if j.FindingCount == 0 {
				t.Error("nothing was found")
			}
		})
	}
}

func TestWhoeverListensCanStopTheJudge(t *testing.T) {
	enough, n := errors.New("enough"), 0
	_, err := Judge(t.Context(), scribe.TwoYears().Records, func(e *Event) error {
		if n++; n == 300 {
			return enough
		}
		return nil
	})
	if !errors.Is(err, enough) || n != 300 {
		t.Errorf("%d events, %v", n, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Judge(ctx, scribe.TwoYears().Records, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("a judging that was called off ends with %v", err)
	}
}

func TestEventsComeInOrderWithTheirLeaves(t *testing.T) {
	next := uint64(1)
	_, err := Judge(t.Context(), scribe.TwoYears().Records, func(e *Event) error {
		if e.Record.Seq != next || !e.Read || e.Leaf != eventstore.LeafHash(e.Record) {
			t.Fatalf("event %d came where %d was due", e.Record.Seq, next)
		}
		next++
		return nil
	})
	if err != nil || next != uint64(len(scribe.TwoYears().Records))+1 {
		t.Errorf("%d, %v", next, err)
	}
}

var loaded = func(b *testing.B, n int) *scribe.Scribe {
	s := scribe.New(b)
	p := scribe.Changning(b)
	s.Give(scribe.Publish(p))
	for c := range demo.Load(p, n, 1) {
		if r := s.Give(c); r != nil {
			b.Fatal(r)
		}
	}
	return s
}

func BenchmarkJudge(b *testing.B) {
	s := loaded(b, 50_000)
	for b.Loop() {
		j, err := Judge(b.Context(), s.Records, nil)
		if err != nil || j.FindingCount > 0 {
			b.Fatal(err, j.FindingCount, j.Findings[:min(len(j.Findings), 3)])
		}
	}
	b.ReportMetric(float64(len(s.Records))*float64(b.N)/b.Elapsed().Seconds(), "events/s")
}

func BenchmarkDecodeAlone(b *testing.B) {
	s := loaded(b, 50_000)
	for b.Loop() {
		for _, r := range s.Records {
			if _, err := wire.Decode(r); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(len(s.Records))*float64(b.N)/b.Elapsed().Seconds(), "events/s")
}

// Two codes, one format: the judge's leaves are the builder's, whatever the headers are.
func TestTheLeavesOfBuilderAndCheckerAreTheSame(t *testing.T) {
	var h proof.LeafHasher
	rapid.Check(t, func(rt *rapid.T) {
		name := rapid.StringMatching(`(ce-|Nats-|CE-|ce)[a-z]{0,3}`)
		r := eventstore.Record{Seq: rapid.Uint64().Draw(rt, "seq"), Time: time.Unix(0, rapid.Int64().Draw(rt, "time")), Subject: rapid.String().Draw(rt, "subject"),
			Header: rapid.MapOfN(name, rapid.SliceOfN(rapid.String(), 0, 3), 0, 6).Draw(rt, "header"), Data: rapid.SliceOf(rapid.Byte()).Draw(rt, "data")}
		if h.Hash(r) != eventstore.LeafHash(r) {
			rt.Fatal("they differ")
		}
	})
}
