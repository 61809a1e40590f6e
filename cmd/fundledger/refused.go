package main

import (
	"context"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
)

type refusedCmd struct {
	Application string `help:"Only commands on this application, its payouts and clawbacks. / 只看针对该申请及其支付、追回的指令" placeholder:"ID"`
	Enterprise  string `help:"Only commands on this enterprise and its applications, payouts and clawbacks. / 只看针对该企业及其申请、支付、追回的指令" placeholder:"ID"`
	Code        string `help:"Only this code. / 只看该代码" placeholder:"CODE"`
	Limit       int    `help:"At most so many, the latest. / 最多列出多少条，取最近的" default:"1000"`
	Shape
}

// Run prints the end of the list of refusals, in the order in which they were asked.
func (c *refusedCmd) Run(ctx context.Context, s *Settings) error {
	where := []projections.Condition{projections.ByEnterprise.Is(domain.EnterpriseID(c.Enterprise)), projections.ByApplication.Is(domain.ApplicationID(c.Application)),
		projections.ByCode.Is(c.Code)}
	return s.printList(ctx, projections.Refusals.List, where, Moment{}, c.Shape, span{last: max(c.Limit, 1)})
}
