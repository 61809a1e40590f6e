package evaluation

import (
	"fmt"

	"github.com/fundledger/fundledger/domain"
)

// Text is what the role is called.
func (r Role) Text() domain.Text { return domain.Coded(RoleCodes, r) }

// Text is what the reason is called.
func (w Why) Text() domain.Text { return domain.Coded(WhyCodes, w) }

func coded[T ~string](name T, zh, en string) domain.Code {
	return domain.Code{Name: string(name), Text: domain.Text{ZH: zh, EN: en}}
}

// The codes of roles and reasons.
var (
	RoleCodes = []domain.Code{coded(Supported, "获支持", "supported"), coded(Control, "对照", "control"), coded(LeftOut, "未纳入", "left out")}
	WhyCodes  = []domain.Code{coded(NoBaseline, "无基期值", "no value of the year before"), coded(NoValue, "无当年值", "no value of the year"),
		coded(Unpaid, "已批或已付，净额为零", "approved or paid, nothing left net"), coded(Elsewhere, "当年获其他条款支持", "supported under another clause in the year"),
		coded(Earlier, "此前已获本条款支持", "supported under the clause before"), coded(Merged, "已并入其他企业", "merged into another"),
		coded(Alone, "无同产业且基期相近的获支持企业", "no supported one of its industry within the caliper"), coded(Waiting, "申请未决定", "its application waits")}
)

// caveat stands beside every figure.
var caveat = domain.Text{ZH: "申请企业自行选择申请，不能证明因果", EN: "applicants chose to apply: no proof of cause"}

// Tell is what stands beside the figures: how many are compared, who is left out and why, what is not tested, and that it proves no cause.
func (m *Measured) Tell(c *Comparison) (t domain.Text) {
	add := func(zh, en string, args ...any) {
		zh, en = fmt.Sprintf(zh, args...), fmt.Sprintf(en, args...)
		if t.ZH != "" {
			zh, en = "；"+zh, "; "+en
		}
		t = domain.Text{ZH: t.ZH + zh, EN: t.EN + en}
	}
	if !m.Measurable() {
		add("无对应事实，由评价人评分", "no fact measures it: whoever evaluates scores it")
		return t
	}
	add("获支持 %d 家，对照 %d 家", "%d supported, %d controls", c.Supported.N, c.Control.N)
	for _, why := range Reasons {
		if n := c.LeftOut[why]; n > 0 {
			add("未纳入 %[1]d 家（%[2]s）", "%[1]d left out (%[3]s)", n, why.Text().ZH, why.Text().EN)
		}
	}
	if c.Both > 0 {
		add("%d 家既获支持又曾被拒或撤回，按获支持计", "%d were supported and turned away too: they count as supported", c.Both)
	}
	if c.Undefined > 0 {
		add("%d 家基期不大于零，增长率无定义，只计水平", "%d have no level above nought before: growth is undefined, levels are kept", c.Undefined)
	}
	switch {
	case c.Test == nil:
		add("获支持少于 %d 家或对照少于 %d 家，不作检验", "fewer than %d supported or %d controls: not tested", FewestSupported, FewestControls)
	case c.Test.Drawn:
		add("置换检验抽取 %d 次，以该位置的日志根为种子", "%d assignments drawn, the log's root at the position being the seed", c.Test.Assignments)
	default:
		add("置换检验穷举 %d 种分组", "all %d assignments were looked at", c.Test.Assignments)
	}
	if _, is := c.Earlier(); !is {
		add("无更早年度的趋势", "no earlier trend is there")
	}
	add(caveat.ZH, caveat.EN)
	return t
}
