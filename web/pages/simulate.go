package pages

import (
	"cmp"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/policies"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/replay"
	"github.com/fundledger/fundledger/tabular"
	"github.com/fundledger/fundledger/web"
	"github.com/fundledger/fundledger/words"
)

// simulateBody is what is tried, and what comes of it.
type simulateBody struct {
	Asked   web.SimulationAsked
	Chosen  string // of the policies: its id, with standing behind it where it is tried as it stands; "": the text
	Of      []ofPolicy
	Refused *domain.Text // why it cannot be tried so
	Result  *replay.Simulation
	Changes []policies.Change
	Caps    []capBeside
	Parts   []simulatedPart
	Changed []replay.Outcome
	More    int // applications beyond those that are shown
	Tables  []exported
}

// ofPolicy is a policy of the fund that may be tried again.
type ofPolicy struct {
	Value string
	Title domain.Text
	InUse bool // as it stands, not as it was published
}

// standing stands behind the id of a policy that is tried as it stands.
const standing = "@today"

// capBeside is a clause of the fund beside the one that goes on with it.
type capBeside struct {
	replay.MappedClause
	Name, Next domain.Text
	Was, Cap   domain.Cap
	Granted    replay.SideBySide
}

// simulatedPart is the result by one thing, with its bars.
type simulatedPart struct {
	replay.Part
	Lines []simulatedLine
	Same  int
}

type simulatedLine struct {
	side
	Called                  domain.Text
	Winners, Losers, Capped int
	Events                  []uint64
}

// simulate tries another policy on what was applied for.
func (p *Pages) simulate(w http.ResponseWriter, r *http.Request) error {
	if _, err := p.proof(); err != nil {
		return err
	}
	pg, err := p.enter(r, "/simulate")
	if err != nil {
		return err
	}
	b, err := p.simulated(w, r)
	status := http.StatusOK
	var wrong *web.Problem
	switch {
	case errors.As(err, &wrong) && wrong.Status < 500 && wrong.Message != nil:
		b.Refused, status = wrong.Message, wrong.Status
	case err != nil:
		return err
	}
	if b.Result != nil {
		b.show(pg.Lang())
	}
	return simulateSheet.write(p, w, status, pg, b)
}

// simulated reads what is asked, and tries it where anything is.
func (p *Pages) simulated(w http.ResponseWriter, r *http.Request) (b simulateBody, err error) {
	err = p.server.View(r.Context(), func(s *domain.State, _ uint64) {
		for _, one := range s.Policies() {
			id := string(one.PolicyID())
			b.Of = append(b.Of, ofPolicy{Value: id, Title: one.Title}, ofPolicy{Value: id + standing, Title: one.Title, InUse: true})
		}
	})
	if err != nil {
		return b, err
	}
	if err := p.readForm(w, r); err != nil {
		return b, err
	}
	text, err := textTried(r)
	if err != nil {
		return b, err
	}
	b.Chosen = r.FormValue("of")
	id, asStanding := strings.CutSuffix(b.Chosen, standing)
	b.Asked = web.SimulationAsked{Policy: text, Of: domain.PolicyID(id), InForce: asStanding, Decide: cmp.Or(r.FormValue("decide"), "refuse"), Set: parted(r.FormValue("set")),
		Budgets: parted(r.FormValue("budgets")), Clauses: parted(r.FormValue("clauses")), Rates: parted(r.FormValue("rates"))}
	if text != "" {
		b.Asked.Of, b.Asked.InForce, b.Chosen = "", false, ""
	}
	if text == "" && id == "" {
		if r.Method == http.MethodPost {
			return b, web.ErrorProblem(invalid("policy", ""))
		}
		return b, nil
	}
	result, err := p.server.Simulate(r.Context(), b.Asked)
	if err == nil {
		b.Result = &result
	}
	return b, err
}

