package pages

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/policies"
	"github.com/fundledger/fundledger/wire"
	"github.com/fundledger/fundledger/words"
)

// An amendment changes parts of a policy that have parts of their own. A workflow is asked for by its steps, of which those that are left out stay as they
// are; a clause is written as in a policy's file, and read and checked as one.

// clauseKind is how a clause is asked for.
const clauseKind = "clause_text"

// amendPolicy changes what a policy says of other things than caps.
func (p *Pages) amendPolicy(w http.ResponseWriter, r *http.Request) error {
	return p.answer(w, r, desk{here: "/policy", title: domain.Text{ZH: "修订政策", EN: "Amend the policy"},
		next: func(domain.Command) string { return "/policy" },
		drafts: func(s *domain.State) []draft {
			of := []option{{}}
			for _, one := range s.Policies() {
				of = append(of, option{Value: string(one.PolicyID()), Label: one.Title})
			}
			return []draft{asks(s.Policy(), "amend_policy", "policy", "effective_on", "document", "term_to", "clause", "departments", "industries", "close",
				"conditions", "group_cap", "workflow", "promised", "debtors", "add_clause", "add_facts", "indicators").among("policy", of).filled("effective_on", p.today().String())}
		}})
}

// policyInputs are how a part of a policy is asked for.
func policyInputs(f domain.Field) (list []field) {
	if f.Name == "promised" {
		for _, part := range policies.PromisedParts(domain.Promised{}) {
			list = append(list, field{Name: part.Path, Label: part.Label, Kind: string(domain.NumberField)})
		}
		return list
	}
	if f.Name == "group_cap" {
		for _, part := range policies.GroupCapParts(domain.GroupCap{}) {
			one := field{Name: part.Path, Label: part.Label, Kind: string(domain.CapField)}
			if codes := words.Codes(part.Path); codes != nil {
				one.Kind, one.Options = string(domain.ChoiceField), []option{{}}
				for _, c := range codes {
					one.Options = append(one.Options, option{Value: c.Name, Label: c.Text})
				}
			}
			list = append(list, one)
		}
		return list
	}
	if f.Name != "workflow" {
		return []field{{Name: f.Name, Label: f.Label, Kind: clauseKind, Required: !f.Optional}}
	}
	for _, part := range policies.WorkflowParts(domain.Workflow{}) {
		one := field{Name: part.Path, Label: domain.Text{ZH: f.Label.ZH + "：" + part.Label.ZH, EN: f.Label.EN + ": " + part.Label.EN}, Kind: string(domain.ChoiceField)}
		switch part.Path {
		case "workflow.reviews":
			one.Options = []option{{}}
			for n := range 10 {
				one.Options = append(one.Options, plainly(strconv.Itoa(n)))
			}
		case "workflow.recorded_late_days":
			one.Kind = string(domain.NumberField)
		default:
			one.Options = slices.Insert(offered(nil, domain.Field{Kind: domain.FlagField}), 0, option{})
		}
		list = append(list, one)
	}
	return list
}

// policyParts fills in what a form says of parts of a policy; what is wrong with them is an answer.
func (p *Pages) policyParts(ctx context.Context, c domain.Command, sent url.Values) (answer *said, err error) {
	amend, is := c.(*domain.AmendPolicy)
	if !is || !saysParts(sent) {
		return nil, nil
	}
	err = p.server.View(ctx, func(s *domain.State, _ uint64) {
		as, _ := s.Understand(amend)
		of, refusal := s.Amended(as.(*domain.AmendPolicy))
		if refusal != nil {
			answer = &said{Refusal: refusal}
			return
		}
		answer = amendedParts(s, of, amend, sent)
	})
	return answer, err
}

// writtenParts are those that are written as in a policy's file.
var writtenParts = []string{"add_facts", "add_clause", "conditions", "indicators"}

// saysParts reports whether a form says anything of parts of a policy.
func saysParts(sent url.Values) bool {
	for name := range sent {
		if (slices.Contains(writtenParts, name) || strings.HasPrefix(name, "workflow.") || strings.HasPrefix(name, "promised.") || strings.HasPrefix(name, "group_cap.")) && strings.TrimSpace(sent.Get(name)) != "" {
			return true
		}
	}
	return false
}

