package audit

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/mozillazg/go-pinyin"

	"github.com/fundledger/fundledger/domain"
)

// Names that may mean one enterprise, or enterprises of one group. A name is a place, a trade name, a trade and a legal form. Places and
// forms say nothing of who it is. Names are alike where they look or sound the same without these, where one sign of the trade is
// another, or where the trade name is the same. A numeral, a direction or a letter that differs tells two of a series apart: they are not
// alike, for 一建 and 二建 are two enterprises.

var (
	// forms and places are left out of a name; longer ones come first.
	forms = []string{"股份有限公司", "有限责任公司", "有限合伙", "普通合伙", "特殊普通合伙", "合伙企业", "有限公司", "分公司", "子公司", "公司", "集团", "控股",
		"corporation", "incorporated", "company", "limited", "holdings", "holding", "group", "coltd", "corp", "inc", "llc", "ltd"}
	places = []string{"中国上海", "上海自贸试验区", "上海市", "上海", "长宁区", "长宁", "shanghai", "changning"}
	// trades are what an enterprise does: what stands before them at the end of a name is its trade name.
	trades = []string{"人力资源", "人工智能", "机器视觉", "语音识别", "融资租赁", "信息技术", "生物医药", "供应链", "互联网", "物联网", "大数据", "云计算", "半导体",
		"机器人", "大模型", "新材料", "房地产", "化妆品", "会计师", "研究院", "研究所", "事务所", "科技", "技术", "信息", "网络", "数字", "数据", "智能", "智算", "软件",
		"电子", "商务", "商贸", "贸易", "实业", "投资", "资产", "管理", "咨询", "服务", "文化", "传媒", "广告", "传播", "物流", "货运", "运输", "航空", "飞行", "低空",
		"建设", "建筑", "工程", "设计", "装饰", "医药", "生物", "医疗", "健康", "教育", "培训", "在线", "检测", "认证", "法律", "律师", "金融", "租赁", "保险", "经纪",
		"代理", "国际", "发展", "产业", "企业", "创业", "资本", "基金", "材料", "制造", "机械", "设备", "仪器", "精密", "器材", "器械", "汽车", "能源", "环保", "餐饮",
		"酒店", "旅游", "食品", "服饰", "服装", "时尚", "品牌", "美妆", "农业", "平台", "系统", "集成", "通信", "会展", "物业", "置业", "百货", "超市", "电器", "珠宝",
		"直播", "中心", "technologies", "technology", "tech", "services", "service", "consulting", "trading", "international", "media", "logistics"}
	// commonNames are trade names that say nothing.
	commonNames = []string{"中国", "中华", "全国", "国家", "华东", "东方", "长三角", "浦东", "虹桥"}
	// series are signs that tell two of a series apart.
	series = "一二三四五六七八九十百零〇壹贰叁肆伍陆柒捌玖拾两甲乙丙丁戊己庚辛壬癸东南西北中上下左右前后新老大小"
)

// unsaid takes out of a name what says nothing of who it is.
var unsaid = func() *strings.Replacer {
	var pairs []string
	for _, word := range slices.Concat(places, forms) {
		pairs = append(pairs, word, "")
	}
	return strings.NewReplacer(pairs...)
}()

// core is a name without what says nothing of who it is.
func core(name string) string {
	key := strings.Map(func(r rune) rune {
		if unicode.In(r, unicode.P, unicode.S) {
			return -1
		}
		return r
	}, domain.Key(name))
	return unsaid.Replace(key)
}

// tradeName is what a core begins with, without the trades at its end; empty where that is nothing by which an enterprise is known.
func tradeName(core string) string {
	for {
		shorter := core
		for _, word := range trades {
			if rest, is := strings.CutSuffix(shorter, word); is {
				shorter = rest
			}
		}
		if shorter == core {
			break
		}
		core = shorter
	}
	least := 2
	if strings.IndexFunc(core, func(r rune) bool { return r >= utf8.RuneSelf }) < 0 {
		least = 4
	}
	if utf8.RuneCountInString(core) < least || slices.Contains(commonNames, core) {
		return ""
	}
	return core
}

