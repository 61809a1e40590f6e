package intake

import (
	"regexp"
	"slices"
	"strings"

	"github.com/shopspring/decimal"
)

// sums are what the rows of a table come to, by columns: since its beginning, and since each row of totals, for a row of totals may be of a page,
// of a section, or of the whole.
type sums struct {
	since  []section // the first is the whole; then those that the last rows of totals began
	fresh  bool      // nothing was added since the last row of totals
	unread bool      // a row, or an amount, could not be read
}

type section struct {
	rows    int
	amounts map[int]decimal.Decimal
}

// maxSections is how many rows of totals back a total may reach besides the beginning.
const maxSections = 16

func newSums() *sums { return &sums{since: []section{{amounts: map[int]decimal.Decimal{}}}} }

func (s *sums) add(amounts map[int]decimal.Decimal, read bool) {
	s.unread = s.unread || !read
	if s.fresh {
		if s.since = append(s.since, section{amounts: map[int]decimal.Decimal{}}); len(s.since) > maxSections {
			s.since = append(s.since[:1], s.since[2:]...)
		}
		s.fresh = false
	}
	for i := range s.since {
		s.since[i].rows++
		for at, amount := range amounts {
			s.since[i].amounts[at] = s.since[i].amounts[at].Add(amount)
		}
	}
}

// come is what the rows of a column come to as a whole, and whether they, or a section of them, come to a total.
func (s *sums) come(at int, total decimal.Decimal) (decimal.Decimal, bool) {
	agrees := slices.ContainsFunc(s.since, func(sec section) bool { return sec.amounts[at].Round(2).Equal(total) })
	return s.since[0].amounts[at], agrees
}

// comesTo says whether amounts are what several of the rows above come to.
func (s *sums) comesTo(amounts map[int]decimal.Decimal) bool {
	return len(amounts) > 0 && slices.ContainsFunc(s.since, func(sec section) bool {
		for at, amount := range amounts {
			if !sec.amounts[at].Round(2).Equal(amount.Round(2)) {
				return false
			}
		}
		return sec.rows > 1
	})
}

// close ends what the next total need not reach beyond.
func (s *sums) close() { s.fresh = true }

// The words that begin a row of totals, and what may stand before and behind them.
var (
	totals      = strings.Fields("合计 总计 小计 共计 累计 总和 total totals totalamount grandtotal subtotal sum")
	totalsOf    = strings.Fields("本页 本表 本月 本年 全年 累计 项目 资金 金额 分 以上")
	totalsOfAll = strings.Fields("数 金额")
)

// bracketed is what stands in brackets behind a word: 合计（元）.
var bracketed = regexp.MustCompile(`\([^()]*\)$`)

// totalWord says whether a cell is the head of a row of totals, whatever spaces and signs are in it: 合 计, 总计：, 小计（元）.
func totalWord(text string) bool {
	if len(text) > 60 || strings.HasPrefix(text, "=") { // =SUM(A1) is a formula that was written as a text
		return false
	}
	const signs = ":;.。、-—="
	word := bracketed.ReplaceAllString(strings.Trim(squeezed(text), signs), "")
	word = strings.ReplaceAll(strings.Trim(word, signs), "-", "")
	for _, more := range totalsOfAll {
		word = strings.TrimSuffix(word, more)
	}
	return slices.Contains(totals, word) ||
		slices.ContainsFunc(totalsOf, func(of string) bool { return slices.Contains(totals, strings.TrimPrefix(word, of)) })
}

// The words that a row of totals of one thing begins or ends with: 小计 E1, E1 汇总, Total E1. A name may do so too: Total Energies.
var (
	aroundName = strings.Fields("合计 总计 小计 共计 累计 总和")
	behindName = strings.Fields("合计 总计 小计 汇总")
)

// namesTotal says whether a text has the word of a row of totals beside a name.
func namesTotal(text string) bool {
	if len(text) > 300 || totalWord(text) {
		return false
	}
	word := squeezed(text)
	for _, of := range append([]string{""}, totalsOf...) {
		if rest, ok := strings.CutPrefix(word, of); ok && slices.ContainsFunc(aroundName, func(w string) bool { return strings.HasPrefix(rest, w) }) {
			return true
		}
	}
	if slices.ContainsFunc(behindName, func(w string) bool { return strings.HasSuffix(word, w) }) {
		return true
	}
	apart := strings.FieldsFunc(strings.ToLower(narrow(text)), func(r rune) bool { return unseen(r) || strings.ContainsRune(":-—", r) })
	return len(apart) > 1 && (slices.Contains(totals, apart[0]) || slices.Contains(totals, apart[len(apart)-1]))
}

// footnotes begin a line under a table, before a colon.
var footnotes = strings.Fields("制表 填表 编制 审核 复核 经办 负责 主管 单位负责 联系 备注 说明 附注 注 prepared checked approved note")

// maxFootnote is how many bytes the word before the colon has at most: 单位负责人签章.
const maxFootnote = 32

// footnote says whether a cell begins a line under a table: 制表人：…, 注：….
func footnote(text string) bool {
	word, _, colon := strings.Cut(squeezed(text[:min(len(text), 80)]), ":")
	return colon && len(word) <= maxFootnote && slices.ContainsFunc(footnotes, func(f string) bool { return strings.HasPrefix(word, f) })
}
