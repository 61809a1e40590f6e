package words

import (
	"maps"
	"slices"

	"github.com/fundledger/fundledger/domain"
)

// figureTitles are what the figures of refusals and problems are called that no table has as a column.
var figureTitles = map[string]domain.Text{
	"account":   {ZH: "账户", EN: "account"},
	"allowed":   {ZH: "可以的", EN: "allowed"},
	"as_of":     {ZH: "截至", EN: "as of"},
	"asked":     {ZH: "本次", EN: "asked"},
	"date":      {ZH: "日期", EN: "date"},
	"days":      {ZH: "天数", EN: "days"},
	"decisions": {ZH: "决定件数", EN: "decisions"},
	"did":       {ZH: "已承担", EN: "did"},
	"does":      {ZH: "欲承担", EN: "does"},
	"earliest":  {ZH: "最早", EN: "earliest"},
	"first":     {ZH: "仅列前几行", EN: "only the first rows"},
	"from":      {ZH: "自", EN: "from"},
	"fund":      {ZH: "资金", EN: "fund"},
	"key":       {ZH: "公钥", EN: "key"},
	"latest":    {ZH: "最晚", EN: "latest"},
	"like":      {ZH: "相近者", EN: "like"},
	"limit":     {ZH: "限额", EN: "limit"},
	"longest":   {ZH: "最长（天）", EN: "longest, in days"},
	"most":      {ZH: "至多", EN: "at most"},
	"over_by":   {ZH: "超出", EN: "over by"},
	"parameter": {ZH: "参数", EN: "parameter"},
	"on":        {ZH: "业务日期", EN: "on"},
	"payouts":   {ZH: "支付笔数", EN: "payouts"},
	"person":    {ZH: "人员", EN: "person"},
	"request":   {ZH: "请求编号", EN: "request"},
	"seconds":   {ZH: "秒数", EN: "seconds"},
	"seed":      {ZH: "抽样种子", EN: "seed"},
	"since":     {ZH: "自", EN: "since"},
	"size":      {ZH: "事件数", EN: "size"},
	"threshold": {ZH: "标准", EN: "threshold"},
	"today":     {ZH: "今天", EN: "today"},
	"until":     {ZH: "至", EN: "until"},
	"value":     {ZH: "值", EN: "value"},
	"year":      {ZH: "年度", EN: "year"},
	"you":       {ZH: "您", EN: "you"},
}

// reckoned are the figures of a sum, in the order in which it is reckoned.
var reckoned = []string{"cap", "limit", "exceptions", "use", "headroom", "asked", "short_by", "over_by"}

// Reckoned are those of a refusal's figures that its sum is made of, in their order: cap, exceptions, use, asked, short by; Besides are the
// others, by their names.
func Reckoned(figures domain.Figures) (names []string) {
	for _, name := range reckoned {
		if _, has := figures[name]; has {
			names = append(names, name)
		}
	}
	return names
}

// Besides are the figures of a refusal that are no part of its sum.
func Besides(figures domain.Figures) []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(figures)), func(name string) bool { return slices.Contains(reckoned, name) })
}

// Figure is what a figure of a refusal or a problem is called in "zh" or "en"; one that is not known is shown by its name.
func Figure(name, lang string) string {
	if text, known := figureTitles[name]; known {
		return text.In(lang)
	}
	if HasColumn(name) {
		return Column(name).Heading(lang)
	}
	return name
}
