package pages

import (
	"context"
	"crypto/rand"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/web"
	"github.com/fundledger/fundledger/wire"
)

// form gives one command.
type form struct {
	Command string
	ID      string // of the command, so that sending the form twice books once (R11)
	Fields  []field
	Grants  []web.Grant     // to choose from, where the viewer has several
	As      string          // the one that was chosen; "": the first
	Warning *domain.Refusal // what the rules say to the values as they stand
	Refusal *domain.Refusal // what they said to those that were sent, of no field or of all
	Room    *headroom       // nil: its amounts are held against nothing
	Draft   string          // that it was opened from; "": none
}

// Final reports whether the form has two steps.
func (f form) Final() bool {
	verb, _ := domain.VerbNamed(f.Command)
	return verb.Final()
}

// Encoding is how the form is sent; "": as forms are.
func (f form) Encoding() string {
	if slices.ContainsFunc(f.Fields, func(one field) bool { return one.Kind == string(domain.AttachmentsField) }) {
		return "multipart/form-data"
	}
	return ""
}

// absent is a command that cannot be given now, and the rule that says so.
type absent struct {
	Command string
	Why     domain.Text
	Code    string // of the refusal
}

// draftOf is the form of a verb as the verb has it, tried with what it is about, a field of a name and its value, and with
// a word in each text that it asks for but whose it is: what the rules say once somebody says why is known before anybody does.
func draftOf(p *domain.Policy, verb domain.Verb, about, id string) draft {
	known := map[string]string{about: id}
	var names []string
	for _, f := range verb.Fields {
		if f.Name == about || f.Kind == domain.AttachmentsField {
			continue
		}
		names = append(names, f.Name)
		if d := inputsOf(p, f); !f.Optional && f.Name != "enterprise" && (f.Kind == domain.TextField || f.Kind == domain.LongField) && d[0].Options == nil {
			known[f.Name] = "-"
		}
	}
	return asks(p, verb.Name, names...).tried(func(h domain.Head) domain.Command {
		c := verb.New()
		for name, value := range known {
			if wire.Fill(c, name, value) != nil {
				panic("pages: " + verb.Name + " cannot be about " + name)
			}
		}
		*domain.HeadOf(c) = h
		return c
	})
}

// unfilled reports whether a refusal says no more than that a field which the form asks for is empty still.
func (d draft) unfilled(r *domain.Refusal) bool {
	name := r.Figures["field"]
	if r.Code == domain.CodeClauseUnknown && r.Figures["clause"] == "" {
		name = "clause"
	}
	return slices.ContainsFunc(d.fields, func(f field) bool {
		list, _, _ := strings.Cut(f.Name, ".")
		return (f.Name == name || list == name) && f.Value == ""
	})
}

// amendable are the refusals that other values could avoid: the form is shown, with the refusal as a warning. Where nothing is
// left of an instalment, no other value helps.
var amendable = map[string]bool{domain.CodeCapExceeded: true, domain.CodeRequestedExceeded: true, domain.CodeScheduleNotAllowed: true}

// judge tries drafts on the rules as the viewer, in each grant that may give them: what is not forbidden becomes a form.
func judge(s *domain.State, v web.Viewer, today domain.Date, drafts []draft) (forms []form, none []absent) {
	for _, d := range drafts {
		grants := v.May(d.command)
		if len(grants) == 0 {
			why := notTheirs(v, d.command)
			none = append(none, absent{d.command, why.Message(), why.Code})
			continue
		}
		var able []web.Grant
		var refused, warning *domain.Refusal
		if d.try == nil {
			able = grants
			grants = nil
		}
		for _, g := range grants {
			head := domain.Head{ID: "try", Date: today, Actor: v.Actor(g)}
			_, refusal := domain.Decide(s, d.try(head), today)
			if refusal != nil && d.unfilled(refusal) {
				able = append(able, g)
			} else if refusal == nil || amendable[refusal.Code] {
				able, warning = append(able, g), refusal
			} else if refused == nil {
				refused = refusal
			}
		}
		if len(able) == 0 {
			none = append(none, absent{d.command, refused.Message(), refused.Code})
			continue
		}
		f := form{Command: d.command, ID: "web-" + rand.Text(), Fields: append(slices.Clip(d.fields), dated(today)), Grants: able, Warning: warning}
		f.clauses(s, v, f.values(), today)
		f.room(s, d, today)
		forms = append(forms, f)
	}
	return forms, none
}

