package pages

import (
	"net/http"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
)

// knownFact is a fact of an enterprise as its page tells it.
type knownFact struct {
	projections.FactRow
	Called domain.Text
	Shown  domain.Text // the value as people read it
	Before domain.Text
}

// tellFacts are facts by what the policy calls them and their values.
func tellFacts(policy *domain.Policy, rows []projections.FactRow) (list []knownFact) {
	for _, row := range rows {
		id := string(row.Fact)
		told := knownFact{FactRow: row, Called: domain.Text{ZH: id, EN: id}}
		f := domain.Fact{ID: row.Fact, Unit: row.Unit}
		if policy == nil {
			policy = &domain.Policy{}
		}
		if known, is := policy.Fact(row.Fact); is {
			f, told.Called = known, known.Name
		}
		told.Shown, told.Before = policy.Shown(f, string(row.Value)), policy.Shown(f, string(row.PreviousValue))
		list = append(list, told)
	}
	return list
}

// factsBody is a page of facts.
type factsBody struct {
	listBody[projections.FactRow]
	Told   []knownFact
	Listed []domain.Fact // that the policy has
}

func (p *Pages) facts(w http.ResponseWriter, r *http.Request) error {
	pg, body, to, err := listBodyOf(p, r, projections.Facts)
	if err != nil || to != "" {
		return goOn(w, r, to, err)
	}
	policy, err := p.policy(r.Context())
	if err != nil {
		return err
	}
	b := factsBody{listBody: body, Told: tellFacts(policy, body.Rows)}
	if policy != nil {
		b.Listed = policy.Facts
	}
	return factsSheet.write(p, w, http.StatusOK, pg, b)
}

// recordFact records what a department knows, or corrects it.
func (p *Pages) recordFact(w http.ResponseWriter, r *http.Request) error {
	return p.answer(w, r, desk{here: "/facts", title: domain.Text{ZH: "记录与更正事实", EN: "Record and correct facts"},
		next: func(c domain.Command) string {
			var of domain.EnterpriseID
			switch c := c.(type) {
			case *domain.RecordFact:
				of = c.Enterprise
			case *domain.CorrectFact:
				of = c.Enterprise
			}
			return link("/facts", "enterprise", string(of))
		},
		drafts: func(s *domain.State) (list []draft) {
			for _, verb := range []string{"record_fact", "correct_fact"} {
				fields := []string{"enterprise", "project", "fact", "period", "value", "document", "sha256"}
				if verb == "correct_fact" {
					fields = append(fields, "reason")
				}
				d := asks(s.Policy(), verb, fields...)
				for _, name := range []string{"enterprise", "project", "fact", "period"} {
					d = d.filled(name, r.URL.Query().Get(name))
				}
				list = append(list, d)
			}
			return list
		}})
}