// sound is how a name is read, a syllable a character; it has no tones, for whoever types has none.
func sound(core string) string {
	args := pinyin.NewArgs()
	var b strings.Builder
	for _, r := range core {
		if sounds := pinyin.SinglePinyin(r, args); len(sounds) > 0 {
			b.WriteString(sounds[0])
		} else {
			b.WriteRune(r)
		}
		b.WriteByte(' ')
	}
	return b.String()
}

// inSeries reports whether a sign numbers, or tells a side: what differs in such a sign alone is another of a series.
func inSeries(r rune) bool {
	return unicode.IsDigit(r) || unicode.IsNumber(r) || r < utf8.RuneSelf && unicode.IsLetter(r) || strings.ContainsRune(series, r)
}

// numbered are the signs of a core that number it, in order. Two names that have others are two of a series.
func numbered(core string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsDigit(r) || unicode.IsNumber(r) || strings.ContainsRune("一二三四五六七八九十壹贰叁肆伍陆柒捌玖拾甲乙丙丁", r) {
			return r
		}
		return -1
	}, core)
}

// oneApart reports whether two cores differ in one sign, exchanged, added or left out, behind the first ones, which are the trade name's.
func oneApart(a, b string) bool {
	x, y := []rune(a), []rune(b)
	if len(x) > len(y) {
		x, y = y, x
	}
	if len(y)-len(x) > 1 || len(y) < 5 { // of short names many are one character apart
		return false
	}
	i := 0
	for i < len(x) && x[i] == y[i] {
		i++
	}
	least := 2
	if y[0] < utf8.RuneSelf {
		least = 4
	}
	if i < least || i < len(y) && inSeries(y[i]) || i < len(x) && inSeries(x[i]) {
		return false
	}
	if len(x) == len(y) {
		return i < len(x) && slices.Equal(x[i+1:], y[i+1:])
	}
	return slices.Equal(x[i:], y[i+1:])
}

// clusters are enterprises that belong together: whoever is alike to one of a cluster belongs to it.
type clusters struct {
	parent map[domain.EnterpriseID]domain.EnterpriseID
}

func (c clusters) of(id domain.EnterpriseID) domain.EnterpriseID {
	for c.parent[id] != "" {
		id = c.parent[id]
	}
	return id
}

func (c clusters) join(a, b domain.EnterpriseID) {
	if a, b = c.of(a), c.of(b); a != b {
		c.parent[max(a, b)] = min(a, b)
	}
}

// similarNames are clusters of enterprises whose names are alike.
func (a *analysis) similarNames() []Finding {
	joined := clusters{map[domain.EnterpriseID]domain.EnterpriseID{}}
	buckets := map[string]domain.EnterpriseID{} // the first of each
	near := map[string][]domain.EnterpriseID{}
	cores := make(map[domain.EnterpriseID]string, len(a.names))
	for _, id := range slices.Sorted(maps.Keys(a.names)) {
		name := core(a.names[id].name)
		cores[id] = name
		if utf8.RuneCountInString(name) < 2 {
			continue // nothing but a place and a form
		}
		signs := "\x00" + numbered(name)
		keys := []string{"looks " + domain.Skeleton(name)}
		if utf8.RuneCountInString(name) >= 3 {
			keys = append(keys, "sounds "+sound(name)+signs)
		}
		if trade := tradeName(name); trade != "" {
			keys = append(keys, "trade name "+trade+signs)
		}
		for _, key := range keys {
			if first, known := buckets[key]; known {
				joined.join(first, id)
			} else {
				buckets[key] = id
			}
		}
		for _, variant := range variants(name) {
			for _, other := range near[variant] {
				if oneApart(cores[other], name) {
					joined.join(other, id)
				}
			}
			if len(near[variant]) < 50 {
				near[variant] = append(near[variant], id)
			}
		}
	}
	members := map[domain.EnterpriseID][]domain.EnterpriseID{}
	for _, id := range slices.Sorted(maps.Keys(a.names)) {
		members[joined.of(id)] = append(members[joined.of(id)], id)
	}
	return a.gathered(codeSimilarNames, members, func(ids []domain.EnterpriseID) (string, []string) { return "enterprises like " + string(ids[0]), nil })
}

