package tabular

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"github.com/fundledger/fundledger/domain"
)

func TestAmountsAreGroupedInThrees(t *testing.T) {
	for in, want := range map[string]string{
		"1234567.00": "1,234,567.00", "0.00": "0.00", "999.99": "999.99", "1000": "1,000", "-1000.5": "-1,000.5", "-100.00": "-100.00",
		"": "", "abc": "abc", "1.": "1.", ".5": ".5", "1e5": "1e5", "1,000": "1,000", "-": "-",
	} {
		if got := Grouped(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestUnitsShowAmountsExactlyOrSayThatTheyRound(t *testing.T) {
	for _, c := range []struct {
		unit     Unit
		in, want string
		zh, en   string
	}{
		{Yuan, "1234567.5", "1,234,567.50", "元", "CNY"},
		{WanYuan, "1234500", "123.45", "万元", "CNY 10,000"},
		{WanYuan, "1234550", "≈123.46", "万元", "CNY 10,000"},
		{WanYuan, "1234549.99", "≈123.45", "万元", "CNY 10,000"},
		{WanYuan, "-1234550", "≈-123.46", "万元", "CNY 10,000"},
		{WanYuan, "0.01", "≈0.00", "万元", "CNY 10,000"},
		{WanYuan, "100000000000", "10,000,000.00", "万元", "CNY 10,000"},
		{YiYuan, "100000000", "1.0000", "亿元", "CNY 100 million"},
		{YiYuan, "123450000", "1.2345", "亿元", "CNY 100 million"},
		{YiYuan, "123455000", "≈1.2346", "亿元", "CNY 100 million"},
	} {
		if got := c.unit.Show(dec(c.in)); got != c.want {
			t.Errorf("%s in %s: %s, want %s", c.in, c.unit, got, c.want)
		}
		if c.unit.Label("zh") != c.zh || c.unit.Label("en") != c.en {
			t.Errorf("%s: %s %s", c.unit, c.unit.Label("zh"), c.unit.Label("en"))
		}
	}
	for _, c := range []struct {
		unit     Unit
		places   int32
		in, want string
	}{
		{WanYuan, 6, "1234567.89", "123.456789"}, {WanYuan, 5, "1234567.89", "≈123.45679"}, {WanYuan, 4, "1234567.89", "≈123.4568"},
		{WanYuan, 3, "-1234565", "≈-123.457"}, {WanYuan, 0, "1234500", "123.45"}, {WanYuan, 9, "0.01", "0.000001"}, {WanYuan, 6, "-0.01", "-0.000001"},
		{Yuan, 6, "1234.5", "1,234.50"}, {YiYuan, 99, "0.01", "0.0000000001"}, {YiYuan, 2, "-1", "≈0.00"},
	} {
		if got := c.unit.ShowPlaces(dec(c.in), c.places); got != c.want {
			t.Errorf("%s in %s to %d places: %s, want %s", c.in, c.unit, c.places, got, c.want)
		}
	}
	for _, name := range []string{"", "yuan", "wan", "yi"} {
		if u, err := ParseUnit(name); err != nil || name != "" && string(u) != name {
			t.Errorf("%q: %v %v", name, u, err)
		}
	}
	if _, err := ParseUnit("dollar"); err == nil || !strings.Contains(err.Error(), "use yuan, wan or yi") {
		t.Error(err)
	}
}

// The first six amounts are the regulation's own; where it leaves a choice, the form is the first of its two.
func TestCapitalAmountsFollowTheRegulation(t *testing.T) {
	for in, want := range map[string]string{
		"1409.50":             "壹仟肆佰零玖元伍角",
		"6007.14":             "陆仟零柒元壹角肆分",
		"1680.32":             "壹仟陆佰捌拾元零叁角贰分",
		"107000.53":           "壹拾万柒仟元零伍角叁分",
		"16409.02":            "壹万陆仟肆佰零玖元零贰分",
		"325.04":              "叁佰贰拾伍元零肆分",
		"0":                   "零元整",
		"0.05":                "伍分",
		"0.30":                "叁角",
		"0.32":                "叁角贰分",
		"10":                  "壹拾元整",
		"15.00":               "壹拾伍元整",
		"100.50":              "壹佰元零伍角",
		"1001":                "壹仟零壹元整",
		"10001":               "壹万零壹元整",
		"100500":              "壹拾万零伍佰元整",
		"1800000":             "壹佰捌拾万元整",
		"100000000":           "壹亿元整",
		"100010000":           "壹亿零壹万元整",
		"100000001":           "壹亿零壹元整",
		"1020304050.60":       "壹拾亿贰仟零叁拾万肆仟零伍拾元零陆角",
		"1000000000000":       "壹万亿元整",
		"9999999999999999.99": "玖仟玖佰玖拾玖万玖仟玖佰玖拾玖亿玖仟玖佰玖拾玖万玖仟玖佰玖拾玖元玖角玖分",
	} {
		if got, err := Capital(dec(in)); err != nil || got != "人民币"+want {
			t.Errorf("%s: %s (%v), want 人民币%s", in, got, err, want)
		}
	}
	for in, want := range map[string]string{"-1": "negative", "0.001": "more than two decimals", "10000000000000000": "too large"} {
		if got, err := Capital(dec(in)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %s %v, want %q", in, got, err, want)
		}
	}
}

func TestANumberTooOutlandishToWriteIsNoAmount(t *testing.T) {
	for _, exponent := range []int32{101, -101, 1 << 30, -1 << 30} {
		if text, err := Capital(decimal.New(1, exponent)); err == nil || !strings.Contains(err.Error(), "is no amount") {
			t.Errorf("10^%d: %.40s %v", exponent, text, err)
		}
	}
}

// fromCapitals reads an amount back, in 分, and does not care where 零 stands.
func fromCapitals(text string) (int64, error) {
	rest, ok := strings.CutPrefix(text, "人民币")
	if !ok {
		return 0, fmt.Errorf("%q does not open with 人民币", text)
	}
	rest = strings.TrimSuffix(rest, "整")
	var fen, digit int64
	var section, large int64 // below 万, and what 万 has multiplied since the last 亿
	var total int64
	for _, r := range rest {
		if d := strings.IndexRune(capitalDigits, r); d >= 0 {
			digit = int64(d / 3)
			continue
		}
		switch r {
		case '拾':
			section += digit * 10
		case '佰':
			section += digit * 100
		case '仟':
			section += digit * 1000
		case '万':
			large += (section + digit) * 1_0000
			section = 0
		case '亿':
			total += (large + section + digit) * 1_0000_0000
			large, section = 0, 0
		case '元':
			total += large + section + digit
		case '角':
			fen += digit * 10
		case '分':
			fen += digit
		default:
			return 0, fmt.Errorf("%q in %q", r, text)
		}
		digit = 0
	}
	return total*100 + fen, nil
}

func TestBothFormsThatTheRegulationAllowsReadTheSame(t *testing.T) {
	for text, want := range map[string]int64{
		"人民币壹仟陆佰捌拾元零叁角贰分": 168032, "人民币壹仟陆佰捌拾元叁角贰分": 168032,
		"人民币壹拾万柒仟元零伍角叁分": 10700053, "人民币壹拾万零柒仟元伍角叁分": 10700053,
	} {
		if got, err := fromCapitals(text); err != nil || got != want {
			t.Errorf("%s reads %d (%v), want %d", text, got, err, want)
		}
	}
}

func TestAUnitShownToItsLastPlaceLosesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		amount := decimal.New(rapid.Int64().Draw(t, "fen"), -2)
		for _, u := range []Unit{Yuan, WanYuan, YiYuan} {
			text := u.ShowPlaces(amount, 10)
			back, err := decimal.NewFromString(strings.ReplaceAll(text, ",", ""))
			if err != nil || !back.Shift(u.shift()).Equal(amount) {
				t.Fatalf("%s in %s is %s (%v)", amount, u, text, err)
			}
		}
	})
}

