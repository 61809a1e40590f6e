package pages

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/policies"
	"github.com/fundledger/fundledger/replay"
	"github.com/fundledger/fundledger/wire"
	"github.com/fundledger/fundledger/words"
)

// weighed is what a command would do, in no language.
type weighed struct {
	command  domain.Command // as the fund spells it
	text     []byte         // the command that was given, in its canonical form
	payee    domain.Text
	paidTo   *intoAccount    // the bank account that a payout goes to; nil: it is none, or none is recorded
	payees   [2]*intoAccount // the bank account in use, where it is what the command is about
	standing [2]*replay.Standing
	seen     [2][]seen
	levels   [2][]level
	over     []overLine
	groups   []overLine
	rooms    []roomRow // what its amounts are held against
}

// seen is a figure of a state.
type seen struct {
	figure
	value any // domain.Money, domain.Ceiling, or what is no figure as a domain.Text
}

// figure says which it is.
type figure struct {
	column string // of the dictionary, or a field of the command
	scope  string // of a budget: its clause or department
	year   int
}

// weigh tries a command on a state: what it would do by the rules, or why they refuse it.
func weigh(s *domain.State, c domain.Command, today domain.Date) (*weighed, *domain.Refusal) {
	decision, refusal := domain.Decide(s, c, today)
	if refusal != nil {
		return nil, refusal
	}
	text, err := wire.EncodeCommand(c)
	if err != nil {
		return nil, domain.NewRefusal(domain.CodeCommandMalformed, "reason", domain.ReasonJSON, "detail", err.Error())
	}
	w := &weighed{command: decision.As, text: text}
	day := felt(c, today)
	concern := domain.Concerns(decision.Events[0])
	if e, known := s.Enterprise(concern.Enterprise); known {
		w.payee = domain.Text{ZH: e.Name, EN: e.Name}
	}
	w.paidTo = paidTo(s, decision.As, concern.Enterprise)
	rooms, _ := s.Rooms(decision.As, today) // a decision that is taken has them
	w.rooms = namedRooms(s, rooms)
	over, groups := [2]map[domain.AccountLine]overLine{}, [2]map[domain.AccountLine]overLine{}
	look := func(i int) {
		w.standing[i] = replay.StandingOf(s, concern.Application, concern.Enterprise)
		w.seen[i] = figuresOf(s, decision.As, concern, day)
		w.levels[i] = levelsOf(s, concern, day)
		if _, about := decision.As.(*domain.RecordPayeeAccount); about {
			w.payees[i] = payeeOn(s, concern.Enterprise, decision.As.Given().Date)
		}
		over[i], groups[i] = overOf(s, linesAbout(s, concern, decision.Events[0]), day), groupsOver(s, concern, day)
	}
	look(0)
	s.Suppose(func() {
		decision.Take(s, "")
		look(1)
	})
	w.over, w.groups = further(over), further(groups)
	return w, nil
}

// further are those that are over by more than they were, the worst first.
func further(over [2]map[domain.AccountLine]overLine) (list []overLine) {
	for key, after := range over[1] {
		if after.Was = over[0][key].Is; after.Is.More(after.Was) {
			list = append(list, after)
		}
	}
	slices.SortFunc(list, func(a, b overLine) int {
		return cmp.Or(b.Is.Cmp(a.Is), cmp.Compare(a.Subject, b.Subject), cmp.Compare(a.Year, b.Year))
	})
	return list
}

// felt is the day on which what a command does is felt: today, or when an amendment takes effect.
func felt(c domain.Command, today domain.Date) domain.Date {
	switch c := c.(type) {
	case *domain.AmendClause:
		return latest(c.EffectiveOn, today)
	case *domain.AmendPolicy:
		return latest(c.EffectiveOn, today)
	}
	return today
}

func latest(a, b domain.Date) domain.Date {
	if b.After(a) {
		return b
	}
	return a
}