// notTheirs says that a viewer's roles do not give a command.
func notTheirs(v web.Viewer, command string) *domain.Refusal {
	verb, _ := domain.VerbNamed(command)
	roles := make([]string, 0, 2)
	for _, role := range verb.Roles {
		roles = append(roles, string(role))
	}
	return domain.NewRefusal(domain.CodeRoleNotAllowed, "command", command, "role", rolesOf(v), "allowed", strings.Join(roles, ", "))
}

// rolesOf are the roles that a viewer has, each once.
func rolesOf(v web.Viewer) string {
	var list []string
	for _, g := range v.Grants {
		if !slices.Contains(list, string(g.Role)) {
			list = append(list, string(g.Role))
		}
	}
	return strings.Join(list, ", ")
}

// offers are the forms of a page, and what was said to the one that was sent.
type offers struct {
	Forms  []form
	Absent []absent
	Review *review // its second step, in the place of the forms; nil: there is none
}

// said is what became of a form that was sent and booked nothing.
type said struct {
	Refusal *domain.Refusal
	Review  *review
	Room    *headroom     // of the form as it was sent
	Among   []option      // what the value of the field that is refused may have meant
	Faults  []domain.Text // in the lines of that value
	Clauses map[string][]option
}

// answer shows what was said to the form that was sent, which keeps its values: a refusal stands in the form, at the field that it is about, or on the
// page where there is no such form any more. It is the answer's status.
func (o *offers) answer(pg *page, a *said, sent url.Values) int {
	if a == nil {
		if pg.Draft != nil {
			o.open(pg.Draft, pg.Lang())
		}
		return http.StatusOK
	}
	at := slices.IndexFunc(o.Forms, func(f form) bool { return f.Command == sent.Get("command") })
	if at >= 0 {
		o.Forms[at].refill(sent)
		o.Forms[at].beside(a)
	}
	switch {
	case a.Review != nil:
		o.Review = a.Review
		return http.StatusOK
	case a.Refusal == nil: // the person went back to the form
		return http.StatusOK
	case at >= 0:
		o.Forms[at].refuse(a)
	default:
		pg.Refusal = a.Refusal
	}
	return http.StatusUnprocessableEntity
}

// refuse puts a refusal at the field that it is about: the one that it names, or the amount where too much was asked for, or else the one whose value is
// among its figures. A refusal that is about no field is about the form.
func (f *form) refuse(a *said) {
	f.Warning = nil
	r := a.Refusal
	about := func(is func(field) bool) bool {
		i := slices.IndexFunc(f.Fields, is)
		if i >= 0 {
			f.Fields[i].Refusal, f.Fields[i].Fits, f.Fields[i].Among, f.Fields[i].Faults = r, fitting(f.Fields[i], r), a.Among, a.Faults
		}
		return i >= 0
	}
	figure := r.Figures
	_, asked := figure["asked"]
	found := about(func(one field) bool {
		list, year, parts := strings.Cut(one.Name, ".")
		return one.Name == figure["field"] || one.Name == figure["path"] || parts && list == figure["field"] && (figure["year"] == "" || figure["year"] == year)
	}) || asked && about(func(one field) bool {
		_, year, parts := strings.Cut(one.Name, ".")
		return one.Kind == string(domain.AmountField) && (!parts || figure["year"] == "" || figure["year"] == year)
	}) || about(func(one field) bool {
		return one.Value != "" && (figure[one.Name] == one.Value || one.Name == "support_year" && figure["year"] == one.Value)
	})
	if !found {
		f.Refusal = r
	}
}

// fitting is what an amount may be that was too much by what the refusal says: where it was this amount, and not a sum of several, that was asked for.
func fitting(f field, r *domain.Refusal) domain.Ceiling {
	given, err := domain.ParseMoney(f.Value)
	asked, also := domain.ParseMoney(r.Figures["asked"])
	short, too := domain.ParseMoney(r.Figures["short_by"])
	if err != nil || also != nil || too != nil || f.Kind != string(domain.AmountField) || given != asked || !asked.More(short) {
		return domain.Unstated
	}
	return domain.Stated(asked.Sub(short))
}

