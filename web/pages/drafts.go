package pages

import (
	"net/http"
	"net/url"
	"slices"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/web"
)

// stepKeep is the step by which a form is kept as a draft; draftField says which draft a form was opened from, on the page and in the form.
const (
	stepKeep   = "keep"
	draftField = "draft"
)

// opened is a draft that a page was opened with.
type opened struct {
	web.Draft
	Lost    []string // fields that the form has not got any more, or whose value cannot be chosen now, by what they are called
	Missing bool     // there is no such form here now

	beside func(sent url.Values, fixed map[string]string) (*said, error) // what stands beside the fields with its values
}

// draftOfPage is the viewer's own draft that an address names; nil: it names none of theirs.
func (p *Pages) draftOfPage(r *http.Request, v web.Viewer) *opened {
	id := r.URL.Query().Get(draftField)
	if id == "" {
		return nil
	}
	for _, d := range p.server.Drafts(r.Context(), v) {
		if d.ID == id && d.At == r.URL.Path {
			return &opened{Draft: d, beside: func(sent url.Values, fixed map[string]string) (*said, error) {
				if _, err := p.resolve(r.Context(), v, sent, ""); err != nil {
					return nil, err
				}
				a := &said{}
				return a, p.beside(r.Context(), v, sent, fixed, a)
			}}
		}
	}
	return nil
}

// open fills a draft into its form, and says what of it has no place there any more.
func (o *offers) open(d *opened, lang string) {
	at := slices.IndexFunc(o.Forms, func(f form) bool { return f.Command == d.Command })
	if d.Missing = at < 0; d.Missing {
		return
	}
	f := &o.Forms[at]
	sent := url.Values{}
	for name, value := range d.Values {
		i := slices.IndexFunc(f.Fields, func(one field) bool { return one.Name == name })
		if i >= 0 && f.Fields[i].takes(value) {
			sent.Set(name, value)
		} else if name != "as" {
			d.Lost = append(d.Lost, fieldCalled(f.Command, name, lang))
		}
	}
	slices.Sort(d.Lost)
	as := f.As
	f.refill(sent)
	f.As, f.ID, f.Draft = as, d.ID, d.ID
	var fixed map[string]string
	if f.Room != nil {
		fixed = f.Room.fixed
	}
	if a, err := d.beside(f.values(), fixed); err != nil {
		f.Room = nil // nothing is better than what the empty form would be held against
	} else {
		f.beside(a)
	}
}

// takes reports whether a field may hold a value: one of its choices, where it has them.
func (f field) takes(value string) bool {
	return f.Kind != string(domain.ChoiceField) || slices.ContainsFunc(f.Options, func(o option) bool { return o.Value == value })
}

// fieldCalled is what a field of a verb is called; what is none is shown by its name.
func fieldCalled(command, name, lang string) string {
	if label := labelOf(command, name, lang); label != "" {
		return label
	}
	return name
}

// keepDraft keeps a form that was sent, and leads back to it.
func (p *Pages) keepDraft(w http.ResponseWriter, r *http.Request, v web.Viewer) (*domain.Refusal, error) {
	d := web.Draft{ID: r.PostForm.Get("id"), At: r.URL.Path, Command: r.PostForm.Get("command"), Values: map[string]string{}}
	for name := range r.PostForm {
		if !slices.Contains([]string{"command", "id", stepField, fitField, reviewedField, draftField}, name) {
			d.Values[name] = r.PostForm.Get(name)
		}
	}
	if err := p.server.KeepDraft(r.Context(), v, d); err != nil {
		if refusal, is := err.(*domain.Refusal); is {
			return refusal, nil
		}
		return nil, err
	}
	http.Redirect(w, r, link(r.URL.Path, draftField, d.ID)+"#main", http.StatusSeeOther)
	return nil, nil
}

// forgetDraft throws a draft away.
func (p *Pages) forgetDraft(w http.ResponseWriter, r *http.Request) error {
	return p.owned(w, r, func(v web.Viewer, form url.Values) (string, accountBody, error) {
		return "/me#drafts", accountBody{}, p.server.ForgetDraft(r.Context(), v, form.Get("id"))
	})
}
