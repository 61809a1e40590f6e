package archive

import (
	"fmt"
	"io"
	"strings"

	"github.com/go-json-experiment/json"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/wire"
)

// published are the policies that the events of a bundle publish, as they were published and in the order of the log, with the clauses that
// these and their amendments have.
type published struct {
	policies   [][]byte
	clauses    map[domain.ClauseID]bool
	ungoverned error // of the first event on a clause that no policy before it has
}

func newPublished() *published { return &published{clauses: map[domain.ClauseID]bool{}} }

// publishes reports whether a record may be of an event that publishes a policy: few are, and only they need be read for the policies' files.
func publishes(r eventstore.Record) bool {
	return strings.HasSuffix(strings.Join(r.Header["ce-type"], ""), domain.PolicyPublished{}.Name())
}

// take takes over what an event publishes or adds, and notes where one is on a clause that no policy before it has: whoever reads a bundle is to
// find in it what governed each of its events.
func (p *published) take(e wire.Entry) error {
	switch event := e.Event.(type) {
	case *domain.PolicyPublished:
		text, err := json.Marshal(event.Policy, json.Deterministic(true))
		if err != nil {
			return err
		}
		p.policies = append(p.policies, text)
		for _, c := range event.Policy.Clauses {
			p.clauses[c.ID] = true
		}
	case *domain.PolicyAmended:
		if event.AddClause != nil {
			p.clauses[event.AddClause.ID] = true
		}
	}
	c := domain.Concerns(e.Event)
	for _, id := range []domain.ClauseID{c.Account.Clause, c.Via} {
		if id != "" && !p.clauses[id] && p.ungoverned == nil {
			p.ungoverned = fmt.Errorf("event %d is on clause %s, and no policy in the bundle has it: %w", e.Seq, domain.Clip(string(id), 160), errBundle)
		}
	}
	return nil
}

// first writes the policy that the fund began with.
func (p *published) first(w io.Writer) error {
	if len(p.policies) == 0 {
		return nil
	}
	_, err := w.Write(p.policies[0])
	return err
}

// succeeded reports whether another policy follows it.
func (p *published) succeeded() bool { return len(p.policies) > 1 }

// successors writes those that follow, one a line.
func (p *published) successors(w io.Writer) error {
	for _, text := range p.policies[1:] {
		if _, err := fmt.Fprintf(w, "%s\n", text); err != nil {
			return err
		}
	}
	return nil
}
