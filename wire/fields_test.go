package wire_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/wire"
)

// textsOf is how a person writes the value of a field.
func textsOf(t *testing.T, v reflect.Value) []string {
	t.Helper()
	switch x := v.Interface().(type) {
	case domain.Money:
		return []string{x.String()}
	case domain.Date:
		return []string{x.String()}
	case domain.NewCap:
		return []string{x.Amount.String()}
	case []domain.Instalment:
		var list []string
		for _, i := range x {
			list = append(list, i.SupportYear.String()+"="+i.Amount.String())
		}
		return list
	case []domain.Repayment:
		var list []string
		for _, i := range x {
			list = append(list, i.DueOn.String()+"="+i.Amount.String())
		}
		return list
	case []domain.Attachment:
		var list []string
		for _, a := range x {
			list = append(list, a.Name+"="+a.SHA256)
		}
		return list
	}
	if scores, is := v.Interface().([]domain.Score); is {
		var list []string
		for _, s := range scores {
			list = append(list, string(s.Indicator)+"="+s.Score)
		}
		return list
	}
	if v.Kind() != reflect.Slice {
		return []string{fmt.Sprint(v.Interface())}
	}
	var list []string
	for i := range v.Len() {
		list = append(list, fmt.Sprint(v.Index(i).Interface()))
	}
	return list
}

// A form and a command line write into the fields what JSON says: a new kind of field that they cannot write fails here.
func TestEveryFieldOfEveryVerbIsFilledAsItsJSONIs(t *testing.T) {
	for _, verb := range domain.Verbs {
		if verb.Local || verb.Name == "publish_policy" {
			continue
		}
		t.Run(verb.Name, func(t *testing.T) {
			want := sample(t, verb.New())
			head := want.Given()
			got, r := wire.Begin(verb.Name, string(head.ID), head.Date.String())
			if r != nil {
				t.Fatal(r)
			}
			domain.HeadOf(got).Actor = head.Actor
			from := reflect.ValueOf(want).Elem()
			for i := range from.NumField() {
				name, _, _ := strings.Cut(from.Type().Field(i).Tag.Get("json"), ",")
				if name == "" {
					continue // the head
				}
				if f, _ := verb.Field(name); f.Kind == domain.PolicyField {
					from.Field(i).SetZero() // a part of a policy comes as JSON
					continue
				}
				if r := wire.Fill(got, name, textsOf(t, from.Field(i))...); r != nil {
					t.Errorf("%s: %s", name, r.Message().EN)
				}
			}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("filled in it is %s, not %s", encode(t, got), encode(t, want))
			}
		})
	}
}

func TestWhatAFieldCannotHoldIsRefusedByItsName(t *testing.T) {
	for name, c := range map[string]struct {
		verb, field string
		texts       []string
		code        string
	}{
		"an amount with three decimals": {"make_payout", "amount", []string{"1.001"}, domain.CodeAmountTooPrecise},
		"misplaced commas":              {"make_payout", "amount", []string{"1,0000"}, domain.CodeAmountMalformed},
		"an amount in words":            {"make_payout", "amount", []string{"一百"}, domain.CodeAmountMalformed},
		"a year in words":               {"make_payout", "support_year", []string{"明年"}, domain.CodeFieldInvalid},
		"a year beyond a year's type":   {"make_payout", "support_year", []string{"67561"}, domain.CodeFieldInvalid},
		"a day that is not":             {"make_payout", "paid_on", []string{"2025-02-30"}, domain.CodeFieldInvalid},
		"a field of another verb":       {"make_payout", "clawback", []string{"C"}, domain.CodeFieldUnknown},
		"bytes that are no text":        {"make_payout", "voucher", []string{"\xff"}, domain.CodeFieldInvalid},
		"half an instalment":            {"approve_application", "instalments", []string{"2025"}, domain.CodeAmountMalformed},
		"an instalment of no year":      {"approve_application", "instalments", []string{"x=1.00"}, domain.CodeFieldInvalid},
		"an attachment without digest":  {"submit_application", "attachments", []string{"a.pdf"}, domain.CodeFieldInvalid},
		"a flag that is neither":        {"amend_clause", "retroactive", []string{"maybe"}, domain.CodeFieldInvalid},
		"a score of nothing":            {"record_evaluation", "scores", []string{"85.5"}, domain.CodeFieldInvalid},
		"a cap in words":                {"amend_clause", "cap", []string{"many"}, domain.CodeAmountMalformed},
	} {
		t.Run(name, func(t *testing.T) {
			command, r := wire.Begin(c.verb, "id", "2025-03-01")
			if r != nil {
				t.Fatal(r)
			}
			r = wire.Fill(command, c.field, c.texts...)
			if r == nil || r.Code != c.code || !strings.HasPrefix(r.Figures["field"], c.field) {
				t.Errorf("%+v", r)
			}
		})
	}
	for name, c := range map[string]struct{ verb, id, date, code string }{
		"no verb":       {"", "id", "", domain.CodeFieldMissing},
		"no such verb":  {"pay_double", "id", "", domain.CodeCommandUnknown},
		"no such day":   {"make_payout", "id", "2025-13-01", domain.CodeFieldInvalid},
		"no text of id": {"make_payout", "\xff", "", domain.CodeFieldInvalid},
	} {
		if _, r := wire.Begin(c.verb, c.id, c.date); r == nil || r.Code != c.code {
			t.Errorf("%s: %+v", name, r)
		}
	}
	command, _ := wire.Begin("amend_clause", "id", "2025-03-01")
	if r := wire.Fill(command, "cap", "none"); r != nil || !strings.Contains(string(encode(t, command)), `"cap":null`) {
		t.Errorf("no cap: %v, %s", r, encode(t, command))
	}
}

// A person writes an amount with commas, wherever a field takes one.
func TestATypedAmountMayHaveCommas(t *testing.T) {
	for _, c := range []struct{ verb, field, text, want string }{
		{"make_payout", "amount", "1,000,000", `"amount":"1000000.00"`}, {"amend_clause", "cap", "1，000，000.00", `"cap":"1000000.00"`},
		{"approve_application", "instalments", "2025=1,000.50", `"amount":"1000.50"`},
	} {
		command, _ := wire.Begin(c.verb, "id", "2025-03-01")
		if r := wire.Fill(command, c.field, c.text); r != nil || !strings.Contains(string(encode(t, command)), c.want) {
			t.Errorf("%s %s: %v, %s", c.field, c.text, r, encode(t, command))
		}
	}
}

// That a clause serves all industries is written down, in the command and in the event, and read back: it is not the same as saying nothing of them.
func TestAllIndustriesAreWrittenDown(t *testing.T) {
	c := &domain.AmendPolicy{Clause: "6"}
	if r := wire.Fill(c, "industries", "全部"); r != nil || c.Industries == nil || len(c.Industries) > 0 {
		t.Fatalf("filled in as %v: %v", c.Industries, r)
	}
	var again domain.AmendPolicy
	var event domain.PolicyAmended
	text, err := json.Marshal(c)
	if err != nil || json.Unmarshal(text, &again) != nil || json.Unmarshal(text, &event, json.RejectUnknownMembers(false)) != nil {
		t.Fatal(err)
	}
	if text, err = json.Marshal(&event); err != nil || !strings.Contains(string(text), `"industries":[]`) || again.Industries == nil || event.Industries == nil {
		t.Errorf("written down as %s: %v", text, err)
	}
}
