package postgres

import "github.com/fundledger/fundledger/domain"

// viewMeanings say what each of the analysts' views shows. What their columns hold, the dictionary says.
var viewMeanings = map[string]domain.Text{
	"v_totals":         {ZH: "企业×条款×支持年度的汇总与上限", EN: "Each enterprise's totals by clause and support year, against the cap"},
	"v_accounts":       {ZH: "账户明细：条款×对象×支持年度", EN: "Account lines: clause, cap subject and support year"},
	"v_journal":        {ZH: "分录：每个总数都是这里金额之和", EN: "The journal: every total is a sum of amounts here"},
	"v_events":         {ZH: "日志事件原文", EN: "The events as they lie on the log"},
	"v_enterprises":    {ZH: "企业", EN: "Enterprises"},
	"v_applications":   {ZH: "申请及其状态", EN: "Applications and where they stand"},
	"v_instalments":    {ZH: "申请的分年度金额", EN: "Applications' amounts by support year"},
	"v_payouts":        {ZH: "支付", EN: "Payouts"},
	"v_clawbacks":      {ZH: "追回", EN: "Clawbacks"},
	"v_recoveries":     {ZH: "收回款项", EN: "Recoveries"},
	"v_exceptions":     {ZH: "更大力度支持（例外）", EN: "Exceptions: stronger support"},
	"v_appropriations": {ZH: "预算与支付", EN: "Appropriations and what is paid of them"},
	"v_clauses":        {ZH: "条款及其各版本的上限", EN: "Clauses and the caps of their versions"},
}
