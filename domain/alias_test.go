package domain

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// Example 48: how well a project's name that is written otherwise is taken for what it is, and another project's is not. Names are made of what the
// names of real projects are made of, by a seed; an alias is one of them as somebody else types it.

// alias is a way in which a name is written otherwise; it is left as it is where the way has nothing to change.
type alias struct {
	called string
	write  func(name string) string
}

func exchanged(pairs ...string) func(string) string {
	return func(name string) string { return strings.NewReplacer(pairs...).Replace(name) }
}

// widened writes the signs of ASCII in their full width.
func widened(name string) string {
	return strings.Map(func(r rune) rune {
		if r > ' ' && r < 0x7f {
			return r + 0xfee0
		}
		return r
	}, name)
}

// halvedBy puts a sign into the middle of a name.
func halvedBy(sign string) func(string) string {
	return func(name string) string {
		runes := []rune(name)
		return string(runes[:len(runes)/2]) + sign + string(runes[len(runes)/2:])
	}
}

var aliases = []alias{
	{"full width", widened},
	{"a space", halvedBy(" ")},
	{"a wide space", halvedBy("　")},
	{"a point between", halvedBy("·")},
	{"a hyphen", halvedBy("-")},
	{"brackets around the phase", func(name string) string { return phaseIn(name, "（", "）") }},
	{"quotation marks", func(name string) string { return "“" + name + "”" }},
	{"an invisible sign", halvedBy("\u200b")},
	{"Cyrillic letters", exchanged("A", "А", "B", "В", "C", "С", "E", "Е", "I", "І", "O", "О", "P", "Р", "T", "Т", "a", "а", "o", "о")},
	{"Greek letters", exchanged("A", "Α", "B", "Β", "E", "Ε", "I", "Ι", "O", "Ο", "T", "Τ", "o", "ο")},
	{"small letters", strings.ToLower},
	{"capital letters", strings.ToUpper},
	{"Arabic numerals of the phase", exchanged("一期", "1期", "二期", "2期", "三期", "3期", "四期", "4期", "十二期", "12期")},
	{"Roman numerals of the phase", exchanged("一期", "Ⅰ期", "二期", "Ⅱ期", "三期", "III期", "四期", "Ⅳ期")},
	{"financial numerals of the phase", exchanged("一期", "壹期", "二期", "贰期", "三期", "叁期", "四期", "肆期")},
	{"the phase is counted", exchanged("一期", "第一期", "二期", "第二期", "三期", "第3期", "四期", "第四期")},
	{"the phase in a circle", exchanged("一期", "①期", "二期", "②期", "三期", "③期", "四期", "④期")},
	{"the year in Chinese", exchanged("2024", "二零二四", "2025", "二〇二五", "2026", "二零二六")},
	{"a letter for a numeral", exchanged("0", "O", "1", "l")},
	{"traditional numerals", exchanged("二期", "貳期", "三期", "參期", "六", "陸")},
}

// phaseIn puts the phase that a name ends with between two signs.
func phaseIn(name, before, after string) string {
	runes := []rune(name)
	if n := len(runes); n > 2 && runes[n-1] == '期' {
		return string(runes[:n-2]) + before + string(runes[n-2:]) + after
	}
	return name
}

type names struct{ *rand.Rand }

func (n names) of(list ...string) string { return list[n.IntN(len(list))] }

// project is a name such as there are.
func (n names) project() string {
	var b strings.Builder
	if n.IntN(2) == 0 {
		b.WriteString(n.of("虹桥", "临空", "天山", "新华路", "江苏路", "北新泾", "中山公园", "古北", "程家桥", "东虹桥"))
	}
	if n.IntN(3) == 0 {
		b.WriteString(n.of("2024", "2025", "2026") + "年度")
	}
	b.WriteString(n.of("AI", "5G", "IoT", "AIGC", "工业互联网", "智能网联", "区块链", "低空经济", "数字孪生", "生物医药", "元宇宙", "跨境电商", "云计算", "大模型", "无人机", "时尚消费"))
	b.WriteString(n.of("研发", "检测", "应用", "算力", "服务", "创新", "展示", "培训", "交易", "物流", "孵化", "结算"))
	b.WriteString(n.of("平台", "中心", "基地", "实验室", "工厂", "产业园", "示范线", "系统", "总部", "枢纽"))
	switch n.IntN(5) {
	case 0:
		b.WriteString(n.of("A座", "B座", "C区", "T1楼", "T2楼"))
	case 1, 2, 3:
		b.WriteString(n.of("一", "二", "三", "四") + "期")
	}
	return b.String()
}

// another is a project that is easily taken for one, and is none of it: of another year, another phase, another place or another house.
func (n names) another(name string) string {
	swaps := [][]string{{"一期", "二期"}, {"二期", "三期"}, {"三期", "四期"}, {"四期", "一期"}, {"2024", "2025"}, {"2025", "2026"}, {"2026", "2024"}, {"A座", "B座"}, {"T1", "T2"},
		{"虹桥", "古北"}, {"临空", "天山"}, {"研发", "检测"}, {"平台", "中心"}, {"中心", "基地"}, {"工厂", "产业园"}, {"5G", "6G"}, {"AI", "AIGC"}}
	n.Shuffle(len(swaps), func(i, j int) { swaps[i], swaps[j] = swaps[j], swaps[i] })
	for _, s := range swaps {
		if other := strings.Replace(name, s[0], s[1], 1); other != name && n.IntN(4) > 0 {
			return other
		}
	}
	return n.project()
}

func TestExample48AliasesOfProjectsAreFound(t *testing.T) {
	const wantedAliases, pairs, leastFound, mostAlike = 200, 1000, 190, 20
	n := names{rand.New(rand.NewPCG(48, 2025))}
	made, found, missed, of := 0, 0, []string(nil), map[string]int{}
	for i := 0; made < wantedAliases; i++ {
		name, way := n.project(), aliases[i%len(aliases)]
		other := way.write(name)
		if n.IntN(3) == 0 { // two slips at once
			other = aliases[n.IntN(len(aliases))].write(other)
		}
		if other == name {
			continue
		}
		made++
		st := given(t, submit("A", aiFirm, "4", name, in(2025, "1.00")))
		known := st.state.spelled(nameProject, other) == name // another spelling of one key is that project
		if r := st.state.looksLike(nameProject, Subject{SubjectProject, other}, nil); r != nil || known {
			found++
		} else {
			missed, of[way.called] = append(missed, fmt.Sprintf("%s: %s as %s", way.called, name, other)), of[way.called]+1
		}
	}
	alike, taken := 0, []string(nil)
	for made := 0; made < pairs; {
		name := n.project()
		other := n.another(name)
		if other == name {
			continue
		}
		made++
		if Skeleton(name) == Skeleton(other) {
			alike, taken = alike+1, append(taken, name+" as "+other)
		}
	}
	t.Logf("of %d aliases %d are found (recall %.3f); of %d distinct pairs %d are called alike (precision %.3f)", wantedAliases, found, float64(found)/wantedAliases,
		pairs, alike, float64(found)/float64(found+alike))
	for _, way := range slices.Compact(slices.Sorted(slices.Values(missed))) {
		t.Log("missed: ", way)
	}
	for _, pair := range taken {
		t.Log("alike: ", pair)
	}
	if found < leastFound || alike > mostAlike {
		t.Errorf("found %d, at least %d are; called alike %d, at most %d are: %v", found, leastFound, alike, mostAlike, of)
	}
}