// figuresOf are the figures of a state that a command is about: its account, its payout or clawback, and the budgets.
func figuresOf(s *domain.State, c domain.Command, about domain.Concern, day domain.Date) (list []seen) {
	add := func(column string, year domain.SupportYear, value any) {
		list = append(list, seen{figure{column: column, year: int(year)}, value})
	}
	if a, ok := s.Application(about.Application); ok {
		for _, i := range a.Instalments {
			add("unpaid", i.SupportYear, i.Amount.Sub(i.Paid))
		}
	}
	clawback, payout := domain.ClawbackID(saysIn(c, "clawback")), domain.PayoutID(saysIn(c, "payout"))
	if id := saysIn(c, "recovery"); clawback == "" && payout == "" {
		clawback, payout = s.Recovered(domain.RecoveryID(id))
	}
	if v, ok := s.Clawback(clawback); ok {
		payout = cmp.Or(payout, v.Payout)
		add("ordered", 0, v.Ordered)
		add("waived", 0, v.Waived)
		add("written_off", 0, v.WrittenOff)
		add("recovered", 0, v.Recovered)
		add("outstanding", 0, v.Outstanding)
	}
	if v, ok := s.Payout(payout); ok {
		add("returned", 0, v.Returned)
		add("kept_back", 0, v.KeptBack)
		add("clawback_ordered", 0, v.Ordered)
	}
	if versions := s.Versions(about.Account.Clause); !about.Charged() && len(versions) > 0 {
		add("cap", 0, domain.VersionOn(versions, day).Cap)
	}
	scopes := map[domain.SupportYear]bool{}
	for _, year := range about.Years {
		line, ok := s.Account(about.Account, year, day)
		if !ok || scopes[line.SupportYear] {
			continue
		}
		scopes[line.SupportYear] = true
		add("use", line.SupportYear, line.Use)
		add("exceptions", line.SupportYear, line.Exceptions)
		add("headroom", line.SupportYear, line.Headroom())
	}
	for _, b := range s.Budgets() {
		list = append(list, seen{figure{"budget_paid", b.Scope, b.Year}, b.Paid}, seen{figure{"remaining", b.Scope, b.Year}, b.Set.Sub(b.Paid)})
	}
	return append(list, standsAs(s, c)...)
}

// standsAs is what a command changes that is no amount: whether a budget year is closed, and what a policy says.
func standsAs(s *domain.State, c domain.Command) (list []seen) {
	say := func(column string, year int, text domain.Text) {
		list = append(list, seen{figure{column: column, year: year}, text})
	}
	switch c := c.(type) {
	case *domain.CloseBudgetYear:
		say("closed_on", c.Year, closedOn(s, c.Year))
	case *domain.ReopenBudgetYear:
		say("closed_on", c.Year, closedOn(s, c.Year))
	case *domain.MergeEnterprises:
		say("into", 0, takenOverBy(s, c.From))
	case *domain.VoidMerger:
		say("into", 0, takenOverBy(s, c.From))
	case *domain.SameProject:
		say("joined_with", 0, namesOf(s.Policy(), "project", s.JoinedWith(c.A)))
	case *domain.AmendPolicy:
		p, _ := s.Amended(c) // the decision found it
		say("term_to", 0, plainly(p.Term.To.String()).Label)
		if c.Workflow != nil {
			say("workflow", 0, partsText(policies.WorkflowParts(p.Workflow)))
		}
		if c.Promised != nil {
			promised := p.Promised
			if clause, of := p.Clause(c.Clause); of {
				promised = clause.Promised
			}
			say("promised", 0, promisedText(promised))
		}
		if c.Debtors != "" {
			say("debtors", 0, words.Choice("debtors", string(cmp.Or(p.Debtors, domain.DebtorFinding))))
		}
		if c.AddClause != nil {
			added, _ := p.Clause(c.AddClause.ID)
			say("add_clause", 0, added.Name)
		}
		clause, known := p.Clause(c.Clause)
		if !known {
			return list
		}
		say("departments", 0, namesOf(s.Policy(), "department", clause.Departments))
		say("industries", 0, namesOf(s.Policy(), "industry", clause.Industries))
		say("conditions", 0, s.Policy().TellConditions(clause.Conditions, 0))
		if c.GroupCap != nil {
			say("group_cap", 0, clause.GroupCap.Text())
		}
		closed := fmt.Sprint(!s.ClosedOn(c.Clause).IsZero())
		say("close", 0, domain.Text{ZH: words.Word(closed, "zh"), EN: words.Word(closed, "en")})
	}
	return list
}

