package pages

import (
	"errors"
	"net/http"
	"slices"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
)

// meant is what the value of a filter may be, where nothing is called so: people know a name, or a part of it.
type meant struct {
	Message domain.Text // that nothing is
	Of      []guess
}

// guess is one of them, and the list narrowed to it.
type guess struct {
	Title domain.Text
	At    string
}

// names reports whether a filter is of a kind of thing, by whatever name.
func names(filter, kind string) bool {
	return filter == kind || filter == "budget_"+kind || filter == "subject" && kind == "enterprise"
}

// mean looks up what the filters of a list without rows may have meant, by a part of its name: the one thing that it can be is where the
// reader is led on to, several are offered.
func (p *Pages) mean(r *http.Request, pg *page, l *projections.List, rows int) (to string, err error) {
	if rows > 0 || pg.Asked.cursor != "" {
		return "", nil
	}
	k := p.server.Keeper(pg.Viewer.Lang)
	var unknown *projections.UnknownError
	if err := l.Unknown(r.Context(), k, p.policy, pg.Asked.ask().Where); !errors.As(err, &unknown) {
		return "", err
	}
	list, err := p.alike(r, unknown.Filter.Name, unknown.Value)
	if err != nil {
		return "", err
	}
	if len(list) == 1 {
		return pg.With(unknown.Filter.Name, list[0].Value), nil
	}
	var of []guess
	for _, o := range list {
		of = append(of, guess{o.Label, pg.With(unknown.Filter.Name, o.Value)})
	}
	what := unknown.Filter.Meaning
	pg.Meant = &meant{domain.Text{ZH: what.ZH + "：台账中没有“" + unknown.Value + "”。", EN: what.EN + ": the ledger has no “" + unknown.Value + "”."}, of}
	return "", nil
}

// alike are the things of a filter's kind that a text names a part of.
func (p *Pages) alike(r *http.Request, filter, text string) ([]option, error) {
	if names(filter, "enterprise") {
		return p.proposedEnterprises(r.Context(), text)
	}
	list := slices.DeleteFunc(onOffer(p.names.Load(), filter), func(o option) bool { return !o.fits(text) })
	return list[:min(len(list), shownPicks)], nil
}

// onOffer is what a policy has of a filter's kind.
func onOffer(policy *domain.Policy, filter string) []option {
	for _, kind := range []string{"clause", "department", "industry", "enterprise_size", "street"} {
		if names(filter, kind) {
			return offered(policy, domain.Field{Name: kind})
		}
	}
	return nil
}

// goOn leads a reader on, unless something went wrong.
func goOn(w http.ResponseWriter, r *http.Request, to string, err error) error {
	if err == nil {
		http.Redirect(w, r, to, http.StatusSeeOther)
	}
	return err
}

// anyOf are rows of any type.
func anyOf[T any](rows []T) []any {
	list := make([]any, len(rows))
	for i, row := range rows {
		list[i] = row
	}
	return list
}
