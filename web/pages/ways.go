package pages

import (
	"net/http"
	"slices"
	"strings"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/web"
	"github.com/fundledger/fundledger/words"
)

// way is where the navigation or the search leads to.
type way struct {
	At    string
	Title domain.Text
	roles []domain.Role // whom it is for; none: everybody
	verb  string        // the command that it is for giving: who may not is not led there
	where where         // in the navigation
}

// where is the place of a way in the navigation.
type where uint8

const (
	inBar where = iota
	underMore
	nowhere // the search alone leads there
)

// ways are the entries of the navigation, in their order, and behind them what can be done from anywhere.
var ways = []way{
	{At: "/", Title: domain.Text{ZH: "待我办理", EN: "To do"}},
	{At: "/overview", Title: domain.Text{ZH: "总览", EN: "Overview"}},
	listing(projections.Enterprises.List, inBar),
	listing(projections.Applications.List, inBar),
	{At: "/clauses", Title: domain.Text{ZH: "条款", EN: "Clauses"}},
	listing(projections.Payouts.List, inBar),
	listing(projections.Clawbacks.List, inBar),
	listing(projections.Journal.List, inBar),
	listing(projections.Notices.List, underMore),
	listing(projections.Appropriations.List, underMore),
	{At: "/execution", Title: domain.Text{ZH: "预算执行", EN: "Budget execution"}, where: underMore},
	listing(projections.Forecast.List, underMore),
	listing(projections.Plan.List, underMore),
	listing(projections.Facts.List, underMore),
	listing(projections.Offers.List, underMore),
	listing(projections.Closings.List, underMore),
	listing(projections.MovedSinceClose.List, underMore),
	listing(projections.Exceptions.List, underMore),
	listing(projections.Ageing.List, underMore),
	listing(projections.Recoveries.List, underMore),
	listing(projections.Links.List, underMore),
	listing(projections.Groups.List, underMore),
	listing(projections.Mergers.List, underMore),
	listing(projections.Projects.List, underMore),
	{At: "/policy", Title: projections.PolicyHistory.Title, where: underMore},
	listing(projections.Expiring.List, underMore),
	{At: "/audit", Title: domain.Text{ZH: "审计", EN: "Audit"}, where: underMore},
	{At: "/lists/fair_competition", Title: projections.Fairness.Title, where: underMore},
	{At: "/simulate", Title: domain.Text{ZH: "政策试行", EN: "Try a policy"}, where: underMore},
	{At: "/what-if", Title: domain.Text{ZH: "假设推演", EN: "What if"}, where: underMore},
	{At: "/lists/statistics?by=clause", Title: projections.Statistics.Title, where: underMore},
	{At: "/lists/evaluations", Title: projections.Evaluations.Title, where: underMore},
	{At: "/lists/given_evaluations", Title: projections.GivenEvaluations.Title, where: underMore},
	{At: "/lists/rectifications", Title: projections.Rectifications.Title, where: underMore},
	{At: "/lists/concentration", Title: projections.Concentration.Title, where: underMore},
	{At: "/lists/same_facts", Title: projections.SameFacts.Title, where: underMore},
	{At: "/data", Title: domain.Text{ZH: "数据", EN: "Data"}, where: underMore},
	{At: "/import", Title: domain.Text{ZH: "导入", EN: "Import"}, roles: []domain.Role{domain.Admin}, where: underMore},
	{At: "/account-changes", Title: domain.Text{ZH: "账户变动", EN: "Account changes"}, roles: web.KeepsAccounts, where: underMore},
	{At: "/webhooks", Title: domain.Text{ZH: "事件推送", EN: "Webhooks"}, roles: web.KeepsAccounts, where: underMore},
	listing(projections.Refusals.List, underMore),
	{At: "/me", Title: domain.Text{ZH: "我的账户", EN: "My account"}, where: nowhere},
	act("/applications/new", "submit_application"), act("/enterprises/new", "register_enterprise"), act("/links/new", "link_enterprises"), act("/mergers/new", "merge_enterprises"), act("/mergers/new", "void_merger"), act("/projects/new", "register_project"), act("/projects/new", "same_project"), act("/exceptions/new", "grant_exception"),
	act("/closings/new", "close_budget_year"), act("/closings/new", "carry_over"), act("/closings/new", "reopen_budget_year"),
	act("/appropriations/new", "set_appropriation"), act("/plan/new", "plan_payment"), act("/offers/new", "offer_support"), act("/offers/new", "confirm_offer"), act("/offers/new", "decline_offer"), act("/facts/new", "record_fact"), act("/facts/new", "correct_fact"), act("/evaluations/new", "set_target"), act("/evaluations/new", "record_evaluation"), act("/evaluations/new", "record_rectification"), act("/clauses/amend", "amend_clause"), act("/policy/amend", "amend_policy"), act("/payouts/book", "book_payout"), act("/payouts/book", "book_recovery"),
}

// listing is the page of a list, called what the list is.
func listing(l *projections.List, at where) way {
	return way{At: "/" + l.Name, Title: l.Title, where: at}
}

// enter begins a page that a way leads to: it is called what the way is.
func (p *Pages) enter(r *http.Request, at string) (*page, error) {
	i := slices.IndexFunc(ways, func(w way) bool { return w.At == at })
	return p.begin(r, at, ways[i].Title)
}

// act is the page that a command is given on.
func act(at, verb string) way {
	return way{At: at, Title: domain.Text{ZH: words.Word(verb, "zh"), EN: words.Word(verb, "en")}, verb: verb, where: nowhere}
}

// open reports whether a viewer is led there.
func (r way) open(v web.Viewer) bool {
	return (len(r.roles) == 0 || v.Has(r.roles...)) && (r.verb == "" || len(v.May(r.verb)) > 0)
}

// Ways are the navigation's entries for the viewer: those that stand in the bar, or those under more.
func (p *page) Ways(more bool) (list []way) {
	at := inBar
	if more {
		at = underMore
	}
	for _, r := range ways {
		if r.where == at && r.open(p.Viewer) {
			list = append(list, r)
		}
	}
	return list
}

// led are the ways that a text names a part of; all of them without one.
func led(v web.Viewer, text string) (list []way) {
	text = strings.ToLower(text)
	for _, r := range ways {
		if r.open(v) && slices.ContainsFunc([]string{r.Title.ZH, r.Title.EN}, func(title string) bool { return strings.Contains(strings.ToLower(title), text) }) {
			list = append(list, r)
		}
	}
	return list
}
