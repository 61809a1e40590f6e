package main

import (
	"archive/zip"
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io/fs"
	"math/big"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// What evaluations say is made again by a program of another kind: of the events of a bundle as they are written, by what docs/design.md and the
// package comment of evaluation define, and by nothing of the program's own.

// object is what a line of JSON says.
type object map[string]any

func readObject(text []byte) (o object, err error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	err = d.Decode(&o)
	return o, err
}

func objects(of any) (list []object) {
	all, _ := of.([]any)
	for _, one := range all {
		list = append(list, one.(map[string]any))
	}
	return list
}

// at is the text at a path; "": nothing is there.
func (o object) at(path ...string) string {
	for _, name := range path[:len(path)-1] {
		inner, _ := o[name].(map[string]any)
		o = inner
	}
	if is := o[path[len(path)-1]]; is != nil {
		return fmt.Sprint(is)
	}
	return ""
}

// paidFor is an enterprise, the clause whose account is charged, and a support year.
type paidFor struct{ enterprise, clause, year string }

type moneyMoved struct {
	paidFor
	net  *big.Rat
	gone bool // a booking that was reversed: it never was
	paid bool // a payout, not a recovery
}

type filed struct {
	enterprise, clause, state string
	years                     []string
}

type fromDay struct{ day, is string }

// factAt is a fact of an enterprise, of a period.
type factAt struct{ enterprise, fact, period string }

// stranger is who has a bundle and nothing else.
type stranger struct {
	root         string
	clauses      []string
	indicators   map[string][]object
	units        map[string]string // of facts
	enterprises  []string
	industries   map[string][]fromDay
	recognised   map[string][]factAt // values that say the industry, whether they count or not
	values       map[factAt]string   // that count
	moved        map[string]*moneyMoved
	applications map[string]*filed
	merged       map[string]string
	targets      map[[3]string]string
	net          map[paidFor]*big.Rat // of payouts that are not gone, though nothing is left of them
	outcomes     map[paidFor]map[string]bool
	supported    map[string][]paidFor // of each enterprise, with a net above nought
}

func readBundle(path string) (*stranger, error) {
	s := &stranger{indicators: map[string][]object{}, units: map[string]string{}, industries: map[string][]fromDay{}, recognised: map[string][]factAt{}, values: map[factAt]string{},
		moved: map[string]*moneyMoved{}, applications: map[string]*filed{}, merged: map[string]string{}, targets: map[[3]string]string{}, net: map[paidFor]*big.Rat{},
		outcomes: map[paidFor]map[string]bool{}, supported: map[string][]paidFor{}}
	archive, err := zip.OpenReader(path)
	if err != nil {
		return nil, err
	}
	defer archive.Close()
	manifest, err := fs.ReadFile(archive, "bundle.json")
	if err != nil {
		return nil, err
	}
	says, err := readObject(manifest)
	if err != nil {
		return nil, err
	}
	s.root = says.at("root")
	events, err := fs.ReadFile(archive, "events.jsonl")
	if err != nil {
		return nil, err
	}
	for text := range bytes.Lines(events) {
		line, err := readObject(text)
		if err != nil {
			return nil, err
		}
		data, err := readObject([]byte(line.at("data")))
		if err != nil {
			return nil, err
		}
		header := func(name string) string {
			values, _ := line["header"].(map[string]any)[name].([]any)
			return fmt.Sprint(append(values, "")[0])
		}
		s.take(strings.TrimPrefix(header("ce-type"), "fundledger."), header("ce-businessdate"), data)
	}
	s.add()
	return s, nil
}

// states are what an application is after an event.
var states = map[string]string{"application_submitted": "waiting", "application_accepted": "waiting", "application_returned": "waiting", "application_approved": "approved",
	"application_rejected": "rejected", "application_withdrawn": "withdrawn", "application_voided": "voided"}

func (s *stranger) take(kind, day string, e object) {
	for _, one := range objects(e["shifted"]) { // of a recovery counts more, or less, than before
		s.moved["recovery "+one.at("recovery")].move(one.at("beyond"), 1)
	}
	charged := paidFor{e.at("charge", "enterprise"), e.at("charge", "clause"), e.at("support_year")}
	payout, recovery := "payout "+e.at("payout"), "recovery "+e.at("recovery")
	switch kind {
	case "policy_published":
		policy := object(e["policy"].(map[string]any))
		s.facts(policy["facts"])
		for _, c := range objects(policy["clauses"]) {
			s.clauses = append(s.clauses, c.at("id"))
		}
		for _, one := range objects(policy["indicators"]) {
			s.indicators[one.at("clause")] = append(s.indicators[one.at("clause")], one)
		}
	case "policy_amended":
		s.facts(e["add_facts"])
		if e["add_clause"] != nil {
			s.clauses = append(s.clauses, e.at("add_clause", "id"))
		}
		if e["indicators"] != nil {
			s.indicators[e.at("clause")] = objects(e["indicators"])
		}
	case "enterprise_registered":
		s.enterprises = append(s.enterprises, e.at("enterprise"))
		s.industries[e.at("enterprise")] = []fromDay{{"", e.at("industry")}}
	case "enterprise_corrected":
		s.industries[e.at("enterprise")] = append(s.industries[e.at("enterprise")], fromDay{day, e.at("industry")})
	case "fact_recorded", "fact_corrected":
		key := factAt{e.at("enterprise"), e.at("fact"), e.at("period")}
		if e.at("means") == "industry" && !slices.Contains(s.recognised[key.enterprise], key) {
			s.recognised[key.enterprise] = append(s.recognised[key.enterprise], key)
		}
		if e["pending"] == nil {
			s.values[key] = e.at("value")
		}
	case "payout_made", "payout_booked":
		s.moved[payout] = &moneyMoved{paidFor: charged, net: number(e.at("amount")), paid: true}
	case "payout_returned":
		s.moved[payout].move(e.at("amount"), -1)
	case "return_reversed":
		s.moved[payout].move(e.at("amount"), 1)
	case "booking_reversed":
		s.moved[payout].gone = true
	case "recovery_received", "recovery_booked", "recovery_offset":
		s.moved[recovery] = &moneyMoved{paidFor: charged, net: new(big.Rat)}
		s.moved[recovery].move(e.at("amount"), -1)
		s.moved[recovery].move(cmp.Or(e.at("beyond"), "0"), 1)
	case "recovery_reversed":
		s.moved[recovery].gone = true
	case "enterprises_merged":
		s.merged[e.at("from")] = e.at("on")
	case "merger_voided":
		delete(s.merged, e.at("from"))
	case "target_set":
		s.targets[[3]string{e.at("clause"), e.at("indicator"), e.at("year")}] = e.at("value")
	default:
		s.takeApplication(kind, charged, e)
	}
}

func (s *stranger) takeApplication(kind string, charged paidFor, e object) {
	if !strings.HasPrefix(kind, "application_") {
		return
	}
	a := s.applications[e.at("application")]
	if a == nil {
		a = &filed{}
		s.applications[e.at("application")] = a
	}
	a.enterprise, a.clause, a.state = charged.enterprise, charged.clause, cmp.Or(states[kind], a.state)
	if kind == "application_submitted" || kind == "application_amended" && len(objects(e["requested"])) > 0 {
		a.years = nil
		for _, part := range objects(e["requested"]) {
			a.years = append(a.years, part.at("support_year"))
		}
	}
}

func (s *stranger) facts(of any) {
	for _, f := range objects(of) {
		s.units[f.at("id")] = f.at("unit")
	}
}

func (m *moneyMoved) move(amount string, sign int64) {
	m.net.Add(m.net, times(number(amount), sign))
}

// add reckons the net support and what became of applications, and puts enterprises into the order of their codes.
func (s *stranger) add() {
	slices.Sort(s.enterprises)
	becomes := func(of paidFor, what string) {
		if s.outcomes[of] == nil {
			s.outcomes[of] = map[string]bool{}
		}
		s.outcomes[of][what] = true
	}
	for _, m := range s.moved {
		if m.gone {
			continue
		}
		s.net[m.paidFor] = plus(orNought(s.net[m.paidFor]), m.net)
		if m.paid {
			becomes(m.paidFor, "paid")
		}
	}
	for of, net := range s.net {
		if net.Sign() > 0 {
			s.supported[of.enterprise] = append(s.supported[of.enterprise], of)
		}
	}
	for _, a := range s.applications {
		for _, year := range a.years {
			becomes(paidFor{a.enterprise, a.clause, year}, a.state)
		}
	}
}

// industryOn is the industry of the latest registration, correction or recognition that began by a day; recognitions go before.
func (s *stranger) industryOn(enterprise, day string) (industry string) {
	for _, one := range s.industries[enterprise] {
		if one.day <= day {
			industry = one.is
		}
	}
	since := ""
	for _, key := range s.recognised[enterprise] {
		if is := s.values[key]; is != "" && key.period <= day && key.period >= since {
			industry, since = is, key.period
		}
	}
	return industry
}

// recompute holds what the program printed against what a stranger makes of a bundle: recompute BUNDLE YEAR EVALUATIONS CASES CONCENTRATION.
func recompute(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 5 {
		ts.Fatalf("usage: recompute bundle year evaluations cases concentration")
	}
	s, err := readBundle(ts.MkAbs(args[0]))
	ts.Check(err)
	rows, tests := s.rows(args[1]), map[string]int{}
	for _, row := range rows {
		if row["p_value"] != "" {
			tests[row["drawn"]]++
		}
	}
	ts.Logf("%d enterprises, %d rows, tested (drawn or not): %v", len(s.enterprises), len(rows), tests)
	if tests["true"] == 0 || tests["false"] == 0 {
		ts.Fatalf("a test of either kind is wanted: %v", tests)
	}
	for i, made := range [][]map[string]string{rows, s.cases(rows, args[1]), s.concentration()} {
		var printed []object
		d := json.NewDecoder(strings.NewReader(ts.ReadFile(args[2+i])))
		d.UseNumber()
		ts.Check(d.Decode(&printed))
		if faults := differing(made, printed); len(faults) > 0 {
			ts.Fatalf("%s: %d differ:\n%s", args[2+i], len(faults), strings.Join(faults[:min(20, len(faults))], "\n"))
		}
	}
}

// differing are the cells that are not the same in what was made and in what was printed.
func differing(made []map[string]string, printed []object) (faults []string) {
	id := func(of func(string) string) string {
		return strings.Join([]string{of("clause"), of("support_year"), of("indicator"), of("enterprise")}, " ")
	}
	rows := map[string]map[string]string{}
	for _, row := range made {
		rows[id(func(name string) string { return row[name] })] = row
	}
	if len(rows) != len(printed) || len(rows) == 0 {
		faults = append(faults, fmt.Sprintf("%d rows, printed are %d", len(rows), len(printed)))
	}
	for _, row := range printed {
		which := id(func(name string) string { return row.at(name) })
		mine := rows[which]
		for name := range mine {
			if _, there := row[name]; !there {
				faults = append(faults, which+" has no "+name)
			}
		}
		for name := range row {
			if !slices.Contains([]string{"clause_name", "indicator_name", "enterprise_name", "message"}, name) && mine[name] != row.at(name) && (mine[name] != "" || row.at(name) != "0" && row.at(name) != "false") {
				faults = append(faults, fmt.Sprintf("%s: %s is %q, printed is %q", which, name, mine[name], row.at(name)))
			}
		}
	}
	return faults
}
