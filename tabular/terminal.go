package tabular

import (
	"github.com/fundledger/fundledger/domain"

	"bufio"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/mattn/go-runewidth"
	"github.com/shopspring/decimal"
)

const (
	measuredRows = 2000 // rows held back to measure the columns
	narrowest    = 8    // no column of text is cut below this
	comfortable  = 12   // a column of text is cut to this before another is left out
	gap          = "  "
)

// display measures in display cells. Characters whose width is ambiguous (…, ×) count one, whatever the locale: the same
// table looks the same everywhere.
var display = &runewidth.Condition{EastAsianWidth: false, StrictEmojiNeutral: true}

type terminal struct {
	out    *bufio.Writer
	table  Table
	opts   Options
	widths []int
	cut    []bool    // columns whose text may be cut
	whole  []int     // what cells that are no prose take in such a column
	here   []int     // the columns that are shown
	held   [][]shown // rows held back, or nil when the widths are settled
	open   bool
}

// shown is a cell as it will be seen.
type shown struct {
	text  string
	style string // an escape sequence, or empty
}

func newTerminal(out *bufio.Writer, t Table, opts Options) *terminal {
	return &terminal{out: out, table: t, opts: opts}
}

func (w *terminal) row(cells []cell) error {
	line := make([]shown, len(cells))
	for i, c := range cells {
		line[i] = w.show(w.table.Columns[i], c)
	}
	if w.open {
		return w.line(line)
	}
	w.held = append(w.held, line)
	if len(w.held) < measuredRows {
		return nil
	}
	return w.begin(nil)
}

func (w *terminal) show(col Column, c cell) shown {
	if !c.set {
		return shown{inLanguage(w.opts.Lang, col.Nil, "-"), "\x1b[2m"}
	}
	switch c.kind {
	case Money:
		return shown{w.amount(c.dec), negativeStyle(c)}
	case Ratio:
		return shown{c.percent(), negativeStyle(c)}
	case Integer:
		return shown{c.plain(), negativeStyle(c)}
	case Time:
		return shown{text: c.time.In(domain.Shanghai).Format(time.DateTime)}
	case Bool:
		return shown{text: w.say(map[bool]string{true: "是", false: "否"}[c.truth], map[bool]string{true: "yes", false: "no"}[c.truth])}
	}
	return shown{text: visible(c.plain())}
}

// amount takes the short way where no other unit is asked for, for most tables have none.
func (w *terminal) amount(d decimal.Decimal) string {
	if w.opts.Unit == "" || w.opts.Unit == Yuan {
		return Grouped(string(appendFixed(nil, d, 2)))
	}
	return w.opts.Unit.Show(d)
}

// negativeStyle is red; the minus sign says the same without colour.
func negativeStyle(c cell) string {
	if c.number().IsNegative() {
		return "\x1b[31m"
	}
	return ""
}

// begin settles the widths and prints everything held back.
func (w *terminal) begin(totals []shown) error {
	w.open = true
	heads := make([]shown, len(w.table.Columns))
	for i, c := range w.table.Columns {
		heads[i] = shown{visible(c.Heading(w.opts.Lang)), "\x1b[1m"}
	}
	w.measure(append(w.held, heads, totals))
	title := w.table.Caption(w.opts.Lang)
	if unit := w.opts.Unit; unit != "" {
		title += w.say("（单位："+unit.Label("zh")+"）", " (in "+unit.Label("en")+")")
	}
	if title != "" {
		fmt.Fprintln(w.out, visible(title))
	}
	w.line(heads)
	w.rule()
	held := w.held
	w.held = nil
	for _, line := range held {
		if err := w.line(line); err != nil {
			return err
		}
	}
	return nil
}

func (w *terminal) measure(lines [][]shown) {
	w.widths = make([]int, len(w.table.Columns))
	w.cut = make([]bool, len(w.table.Columns))
	w.whole = make([]int, len(w.table.Columns))
	for _, line := range lines {
		for i, s := range line {
			w.widths[i] = max(w.widths[i], displayWidth(s.text))
		}
	}
	for i, c := range w.table.Columns {
		w.here = append(w.here, i)
		for _, line := range w.held {
			if prose(line[i].text) {
				w.cut[i] = w.opts.Width > 0 && c.Kind == Text
			} else {
				w.whole[i] = max(w.whole[i], displayWidth(line[i].text))
			}
		}
	}
	if w.opts.Width <= 0 {
		return
	}
	w.leaveOut(comfortable, func(c Column) bool { return c.Spare > 0 })
	w.leaveOut(narrowest, func(Column) bool { return true })
	for over := w.least(0) - w.opts.Width; over > 0; over-- {
		widest := w.widestText()
		if widest < 0 {
			return
		}
		w.widths[widest]--
	}
}

// least is what the columns that are shown take at least, with text cut to a width; 0: uncut.
func (w *terminal) least(text int) int {
	sum := (len(w.here) - 1) * len(gap)
	for _, i := range w.here {
		switch {
		case w.cut[i] && text >= comfortable && w.table.Columns[i].Whole:
			sum += min(w.widths[i], w.opts.Width/2)
		case w.cut[i] && text > 0:
			sum += min(w.widths[i], max(text, w.whole[i]))
		default:
			sum += w.widths[i]
		}
	}
	return sum
}

// leaveOut goes without columns until the others fit, with text cut to a width: without those that can be spared most, from the right. The
// first stays where it cannot be spared, or has no name beside it that says the same to people.
func (w *terminal) leaveOut(text int, may func(Column) bool) {
	for w.least(text) > w.opts.Width {
		leaves := -1
		for at, i := range w.here {
			if (at > 0 || w.named(i)) && may(w.table.Columns[i]) && (leaves < 0 || w.table.Columns[i].Spare >= w.table.Columns[w.here[leaves]].Spare) {
				leaves = at
			}
		}
		if leaves < 0 {
			return
		}
		w.here = slices.Delete(w.here, leaves, leaves+1)
	}
}

