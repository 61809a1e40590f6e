package pages_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/policies"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/web"
)

var (
	formOf  = regexp.MustCompile(`(?s)<form method="post" class="card" id="[a-z_]+"[^>]*>.*?</form>`)
	given   = regexp.MustCompile(`name="command" value="([a-z_]+)"`)
	warning = regexp.MustCompile(`(?s)<p class="alert">(.*?)</p>`)
	nought  = regexp.MustCompile(`name="([a-z_.0-9]+)" value="0\.00"`)
)

// elsewhere are the verbs that no form of a page gives: a policy and a key are published on the command line, and payments of
// the treasury come as a file.
var elsewhere = []string{"publish_policy", "rotate_checkpoint_key", "record_treasury_payment"}

// A form that was just opened says nothing of what nobody has filled in yet, proposes no amount of nought, and does not ask for
// what its page is about; and every verb has a form somewhere.
func TestFormsAsTheyOpen(t *testing.T) {
	s := open(t)
	policy := must(policies.Named(fund))(t)
	everyone := accounts.User{ID: "everyone", Name: "everyone"}
	for _, role := range domain.Roles {
		for _, department := range policy.Departments {
			everyone.Grants = append(everyone.Grants, web.Grant{Role: role, Department: department.ID})
		}
	}
	if err := s.users.Add(everyone, password); err != nil {
		t.Fatal(err)
	}
	if status, _, body := s.post("/login", url.Values{"name": {"everyone"}, "password": {password}, "next": {"/"}}); status != http.StatusSeeOther {
		t.Fatalf("signing in: status %d: %s", status, body)
	}
	seen := map[string]bool{}
	for about, paths := range s.pagesWithForms(t) {
		if len(paths) == 0 {
			t.Errorf("the sample has no %s", about)
		}
		for _, path := range paths {
			_, body := s.get(path + "?lang=zh")
			for _, form := range formOf.FindAllString(body, -1) {
				command := given.FindStringSubmatch(form)[1]
				seen[command] = true
				// An approval proposes what was asked for, and says where that is too much.
				if said := warning.FindStringSubmatch(form); said != nil && command != "approve_application" {
					t.Errorf("%s: %s opens with a warning: %s", path, command, said[1])
				}
				if field := nought.FindStringSubmatch(form); field != nil {
					t.Errorf("%s: %s proposes nought for %s", path, command, field[1])
				}
				if strings.Contains(form, `name="`+about+`"`) {
					t.Errorf("%s: %s asks for its %s", path, command, about)
				}
			}
		}
	}
	for _, verb := range domain.Verbs {
		if seen[verb.Name] == slices.Contains(elsewhere, verb.Name) {
			t.Errorf("%s has a form on a page: %t; there are %v", verb.Name, seen[verb.Name], slices.Sorted(maps.Keys(seen)))
		}
	}
}

// pagesWithForms are pages with forms, some of every state, by what they are about.
func (s *site) pagesWithForms(t *testing.T) map[string][]string {
	line, recovery := s.booked(t)
	findings := must(s.proof.Report())(t).Findings
	return map[string][]string{
		"":     {"/applications/new", "/enterprises/new", "/exceptions/new", "/appropriations/new", "/closings/new", "/clauses/amend", "/policy/amend", "/payouts/book", "/facts/new", "/offers/new", "/evaluations/new", "/links/new", "/mergers/new", "/projects/new"},
		"link": {s.linked(t)},
		"application": append(some(t, s, projections.Applications, func(r projections.ApplicationRow) (string, string) {
			return fmt.Sprint(r.State, r.Suspended, r.Paid == r.Approved), "/applications/" + url.PathEscape(string(r.Application))
		}), s.reviewedAgain(t)),
		"payout": some(t, s, projections.Payouts, func(r projections.PayoutRow) (string, string) {
			return fmt.Sprint(r.Booked, r.Returned.Positive(), r.ClawbackOrdered.Positive()), "/payouts/" + url.PathEscape(string(r.Payout))
		}),
		"clawback": some(t, s, projections.Clawbacks, func(r projections.ClawbackRow) (string, string) {
			return fmt.Sprint(r.Outstanding.Positive(), r.Waived.Positive()), "/clawbacks/" + url.PathEscape(string(r.Clawback))
		}),
		"recovery": {recovery},
		"enterprise": some(t, s, projections.Enterprises, func(r projections.EnterpriseRow) (string, string) {
			return fmt.Sprint(r.CreditRestricted, r.Admitted), "/enterprises/" + url.PathEscape(string(r.Enterprise)) + "/edit"
		}),
		"statement": {line},
		"finding":   {"/audit/findings/" + url.PathEscape(string(findings[0].ID))},
	}
}

