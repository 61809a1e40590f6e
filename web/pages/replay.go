package pages

import (
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/tabular"
)

// moment is a case at a step: what the player shows, once or twice beside each other.
type moment struct {
	Case  string // the application or enterprise
	Path  string // of its player
	N, Of int    // the step, from 1
	audit.Step
	Facts []fact
}

// fact is a line of a case's state. It is marked where the other side says something else.
type fact struct {
	Label         domain.Text
	Before, After string
	Changed       bool
}

type replayBody struct {
	Now     moment
	Against *moment      // the other moment or case
	Other   string       // the other case, as it was asked for
	Facts   []fact       // Now beside Against
	Steps   []audit.Step // all
	Listed  []audit.Step // those around the one that is shown
	From    int          // the number of the first that is listed
	Fields  []string     // that some step changes
	Field   string       // the one to jump by
	PrevOf  int          // the step that changed it before this one; 0: none
	NextOf  int
	Play    bool
}

func (p *Pages) replayApplication(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	return p.replay(w, r, audit.Question{Application: domain.ApplicationID(id)}, "/applications/"+escape(id), id)
}

func (p *Pages) replayEnterprise(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	return p.replay(w, r, audit.Question{Enterprise: domain.EnterpriseID(id)}, "/enterprises/"+escape(id), id)
}

func (p *Pages) replay(w http.ResponseWriter, r *http.Request, q audit.Question, path, id string) error {
	proof, err := p.proof()
	if err != nil {
		return err
	}
	pg, err := p.begin(r, path, domain.Text{ZH: "回放 " + id, EN: "Replay of " + id})
	if err != nil {
		return err
	}
	history, err := proof.Replay(r.Context(), q)
	if err != nil {
		return err
	}
	b := replayBody{Steps: history.Steps, Field: r.URL.Query().Get("field"), Other: r.URL.Query().Get("other"), Play: r.URL.Query().Get("play") == "1"}
	step, err := stepOf(r, "step", len(history.Steps))
	if err != nil {
		return err
	}
	b.Now = momentOf(id, path, history.Steps, step)
	b.jumps(step)
	b.window(step)
	if b.Against, err = p.against(r, history, b.Now); err != nil {
		return err
	}
	if b.Against != nil {
		b.Facts = beside(b.Against.After, b.Now.After)
	}
	pg.Export, pg.Body = &url.URL{Path: "/v1" + path + "/replay"}, b
	return p.write(w, http.StatusOK, "replay", pg)
}

// stepOf is a step of the address, from 1; none is the last one.
func stepOf(r *http.Request, name string, most int) (int, error) {
	n, err := position(r, name)
	if err != nil {
		return 0, err
	}
	if n > uint64(most) {
		return 0, invalid(name, strconv.FormatUint(n, 10))
	}
	if n == 0 {
		return most, nil
	}
	return int(n), nil
}

// against is what the moment is shown beside: another step of the same case (?against=), or another application or enterprise (?other=).
func (p *Pages) against(r *http.Request, own audit.History, now moment) (*moment, error) {
	other := r.URL.Query().Get("other")
	if r.URL.Query().Get("against") == "" && other == "" {
		return nil, nil
	}
	history, id, path := own, now.Case, now.Path
	if other != "" {
		if len(other) > 200 || !plain(other) {
			return nil, invalid("other", other)
		}
		proof, err := p.proof()
		if err != nil {
			return nil, err
		}
		id, path = other, "/applications/"+escape(other)
		history, err = proof.Replay(r.Context(), audit.Question{Application: domain.ApplicationID(other)})
		if errors.Is(err, projections.ErrNotFound) {
			path = "/enterprises/" + escape(other)
			history, err = proof.Replay(r.Context(), audit.Question{Enterprise: domain.EnterpriseID(other)})
		}
		if err != nil {
			return nil, err
		}
	}
	step, err := stepOf(r, "against", len(history.Steps))
	if err != nil {
		return nil, err
	}
	m := momentOf(id, path, history.Steps, step)
	return &m, nil
}

func momentOf(id, path string, steps []audit.Step, n int) moment {
	step := steps[n-1]
	return moment{Case: id, Path: path, N: n, Of: len(steps), Step: step, Facts: beside(step.Before, step.After)}
}

