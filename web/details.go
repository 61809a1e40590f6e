package web

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/projections/postgres"
)

var (
	byState = param{name: "state", kind: word, text: domain.Text{ZH: "申请的状态", EN: "the application's state"},
		enum: []string{"submitted", "accepted", "returned", "approved", "rejected", "withdrawn"}}
	byOpen        = param{name: "state", kind: word, text: domain.Text{ZH: "open:尚未收回的", EN: "open: those with something outstanding"}, enum: []string{"open"}}
	byInForce     = param{name: "state", kind: word, text: domain.Text{ZH: "open:尚未全部撤销的", EN: "open: those not wholly revoked"}, enum: []string{"open"}}
	byReversed    = param{name: "state", kind: word, text: domain.Text{ZH: "reversed:已冲销;standing:未冲销", EN: "reversed: those taken back; standing: the others"}, enum: []string{"reversed", "standing"}}
	byPayout      = param{name: "payout", kind: identifier, text: domain.Text{ZH: "支付编号", EN: "the payout"}}
	byClawback    = param{name: "clawback", kind: identifier, text: domain.Text{ZH: "追回编号", EN: "the clawback"}}
	byRecovery    = param{name: "recovery", kind: identifier, text: domain.Text{ZH: "收回编号", EN: "the recovery"}}
	byException   = param{name: "exception", kind: identifier, text: domain.Text{ZH: "例外编号", EN: "the exception"}}
	bySubjectKind = param{name: "subject_kind", kind: word, text: domain.Text{ZH: "计额对象的类别", EN: "the kind of cap subject"},
		enum: []string{string(domain.SubjectEnterprise), string(domain.SubjectProject), string(domain.SubjectAward)}}
	bySupportYear      = param{name: "support_year", kind: anyYear, text: domain.Text{ZH: "支持年度;0 为不分年度的总额", EN: "exactly this support year; 0: what belongs to the total and to no year"}}
	byKinds            = param{name: "kind", kind: kinds, text: domain.Text{ZH: "记账类别,可用逗号并列", EN: "the kind of posting, or several with commas between: " + strings.Join(kindNames(), ", ")}}
	byReference        = param{name: "reference", kind: identifier, text: domain.Text{ZH: "关联的支付、追回、收回或例外编号", EN: "the payout, clawback, recovery or exception that is posted"}}
	byEvent            = param{name: "event", kind: position, text: domain.Text{ZH: "事件序号", EN: "the position of the event that posted"}}
	byBudgetYear       = param{name: "budget_year", kind: year, text: domain.Text{ZH: "预算年度(款项支出或退回)", EN: "the budget year: what was paid and returned in it"}}
	byBudgetClause     = param{name: "budget_clause", kind: identifier, text: domain.Text{ZH: "条款预算:计额条款或申请条款", EN: "a clause's budget: charged to it, or applied for under it"}}
	byBudgetDepartment = param{name: "budget_department", kind: identifier, text: domain.Text{ZH: "部门预算:由该部门批准", EN: "a department's budget: approved by it"}}
)

func kindNames() []string {
	var list []string
	for _, k := range projections.Kinds() {
		list = append(list, k.String())
	}
	return list
}

// past and present say what a list of details can be asked for: some are kept as they are now, and the journal tells the others for any moment.
const (
	present = false
	past    = true
)

// detail makes a list of details.
func detail[T any](name string, title domain.Text, when bool, ask func(*postgres.Queries, context.Context, projections.ListQuery) (projections.Page[T], error), params ...param) list {
	l := listOf(name, title, when, params, func(ctx context.Context, s *Server, _ *http.Request, a asked, at span) (projections.Page[T], error) {
		return ask(s.cfg.Queries, ctx, a.details(at))
	})
	l.presentOnly = !when
	return l
}

// details is what a list of details is asked for.
func (a asked) details(at span) projections.ListQuery {
	q := projections.ListQuery{Search: a.text("q"), Enterprise: domain.EnterpriseID(a.text("enterprise")), Application: domain.ApplicationID(a.text("application")),
		Clause: domain.ClauseID(a.text("clause")), Year: a.year("year"), State: a.text("state"), Payout: domain.PayoutID(a.text("payout")),
		Clawback: domain.ClawbackID(a.text("clawback")), Recovery: domain.RecoveryID(a.text("recovery")), Exception: domain.ExceptionID(a.text("exception")),
		SubjectKind: domain.SubjectKind(a.text("subject_kind")), Subject: a.text("subject"), Reference: a.text("reference"), Event: a.number("event"),
		BudgetYear: int(a.number("budget_year")), BudgetClause: domain.ClauseID(a.text("budget_clause")), BudgetDepartment: domain.DepartmentID(a.text("budget_department")),
		AsOf: at.asOf, On: at.on, Limit: at.limit, Cursor: at.cursor}
	if text := a.text("support_year"); text != "" {
		y := a.year("support_year")
		q.SupportYear = &y
	}
	if text := a.text("kind"); text != "" {
		q.Kinds = strings.Split(text, ",")
	}
	return q
}

var (
	enterprisesList  = detail("enterprises", domain.Text{ZH: "企业", EN: "Enterprises"}, present, (*postgres.Queries).Enterprises, bySearch, byEnterprise)
	applicationsList = detail("applications", domain.Text{ZH: "申请", EN: "Applications"}, present, (*postgres.Queries).Applications, byEnterprise, byApplication, byClause, byState)
	payoutsList      = detail("payouts", domain.Text{ZH: "支付", EN: "Payouts"}, past, (*postgres.Queries).Payouts,
		byEnterprise, byApplication, byClause, byYear, bySubjectKind, bySubject, byPayout)
	clawbacksList = detail("clawbacks", domain.Text{ZH: "追回", EN: "Clawbacks"}, past, (*postgres.Queries).Clawbacks,
		byEnterprise, byApplication, byClause, byYear, bySubjectKind, bySubject, byPayout, byClawback, byOpen)
	recoveriesList = detail("recoveries", domain.Text{ZH: "收回", EN: "Recoveries"}, past, (*postgres.Queries).Recoveries,
		byEnterprise, byApplication, byClause, byYear, bySubjectKind, bySubject, byPayout, byClawback, byRecovery, byReversed)
	exceptionsList = detail("exceptions", domain.Text{ZH: "例外", EN: "Exceptions"}, past, (*postgres.Queries).Exceptions,
		byEnterprise, byClause, byYear, bySubjectKind, bySubject, byException, byInForce)
	appropriationsList = detail("appropriations", domain.Text{ZH: "预算", EN: "Appropriations"}, past, (*postgres.Queries).Appropriations,
		byBudgetYear, byBudgetClause, byBudgetDepartment)
	journalList = detail("journal", domain.Text{ZH: "分录", EN: "Journal"}, past, (*postgres.Queries).Journal, byEnterprise, byApplication, byClause, bySubjectKind, bySubject,
		byYear, bySupportYear, byKinds, byReference, byEvent, byBudgetYear, byBudgetClause, byBudgetDepartment)
)

// refusePast turns a question for the past away from a list that is kept as it is now, and says where the past is.
func (l list) refusePast(raw string) error {
	values, err := url.ParseQuery(raw)
	if err != nil || !l.presentOnly {
		return nil // what is malformed is refused where it is read
	}
	for _, p := range pastParams {
		if values.Get(p.name) != "" {
			return problem(http.StatusBadRequest, "present_only", "parameter", p.name, "list", l.name)
		}
	}
	return nil
}