// textTried is the text of the policy that is tried: of the file that is sent, or what is typed.
func textTried(r *http.Request) (string, error) {
	if r.MultipartForm != nil {
		for _, sent := range r.MultipartForm.File["file"] {
			if sent.Size == 0 {
				continue
			}
			if sent.Size > policies.MaxBytes {
				return "", invalid("file", plainName(sent))
			}
			f, err := sent.Open()
			if err != nil {
				return "", err
			}
			defer f.Close()
			text, err := io.ReadAll(f)
			return string(text), err
		}
	}
	return strings.TrimSpace(r.FormValue("policy")), nil
}

// parted are the parts of a text between semicolons or on lines of their own.
func parted(text string) (list []string) {
	for _, one := range strings.FieldsFunc(text, func(r rune) bool { return r == ';' || r == '\uff1b' || r == '\n' || r == '\r' }) {
		if one = strings.TrimSpace(one); one != "" {
			list = append(list, one)
		}
	}
	return list
}

// Joined is a list as the page's field has it.
func (b simulateBody) Joined(list []string) string { return strings.Join(list, "; ") }

// show sets out what came of it.
func (b *simulateBody) show(lang string) {
	r := b.Result
	b.Changes = policies.DiffSuccessor(*r.Before, *r.Asked)
	for _, m := range r.Map {
		c := capBeside{MappedClause: m}
		was, _ := r.Made.Clause(m.Clause)
		next, _ := r.Asked.Clause(m.Becomes)
		c.Name, c.Next, c.Was, c.Cap = was.Name, next.Name, was.Cap, next.Cap
		c.Granted.Was.Approved, c.Granted.Would.Approved = m.Was, m.Would
		b.Caps = append(b.Caps, c)
	}
	for _, part := range r.Parts() {
		b.Parts = append(b.Parts, besides(*r, part))
	}
	b.Changed, b.More = r.Changed[:min(len(r.Changed), shownFindings)], max(len(r.Changed)-shownFindings, 0)
	for _, t := range r.Tables() {
		if len(t.Rows) == 0 {
			continue
		}
		b.Tables = append(b.Tables, exported{Title: t.Title, Address: t.Name})
	}
}

// besides is a part of the result with its bars.
func besides(r replay.Simulation, part replay.Part) simulatedPart {
	list, lines := make([]replay.SideBySide, len(part.Rows)), map[string]replay.SimulatedSide{}
	for i, line := range part.Rows {
		list[i], lines[line.ID] = line.SideBySide, line
	}
	set := sidesOf(list)
	p := simulatedPart{Part: part, Same: set.Same}
	for _, one := range set.Rows[:min(len(set.Rows), shownFindings)] {
		line := lines[one.ID]
		p.Lines = append(p.Lines, simulatedLine{side: one, Called: r.Called(part.Column, line), Winners: line.Winners, Losers: line.Losers, Capped: line.Capped,
			Events: line.Events[:min(len(line.Events), 5)]})
	}
	return p
}

// simulateExport is a table of what comes of it, whole.
func (p *Pages) simulateExport(w http.ResponseWriter, r *http.Request) error {
	pg, err := p.begin(r, "/simulate", domain.Text{})
	if err != nil {
		return err
	}
	b, err := p.simulated(w, r)
	if err != nil {
		return err
	}
	name, as, _ := strings.Cut(r.FormValue("export"), ".")
	format := tabular.Format(as)
	if format != tabular.CSV && format != tabular.XLSX {
		return invalid("export", r.FormValue("export"))
	}
	if b.Result == nil {
		return projections.ErrNotFound
	}
	tables := b.Result.Tables()
	i := slices.IndexFunc(tables, func(t words.Sheet) bool { return t.Name == name })
	if i < 0 {
		return invalid("export", r.FormValue("export"))
	}
	h := w.Header()
	h.Set("Cache-Control", "private, no-store")
	h.Set("Content-Type", format.ContentType())
	h.Set("Content-Disposition", `attachment; filename="simulation-`+tables[i].Name+"."+strings.TrimPrefix(format.Extension(), ".")+`"`)
	_, err = words.Written(w, format, tables[i].As(pg.Lang(), b.Result.Meta(pg.Lang())...), tabular.Options{Lang: pg.Lang(), HumanHeadings: true}, p.names.Load())
	return err
}