// beside puts what stands beside the fields of a form that was sent in its place.
func (f *form) beside(a *said) {
	if a.Room != nil {
		f.Room = a.Room
	}
	for i, one := range f.Fields {
		if list := a.Clauses[one.Name]; list != nil && one.Kind == string(domain.ChoiceField) {
			f.Fields[i].Options = slices.Insert(slices.Clone(list), 0, option{})
		}
	}
}

// refill puts what was sent back into its form. Who goes back from a review gives the same command again: it keeps its id.
func (f *form) refill(sent url.Values) {
	if sent.Get(stepField) != "" {
		f.ID = sent.Get("id")
	}
	f.As, f.Draft = sent.Get("as"), sent.Get(draftField)
	f.Fields = slices.Clone(f.Fields)
	for i, one := range f.Fields {
		if value, ok := sent[one.Name]; ok && one.Kind != "hidden" {
			f.Fields[i].Value = value[0]
		}
	}
}

// commandOf reads a sent form as a command: every value straight into the field of its name. fixed are fields that the page knows
// and no form may change.
func commandOf(sent url.Values, fixed map[string]string) (domain.Command, *domain.Refusal) {
	command, refusal := wire.Begin(sent.Get("command"), sent.Get("id"), strings.TrimSpace(sent.Get("date")))
	if refusal != nil {
		return nil, refusal
	}
	verb, _ := domain.VerbNamed(command.Name())
	parts := map[string][]string{} // of lists that have a field for each year
	for _, name := range slices.Sorted(maps.Keys(sent)) {
		value := strings.TrimSpace(sent.Get(name))
		_, known := fixed[name]
		list, year, isPart := strings.Cut(name, ".")
		of, _ := verb.Field(list)
		switch {
		case of.Kind == domain.PolicyField: // see [Pages.policyParts]
			continue
		case value == "" || known || slices.Contains([]string{"command", "id", "date", "as", reviewedField, stepField, fitField, draftField}, name):
			continue
		case isPart:
			parts[list] = append(parts[list], year+"="+value)
			continue
		}
		texts := []string{strings.ReplaceAll(value, "\r\n", "\n")}
		switch of.Kind {
		case domain.NamesField, domain.RepaymentsField, domain.ScoresField:
			texts = namesIn(value)
		case domain.AttachmentsField:
			texts = linesOf(value)
		}
		if refusal := wire.Fill(command, name, texts...); refusal != nil {
			return nil, refusal
		}
	}
	for name, texts := range parts {
		if refusal := wire.Fill(command, name, texts...); refusal != nil {
			return nil, refusal
		}
	}
	for name, value := range fixed {
		if refusal := wire.Fill(command, name, value); refusal != nil {
			return nil, refusal
		}
	}
	return command, nil
}

// namesIn are identifiers that a field holds, one a line or with a semicolon between them.
func namesIn(text string) []string {
	var names []string
	for name := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == '\n' || r == ';' || r == '；' }) {
		if name = strings.TrimSpace(name); name != "" {
			names = append(names, name)
		}
	}
	return names
}

// give gives the command of a sent form. Booked, the viewer is sent back to the page, which shows what the command did, and there is nothing more
// to say; a refusal is returned, for the page to show it in the form, and so is the review that comes before what cannot be taken back.
func (p *Pages) give(w http.ResponseWriter, r *http.Request, fixed map[string]string, allowed ...string) (*said, error) {
	return p.giveNext(w, r, fixed, nil, allowed...)
}

// giveNext is give, with another page to go to once the command is booked.
func (p *Pages) giveNext(w http.ResponseWriter, r *http.Request, fixed map[string]string, next func(domain.Command) string, allowed ...string) (*said, error) {
	if err := p.readForm(w, r); err != nil {
		return nil, err
	}
	answer, err := p.giveSent(w, r, fixed, next, allowed...)
	if err != nil || answer == nil || !slices.Contains(allowed, r.PostForm.Get("command")) {
		return answer, err
	}
	v, _ := web.ViewerOf(r)
	return answer, p.beside(r.Context(), v, r.PostForm, fixed, answer)
}

