package main

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/words"
)

type refusedCmd struct {
	Application string `help:"Only commands on this application, its payouts and clawbacks. / 申请" placeholder:"ID"`
	Enterprise  string `help:"Only commands on this enterprise and its applications, payouts and clawbacks. / 企业" placeholder:"ID"`
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
	table := words.Table("refused", domain.Text{ZH: "被拒指令", EN: "Refused commands"}, each(rows))
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
	var rows []refusedRow
	most := max(c.Limit, 1)
	err = ledger.Refusals(ctx, log, 1, func(k ledger.KeptRefusal) error {
		row, err := refusalRow(k, s.lang())
		if err != nil || !c.wants(row) {
			return err
		}
		if rows = append(rows, row); len(rows) >= 2*most {
			rows = append(rows[:0], rows[len(rows)-most:]...)
		}
		return nil
	})
	return rows[max(0, len(rows)-most):], err
}

func (c *refusedCmd) wants(r refusedRow) bool {
	return (c.Application == "" || c.Application == r.Application) && (c.Enterprise == "" || c.Enterprise == r.Enterprise) &&
		(c.Code == "" || c.Code == r.Code)
}

// refusalRow is a refusal with what its command was about: also an approval's or a payout's enterprise, which the command does not name.
func refusalRow(k ledger.KeptRefusal, lang string) (refusedRow, error) {
	var asked struct {
		Date domain.Date `json:"date"`
	}
	if err := json.Unmarshal(k.Command, &asked); err != nil {
		return refusedRow{}, fmt.Errorf("reading the command of refusal %d: %w", k.Seq, err)
	}
	return refusedRow{RecordedAt: k.At, Date: asked.Date, Command: k.Name, CommandID: string(k.ID), Actor: string(k.Actor.ID),
		Role: string(k.Actor.Role), Department: string(k.Actor.Department), Enterprise: string(k.Enterprise), Application: string(k.Application),
		Code: k.Refusal.Code, Rule: k.Refusal.Rule, Message: k.Message.In(lang), Position: k.Position}, nil
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