func amendedParts(s *domain.State, of *domain.Policy, c *domain.AmendPolicy, sent url.Values) *said {
	flow := s.WorkflowOn(of.Clauses[0].ID, c.EffectiveOn)
	for _, part := range policies.WorkflowParts(flow) {
		value := strings.TrimSpace(sent.Get(part.Path))
		if value == "" {
			continue
		}
		if reason := setStep(&flow, part.Path, value); reason != "" {
			return &said{Refusal: domain.NewRefusal(domain.CodeFieldInvalid, "field", part.Path, "value", value, "reason", reason, "limit", maxLateDays)}
		}
		c.Workflow = &flow
	}
	if answer := promisedOf(of, c, sent); answer != nil {
		return answer
	}
	if answer := groupCapOf(of, c, sent); answer != nil {
		return answer
	}
	for _, name := range writtenParts {
		text := strings.ReplaceAll(sent.Get(name), "\r\n", "\n") // not trimmed: a line's place in it is what the lines below are held against
		if strings.TrimSpace(text) == "" {
			continue
		}
		faults, err := writePart(of, c, name, text)
		if err != nil || len(faults) > 0 {
			return &said{Faults: lined(faults), Refusal: domain.NewRefusal(domain.CodeFieldInvalid, "field", name, "reason", domain.ReasonClauseText)}
		}
	}
	return nil
}

// promisedOf fills in what is promised of stages: of those that are left out what is promised already.
func promisedOf(of *domain.Policy, c *domain.AmendPolicy, sent url.Values) *said {
	promised := of.Promised
	if clause, is := of.Clause(c.Clause); is {
		promised = clause.Promised
	}
	places := map[string]*int{"acceptance": &promised.Acceptance, "review": &promised.Review, "approval": &promised.Approval, "payment": &promised.Payment}
	for _, part := range policies.PromisedParts(promised) {
		value := strings.TrimSpace(sent.Get(part.Path))
		if value == "" {
			continue
		}
		n, err := strconv.Atoi(value)
		if err != nil {
			return &said{Refusal: domain.NewRefusal(domain.CodeFieldInvalid, "field", part.Path, "value", value, "reason", domain.ReasonWhole)}
		}
		*places[strings.TrimPrefix(part.Path, "promised.")], c.Promised = n, &promised
	}
	return nil
}

// groupCapOf fills in what groups may use of a clause: what is left out stays as it is.
func groupCapOf(of *domain.Policy, c *domain.AmendPolicy, sent url.Values) *said {
	clause, _ := of.Clause(c.Clause)
	g := clause.GroupCap
	if value := strings.TrimSpace(sent.Get("group_cap.amount")); value != "" {
		g.Amount, c.GroupCap = domain.Unstated, &g
		if !wire.Uncapped(value) {
			var fault *domain.AmountError
			if err := g.Amount.Amount.UnmarshalText([]byte(domain.PlainAmount(value))); errors.As(err, &fault) {
				return &said{Refusal: fault.Refusal("group_cap.amount")}
			}
			g.Amount.Stated = true
		}
	}
	if value := sent.Get("group_cap.control"); value != "" {
		g.Control, c.GroupCap = domain.GroupControl(value), &g
	}
	return nil
}

// writePart fills in a part of a policy that is written as its file has it.
func writePart(of *domain.Policy, c *domain.AmendPolicy, name, text string) (faults []*policies.Error, err error) {
	switch r := strings.NewReader(text); name {
	case "add_facts":
		c.AddFacts, faults, err = policies.CheckFacts(r, name, *of)
	case "add_clause":
		with := *of
		with.Facts = append(slices.Clip(with.Facts), c.AddFacts...)
		var clause domain.Clause
		clause, faults, err = policies.CheckClause(r, name, with)
		c.AddClause = &clause
	case "conditions":
		c.Conditions, faults, err = policies.CheckConditions(r, name, *of, c.Clause, c.AddFacts)
	case "indicators":
		c.Indicators, faults, err = policies.CheckIndicators(r, name, *of, c.AddFacts)
	}
	return faults, err
}

