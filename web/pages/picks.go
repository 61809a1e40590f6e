package pages

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/web"
	"github.com/fundledger/fundledger/wire"
	"github.com/fundledger/fundledger/words"
)

// A field that names an enterprise, a project, an award or a clause is filled in by parts of its name, its initials or the beginning of its id. The page's
// script asks for what a text may mean while it is typed; without it the text is sent, and the server says what it took it for.

// shownPicks is how many a field proposes.
const shownPicks = 12

// picked are the fields that propose; "subject" is of an exception, and what it names the clause says.
var picked = []string{"enterprise", "a", "b", "from", "into", "clause", "refers_to", "project", "award", "subject"}

// picks reports whether a field of a command proposes what it may be. An enterprise that is new has no proposals.
func picks(command, name string) bool {
	return slices.Contains(picked, name) && command != "register_enterprise" && (name != "from" || command == "merge_enterprises" || command == "void_merger") && // elsewhere a day or a year
		(command != "same_project" || name != "a" && name != "b") // projects
}

// firmFields are the fields that name an enterprise in other words.
var firmFields = []string{"enterprise", "a", "b", "from", "into"}

// clauseField reports whether a field names a clause.
func clauseField(name string) bool { return name == "clause" || name == "refers_to" }

// closing are the refusals that are about a clause, whatever else is filled in.
var closing = map[string]bool{domain.CodeClauseNotAppliedFor: true, domain.CodeClauseByReference: true, domain.CodeIndustryNotServed: true, domain.CodeExceptionNotAllowed: true,
	domain.CodeNoCapStated: true, domain.CodePolicyExpired: true, domain.CodePolicyNotInForce: true, domain.CodeDateBeforePolicy: true, domain.CodeReferenceInvalid: true,
	domain.CodeVersionsTooMany: true}

// closed is why a command that is as good as filled in may not name a clause in a field, by the rules that decide it; nil: it may.
func closed(s *domain.State, v web.Viewer, sent url.Values, name string, c domain.Clause, today domain.Date) *domain.Refusal {
	verb, known := domain.VerbNamed(sent.Get("command"))
	grants := v.May(verb.Name)
	if !known || len(grants) == 0 {
		return nil
	}
	try := verb.New()
	charged := c
	if name == "clause" && c.ByReference() {
		charged, _ = s.Policy().Clause(c.RefersTo[0])
	}
	year := domain.SupportYear(today.Year()).String()
	for _, f := range verb.Fields {
		value := strings.TrimSpace(sent.Get(f.Name))
		switch {
		case f.Name == name:
			value = string(c.ID)
		case f.Name == "refers_to":
			value = ""
			if name == "clause" && c.ByReference() {
				value = string(charged.ID)
			}
		case f.Name == "project" || f.Name == "award":
			value = ""
			if string(charged.Cap.Subject) == f.Name {
				value = "-"
			}
		case f.Kind == domain.InstalmentsField:
			value = year + "=0.01"
		case f.Optional || value != "" && wire.Fill(verb.New(), f.Name, value) == nil:
		case f.Kind == domain.AmountField || f.Kind == domain.CapField:
			value = "0.01"
		case f.Kind == domain.DateField:
			value = today.String()
		case f.Kind == domain.YearField:
			value = year
		case f.Kind == domain.TextField || f.Kind == domain.LongField:
			value = "-"
		}
		if value != "" && !(f.Optional && f.Name == "application") {
			_ = wire.Fill(try, f.Name, value) // what cannot be filled in is refused for itself
		}
	}
	day := today
	if given, err := domain.ParseDate(sent.Get("date")); err == nil {
		day = given
	}
	*domain.HeadOf(try) = domain.Head{ID: "try", Date: day, Actor: v.Actor(grants[0])}
	if _, refusal := domain.Decide(s, try, today); refusal != nil && closing[refusal.Code] {
		return refusal
	}
	return nil
}

// clausePicks are all clauses of the policy for a field, each with why it may not be chosen.
func clausePicks(s *domain.State, v web.Viewer, sent url.Values, name string, today domain.Date) []option {
	list := clausesOf(s.Policy())
	for i, c := range s.Policy().Clauses {
		if why := closed(s, v, sent, name, c, today); why != nil {
			list[i].Why = why.Message()
		}
	}
	return list
}

// clauses fills in what a form's clauses are chosen from; nothing is chosen before somebody chooses.
func (f *form) clauses(s *domain.State, v web.Viewer, sent url.Values, today domain.Date) {
	for i, one := range f.Fields {
		if clauseField(one.Name) && one.Kind == string(domain.ChoiceField) {
			f.Fields[i].Options = slices.Insert(clausePicks(s, v, sent, one.Name, today), 0, option{})
		}
	}
}

// values are what a form's fields hold.
func (f *form) values() url.Values {
	values := url.Values{"command": {f.Command}}
	for _, one := range f.Fields {
		values.Set(one.Name, one.Value)
	}
	return values
}

// PickAt is where the page's script asks what a field may be; "": it proposes nothing.
func (f form) PickAt(name string) string {
	if !picks(f.Command, name) {
		return ""
	}
	return link("/pick", "command", f.Command, "field", name)
}