// named says whether a column can be spared beside a name that is shown.
func (w *terminal) named(column int) bool {
	return w.table.Columns[column].Spare > 0 && slices.ContainsFunc(w.here, func(i int) bool { return i != column && w.table.Columns[i].Whole })
}

// leftOut are the columns that are not shown.
func (w *terminal) leftOut() []Column {
	var out []Column
	for i, c := range w.table.Columns {
		if !slices.Contains(w.here, i) {
			out = append(out, c)
		}
	}
	return out
}

// prose tells a text from an identifier, which would be none if it were cut.
func prose(text string) bool {
	return strings.IndexFunc(text, func(r rune) bool { return r == ' ' || r >= 0x80 }) >= 0
}

// widestText is the column of prose that can give most, or -1. One that is to be whole gives what no other can.
func (w *terminal) widestText() int {
	for _, whole := range []bool{false, true} {
		widest := -1
		for _, i := range w.here {
			if w.cut[i] && w.table.Columns[i].Whole == whole && w.widths[i] > max(narrowest, w.whole[i]) && (widest < 0 || w.widths[i] > w.widths[widest]) {
				widest = i
			}
		}
		if widest >= 0 {
			return widest
		}
	}
	return -1
}

func (w *terminal) line(line []shown) error {
	last := len(w.here) - 1
	for last > 0 && line[w.here[last]].text == "" {
		last-- // no spaces at the end of a line
	}
	for at, i := range w.here[:last+1] {
		col, text, style := w.table.Columns[i], line[i].text, line[i].style
		if w.cut[i] && displayWidth(text) > w.widths[i] {
			text = display.Truncate(text, w.widths[i], "…")
		}
		pad := strings.Repeat(" ", max(0, w.widths[i]-displayWidth(text)))
		if at > 0 {
			w.out.WriteString(gap)
		}
		if w.opts.Color && style != "" {
			text = style + text + "\x1b[0m"
		}
		switch {
		case col.Kind.right():
			text = pad + text
		case at < last:
			text += pad
		}
		w.out.WriteString(text)
	}
	return w.out.WriteByte('\n')
}

func (w *terminal) rule() {
	for at, i := range w.here {
		if at > 0 {
			w.out.WriteString(gap)
		}
		w.out.WriteString(strings.Repeat("-", w.widths[i]))
	}
	w.out.WriteByte('\n')
}

func (w *terminal) finish(sum Summary) error {
	totals := w.totals(sum)
	if !w.open {
		if err := w.begin(totals); err != nil {
			return err
		}
	}
	added := func(i int) bool { _, ok := sum.Totals[w.table.Columns[i].Name]; return ok }
	if slices.ContainsFunc(w.here, added) {
		w.rule()
		if first := w.here[0]; !added(first) { // what has the word may not be shown
			totals[first] = shown{w.say("合计", "Total"), "\x1b[1m"}
		}
		w.line(totals)
	}
	rows := strconv.FormatInt(sum.Rows, 10)
	_, err := fmt.Fprintln(w.out, w.say("共 "+rows+" 行", rows+map[bool]string{true: " row", false: " rows"}[sum.Rows == 1]))
	if out := w.leftOut(); len(out) > 0 {
		n := strconv.Itoa(len(out))
		said := w.say("另有 "+n+" 列未显示："+called(out, "zh"), n+map[bool]string{true: " column", false: " columns"}[len(out) == 1]+" not shown: "+called(out, "en"))
		lines := Wrap(said, w.opts.Width)
		if w.opts.Elsewhere != "" {
			lines = append(lines, Wrap(w.opts.Elsewhere, w.opts.Width)...)
		}
		for _, line := range lines {
			fmt.Fprintln(w.out, line)
		}
	}
	for _, m := range w.table.Meta {
		_, err = fmt.Fprintf(w.out, "%s: %s\n", visible(m.Name), visible(m.Value))
	}
	return err
}

// totals is the line of totals, labelled in the first column where that one is not added up; nil where nothing is.
func (w *terminal) totals(sum Summary) []shown {
	if len(sum.Totals) == 0 {
		return nil
	}
	line := make([]shown, len(w.table.Columns))
	for i, c := range w.table.Columns {
		total, ok := sum.Totals[c.Name]
		switch {
		case ok && c.Kind == Money:
			line[i] = shown{w.amount(total), "\x1b[1m"}
		case ok:
			line[i] = shown{total.String(), "\x1b[1m"}
		case i == 0:
			line[i] = shown{w.say("合计", "Total"), "\x1b[1m"}
		}
	}
	return line
}

func (w *terminal) abandon(cause error) {
	if !w.open && w.begin(nil) != nil {
		return
	}
	fmt.Fprintf(w.out, "%s: %s\n", w.say("未完", "INCOMPLETE"), visible(cause.Error()))
}

func (w *terminal) say(zh, en string) string { return domain.Text{ZH: zh, EN: en}.In(w.opts.Lang) }

// visible shows control and formatting characters as escapes.
func visible(text string) string {
	if strings.IndexFunc(text, unseen) < 0 {
		return text
	}
	var b strings.Builder
	for _, r := range text {
		if !unseen(r) {
			b.WriteRune(r)
			continue
		}
		quoted := strconv.QuoteRuneToASCII(r)
		b.WriteString(quoted[1 : len(quoted)-1])
	}
	return b.String()
}

func unseen(r rune) bool {
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp)
}

func displayWidth(text string) int {
	for i := range len(text) {
		if text[i] >= 0x80 {
			return display.StringWidth(text)
		}
	}
	return len(text)
}
