package tabular

import (
	"fmt"
	"strings"

	"github.com/shopspring/decimal"
)

const (
	capitalDigits = "零壹贰叁肆伍陆柒捌玖"
	capitalMax    = 9_999_999_999_999_999 // 仟万亿
)

// Capital writes an amount in Chinese capitals (大写金额) with 人民币 before it, for vouchers, as the PBOC's
// 正确填写票据和结算凭证的基本规定 has it:
//
//   - 整 after 元 where nothing follows, and not after 角 or 分;
//   - one 零 for any number of zeros inside the digits (1,409.50: 壹仟肆佰零玖元伍角);
//   - 零 after 元 where 角 is 0 and 分 is not (325.04: 叁佰贰拾伍元零肆分);
//   - where the digit of 元 is 0 and that of 角 is not, 零 may stand after 元 or not: here it does (1,680.32: 壹仟陆佰捌拾元零叁角贰分);
//   - where the digit of 万 or 亿 is 0 and the one behind it is not, 零 may stand there or not: here it does not
//     (107,000.53: 壹拾万柒仟元零伍角叁分).
//
// Negative amounts, more than two decimals, and amounts from 10^16 on are errors.
func Capital(amount decimal.Decimal) (string, error) {
	switch {
	case outlandish(amount):
		return "", fmt.Errorf("a number with exponent %d is no amount", amount.Exponent())
	case amount.IsNegative():
		return "", fmt.Errorf("%s is negative: a voucher in capitals states a positive amount", amount)
	case amount.GreaterThanOrEqual(decimal.NewFromInt(capitalMax + 1)):
		return "", fmt.Errorf("%s is too large for capitals: at most 16 digits of 元", amount)
	case !amount.Equal(amount.Truncate(2)):
		return "", fmt.Errorf("%s has more than two decimals: an amount is never rounded", amount)
	}
	yuan := amount.IntPart()
	fen := amount.Sub(decimal.NewFromInt(yuan)).Shift(2).IntPart()
	return "人民币" + capitalYuan(yuan, fen) + capitalFen(yuan, fen), nil
}

func capitalYuan(yuan, fen int64) string {
	if yuan == 0 && fen > 0 {
		return ""
	}
	if yuan == 0 {
		return "零元"
	}
	return capitalNumber(yuan) + "元"
}

func capitalFen(yuan, fen int64) string {
	if fen == 0 {
		return "整"
	}
	var b strings.Builder
	jiao := fen / 10
	if yuan > 0 && (jiao == 0 || yuan%10 == 0) {
		b.WriteString("零")
	}
	if jiao > 0 {
		b.WriteString(capitalDigit(jiao) + "角")
	}
	if fen%10 > 0 {
		b.WriteString(capitalDigit(fen%10) + "分")
	}
	return b.String()
}

// capitalNumber writes n > 0: what is above 亿, what is above 万, then four digits, with 零 between two parts where the lower one
// does not fill its places.
func capitalNumber(n int64) string {
	for _, part := range []struct {
		size int64
		name string
	}{{1_0000_0000, "亿"}, {1_0000, "万"}, {1000, "仟"}, {100, "佰"}, {10, "拾"}} {
		if n < part.size {
			continue
		}
		text, rest := capitalNumber(n/part.size)+part.name, n%part.size
		switch {
		case rest == 0:
			return text
		case rest < part.size/10:
			text += "零"
		}
		return text + capitalNumber(rest)
	}
	return capitalDigit(n)
}

func capitalDigit(d int64) string { return string([]rune(capitalDigits)[d]) }