// giveSent is giveNext of a form that is read.
func (p *Pages) giveSent(w http.ResponseWriter, r *http.Request, fixed map[string]string, next func(domain.Command) string, allowed ...string) (*said, error) {
	if name, value, ok := strings.Cut(r.PostForm.Get(fitField), "="); ok {
		r.PostForm.Set(name, value)
		return &said{}, nil
	}
	if r.PostForm.Get(stepField) == stepEdit {
		return &said{}, nil
	}
	v, _ := web.ViewerOf(r)
	if r.PostForm.Get(stepField) == stepKeep && slices.Contains(allowed, r.PostForm.Get("command")) {
		refusal, err := p.keepDraft(w, r, v)
		if refusal != nil {
			return &said{Refusal: refusal}, nil
		}
		return nil, err
	}
	meant, err := p.resolve(r.Context(), v, r.PostForm, "")
	if err != nil {
		return nil, err
	}
	if r.PostForm.Get(stepField) == stepRoom && meant == nil {
		return &said{}, nil
	}
	if verb, _ := domain.VerbNamed(r.PostForm.Get("command")); meant != nil && (meant.refusal.Code == domain.CodeNameAmbiguous || !verb.Final()) {
		return &said{Refusal: meant.refusal, Among: meant.among}, nil
	}
	command, refusal := commandOf(r.PostForm, fixed)
	if refusal != nil {
		return &said{Refusal: refusal}, nil
	}
	if !slices.Contains(allowed, command.Name()) {
		return nil, invalid("command", command.Name())
	}
	if answer, err := p.policyParts(r.Context(), command, r.PostForm); answer != nil || err != nil {
		return answer, err
	}
	grant, err := p.chosen(r.Context(), v, r.PostForm.Get("as"), command)
	if err != nil {
		return nil, err
	}
	var would *weighed // what was not shown, and so not booked
	refusal, holds, err := p.attach(r, v, grant, command)
	if err != nil {
		return nil, err
	}
	if refusal != nil {
		return &said{Refusal: refusal}, nil
	}
	if holds == nil {
		holds = p.confirmed(command, r.PostForm.Get(reviewedField), &would)
	}
	result := p.server.DoIf(r.Context(), v, grant, command, holds)
	switch {
	case result.Err != nil && would != nil:
		return &said{Review: would.shown(p.names.Load(), r.PostForm, v.Lang)}, nil
	case result.Refusal != nil:
		among, err := p.near(r.Context(), result.Refusal)
		return &said{Refusal: result.Refusal, Among: among}, err
	case result.Err != nil:
		return nil, result.Err
	}
	_ = p.server.WaitFor(r.Context(), result.Outcome.LastSeq) // the page says how far it is: a slow projection is no fault of the command
	if id := r.PostForm.Get(draftField); id != "" {
		_ = p.server.ForgetDraft(r.Context(), v, id) // it is listed until it is thrown away, and sent again it books nothing twice
	}
	to := r.URL.Path
	if next != nil {
		to = next(command)
	}
	// Without a place on the page the browser would keep that of the form, which may not be there any more.
	http.Redirect(w, r, address(to, url.Values{"done": {strconv.FormatUint(result.Outcome.LastSeq, 10)}})+"#main", http.StatusSeeOther)
	return nil, nil
}

// confirmed is the condition on which a command is given: what it would do is what was shown, by its digest. What it would do else is put into would. A
// command that can be taken back needs no review, and one that the rules refuse gets their answer.
func (p *Pages) confirmed(c domain.Command, reviewed string, would **weighed) func(*domain.State) bool {
	if verb, _ := domain.VerbNamed(c.Name()); !verb.Final() {
		return nil
	}
	return func(s *domain.State) bool {
		w, refusal := weigh(s, c, p.today())
		if refusal != nil || w.digest() == reviewed {
			return true
		}
		*would = w
		return false
	}
}

func (p *Pages) chosen(ctx context.Context, v web.Viewer, as string, c domain.Command) (web.Grant, error) {
	if as == "" {
		return p.server.Choose(ctx, v, c)
	}
	grant, err := web.ParseGrant(as)
	if err != nil {
		return grant, invalid("as", as)
	}
	return grant, nil
}
