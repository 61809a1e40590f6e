package main

import (
	"context"
	"errors"
	"iter"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/web"
	"github.com/fundledger/fundledger/wire"
)

type refusedCmd struct {
	Application string `help:"Only commands on this application, its payouts and clawbacks. / 只看针对该申请及其支付、追回的指令" placeholder:"ID"`
	Enterprise  string `help:"Only commands on this enterprise and its applications, payouts and clawbacks. / 只看针对该企业及其申请、支付、追回的指令" placeholder:"ID"`
	Code        string `help:"Only this code. / 只看该代码" placeholder:"CODE"`
	Limit       int    `help:"At most so many, the latest. / 最多列出多少条，取最近的" default:"1000"`
	Shape
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
	of := projections.Refusals.List
	return s.write(listTable(of, orElse(each(rows), func() error {
		return s.unknown(ctx, in, of, projections.ByEnterprise.Is(domain.EnterpriseID(c.Enterprise)), projections.ByApplication.Is(domain.ApplicationID(c.Application)),
			projections.ByCode.Is(c.Code))
	}), nil), c.Shape)
}

func (c *refusedCmd) read(ctx context.Context, s *Settings, in *infrastructure) ([]any, error) {
	log, err := ledger.OpenRefusals(ctx, in.nc, in.ledgerConfig(s), true)
	if errors.Is(err, eventstore.ErrNoStream) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var rows []any
	most := max(c.Limit, 1)
	of := wire.Case{Enterprise: domain.EnterpriseID(c.Enterprise)}
	if c.Application != "" {
		of = wire.Case{Application: domain.ApplicationID(c.Application), Accounts: []domain.Account{}}
	}
	err = ledger.Refusals(ctx, log, in.fund, of, 1, 0, func(k ledger.KeptRefusal) error {
		row, err := web.RefusedRow(k, nil, s.lang())
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

func (c *refusedCmd) wants(r projections.RefusedRow) bool {
	return (c.Application == "" || c.Application == string(r.Application)) && (c.Enterprise == "" || c.Enterprise == string(r.Enterprise)) &&
		(c.Code == "" || c.Code == r.Code)
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
