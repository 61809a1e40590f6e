package main

import (
	"context"
	"errors"
	"iter"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/fundledger/fundledger/answers"
	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/wire"
)

type refusedCmd struct {
	Application string `help:"Only commands on this application. / 申请" placeholder:"ID"`
	Enterprise  string `help:"Only commands on this enterprise. / 企业" placeholder:"ID"`
	Code        string `help:"Only this code. / 代码" placeholder:"CODE"`
	Limit       int    `help:"At most so many, the latest." default:"1000"`
	Shape
}

// refusedRow is a refusal in a table.
type refusedRow struct {
	RecordedAt  time.Time   `json:"recorded_at"`
	Date        domain.Date `json:"business_date"`
	Command     string      `json:"command"`
	CommandID   string      `json:"command_id"`
	Actor       string      `json:"actor"`
	Role        string      `json:"role"`
	Department  string      `json:"department"`
	Enterprise  string      `json:"enterprise"`
	Application string      `json:"application"`
	Code        string      `json:"code"`
	Rule        string      `json:"rule"`
	Message     string      `json:"message"`
	Position    uint64      `json:"seq"`
}

// Run prints what was refused, in the order in which it was asked.
func (c *refusedCmd) Run(ctx context.Context, s *Settings) error {
	in, err := s.open(ctx, purpose{})
	if err != nil {
		return err
	}
	defer in.close()
	rows, err := c.read(ctx, s, in)
	if err != nil {
		return err
	}
	table := answers.Table("refused", domain.Text{ZH: "被拒指令", EN: "Refused commands"}, each(rows))
	return s.write(table, c.Format, c.Out)
}

func (c *refusedCmd) read(ctx context.Context, s *Settings, in *infrastructure) ([]refusedRow, error) {
	log, err := ledger.OpenRefusals(ctx, in.nc, in.ledgerConfig(s), true)
	if errors.Is(err, eventstore.ErrNoStream) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	last, err := log.Last(ctx)
	if err != nil || last == 0 {
		return nil, err
	}
	var rows []refusedRow
	err = log.Read(ctx, 1, last, func(records []eventstore.Record) error {
		for _, r := range records {
			row, err := refusalRow(r, s.lang())
			if err != nil {
				return err
			}
			if c.wants(row) {
				rows = append(rows, row)
			}
		}
		rows = rows[max(0, len(rows)-max(c.Limit, 1)):]
		return nil
	})
	return rows, err
}

func (c *refusedCmd) wants(r refusedRow) bool {
	return (c.Application == "" || c.Application == r.Application) && (c.Enterprise == "" || c.Enterprise == r.Enterprise) &&
		(c.Code == "" || c.Code == r.Code)
}

func refusalRow(r eventstore.Record, lang string) (refusedRow, error) {
	kept, err := wire.DecodeRefused(r.Data)
	if err != nil {
		return refusedRow{}, err
	}
	var asked struct {
		Command     string `json:"command"`
		Enterprise  string `json:"enterprise"`
		Application string `json:"application"`
		domain.Head
	}
	if err := json.Unmarshal(kept.Command, &asked); err != nil {
		return refusedRow{}, err
	}
	return refusedRow{RecordedAt: kept.At, Date: asked.Date, Command: asked.Command, CommandID: string(asked.ID), Actor: string(asked.Actor.ID),
		Role: string(asked.Actor.Role), Department: string(asked.Actor.Department), Enterprise: asked.Enterprise, Application: asked.Application,
		Code: kept.Refusal.Code, Rule: kept.Refusal.Rule, Message: kept.Message.In(lang), Position: kept.Position}, nil
}

// each runs through rows that are at hand.
func each[T any](rows []T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, row := range rows {
			if !yield(row, nil) {
				return
			}
		}
	}
}
