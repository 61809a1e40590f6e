package pages

import (
	"net/http"
	"slices"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
)

// example is a question in SQL for analysts to begin with.
type example struct {
	Title domain.Text
	SQL   string
}

// examples run on the views as they are: a test runs each.
var examples = []example{
	{domain.Text{ZH: "各条款、各年度已用额度与余额", EN: "Use and headroom by clause and year"},
		"SELECT clause, support_year, sum(use) AS use, sum(headroom) AS headroom\nFROM analyst.v_accounts GROUP BY clause, support_year ORDER BY clause, support_year;"},
	{domain.Text{ZH: "净支付最多的二十家企业", EN: "The twenty enterprises with the most net paid"},
		"SELECT enterprise, enterprise_name, sum(net_paid) AS net_paid\nFROM analyst.v_totals GROUP BY enterprise, enterprise_name ORDER BY net_paid DESC, enterprise LIMIT 20;"},
	{domain.Text{ZH: "超出上限的账户", EN: "Account lines beyond their cap"},
		"SELECT clause, subject_kind, subject, support_year, cap, exceptions, use\nFROM analyst.v_accounts WHERE status IN ('over', 'over_by_exception') ORDER BY clause, subject, support_year;"},
	{domain.Text{ZH: "按月支出与退回", EN: "Paid and returned by month"},
		"SELECT to_char(business_date, 'YYYY-MM') AS month, kind, sum(amount) AS amount\nFROM analyst.v_journal WHERE kind IN ('paid', 'returned') GROUP BY month, kind ORDER BY month, kind;"},
	{domain.Text{ZH: "尚未收回的追回及账龄", EN: "Outstanding clawbacks and their age"},
		"SELECT clawback, enterprise_name, outstanding, current_date - ordered_on AS days\nFROM analyst.v_clawbacks WHERE outstanding > 0 ORDER BY days DESC, clawback;"},
	{domain.Text{ZH: "从提交到批准的天数，按部门", EN: "Days from application to approval, by department"},
		"SELECT department, count(*) AS applications, round(avg(approved_on - submitted_on), 1) AS days\nFROM analyst.v_applications WHERE approved_on IS NOT NULL GROUP BY department ORDER BY department;"},
	{domain.Text{ZH: "某一时点之前记录的分录之和（截至位置 2000）", EN: "Sums of what was recorded up to a position (2000)"},
		"SELECT clause, kind, sum(amount) AS amount\nFROM analyst.v_journal WHERE seq <= 2000 GROUP BY clause, kind ORDER BY clause, kind;"},
}

type dataBody struct {
	Lists    []*projections.List // those that need no id
	Views    []projections.View
	Examples []example
}

// data tells analysts what they can ask, and how.
func (p *Pages) data(w http.ResponseWriter, r *http.Request) error {
	pg, err := p.enter(r, "/data")
	if err != nil {
		return err
	}
	views, err := p.server.Queries().Views(r.Context())
	if err != nil {
		return err
	}
	lists := slices.DeleteFunc(projections.Lists(), func(l *projections.List) bool { return l.Of() != nil })
	return dataSheet.write(p, w, http.StatusOK, pg, dataBody{lists, views, examples})
}
