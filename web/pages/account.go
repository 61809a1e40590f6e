package pages

import (
	"net/http"
	"net/url"
	"time"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/web"
)

// accountPages are what a person sees and changes of their own account, and for admins and auditors who granted what to whom.
func (p *Pages) accountPages() map[string]func(http.ResponseWriter, *http.Request) error {
	return map[string]func(http.ResponseWriter, *http.Request) error{
		"GET /me": p.account, "GET " + web.PasswordPage: p.account, "POST " + web.PasswordPage: p.changePassword, "POST /me/sign-out": p.signOutEverywhere,
		"POST /me/views": p.saveView, "POST /me/views/forget": p.forgetView, "POST /me/drafts/forget": p.forgetDraft,
		"POST /me/tokens": p.makeToken, "POST /me/tokens/revoke": p.revokeToken, "POST /me/deputies": p.appoint, "POST /me/deputies/dismiss": p.dismiss,
		"GET /account-changes": p.accountChanges, "GET /webhooks": p.webhooks, "POST /webhooks/again": p.tellAgain,
	}
}

// accountBody is a person's own account.
type accountBody struct {
	Least    int
	Next     string       // where to go on to behind the choice of a password
	Problem  *domain.Text // why what was asked did not work
	Token    string       // that was made just now: it is shown this once
	Tokens   []web.TokenRow
	Deputies []web.DeputyAsked
	Own      []web.Grant // without those in others' places
	Views    []web.SavedView
}

func (p *Pages) account(w http.ResponseWriter, r *http.Request) error {
	return p.showAccount(w, r, http.StatusOK, accountBody{Next: r.URL.Query().Get("next")})
}

func (p *Pages) showAccount(w http.ResponseWriter, r *http.Request, status int, body accountBody) error {
	pg, err := p.enter(r, "/me")
	if err != nil {
		return err
	}
	body.Least, body.Tokens, body.Deputies = accounts.MinPassword, p.server.Tokens(pg.Viewer), p.server.Deputies(pg.Viewer)
	body.Views, pg.Drafts = p.server.SavedViews(r.Context(), pg.Viewer), p.server.Drafts(r.Context(), pg.Viewer)
	for _, g := range pg.Viewer.Grants {
		if g.For == "" {
			body.Own = append(body.Own, g)
		}
	}
	return accountSheet.write(p, w, status, pg, body)
}

// owned does something with a viewer's own account, and shows it again: with why, where it did not work.
func (p *Pages) owned(w http.ResponseWriter, r *http.Request, do func(v web.Viewer, form url.Values) (next string, body accountBody, err error)) error {
	v, _ := web.ViewerOf(r)
	if err := r.ParseForm(); err != nil {
		return err
	}
	next, body, err := do(v, r.PostForm)
	if err != nil {
		problem := web.ErrorProblem(err)
		if problem.Status >= http.StatusInternalServerError {
			return err
		}
		body.Problem = problem.Message
		return p.showAccount(w, r, problem.Status, body)
	}
	if body.Token != "" {
		return p.showAccount(w, r, http.StatusOK, body)
	}
	http.Redirect(w, r, next, http.StatusSeeOther)
	return nil
}

// saveView keeps the list that a person looks at, and goes back to it.
func (p *Pages) saveView(w http.ResponseWriter, r *http.Request) error {
	return p.owned(w, r, func(v web.Viewer, form url.Values) (string, accountBody, error) {
		view := web.SavedView{Name: form.Get("name"), At: form.Get("at")}
		return view.At, accountBody{}, p.server.SaveView(r.Context(), v, view)
	})
}

// forgetView takes a saved view away.
func (p *Pages) forgetView(w http.ResponseWriter, r *http.Request) error {
	return p.owned(w, r, func(v web.Viewer, form url.Values) (string, accountBody, error) {
		return "/me#views", accountBody{}, p.server.ForgetView(r.Context(), v, web.SavedView{Name: form.Get("name"), At: form.Get("at")})
	})
}