// lined are faults of a text, each with its line and what it is in, for who looks at that text.
func lined(faults []*policies.Error) []domain.Text {
	list := make([]domain.Text, len(faults))
	for i, f := range faults {
		list[i] = f.Reason
		if f.Path != "" {
			path := strings.TrimPrefix(f.Path, "[0].") // of the only one in a list
			list[i] = domain.Text{ZH: path + "：" + f.Reason.ZH, EN: path + ": " + f.Reason.EN}
		}
		if f.Line > 0 {
			list[i] = domain.Text{ZH: fmt.Sprintf("第 %d 行，%s", f.Line, list[i].ZH), EN: fmt.Sprintf("line %d, %s", f.Line, list[i].EN)}
		}
	}
	return list
}

// maxLateDays is the longest time after which a policy has a decision recorded late.
const maxLateDays = 3660

// setStep says one step of a workflow otherwise, or why it cannot be so.
func setStep(w *domain.Workflow, path, value string) domain.Reason {
	n, err := strconv.Atoi(value)
	switch {
	case path == "workflow.reviews" && err == nil:
		w.Reviews = n // the policy says how many there may be
	case path == "workflow.reviews":
		return domain.ReasonWhole
	case path == "workflow.recorded_late_days" && (err != nil || n < 1 || n > maxLateDays):
		return domain.ReasonRange
	case path == "workflow.recorded_late_days":
		w.RecordedLateDays = n
	case value != "true" && value != "false":
		return domain.ReasonTrueOrFalse
	case path == "workflow.acceptance":
		w.Acceptance = value == "true"
	case path == "workflow.reviews_support":
		w.ReviewsSupport = value == "true"
	}
	return ""
}

// partsText are parts of a policy in a line.
func partsText(list []policies.Part) domain.Text {
	join := func(lang, colon, end string) string {
		texts := make([]string, len(list))
		for i, one := range list {
			texts[i] = one.Label.In(lang) + colon + words.Word(one.Value, lang)
		}
		return strings.Join(texts, end)
	}
	return domain.Text{ZH: join("zh", "：", "；"), EN: join("en", ": ", "; ")}
}

// policyText is what a command says of a part of a policy, as it is written down, in a line.
func policyText(f domain.Field, text string) domain.Text {
	var flow domain.Workflow
	var promised domain.Promised
	var clause domain.Clause
	var facts []domain.Fact
	var indicators []domain.Indicator
	switch {
	case f.Name == "workflow" && json.Unmarshal([]byte(text), &flow) == nil:
		return partsText(policies.WorkflowParts(flow))
	case f.Name == "promised" && json.Unmarshal([]byte(text), &promised) == nil:
		return promisedText(promised)
	case f.Name == "group_cap" && json.Unmarshal([]byte(text), &clause.GroupCap) == nil:
		return clause.GroupCap.Text()
	case f.Name == "add_clause" && json.Unmarshal([]byte(text), &clause) == nil:
		return clauseText(clause)
	case f.Name == "conditions" && json.Unmarshal([]byte(text), &clause.Conditions) == nil:
		return plainly(clause.Formula()).Label
	case f.Name == "indicators" && json.Unmarshal([]byte(text), &indicators) == nil:
		zh, en := make([]string, len(indicators)), make([]string, len(indicators))
		for i, one := range indicators {
			zh[i], en[i] = fmt.Sprint(one.Name.ZH, " ", one.Weight), fmt.Sprint(one.Name.EN, " ", one.Weight)
		}
		return domain.Text{ZH: strings.Join(zh, "、"), EN: strings.Join(en, ", ")}
	case f.Name == "add_facts" && json.Unmarshal([]byte(text), &facts) == nil:
		zh, en := make([]string, len(facts)), make([]string, len(facts))
		for i, f := range facts {
			zh[i], en[i] = f.Name.ZH, f.Name.EN
		}
		return domain.Text{ZH: strings.Join(zh, "、"), EN: strings.Join(en, ", ")}
	}
	return plainly(text).Label
}

// promisedText is what is promised, in a line.
func promisedText(p domain.Promised) domain.Text {
	said := slices.DeleteFunc(policies.PromisedParts(p), func(part policies.Part) bool { return part.Value == "" })
	if len(said) == 0 {
		return domain.Text{ZH: "无", EN: "none"}
	}
	return partsText(said)
}

// clauseText is a clause in a line.
func clauseText(c domain.Clause) domain.Text {
	id, parts := string(c.ID), partsText(policies.ClauseParts(c))
	return domain.Text{ZH: id + "；" + parts.ZH, EN: id + "; " + parts.EN}
}
