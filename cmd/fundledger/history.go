package main

import (
	"context"
	"errors"
	"net/url"
	"time"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/projections/postgres"
	"github.com/fundledger/fundledger/words"
)

type historyCmd struct {
	ID         string `arg:"" optional:"" help:"An application. / 申请编号"`
	Enterprise string `help:"An enterprise instead, with all its applications. / 企业" placeholder:"ID"`
	Moment
	Shape
}

// historyLine is a step of a history in a table.
type historyLine struct {
	Seq           uint64               `json:"seq"`
	RecordedAt    time.Time            `json:"recorded_at"`
	BusinessDate  domain.Date          `json:"business_date"`
	Application   domain.ApplicationID `json:"application"`
	EventType     string               `json:"event_type"`
	Message       string               `json:"message"`
	Actor         domain.PersonID      `json:"actor"`
	Role          domain.Role          `json:"role"`
	Department    domain.DepartmentID  `json:"department"`
	Clause        domain.ClauseID      `json:"clause"`
	ClauseVersion int                  `json:"clause_version"`
	CommandID     domain.CommandID     `json:"command_id"`
}

// Run prints what happened, step by step: who decided what, when, under which version of which clause.
func (c *historyCmd) Run(ctx context.Context, s *Settings) error {
	asOf, on, err := c.read()
	if err != nil {
		return err
	}
	if (c.ID == "") == (c.Enterprise == "") {
		return usageError{errors.New(s.say("请写明一个申请编号,或用 --enterprise 写明企业", "name an application, or an enterprise with --enterprise"))}
	}
	title := domain.Text{ZH: "决策历史", EN: "Decision history"}
	meta := c.meta("application", c.ID, "enterprise", c.Enterprise)
	if s.Server != "" {
		path := "/v1/applications/" + url.PathEscape(c.ID) + "/history"
		if c.Enterprise != "" {
			path = "/v1/enterprises/" + url.PathEscape(c.Enterprise) + "/history"
		}
		return writeRemote(ctx, s, path, remoteTableOf[historyLine]("history", title), meta, []string{"as_of", c.AsOf, "on", c.On}, c.Shape)
	}
	return s.ask(ctx, func(q *postgres.Queries) error {
		query := projections.HistoryQuery{Application: domain.ApplicationID(c.ID), Enterprise: domain.EnterpriseID(c.Enterprise), AsOf: asOf, On: on,
			Limit: projections.MaxLimit}
		found := words.Pages(func(cursor string) (projections.Page[projections.HistoryRow], error) {
			query.Cursor = cursor
			return q.History(ctx, query)
		})
		var lines []historyLine
		for r, err := range found {
			if err != nil {
				return err
			}
			lines = append(lines, historyLine{r.Seq, r.RecordedAt, r.BusinessDate, r.Application, r.EventType, words.Describe(r.Event).In(s.lang()),
				r.Actor, r.Role, r.Department, r.Clause, r.ClauseVersion, r.CommandID})
		}
		if len(lines) == 0 {
			return errors.New(s.say("台账中没有这一项", "there is no such thing in the ledger"))
		}
		return s.write(words.Table("history", title, each(lines), meta...), c.Format, c.Out)
	})
}
