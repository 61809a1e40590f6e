package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/wire"
)

// The rules of edition 2 as the program keeps them: one file with a case for each way to get round them. It is imported beside the ledger
// and through a server; both refuse the same lines, nothing is booked by a second import, and the accounts say what they must.
func TestAFileOfAttacksComesToWhatTheRulesSay(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	policy, file := filepath.Join(dir, "rules.yaml"), filepath.Join(dir, "attacks.jsonl")
	stories, text := attacks(t), []byte(nil)
	for _, s := range stories {
		for _, c := range s.commands {
			line, err := wire.EncodeCommand(c)
			if err != nil {
				t.Fatal(err)
			}
			text = append(append(text, line...), '\n')
		}
	}
	write(t, policy, rulesPolicy(stories))
	write(t, file, string(text))
	here := filepath.Join(dir, "here")
	sums, rejects := importing(t, file, "--policy", policy, "--data", here)
	asExpected(t, stories, rejects)
	if again, told := importing(t, file, "--data", here); again["accepted"] != 0 || again["events"] != 0 || again["refused"]+again["refused_before"] != sums["refused"] {
		t.Errorf("imported again it comes to %v, first %v", again, sums)
	} else {
		asExpected(t, stories, told)
	}
	accountsAsExpected(t, stories, here)
	findingsAsExpected(t, stories, here)

	there := filepath.Join(dir, "there")
	output(t, "policy", "publish", policy, "--data", there)
	output(t, "user", "add", "root", "--data", there, "--grant", "admin")
	token := strings.TrimSpace(string(output(t, "token", "create", "root", "cli", "--data", there)))
	serving(t, there, func(url string) {
		server := []string{"--server", url, "--token", token, "--actor", "root", "--policy", policy}
		if got, told := importing(t, file, server...); got["refused"] != sums["refused"] || !bytes.Equal(told, rejects) {
			t.Errorf("through a server %v, here %v", got, sums)
			asExpected(t, stories, told)
		}
		if again, told := importing(t, file, server...); again["accepted"] != 0 || again["events"] != 0 || again["refused"]+again["refused_before"] != sums["refused"] {
			t.Errorf("imported again through a server it comes to %v, first %v", again, sums)
		} else {
			asExpected(t, stories, told)
		}
	})
	accountsAsExpected(t, stories, there)
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// importing imports a file, and gives what is counted and the rejects.
func importing(t *testing.T, file string, more ...string) (sums map[string]float64, rejects []byte) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "rejects.jsonl")
	c := program(t, append([]string{"import", file, "--format", "json", "--rejects", path}, more...)...)
	var said bytes.Buffer
	c.Stderr = &said
	out, err := c.Output()
	if exit := (*exec.ExitError)(nil); err != nil && !(errors.As(err, &exit) && exit.ExitCode() == 1) {
		t.Fatalf("import %v ends with %v\n%s", more, err, &said)
	}
	if err := json.Unmarshal(out, &sums); err != nil {
		t.Fatalf("import %v: %v: %s\n%s", more, err, out, &said)
	}
	if rejects, err = os.ReadFile(path); err != nil {
		t.Fatal(err)
	}
	return sums, rejects
}

func asExpected(t *testing.T, stories []*attack, rejects []byte) {
	t.Helper()
	want, got := map[string]string{}, map[string]string{}
	for _, s := range stories {
		maps.Copy(want, s.refused)
	}
	for line := range bytes.Lines(rejects) {
		var r struct{ ID, Code string }
		if err := json.Unmarshal(line, &r); err != nil {
			t.Fatal(err)
		}
		got[r.ID] = r.Code
	}
	for _, id := range slices.Sorted(maps.Keys(want)) {
		if got[id] != want[id] {
			t.Errorf("%s: want %q, got %q", id, want[id], got[id])
		}
		delete(got, id)
	}
	for _, id := range slices.Sorted(maps.Keys(got)) {
		t.Errorf("%s was refused: %s", id, got[id])
	}
}

func accountsAsExpected(t *testing.T, stories []*attack, dir string) {
	t.Helper()
	var rows []map[string]any
	if err := json.Unmarshal(output(t, "accounts", "--data", dir, "--format", "json"), &rows); err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, r := range rows {
		got[fmt.Sprint(r["clause"], " ", r["subject"], " ", r["support_year"])] = fmt.Sprint("use ", r["use"], " headroom ", r["headroom"], " over ", r["over_by"],
			" beyond ", r["received_beyond"])
	}
	for _, s := range stories {
		for key, want := range s.accounts {
			if got[key] != want {
				t.Errorf("%s, account %s: want %s, got %s", s.name, key, want, got[key])
			}
		}
	}
}

