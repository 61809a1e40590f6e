package main

import (
	"context"
	"errors"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
)

type historyCmd struct {
	ID         string `arg:"" optional:"" help:"An application. / 申请编号"`
	Enterprise string `help:"An enterprise instead, with all its applications. / 改看一个企业及其全部申请" placeholder:"ID"`
	Moment
	Shape
}

// Run prints what happened, step by step: who decided what, when, under which version of which clause.
func (c *historyCmd) Run(ctx context.Context, s *Settings) error {
	if (c.ID == "") == (c.Enterprise == "") {
		return usageError{errors.New(s.say("请写明一个申请编号，或用 --enterprise 写明企业", "name an application, or an enterprise with --enterprise"))}
	}
	l, of := projections.ApplicationHistory.List, projections.ByApplication.Is(domain.ApplicationID(c.ID))
	if c.Enterprise != "" {
		l, of = projections.EnterpriseHistory.List, projections.ByEnterprise.Is(domain.EnterpriseID(c.Enterprise))
	}
	return s.printList(ctx, l, []projections.Condition{of}, c.Moment, c.Shape, span{})
}