func TestCapitalAmountsReadBack(t *testing.T) {
	sparse := rapid.Custom(func(t *rapid.T) int64 {
		var n int64
		for range rapid.IntRange(1, 18).Draw(t, "digits") {
			n = n*10 + rapid.SampledFrom([]int64{0, 0, 0, 1, 2, 9}).Draw(t, "digit")
		}
		return n
	})
	rapid.Check(t, func(t *rapid.T) {
		fen := rapid.OneOf(sparse, rapid.Int64Range(0, capitalMax*100+99)).Draw(t, "fen")
		text, err := Capital(decimal.New(fen, -2))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := fromCapitals(text); err != nil || got != fen {
			t.Fatalf("%d is written %s, which reads %d (%v)", fen, text, got, err)
		}
		if strings.Contains(text, "零零") || strings.Contains(text, "零整") || strings.HasSuffix(text, "分整") || strings.HasSuffix(text, "角整") {
			t.Fatalf("%d is written %s", fen, text)
		}
		if fen%100 == 0 != strings.HasSuffix(text, "元整") {
			t.Fatalf("%d is written %s: 整 stands after 元, and only where nothing follows", fen, text)
		}
	})
}

// A terminal that is narrow has fewer columns, those that can be spared most first, and names what it goes without; no line is longer than it is wide.
func TestATableFitsTheTerminal(t *testing.T) {
	table := Table{Title: domain.Text{ZH: "表", EN: "Table"}, Columns: []Column{
		{Name: "id", Title: domain.Text{ZH: "编号", EN: "id"}}, {Name: "said", Title: domain.Text{ZH: "说明", EN: "what is said"}, Spare: 1},
		{Name: "hash", Title: domain.Text{ZH: "哈希", EN: "hash"}, Spare: 3}, {Name: "amount", Title: domain.Text{ZH: "金额", EN: "amount"}, Kind: Money, Total: true},
		{Name: "by", Title: domain.Text{ZH: "经办人", EN: "by"}, Spare: 3}, {Name: "subject", Title: domain.Text{ZH: "对象", EN: "charged"}, Spare: 1},
	}}
	row := Row{"914403001922038216", "重新申请后，超出上限的部分由区政府另行批准，并在次年支付", "0123456789abcdef0123456789abcdef", decimal.RequireFromString("1234567.00"), "officer", "91310105MA1F12345X"}
	other := Row{"2", "", "", nil, "", "绿色低碳楼宇改造项目"} // one is a name, and may be cut; the identifiers beside it not
	for _, lang := range []string{"zh", "en"} {
		before := -1
		for width := 20; width <= 140; width++ {
			table.Rows = Rows(row, other)
			var out bytes.Buffer
			if _, err := Write(&out, Terminal, table, Options{Lang: lang, Width: width, Elsewhere: "elsewhere"}); err != nil {
				t.Fatal(err)
			}
			lines := strings.Split(out.String(), "\n")
			shown := 0
			for _, line := range lines {
				if Width(line) > width {
					t.Errorf("in %d cells a line has %d: %s", width, Width(line), line)
				}
			}
			for _, c := range table.Columns {
				if strings.Contains(lines[1], c.Heading(lang)) {
					shown++
				} else if !strings.Contains(strings.Join(lines[5:], ""), c.Name) || lines[len(lines)-2] != "elsewhere" {
					t.Errorf("in %d cells nothing says that %s is left out:\n%s", width, c.Name, &out)
				}
			}
			if shown < before {
				t.Errorf("in %d cells are %d columns, in fewer %d", width, shown, before)
			}
			before = shown
			if !strings.Contains(lines[3], "914403001922038216") || shown > 1 && !strings.Contains(lines[3], "1,234,567.00") || strings.Contains(lines[1], table.Columns[5].Heading(lang)) && !strings.Contains(lines[3], "91310105MA1F12345X") {
				t.Errorf("in %d cells an identifier or an amount is cut: %s", width, lines[3])
			}
		}
		if before != len(table.Columns) {
			t.Errorf("%d columns are shown where there is room for all", before)
		}
	}
}

