package pages_test

import (
	"fmt"
	"html"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/projections"
)

// Statistics are grouped on their page by what is ticked, have the columns that say something, and each figure opens the postings that it is made of.
func TestAFigureOfStatisticsOpensItsPostings(t *testing.T) {
	s := open(t)
	status, body := s.get("/lists/statistics?measure=paid&by=clause&by=quarter&lang=zh")
	if status != 200 || strings.Count(body, " checked") != 2 || !regexp.MustCompile(`value="quarter" checked`).MatchString(body) {
		t.Fatalf("status %d, %d columns are ticked", status, strings.Count(body, " checked"))
	}
	heads := body[strings.Index(body, "<thead>"):strings.Index(body, "</thead>")]
	if strings.Contains(heads, "预算年度") || !strings.Contains(heads, "季度") || strings.Contains(heads, "申请件数") {
		t.Errorf("its columns are %s", plainly(heads))
	}
	figures := regexp.MustCompile(`<a href="(/journal\?[^"]*)">([0-9,]+\.[0-9]{2})</a>`).FindAllStringSubmatch(body, -1)
	if len(figures) < 10 {
		t.Fatalf("%d figures lead to their postings", len(figures))
	}
	for _, f := range figures[:5] {
		status, postings := s.get(html.UnescapeString(f[1]) + "&lang=zh")
		if status != 200 || !strings.Contains(postings, "<b>"+f[2]+"</b>") {
			t.Errorf("%s is opened as %d, which does not come to it: %s", f[2], status, saidOn(postings))
		}
	}
	_, sizes := s.get("/lists/statistics?measure=paid&by=clause&lang=zh")
	if bars := regexp.MustCompile(`<rect class="now" width="([0-9.]+)%"`).FindAllStringSubmatch(sizes, -1); len(bars) < 5 || !strings.Contains(sizes, `width="100%" height="9"/>`) ||
		len(bars) != strings.Count(sizes, `<a href="/journal?`)/3 {
		t.Errorf("%d bars, %d figures open their postings", len(bars), strings.Count(sizes, `<a href="/journal?`))
	}
	if status, body := s.get("/lists/statistics?measure=paid&by=clause&by=quarter&by=month&by=policy&lang=zh"); status != 400 || !strings.Contains(body, "至多 3 个") {
		t.Errorf("four columns: status %d", status)
	}
	if _, body := s.as(t, "fen", "analyst").get("/lists/statistics?measure=paid&by=industry&by=quarter&lang=zh"); strings.Contains(body, "超过 0") ||
		!strings.Contains(body, "企业少于五家") {
		t.Errorf("an analyst is told of a length that is not for them: %s", saidOn(body))
	}
}

// A pair of applications with the same facts and different outcomes leads to both replays beside each other.
func TestAPairWithTheSameFactsIsReplayedTogether(t *testing.T) {
	s := open(t)
	day := domain.DateIn(now, domain.Shanghai)
	queue := must(projections.Queue.Page(t.Context(), s.queries, projections.Ask{Where: []projections.Condition{projections.ByStep.Is("to_decide"), projections.ByClause.Is("7")}, Limit: 200}))(t).Rows
	other := slices.IndexFunc(queue, func(r projections.QueueRow) bool { return r.Enterprise != queue[0].Enterprise })
	if other < 0 {
		t.Fatalf("%d applications of one enterprise wait", len(queue))
	}
	var orders []ledger.Order
	head := func(id string, role domain.Role, department domain.DepartmentID) domain.Head {
		return domain.Head{ID: domain.CommandID(id), Date: day, Actor: domain.Actor{ID: domain.PersonID(string(role) + "." + string(department)), Role: role, Department: department}}
	}
	for i, row := range []projections.QueueRow{queue[0], queue[other]} {
		for _, fact := range []string{"revenue finance 1000.00", "rd-spending science 10.00", "employees human-resources 9"} {
			parts := strings.Fields(fact)
			orders = append(orders, ledger.Order{Command: &domain.RecordFact{Head: head(fmt.Sprint("know-", i, parts[0]), domain.Clerk, domain.DepartmentID(parts[1])),
				Enterprise: row.Enterprise, Fact: domain.FactID(parts[0]), Period: "2024", Value: parts[2]}})
		}
		id := domain.ApplicationID(row.Reference)
		orders = append(orders, ledger.Order{Command: &domain.RecordReview{Head: head(fmt.Sprint("weigh-", i), domain.Reviewer, "market"), Application: id, Opinion: domain.Support}})
		decide := domain.Command(&domain.RejectApplication{Head: head("no", domain.Approver, "market"), Application: id, Reason: "不符合条件"})
		if i == 0 {
			parts := must(projections.Instalments.Page(t.Context(), s.queries, projections.Where(projections.ByApplication.Is(id))))(t).Rows
			decide = &domain.ApproveApplication{Head: head("yes", domain.Approver, "market"), Application: id, Instalments: []domain.Instalment{{SupportYear: parts[0].SupportYear, Amount: domain.Fen(100)}}}
		}
		orders = append(orders, ledger.Order{Command: decide})
	}
	for _, r := range s.ledger.DoAll(t.Context(), orders) {
		if r.Err != nil || r.Refusal != nil {
			t.Fatal(r.Err, r.Refusal)
		}
	}
	_, body := s.get(fmt.Sprint("/lists/same_facts?lang=zh&clause=7&min_seq=", s.last(t)))
	links := regexp.MustCompile(`<a href="(/applications/[^"/]*/replay\?other=[^"]*)">([^<]+)</a>`).FindAllStringSubmatch(body, -1)
	if len(links) != 2 || links[0][2] == links[1][2] {
		t.Fatalf("the pair leads to %v: %s", links, saidOn(body))
	}
	if status, both := s.get(html.UnescapeString(links[0][1]) + "&lang=zh"); status != 200 || !strings.Contains(both, string(queue[0].Reference)) || !strings.Contains(both, string(queue[other].Reference)) {
		t.Errorf("both replays: status %d", status)
	}
}