// gathered are findings on enterprises that belong together, those that were known first before the others.
func (a *analysis) gathered(code string, members map[domain.EnterpriseID][]domain.EnterpriseID,
	about func([]domain.EnterpriseID) (string, []string)) []Finding {
	list := gather(code)
	for _, root := range slices.Sorted(maps.Keys(members)) {
		ids := members[root]
		if len(ids) < 2 {
			continue
		}
		slices.SortFunc(ids, func(x, y domain.EnterpriseID) int { return cmp.Compare(a.names[x].seq, a.names[y].seq) })
		var names []string
		for _, id := range ids {
			names = append(names, a.names[id].name)
		}
		subject, figures := about(ids)
		for _, id := range ids {
			list.about(subject, append(figures, "names", few(names))...).add("enterprise "+string(id), domain.NoMoney, []uint64{a.names[id].seq}, "name", a.names[id].name)
		}
	}
	return list.findings(2)
}

// variants are a name and what it is without one of its characters.
func variants(name string) []string {
	runes := []rune(name)
	if len(runes) < 4 {
		return []string{name}
	}
	all := []string{name}
	for i := range runes {
		all = append(all, string(runes[:i])+string(runes[i+1:]))
	}
	return all
}

// sameOrganisation are credit codes that hold one organisation code: the nine signs that a legal person keeps when its registration moves.
func (a *analysis) sameOrganisation() []Finding {
	members := map[domain.EnterpriseID][]domain.EnterpriseID{}
	for _, id := range slices.Sorted(maps.Keys(a.names)) {
		if domain.ValidCreditCode(id) {
			members[id[8:17]] = append(members[id[8:17]], id)
		}
	}
	return a.gathered(codeOrganisation, members, func(ids []domain.EnterpriseID) (string, []string) {
		return "enterprises of organisation " + string(ids[0][8:17]), []string{"code", string(ids[0][8:17])}
	})
}

// spellings are accounts, and enterprises, whose names are two spellings of one key: a log of the first edition may hold them (R16).
func (a *analysis) spellings(s *domain.State) (list []Finding) {
	type thing struct{ clause, kind, key string }
	of, events := map[thing][]string{}, map[thing][]uint64{}
	for _, account := range s.Accounts() {
		if account.Subject.Kind == domain.SubjectEnterprise {
			continue
		}
		t := thing{string(account.Clause), string(account.Subject.Kind), domain.Key(account.Subject.ID)}
		of[t], events[t] = append(of[t], account.Subject.ID), append(events[t], a.charged[account]...)
	}
	for id, name := range a.names {
		t := thing{"", "enterprise", string(domain.Key(id))}
		of[t], events[t] = append(of[t], string(id)), append(events[t], name.seq)
	}
	for _, t := range slices.SortedFunc(maps.Keys(of), func(x, y thing) int {
		return cmp.Or(cmp.Compare(x.clause, y.clause), cmp.Compare(x.kind, y.kind), cmp.Compare(x.key, y.key))
	}) {
		if names := of[t]; len(names) > 1 {
			slices.Sort(names)
			list = append(list, found(codeSpellings, fmt.Sprintf("%s %s %s", t.kind, t.clause, t.key), events[t], "kind", t.kind, "names", few(names),
				"clause", t.clause, "count", fmt.Sprint(len(names))))
		}
	}
	return list
}

// holdsName reports whether a text holds a name as a word: a name in Latin letters or digits goes on neither before nor behind, and one
// of a single character is none.
func holdsName(text, name string) bool {
	if utf8.RuneCountInString(name) < 2 {
		return false
	}
	word := func(r rune) bool { return r < utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsDigit(r)) }
	for at := 0; ; {
		i := strings.Index(text[at:], name)
		if i < 0 {
			return false
		}
		before, _ := utf8.DecodeLastRuneInString(text[:at+i])
		behind, _ := utf8.DecodeRuneInString(text[at+i+len(name):])
		first, _ := utf8.DecodeRuneInString(name)
		last, _ := utf8.DecodeLastRuneInString(name)
		if !(word(before) && word(first)) && !(word(last) && word(behind)) {
			return true
		}
		at += i + len(name)
	}
}