// takenOverBy is what the enterprise is called that took one over; no text where none did.
func takenOverBy(s *domain.State, id domain.EnterpriseID) domain.Text {
	now, known := s.Enterprise(s.Now(id))
	if !known || s.Now(id) == id {
		return domain.Text{}
	}
	return plainly(now.Name).Label
}

// closedOn is the day on which a budget year was closed; no text where it is open.
func closedOn(s *domain.State, year int) domain.Text {
	if closing, is := s.ClosingOf(year); is {
		return plainly(closing.On.String()).Label
	}
	return domain.Text{}
}

// namesOf are what things of a kind are called, in a line.
func namesOf[T ~string](p *domain.Policy, kind string, ids []T) domain.Text {
	join := func(lang, comma string) string {
		list := make([]string, len(ids))
		for i, id := range ids {
			list[i] = called(p, kind, string(id), lang)
		}
		return strings.Join(list, comma)
	}
	return domain.Text{ZH: join("zh", "、"), EN: join("en", ", ")}
}

// linesAbout are the accounts concerned, in their years: of what concerns a whole clause all under it, of a merger those of both.
func linesAbout(s *domain.State, about domain.Concern, e domain.Event) (lines []domain.AccountLine) {
	both := func(from, into domain.EnterpriseID) []domain.AccountLine {
		return slices.DeleteFunc(s.Lines(), func(line domain.AccountLine) bool {
			return line.Subject.Kind != domain.SubjectEnterprise || line.Subject.ID != string(from) && line.Subject.ID != string(into)
		})
	}
	switch e := e.(type) {
	case *domain.EnterprisesMerged:
		return both(e.From, e.Into)
	case *domain.MergerVoided:
		return both(e.From, e.Into)
	}
	if !about.Charged() {
		return s.LinesUnder(about.Account.Clause)
	}
	for _, year := range about.Years {
		lines = append(lines, domain.AccountLine{Account: about.Account, SupportYear: year})
	}
	return lines
}

// overOf are those of some accounts that are over what they must hold.
func overOf(s *domain.State, lines []domain.AccountLine, day domain.Date) map[domain.AccountLine]overLine {
	over := map[domain.AccountLine]overLine{}
	for _, line := range lines {
		v, ok := s.Account(line.Account, line.SupportYear, day)
		if !ok || !v.OverBy().Positive() {
			continue
		}
		line.SupportYear = v.SupportYear
		one := overLine{Clause: v.Clause, Kind: v.Subject.Kind, Subject: v.Subject.ID, Year: v.SupportYear, Is: v.OverBy(), Headroom: v.Headroom()}
		if v.Subject.Kind == domain.SubjectEnterprise {
			e, _ := s.Enterprise(domain.EnterpriseID(v.Subject.ID))
			one.Name = e.Name
		}
		over[line] = one
	}
	return over
}