func (p *Pages) changePassword(w http.ResponseWriter, r *http.Request) error {
	return p.owned(w, r, func(v web.Viewer, form url.Values) (string, accountBody, error) {
		next := web.Local(form.Get("next"))
		err := p.server.ChangePassword(r, v, accounts.Web, form.Get("present"), form.Get("password"))
		return next, accountBody{Next: next}, err
	})
}

func (p *Pages) signOutEverywhere(w http.ResponseWriter, r *http.Request) error {
	return p.owned(w, r, func(v web.Viewer, _ url.Values) (string, accountBody, error) {
		return "/me", accountBody{}, p.server.SignOutEverywhere(r, v, accounts.Web)
	})
}

func (p *Pages) makeToken(w http.ResponseWriter, r *http.Request) error {
	return p.owned(w, r, func(v web.Viewer, form url.Values) (string, accountBody, error) {
		until, err := lastDay(form.Get("until"))
		if err != nil {
			return "", accountBody{}, err
		}
		token, err := p.server.MakeToken(v, accounts.Web, web.TokenAsked{Name: form.Get("name"), Expires: until, ReadOnly: form.Get("read_only") != "",
			Department: domain.DepartmentID(form.Get("department"))})
		if err != nil {
			token = ""
		}
		return "/me", accountBody{Token: token}, err
	})
}

func (p *Pages) revokeToken(w http.ResponseWriter, r *http.Request) error {
	return p.owned(w, r, func(v web.Viewer, form url.Values) (string, accountBody, error) {
		return "/me", accountBody{}, p.server.RevokeToken(v, accounts.Web, form.Get("name"))
	})
}

func (p *Pages) appoint(w http.ResponseWriter, r *http.Request) error {
	return p.owned(w, r, func(v web.Viewer, form url.Values) (string, accountBody, error) {
		from, err := firstDay(form.Get("from"))
		if err != nil {
			return "", accountBody{}, err
		}
		until, err := lastDay(form.Get("until"))
		if err != nil {
			return "", accountBody{}, err
		}
		return "/me", accountBody{}, p.server.Appoint(v, accounts.Web, web.DeputyAsked{Person: domain.PersonID(form.Get("person")), Grant: form.Get("grant"), From: from, Until: until})
	})
}

func (p *Pages) dismiss(w http.ResponseWriter, r *http.Request) error {
	return p.owned(w, r, func(v web.Viewer, form url.Values) (string, accountBody, error) {
		return "/me", accountBody{}, p.server.Dismiss(v, accounts.Web, domain.PersonID(form.Get("person")), form.Get("grant"))
	})
}

// firstDay is the beginning of a day in Shanghai, lastDay its end: a form asks for days, both included.
func firstDay(text string) (time.Time, error) {
	at, err := time.ParseInLocation(time.DateOnly, text, domain.Shanghai)
	if err != nil {
		return at, invalid("date", text)
	}
	return at, nil
}

func lastDay(text string) (time.Time, error) {
	at, err := firstDay(text)
	return at.AddDate(0, 0, 1), err
}

// changesBody is a page of who granted what to whom.
type changesBody struct {
	Person domain.PersonID
	List   []accounts.Entry
	Next   uint64
}

func (p *Pages) accountChanges(w http.ResponseWriter, r *http.Request) error {
	pg, err := p.enter(r, "/account-changes")
	if err != nil {
		return err
	}
	if !pg.MayAudit() {
		return web.NotFor(web.KeepsAccounts...)
	}
	before, err := position(r, "before")
	if err != nil {
		return err
	}
	body := changesBody{Person: domain.PersonID(r.URL.Query().Get("person"))}
	if body.List, body.Next, err = p.server.AccountTrail(r.Context(), body.Person, before, 100); err != nil {
		return err
	}
	return changesSheet.write(p, w, http.StatusOK, pg, body)
}

// MayAudit reports whether the viewer sees who granted what to whom.
func (p *page) MayAudit() bool { return p.Viewer.Has(web.KeepsAccounts...) }