// Beside is what an option sends, where what it is called does not say it.
func (o option) Beside() string {
	if strings.HasPrefix(o.Label.ZH, o.Value) {
		return ""
	}
	return o.Value
}

// fits reports whether an option is named by a text: by a part of what it is called, by its initials or by the beginning of what it sends.
func (o option) fits(text string) bool {
	if text == "" {
		return true
	}
	text = strings.ToLower(strings.Join(strings.Fields(text), " "))
	for _, label := range []string{o.Label.ZH, o.Label.EN} {
		if strings.Contains(strings.ToLower(label), text) || strings.Contains(words.Initials(label), text) {
			return true
		}
	}
	return strings.HasPrefix(strings.ToLower(o.Value), text)
}

// meant reports whether a text is an option's whole name or id: nothing is guessed then.
func (o option) meant(text string) bool {
	return strings.EqualFold(o.Value, text) || strings.EqualFold(o.Label.ZH, text) || strings.EqualFold(o.Label.EN, text) || o.Label.ZH == o.Value+" "+text || o.Label.EN == o.Value+" "+text
}

// proposed are what a field may be by a text, the first few.
func (p *Pages) proposed(ctx context.Context, v web.Viewer, sent url.Values, name, text string) (list []option, err error) {
	if name == "subject" {
		if name, err = p.subjectField(ctx, sent.Get("clause")); err != nil || name == "" {
			return nil, err
		}
	}
	if slices.Contains(firmFields, name) {
		return p.proposedEnterprises(ctx, text)
	}
	switch name {
	case "project", "award":
		return p.proposedSubjects(ctx, sent.Get("enterprise"), domain.SubjectKind(name), text)
	}
	err = p.server.View(ctx, func(s *domain.State, _ uint64) {
		if s.Policy() != nil {
			list = clausePicks(s, v, sent, name, p.today())
		}
	})
	list = slices.DeleteFunc(list, func(o option) bool { return !o.fits(text) })
	return list[:min(len(list), 4*shownPicks)], err
}

// subjectField is the field that an exception's subject is like; "" where the clause is not known.
func (p *Pages) subjectField(ctx context.Context, clause string) (name string, err error) {
	return name, p.server.View(ctx, func(s *domain.State, _ uint64) {
		if s.Policy() != nil {
			c, _ := s.Policy().Clause(domain.ClauseID(clause))
			name = string(c.Cap.Subject)
		}
	})
}

func (p *Pages) proposedEnterprises(ctx context.Context, text string) ([]option, error) {
	list, _, err := p.enterprisesLike(ctx, text, shownPicks)
	return list, err
}

// enterprisesLike are enterprises that a text names a part of, by their ids; more: there are others.
func (p *Pages) enterprisesLike(ctx context.Context, text string, most int) (list []option, more bool, err error) {
	ask := projections.Ask{Limit: most}
	if text != "" {
		ask.Where = []projections.Condition{projections.BySearch.Is(text)}
	}
	found, err := projections.Enterprises.Page(ctx, p.server.Queries(), ask)
	for _, row := range found.Rows {
		list = append(list, option{Value: string(row.Enterprise), Label: domain.Text{ZH: row.Name, EN: row.Name}})
	}
	return list, found.Next != "", err
}

// heldNames is how many names a text is held against before it is taken for one of them: where more have it, another may be called the same.
const heldNames = 200

// searchedSubjects is how many applications are looked at for a subject.
const searchedSubjects = 1000

// proposedSubjects are projects or awards that money was asked for: those of the enterprise, or where none is named those that begin with the text.
func (p *Pages) proposedSubjects(ctx context.Context, enterprise string, kind domain.SubjectKind, text string) (list []option, err error) {
	add := func(a domain.ApplicationID) error {
		return p.server.View(ctx, func(s *domain.State, _ uint64) {
			if v, ok := s.Application(a); ok && v.Charge.Subject.Kind == kind {
				list = append(list, plainly(v.Charge.Subject.ID))
			}
		})
	}
	if enterprise == "" {
		if text == "" {
			return nil, nil
		}
		found, err := projections.Search.Page(ctx, p.server.Queries(), projections.Where(projections.ByText.Is(text)))
		if err != nil {
			return nil, err
		}
		for _, row := range found.Rows {
			if row.Object == projections.AnApplication {
				if err := add(domain.ApplicationID(row.Reference)); err != nil {
					return nil, err
				}
			}
		}
	} else {
		ask := projections.Where(projections.ByEnterprise.Is(domain.EnterpriseID(enterprise)))
		ask.Limit = searchedSubjects
		found, err := projections.Applications.Page(ctx, p.server.Queries(), ask)
		if err != nil {
			return nil, err
		}
		policy, err := p.policy(ctx)
		if err != nil {
			return nil, err
		}
		for _, row := range found.Rows {
			if c, ok := policy.Clause(row.Clause); ok && c.Cap.Subject == kind {
				list = append(list, plainly(row.Subject))
			}
		}
	}
	slices.SortFunc(list, func(a, b option) int { return strings.Compare(a.Value, b.Value) })
	list = slices.DeleteFunc(slices.Compact(list), func(o option) bool { return !o.fits(text) })
	return list[:min(len(list), shownPicks)], nil
}

