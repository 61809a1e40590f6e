package tabular_test

import (
	"fmt"
	"os"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/tabular"
	"github.com/shopspring/decimal"
)

func ExampleWrite() {
	table := tabular.Table{
		Name:  "accounts",
		Title: domain.Text{EN: "Accounts"},
		Columns: []tabular.Column{
			{Name: "clause", Title: domain.Text{ZH: "条款", EN: "Clause"}},
			{Name: "subject", Title: domain.Text{ZH: "对象", EN: "Subject"}},
			{Name: "cap", Title: domain.Text{ZH: "上限", EN: "Cap"}, Kind: tabular.Money, Nil: domain.Text{ZH: "未规定", EN: "none stated"}},
			{Name: "paid", Title: domain.Text{ZH: "已付", EN: "Paid"}, Kind: tabular.Money, Total: true},
		},
		Rows: tabular.Rows(
			tabular.Row{"1.1a", "上海示例", decimal.RequireFromString("100000000"), decimal.RequireFromString("1800000.5")},
			tabular.Row{"1.1b", "P-7", nil, decimal.RequireFromString("250000")},
		),
		Meta: []tabular.Meta{{Name: "position", Value: "1042"}},
	}
	for _, format := range []tabular.Format{tabular.Terminal, tabular.NDJSON} {
		if _, err := tabular.Write(os.Stdout, format, table, tabular.Options{Lang: "en"}); err != nil {
			fmt.Println(err)
		}
	}
	// Output:
	// Accounts
	// Clause  Subject              Cap          Paid
	// ------  --------  --------------  ------------
	// 1.1a    上海示例  100,000,000.00  1,800,000.50
	// 1.1b    P-7          none stated    250,000.00
	// ------  --------  --------------  ------------
	// Total                             2,050,000.50
	// 2 rows
	// position: 1042
	// {"clause":"1.1a","subject":"上海示例","cap":"100000000.00","paid":"1800000.50"}
	// {"clause":"1.1b","subject":"P-7","cap":null,"paid":"250000.00"}
}

func ExampleCapital() {
	text, err := tabular.Capital(decimal.RequireFromString("1680.32"))
	fmt.Println(text, err)
	// Output: 人民币壹仟陆佰捌拾元零叁角贰分 <nil>
}