func findingsAsExpected(t *testing.T, stories []*attack, dir string) {
	t.Helper()
	var report struct {
		Sound    bool
		Findings []struct{ Code, Subject string }
	}
	text := output(t, "verify", "--data", dir, "--format", "json")
	if err := json.Unmarshal(text, &report); err != nil || !report.Sound {
		t.Fatalf("verify: %v, sound %v", err, report.Sound)
	}
	booked := string(output(t, "list", "findings", "--data", dir, "--format", "csv"))
	for _, s := range stories {
		for _, code := range s.findings {
			if !bytes.Contains(text, []byte(`"`+code+`"`)) && !strings.Contains(booked, ","+code+",") {
				t.Errorf("%s: no finding %s", s.name, code)
			}
		}
	}
}

// attack is a case: its commands, which of them are refused and with which code, and what its accounts and findings then are.
type attack struct {
	name     string
	day      domain.Date
	commands []domain.Command
	refused  map[string]string // by command
	accounts map[string]string // by clause, subject and year
	findings []string
}

// rulesPolicy has clauses for every case, so that none meets another: y caps a project by year, t in total, e an enterprise by year; w
// caps awards, which any department may review; r is by reference to e.
func rulesPolicy(stories []*attack) string {
	var b strings.Builder
	b.WriteString(`fund: rules
title: {zh: 规则试验, en: Rules on trial}
issued_on: 2024-01-01
term: {from: 2024-01-01, to: 2025-12-31}
currency: CNY
beneficiary_id: opaque
workflow: {acceptance: true, reviews: 1}
treasury: till
authority: gov
departments:
  - {id: d1, name: {zh: 甲局, en: first}}
  - {id: d2, name: {zh: 乙局, en: second}}
  - {id: till, name: {zh: 财政, en: till}}
  - {id: gov, name: {zh: 府, en: government}}
industries:
  - {id: i1, name: {zh: 甲业, en: one}}
  - {id: i2, name: {zh: 乙业, en: two}}
clauses:
`)
	clause := func(id, more string) {
		fmt.Fprintf(&b, "  - {id: %s, name: {zh: 条款, en: clause}, source: s, departments: [d1], %s}\n", id, more)
	}
	for _, s := range stories {
		clause(s.name+"y", `cap: {amount: "100.00", subject: project, period: year}, stronger_support: true`)
		clause(s.name+"t", `cap: {amount: "20.00", subject: project, period: total}, stronger_support: true`)
		clause(s.name+"e", `industries: [i1], cap: {amount: "100.00", subject: enterprise, period: year}, stronger_support: true`)
		clause(s.name+"w", `any_department_reviews: true, cap: {amount: "5.00", subject: award, period: total}`)
		clause(s.name+"r", `industries: [i2], refers_to: [`+s.name+`e]`)
	}
	return b.String()
}

func (s *attack) on(day string) *attack {
	d, err := domain.ParseDate(day)
	if err != nil {
		panic(err)
	}
	s.day = d
	return s
}

// say gives commands on the day; each is accepted, unless it is refused by [attack.no].
func (s *attack) say(list ...domain.Command) *attack {
	for _, c := range list {
		h := domain.HeadOf(c)
		h.ID = domain.CommandID(fmt.Sprintf("%s-%02d-%s", s.name, len(s.commands), c.Name()))
		h.Date = s.day
		if h.Actor.Role == "" {
			h.Actor = giver(c)
		}
		s.commands = append(s.commands, c)
	}
	return s
}

func (s *attack) no(code string, c domain.Command) *attack {
	s.say(c)
	s.refused[string(c.Given().ID)] = code
	return s
}

func (s *attack) comesTo(clause, subject, year, what string) *attack {
	s.accounts[s.name+clause+" "+subject+" "+year] = what
	return s
}

func (s *attack) found(codes ...string) *attack {
	s.findings = append(s.findings, codes...)
	return s
}

// giver is somebody who may give a command, one person for each role.
func giver(c domain.Command) domain.Actor {
	v, _ := domain.VerbNamed(c.Name())
	switch v.Office {
	case domain.TreasuryOffice:
		return domain.Actor{ID: "qian", Role: domain.Treasurer, Department: "till"}
	case domain.AuthorityOffice:
		return domain.Actor{ID: "gu", Role: domain.Authority, Department: "gov"}
	}
	role := v.Roles[0]
	return domain.Actor{ID: domain.PersonID(role), Role: role, Department: "d1"}
}

func as[C domain.Command](c C, person domain.PersonID, role domain.Role, d domain.DepartmentID) C {
	domain.HeadOf(c).Actor = domain.Actor{ID: person, Role: role, Department: d}
	return c
}

func yuan(text string) domain.Money {
	m, err := domain.ParseMoney(text)
	if err != nil {
		panic(err)
	}
	return m
}

func part(year domain.SupportYear, amount string) domain.Instalment {
	return domain.Instalment{SupportYear: year, Amount: yuan(amount)}
}

// The commands of a case. Their identifiers begin with its name, but for projects and awards.
func (s *attack) firm() domain.EnterpriseID         { return domain.EnterpriseID("firm-" + s.name) }
func (s *attack) app(n string) domain.ApplicationID { return domain.ApplicationID(s.name + "-" + n) }
func (s *attack) clause(of string) domain.ClauseID  { return domain.ClauseID(s.name + of) }
func (s *attack) register(i domain.IndustryID) domain.Command {
	return &domain.RegisterEnterprise{Enterprise: s.firm(), Title: "企业" + s.name, Industry: i}
}