// some are the addresses of up to three rows of a list for each state.
func some[T any](t *testing.T, s *site, of projections.Question[T], told func(T) (state, path string)) (paths []string) {
	seen := map[string]int{}
	for row, err := range of.Every(t.Context(), s.queries, projections.Ask{Limit: projections.MaxLimit}) {
		if err != nil {
			t.Fatal(err)
		}
		state, path := told(row)
		if seen[state]++; seen[state] <= 3 {
			paths = append(paths, path)
		}
	}
	return paths
}

// reviewedAgain is the page of an application that may be given more: it is approved, and was reviewed since, which the sample has none of.
func (s *site) reviewedAgain(t *testing.T) string {
	policy := must(policies.Named(fund))(t)
	rows := must(projections.Applications.Page(t.Context(), s.queries, projections.Ask{Where: []projections.Condition{projections.ByState.Is(domain.Approved)}, Limit: 1}))(t).Rows
	var orders []ledger.Order
	for i := range policy.Workflow.Reviews {
		id := fmt.Sprint("again-", i)
		orders = append(orders, ledger.Order{Command: &domain.RecordReview{Application: rows[0].Application, Opinion: domain.Support, Head: domain.Head{ID: domain.CommandID(id),
			Date: domain.DateIn(now, domain.Shanghai), Actor: domain.Actor{ID: domain.PersonID(id), Role: domain.Reviewer, Department: rows[0].Department}}}})
	}
	for _, r := range s.ledger.DoAll(t.Context(), orders) {
		if r.Err != nil || r.Refusal != nil {
			t.Fatal(r.Err, r.Refusal)
		}
	}
	return "/applications/" + url.PathEscape(string(rows[0].Application))
}

// linked is the page of a link, which the sample has none of; and its policy gets a fact.
func (s *site) linked(t *testing.T) string {
	t.Helper()
	day := domain.DateIn(now, domain.Shanghai)
	head := func(id domain.CommandID, role domain.Role, department domain.DepartmentID) domain.Head {
		return domain.Head{ID: id, Date: day, Actor: domain.Actor{ID: "lin", Role: role, Department: department}}
	}
	firms := must(projections.Enterprises.Page(t.Context(), s.queries, projections.Ask{Limit: 2}))(t).Rows
	for _, r := range s.ledger.DoAll(t.Context(), []ledger.Order{
		{Command: &domain.LinkEnterprises{Head: head("a-link", domain.Clerk, "commerce"), Link: "L-1", A: firms[0].Enterprise, B: firms[1].Enterprise, Kind: domain.Controls, Document: "D"}},
		{Command: &domain.AmendPolicy{Head: head("a-fact", domain.Admin, ""), EffectiveOn: day, Document: "D",
			AddFacts: []domain.Fact{{ID: "staff", Name: domain.Text{ZH: "人数", EN: "Staff"}, Unit: domain.UnitCount, Per: domain.OfYear, Sources: []domain.DepartmentID{"finance"}}}}},
	}) {
		if r.Err != nil || r.Refusal != nil {
			t.Fatal(r.Err, r.Refusal)
		}
	}
	return "/links/L-1/edit"
}

// booked are the pages of a line of a payment file and of a recovery, which the sample has none of.
func (s *site) booked(t *testing.T) (line, recovery string) {
	day := domain.DateIn(now, domain.Shanghai)
	head := func(id domain.CommandID) domain.Head {
		return domain.Head{ID: id, Date: day, Actor: domain.Actor{ID: "cai", Role: domain.Treasurer, Department: "finance"}}
	}
	payouts := must(projections.Payouts.Page(t.Context(), s.queries, projections.Ask{Limit: 1}))(t)
	results := s.ledger.DoAll(t.Context(), []ledger.Order{
		{Command: &domain.RecordTreasuryPayment{Head: head("a-line"), Statement: "2025-09", Line: 1, Voucher: "V-1", PaidOn: day, Amount: domain.Fen(100), Payee: "甲"}},
		{Command: &domain.BookRecovery{Head: head("a-recovery"), Recovery: "R-1", Payout: payouts.Rows[0].Payout, Amount: domain.Fen(100), Cause: domain.CauseError,
			ReceivedOn: day}}})
	for _, r := range results {
		if r.Err != nil || r.Refusal != nil {
			t.Fatal(r.Err, r.Refusal)
		}
	}
	return "/events/" + strconv.FormatUint(results[0].Outcome.LastSeq, 10), "/recoveries/R-1/edit"
}