// groupsOver are the groups of a day that use more of a clause than they may, each by its first member.
func groupsOver(s *domain.State, about domain.Concern, day domain.Date) map[domain.AccountLine]overLine {
	over := map[domain.AccountLine]overLine{}
	if about.Charged() || about.Account.Clause == "" {
		return over
	}
	for _, line := range s.LinesUnder(about.Account.Clause) {
		if line.Subject.Kind != domain.SubjectEnterprise {
			continue
		}
		v, grouped := s.GroupUse(domain.EnterpriseID(line.Subject.ID), line.Clause, line.SupportYear, day)
		if !grouped || !v.OverBy().Positive() {
			continue
		}
		first := v.Members[0]
		e, _ := s.Enterprise(first)
		line.Subject.ID, line.SupportYear = string(first), v.SupportYear
		over[line] = overLine{Clause: v.Clause, Kind: line.Subject.Kind, Subject: string(first), Name: e.Name, Members: len(v.Members), Year: v.SupportYear, Is: v.OverBy()}
	}
	return over
}

// fieldsOf are a command's fields as they are written down, by name; the texts among them as texts.
func fieldsOf(c domain.Command) map[string]string {
	text, err := wire.EncodeCommand(c)
	if err != nil {
		return nil
	}
	var raw map[string]jsontext.Value
	if err := json.Unmarshal(text, &raw); err != nil {
		return nil
	}
	fields := make(map[string]string, len(raw))
	for name, value := range raw {
		fields[name] = string(value)
		var plain string
		if json.Unmarshal(value, &plain) == nil {
			fields[name] = plain
		}
	}
	return fields
}

// intoAccount is a bank account as everybody may read it, by the end of its number. The number itself is sealed: two that end alike are told apart by it.
type intoAccount struct {
	domain.Text
	sealed domain.AccountNumber
}

// said is an account in a digest; of none it is nothing.
func (a *intoAccount) said() string {
	if a == nil {
		return ""
	}
	return fmt.Sprintf("\n%q %q", a.EN, a.sealed)
}

// paidTo is the bank account that a payout goes to on its day.
func paidTo(s *domain.State, c domain.Command, id domain.EnterpriseID) *intoAccount {
	pay, ok := c.(*domain.MakePayout)
	if !ok {
		return nil
	}
	day := pay.PaidOn
	if day.IsZero() {
		day = pay.Date
	}
	return payeeOn(s, id, day)
}

// payeeOn is the bank account of an enterprise that is in use on a day; nil: none is.
func payeeOn(s *domain.State, id domain.EnterpriseID, day domain.Date) *intoAccount {
	to, known := s.PayeeOn(id, day)
	if !known {
		return nil
	}
	return &intoAccount{domain.Text{ZH: fmt.Sprintf("%s，尾号 %s，%s", to.Holder, to.Account.Tail(), to.Bank), EN: fmt.Sprintf("%s, ending %s, %s", to.Holder, to.Account.Tail(), to.Bank)}, to.Account}
}

// saysIn is what a command says in a field.
func saysIn(c domain.Command, field string) string { return fieldsOf(c)[field] }

// digest is what a review shows, in a word: the command and every figure, before and after.
func (w *weighed) digest() string {
	h := sha256.New()
	h.Write(w.text)
	for _, account := range []*intoAccount{w.paidTo, w.payees[0], w.payees[1]} {
		fmt.Fprint(h, account.said())
	}
	for i := range w.seen {
		others := valuesOf(w.seen[1-i])
		for _, f := range w.seen[i] {
			if f.value != others[f.figure] || f.column == "headroom" {
				fmt.Fprintf(h, "\n%d %s %q %d %v", i, f.column, f.scope, f.year, f.value)
			}
		}
	}
	for _, c := range replay.Beside(w.standing[0], w.standing[1]) {
		if c.Before != c.After {
			fmt.Fprintf(h, "\n%q", c)
		}
	}
	for _, o := range append(slices.Clip(w.over), w.groups...) {
		fmt.Fprintf(h, "\n%q", fmt.Sprint(o))
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// valuesOf are figures by which they are.
func valuesOf(list []seen) map[figure]any {
	values := make(map[figure]any, len(list))
	for _, f := range list {
		values[f.figure] = f.value
	}
	return values
}