// jumps finds the steps before and after this one that change the chosen field.
func (b *replayBody) jumps(n int) {
	fields := map[string]bool{}
	for i, step := range b.Steps {
		for _, c := range step.Changes {
			fields[c.Field] = true
			if c.Field != b.Field {
				continue
			}
			if i+1 < n {
				b.PrevOf = i + 1
			}
			if i+1 > n && b.NextOf == 0 {
				b.NextOf = i + 1
			}
		}
	}
	b.Fields = slices.Sorted(maps.Keys(fields))
}

// listedSteps is how many steps a page lists on each side of the one that it shows.
const listedSteps = 100

func (b *replayBody) window(n int) {
	from, to := max(n-1-listedSteps, 0), min(n+listedSteps, len(b.Steps))
	b.From, b.Listed = from+1, b.Steps[from:to]
}

// beside is two states as lines of facts; a state that is nil is that of nothing yet.
func beside(before, after *audit.Standing) []fact {
	left, right := factsOf(before), factsOf(after)
	var list []fact
	for _, name := range slices.Sorted(maps.Keys(merged(left, right))) {
		list = append(list, fact{Label: factLabel(name), Before: left[name], After: right[name], Changed: left[name] != right[name]})
	}
	return list
}

func merged(a, b map[string]string) map[string]bool {
	all := map[string]bool{}
	for name := range a {
		all[name] = true
	}
	for name := range b {
		all[name] = true
	}
	return all
}

// The names of facts begin with a letter that puts them in order.
var factLabels = map[string]domain.Text{
	"a": {ZH: "企业名称", EN: "Enterprise"}, "b": {ZH: "信用受限", EN: "Credit restricted"}, "c": {ZH: "经批准纳入", EN: "Admitted"}, "d": {ZH: "状态", EN: "State"},
	"e": {ZH: "暂停", EN: "Suspended"}, "f": {ZH: "提交日期", EN: "Submitted on"}, "g": {ZH: "批准日期", EN: "Approved on"}, "h": {ZH: "批准部门", EN: "Department"},
	"i": {ZH: "评审数", EN: "Reviews"}, "j": {ZH: "申请额", EN: "Requested"}, "k": {ZH: "批准额", EN: "Approved"}, "l": {ZH: "已支付", EN: "Paid"}, "m": {ZH: "经办", EN: "Done by"},
}

func factLabel(name string) domain.Text {
	kind, of, _ := strings.Cut(name, " ")
	label := factLabels[kind]
	if of == "" {
		return label
	}
	if kind == "m" {
		return domain.Text{ZH: word(of, "zh"), EN: word(of, "en")}
	}
	return domain.Text{ZH: label.ZH + " " + of, EN: label.EN + " " + of}
}

// changing is what a field of a case is called, by its name in the steps' changes.
func changing(name, lang string) string {
	field, of, _ := strings.Cut(name, ".")
	if field == "duty" {
		return factLabels["m"].In(lang) + ": " + word(of, lang)
	}
	key, known := map[string]string{"enterprise_name": "a", "credit_restricted": "b", "admitted": "c", "state": "d", "suspended": "e", "submitted_on": "f", "approved_on": "g", "department": "h",
		"reviews": "i", "requested": "j", "approved": "k", "paid": "l"}[field]
	if !known {
		return name
	}
	return strings.TrimSpace(factLabels[key].In(lang) + " " + of)
}

func factsOf(s *audit.Standing) map[string]string {
	facts := map[string]string{}
	if s == nil {
		return facts
	}
	put := func(name, value string) {
		if value != "" {
			facts[name] = value
		}
	}
	put("a", s.Name)
	put("d", string(s.State))
	put("f", show(s.SubmittedOn))
	put("g", show(s.ApprovedOn))
	put("h", string(s.Department))
	for name, yes := range map[string]bool{"b": s.Restricted, "c": s.Admitted, "e": s.Suspended} {
		if yes {
			put(name, "true")
		}
	}
	if s.Reviews > 0 {
		put("i", strconv.Itoa(s.Reviews))
	}
	for _, i := range s.Requested {
		put("j "+i.SupportYear.String(), tabular.Grouped(i.Amount.String()))
	}
	for _, i := range s.Instalments {
		put("k "+i.SupportYear.String(), tabular.Grouped(i.Amount.String()))
		put("l "+i.SupportYear.String(), tabular.Grouped(i.Paid.String()))
	}
	for duty, people := range s.Duties {
		names := make([]string, len(people))
		for i, person := range people {
			names[i] = string(person)
		}
		put("m "+string(duty), strings.Join(names, ", "))
	}
	return facts
}