func TestOnlySomeColumns(t *testing.T) {
	var out bytes.Buffer
	some, err := sample().Only("approved", "enterprise")
	if err != nil {
		t.Fatal(err)
	}
	if sum, err := Write(&out, CSV, some, Options{NoBOM: true}); err != nil || len(sum.Totals) != 1 || !strings.HasPrefix(out.String(), "approved,enterprise\r\n") || strings.Count(out.String(), ",") != 5 {
		t.Errorf("%v: %+v\n%s", err, sum, &out)
	}
	var wrong *ColumnError
	if _, err := sample().Only("approved", "nobody"); !errors.As(err, &wrong) || wrong.Name != "nobody" || !strings.Contains(err.Error(), "annual_limit") {
		t.Error(err)
	}
	if _, err := sample().Only("approved", "approved"); !errors.As(err, &wrong) || !wrong.Twice {
		t.Error(err)
	}
}

func TestTextIsWrappedAtItsSigns(t *testing.T) {
	for _, c := range []struct {
		text  string
		width int
		want  string
	}{
		{"one two three", 8, "one two|three"},
		{"a-word-that-is-longer than that", 6, "a-word-that-is-longer|than|that"},
		{"写入此文件，而不是标准输出。", 12, "写入此文件，|而不是标准输|出。"},
		{"用 $PAGER 或 less 分页（终端）", 10, "用 $PAGER|或 less 分|页（终端）"},
		{"", 10, ""},
	} {
		if got := strings.Join(Wrap(c.text, c.width), "|"); got != c.want {
			t.Errorf("%q in %d cells is %q, want %q", c.text, c.width, got, c.want)
		}
	}
}

