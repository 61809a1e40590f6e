package pages

import (
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/replay"
	"github.com/fundledger/fundledger/words"
)

// moment is a case at a step: what the player shows, once or twice beside each other.
type moment struct {
	Case  string // the application or enterprise
	Path  string // of its player
	N, Of int    // the step, from 1
	replay.Step
	Facts []fact
}

// fact is a line of a case's state. It is marked where the other side says something else.
type fact struct {
	Field                string // by its name; "" where it is none of a standing
	Label, Before, After string // in the reader's words
	Changed              bool
}

type replayBody struct {
	Now     moment
	Against *moment       // the other moment or case
	Other   string        // the other case, as it was asked for
	Facts   []fact        // Now beside Against
	Steps   []replay.Step // all
	Listed  []replay.Step // those around the one that is shown
	From    int           // the number of the first that is listed
	Fields  []string      // that some step changes
	Field   string        // the one to jump by
	PrevOf  int           // the step that changed it before this one; 0: none
	NextOf  int
	Play    bool
}

func (p *Pages) replayApplication(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	return p.replay(w, r, replay.Question{Application: domain.ApplicationID(id)}, "/applications/"+escape(id), id)
}

func (p *Pages) replayEnterprise(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	return p.replay(w, r, replay.Question{Enterprise: domain.EnterpriseID(id)}, "/enterprises/"+escape(id), id)
}

func (p *Pages) replay(w http.ResponseWriter, r *http.Request, q replay.Question, path, id string) error {
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
	b.Now = momentOf(p.names.Load(), id, path, history.Steps, step, pg.Lang())
	b.jumps(step)
	b.window(step)
	if b.Against, err = p.against(r, history, b.Now, pg.Lang()); err != nil {
		return err
	}
	if b.Against != nil {
		b.Facts = beside(p.names.Load(), b.Against.After, b.Now.After, pg.Lang())
	}
	pg.Export = &url.URL{Path: "/v1" + path + "/replay"}
	return replaySheet.write(p, w, http.StatusOK, pg, b)
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
func (p *Pages) against(r *http.Request, own replay.History, now moment, lang string) (*moment, error) {
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
		history, err = proof.Replay(r.Context(), replay.Question{Application: domain.ApplicationID(other)})
		if errors.Is(err, projections.ErrNotFound) {
			path = "/enterprises/" + escape(other)
			history, err = proof.Replay(r.Context(), replay.Question{Enterprise: domain.EnterpriseID(other)})
		}
		if err != nil {
			return nil, err
		}
	}
	step, err := stepOf(r, "against", len(history.Steps))
	if err != nil {
		return nil, err
	}
	m := momentOf(p.names.Load(), id, path, history.Steps, step, lang)
	return &m, nil
}

func momentOf(policy *domain.Policy, id, path string, steps []replay.Step, n int, lang string) moment {
	step := steps[n-1]
	return moment{Case: id, Path: path, N: n, Of: len(steps), Step: step, Facts: beside(policy, step.Before, step.After, lang)}
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

// beside is two states as lines of facts, in the reader's words; a state that is nil is that of nothing yet.
func beside(p *domain.Policy, before, after *replay.Standing, lang string) []fact {
	fields := replay.Beside(before, after)
	slices.SortFunc(fields, func(a, b replay.Change) int { return words.CompareCaseFields(a.Field, b.Field) })
	say := func(field, value string) string { return words.CaseValue(field, value, lang, p) }
	list := make([]fact, len(fields))
	for i, f := range fields {
		list[i] = fact{Field: f.Field, Label: words.CaseField(f.Field, lang), Before: say(f.Field, f.Before), After: say(f.Field, f.After), Changed: f.Before != f.After}
	}
	return list
}
