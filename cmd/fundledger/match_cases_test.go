package main

import (
	"path/filepath"
	"slices"
	"testing"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/effect"
	"github.com/fundledger/fundledger/wire"
)

// Example 31: what an enterprise of the sample ledger of the first release may still have in 2026. Its policy states no conditions: the department judges.
func TestExample31WhatAnEnterpriseMayStillHave(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "ledger")
	output(t, "restore", filepath.Join("testdata", "edition-1", "demo.backup"), "--data", dir, "--trust", editionOneKey, "--format", "json")
	var events []struct {
		Type       string              `json:"event_type"`
		Version    int                 `json:"version"`
		Data       string              `json:"data"`
		Date       string              `json:"business_date"`
		Actor      domain.PersonID     `json:"actor"`
		Role       domain.Role         `json:"role"`
		Department domain.DepartmentID `json:"department"`
	}
	unmarshal(t, output(t, "list", "events", "--data", dir, "--format", "json"), &events)
	state := domain.NewState()
	for _, row := range events {
		e, err := wire.DecodeEvent(wire.EventType(row.Type), max(row.Version, 1), []byte(row.Data))
		if err != nil {
			t.Fatal(err)
		}
		day, err := domain.ParseDate(row.Date)
		if err != nil {
			t.Fatal(err)
		}
		domain.Apply(state, e, domain.Deed{Actor: domain.Actor{ID: row.Actor, Role: row.Role, Department: row.Department}, Date: day})
	}
	if len(events) != 6186 {
		t.Fatalf("%d events", len(events))
	}
	t.Run("example 50", func(t *testing.T) { concentrated(t, dir) })
	const one = "91310105MA7W80873U"
	var got []string
	for _, m := range effect.Of(state, one, effect.Asked{Year: 2026, Day: domain.DateOf(2026, 11, 27)}) {
		text := string(m.Clause) + " " + string(m.Subject.Kind) + " " + m.Subject.ID + ": " + string(m.Answer)
		switch {
		case m.Why != nil:
			text += " " + m.Why.Code
		case m.Left().Stated:
			text += " " + m.Left().Amount.String()
		default:
			text += " none stated"
		}
		got = append(got, text)
	}
	want := []string{"1.1a enterprise " + one + ": department_judges 100000000.00", "1.1b enterprise " + one + ": no industry_not_served", "1.2c enterprise " + one + ": department_judges none stated",
		"1.3a  : no industry_not_served", "2.1.1 project 2025-P-0013: department_judges 2662739.30"}
	for _, clause := range []string{"2.2.1", "2.2.2", "2.3.1", "2.3.2", "2.3.3", "2.4.1", "2.4.2", "2.4.3"} {
		want = append(want, clause+" project : no industry_not_served")
	}
	for _, text := range want {
		if !slices.Contains(got, text) {
			t.Errorf("%q is not told among %q", text, got)
		}
	}
}