// Whose money it is stays readable: a terminal goes without other columns, and without the code that says the same, before it cuts a name.
func TestANameIsNotCutWhileOtherColumnsCanGo(t *testing.T) {
	columns := []Column{{Name: "code", Spare: 2}, {Name: "name", Whole: true}, {Name: "clause"}, {Name: "paid", Kind: Money, Total: true, Spare: 3},
		{Name: "use", Kind: Money, Spare: 1}, {Name: "headroom", Kind: Money}}
	name := "上海瑞域在线教育科技集团有限公司" // 32 cells
	for width, want := range map[int]string{
		0: "code|name|clause|paid|use|headroom", 110: "code|name|clause|paid|use|headroom", 90: "code|name|clause|use|headroom", 75: "name|clause|use|headroom",
		60: "name|clause|headroom"} {
		var out strings.Builder
		table := Table{Columns: columns, Rows: Rows(Row{"91310105MA1A40379F", name, "1.2b", dec("1000000"), dec("2000000"), dec("3000000")})}
		if _, err := Write(&out, Terminal, table, Options{Lang: "zh", Width: width}); err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(out.String(), "\n")
		if got := strings.Join(strings.Fields(lines[0]), "|"); got != want || !strings.Contains(lines[2], name) {
			t.Errorf("in %d cells: %s, want %s\n%s", width, got, want, out.String())
		}
		if shown := strings.Contains(out.String(), "\n合计"); shown != strings.Contains(want, "paid") {
			t.Errorf("in %d cells the total is told: %t\n%s", width, shown, out.String())
		}
		for _, line := range lines[:4] {
			if width > 0 && displayWidth(line) > width {
				t.Errorf("in %d cells a line has %d: %s", width, displayWidth(line), line)
			}
		}
	}
}