// pick answers the page's script: what a field may be by what is typed so far.
func (p *Pages) pick(w http.ResponseWriter, r *http.Request) error {
	v, _ := web.ViewerOf(r)
	q := r.URL.Query()
	command, name := q.Get("command"), q.Get("field")
	verb, known := domain.VerbNamed(command)
	if _, has := verb.Field(name); !known || !has || !picks(command, name) {
		return invalid("field", name)
	}
	if len(v.May(command)) == 0 {
		return notTheirs(v, command)
	}
	text := strings.TrimSpace(q.Get("q"))
	if _, err := p.resolve(r.Context(), v, q, name); err != nil {
		return err
	}
	list, err := p.proposed(r.Context(), v, q, name, text)
	if err != nil && text != "" && !isFault(err) {
		list, err = nil, nil // it is no search: it names nothing
	}
	if err != nil {
		return err
	}
	return picksFragment.write(p, w, v, list)
}

// isFault reports whether an error is more than a text that cannot be looked for.
func isFault(err error) bool {
	var filter *projections.FilterError
	var unknown *projections.UnknownError
	return !errors.As(err, &filter) && !errors.As(err, &unknown)
}

// taken is what a text in a field was taken for.
type taken struct {
	refusal *domain.Refusal
	among   []option // to choose from
}

// resolve puts ids in the place of what was typed in the fields of a sent form, all but one. A whole name or an id is what it says; of what is only a part of a
// name nothing is done before the person has seen what it was taken for, and where it may be several, they choose.
func (p *Pages) resolve(ctx context.Context, v web.Viewer, sent url.Values, but string) (*taken, error) {
	command := sent.Get("command")
	verb, _ := domain.VerbNamed(command)
	var first *taken
	for _, name := range picked {
		text := strings.TrimSpace(sent.Get(name))
		if _, has := verb.Field(name); !has || text == "" || name == but || !picks(command, name) || name == "project" || name == "award" {
			continue
		}
		as := name
		if slices.Contains(firmFields, name) {
			as = "enterprise"
		}
		if name == "subject" {
			kind, err := p.subjectField(ctx, sent.Get("clause"))
			if err != nil {
				return nil, err
			}
			if as = kind; as != "enterprise" {
				continue
			}
		}
		one, err := p.take(ctx, v, sent, as, text)
		if err != nil {
			return nil, err
		}
		if one.value == "" {
			continue // nothing is called so: the rules say it
		}
		if len(one.among) > 1 {
			if first == nil {
				first = &taken{domain.NewRefusal(domain.CodeNameAmbiguous, "field", name, "value", text), one.among}
			}
			continue
		}
		sent.Set(name, one.value)
		if !one.whole && first == nil {
			first = &taken{refusal: domain.NewRefusal(domain.CodeNameTaken, "field", name, "value", text, "name", one.among[0].Label.In(v.Lang))}
		}
	}
	return first, nil
}

// took is what a text is, in a field: the id, and whether the text says it whole.
type took struct {
	value string // "": nothing is called so
	whole bool
	among []option
}

func (p *Pages) take(ctx context.Context, v web.Viewer, sent url.Values, name, text string) (took, error) {
	known := false
	err := p.server.View(ctx, func(s *domain.State, _ uint64) {
		switch {
		case s.Policy() == nil:
		case name == "enterprise":
			known = s.Knows(domain.EnterpriseID(text))
		default:
			_, known = s.Policy().Clause(domain.ClauseID(text))
		}
	})
	if err != nil || known {
		return took{value: text, whole: true}, err
	}
	var list []option
	more := false
	if name == "enterprise" {
		list, more, err = p.enterprisesLike(ctx, text, heldNames)
	} else {
		list, err = p.proposed(ctx, v, sent, name, text)
	}
	if err != nil && !isFault(err) {
		return took{}, nil
	}
	if err != nil || len(list) == 0 {
		return took{}, err
	}
	whole := slices.DeleteFunc(slices.Clone(list), func(o option) bool { return !o.meant(text) })
	if len(whole) == 1 && !more {
		return took{value: whole[0].Value, whole: true, among: whole}, nil
	}
	for _, o := range list { // who is called just so stands first
		if !o.meant(text) && len(whole) < shownPicks {
			whole = append(whole, o)
		}
	}
	return took{value: list[0].Value, among: whole[:min(len(whole), 4*shownPicks)]}, nil
}

// near are enterprises that begin like one that is not known, to choose from; none where another thing is refused.
func (p *Pages) near(ctx context.Context, r *domain.Refusal) ([]option, error) {
	text := []rune(r.Figures["enterprise"])
	if r.Code != domain.CodeEnterpriseUnknown || len(text) < 3 {
		return nil, nil
	}
	for _, signs := range []int{len(text) / 2, 2} {
		list, err := p.proposedEnterprises(ctx, string(text[:signs]))
		if err != nil && isFault(err) || len(list) > 0 {
			return list[:min(len(list), shownPicks/2)], err
		}
	}
	return nil, nil
}