func (s *attack) submit(n, clause, subject string, parts ...domain.Instalment) *domain.SubmitApplication {
	c := &domain.SubmitApplication{Application: s.app(n), Enterprise: s.firm(), Clause: s.clause(clause), Title: "t", Requested: parts}
	switch clause {
	case "y", "t":
		c.Project = subject
	case "w":
		c.Award = subject
	case "r":
		c.RefersTo = s.clause("e")
	}
	return c
}

func (s *attack) review(n string) *domain.RecordReview {
	return &domain.RecordReview{Application: s.app(n), Opinion: domain.Support, Comment: "c"}
}

func (s *attack) accept(n string) domain.Command {
	return &domain.AcceptApplication{Application: s.app(n)}
}

func (s *attack) approve(n string, parts ...domain.Instalment) *domain.ApproveApplication {
	return &domain.ApproveApplication{Application: s.app(n), Instalments: parts, Reason: "r"}
}

// filed takes an application to where it can be approved, granted to its approval.
func (s *attack) filed(n, clause, subject string, parts ...domain.Instalment) *attack {
	return s.say(s.submit(n, clause, subject, parts...), s.accept(n), s.review(n))
}

func (s *attack) granted(n, clause, subject string, parts ...domain.Instalment) *attack {
	return s.filed(n, clause, subject, parts...).say(s.approve(n, parts...))
}

func (s *attack) pay(id, n, amount string) *domain.MakePayout {
	return &domain.MakePayout{Payout: domain.PayoutID(s.name + id), Application: s.app(n), SupportYear: 2025, Amount: yuan(amount), Voucher: "v" + s.name + id}
}

func (s *attack) bookOn(id, n, amount string) *domain.BookPayout {
	return &domain.BookPayout{Payout: domain.PayoutID(s.name + id), Application: s.app(n), SupportYear: 2025, Amount: yuan(amount), Voucher: "v" + s.name + id}
}

func (s *attack) book(id, clause, project, amount string) *domain.BookPayout {
	return &domain.BookPayout{Payout: domain.PayoutID(s.name + id), Enterprise: s.firm(), Clause: s.clause(clause), Project: project, SupportYear: 2025,
		Amount: yuan(amount), Voucher: "v" + s.name + id}
}

func (s *attack) back(id, clause, project, amount string, cause domain.Cause) *domain.BookRecovery {
	return &domain.BookRecovery{Recovery: domain.RecoveryID(s.name + id), Enterprise: s.firm(), Clause: s.clause(clause), Project: project, SupportYear: 2025,
		Amount: yuan(amount), Cause: cause}
}

func (s *attack) order(id, payout, amount string) *domain.OrderClawback {
	return &domain.OrderClawback{Clawback: domain.ClawbackID(s.name + id), Payout: domain.PayoutID(s.name + payout), Amount: yuan(amount), Cause: domain.CauseError, Reason: "r"}
}

func (s *attack) receive(id, clawback, amount string) *domain.ReceiveRecovery {
	return &domain.ReceiveRecovery{Recovery: domain.RecoveryID(s.name + id), Clawback: domain.ClawbackID(s.name + clawback), Amount: yuan(amount)}
}

func (s *attack) bounce(id string) *domain.ReverseRecovery {
	return &domain.ReverseRecovery{Recovery: domain.RecoveryID(s.name + id), Reason: "退票"}
}

func (s *attack) sendBack(payout, amount string) *domain.ReturnPayout {
	return &domain.ReturnPayout{Payout: domain.PayoutID(s.name + payout), Amount: yuan(amount), Reason: "r"}
}

func (s *attack) undoReturn(payout, amount string) *domain.ReverseReturn {
	return &domain.ReverseReturn{Payout: domain.PayoutID(s.name + payout), Amount: yuan(amount), Reason: "误记"}
}

func (s *attack) undoBooking(payout string) *domain.ReverseBooking {
	return &domain.ReverseBooking{Payout: domain.PayoutID(s.name + payout), Reason: "误记", Document: "d"}
}

func (s *attack) amend(clause, limit, from string, retroactive bool) *domain.AmendClause {
	day, _ := domain.ParseDate(from)
	return &domain.AmendClause{Clause: s.clause(clause), Cap: domain.NewCap{Ceiling: domain.Stated(yuan(limit)), Given: true}, EffectiveOn: day, Retroactive: retroactive,
		Document: "d"}
}

func (s *attack) raise(id, clause, subject string, year domain.SupportYear, amount string) *domain.GrantException {
	return &domain.GrantException{Exception: domain.ExceptionID(s.name + id), Clause: s.clause(clause), Subject: subject, SupportYear: year, Amount: yuan(amount), Document: "d"}
}

func (s *attack) lower(id, amount string) *domain.RevokeException {
	return &domain.RevokeException{Exception: domain.ExceptionID(s.name + id), Amount: yuan(amount), Document: "d"}
}
