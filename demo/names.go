package demo

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/fundledger/fundledger/domain"
)

// creditCode makes a unified social credit code of Changning (area 310105) for the n-th enterprise, with its check character.
// The check digit of the organisation code inside (its ninth sign) is wrong on purpose: no real enterprise has such a code.
func creditCode(n int, rng *rand.Rand) domain.EnterpriseID {
	const letters = "ABCDEFGHJKLMNPQRTUWXY"
	inner := fmt.Sprintf("MA%d%c%04d", 1+rng.IntN(7), letters[rng.IntN(len(letters))], n*7919%10_000)
	return coded("91310105" + inner + string(wrongDigit(inner)))
}

// coded adds the check character of GB 32100.
func coded(body string) domain.EnterpriseID {
	check, ok := domain.CreditCodeCheck(body)
	if !ok {
		panic("demo: the credit code " + body + " is not made of the code's signs")
	}
	return domain.EnterpriseID(body + string(check))
}

// wrongDigit is a digit that GB 11714 does not give to the eight signs of an organisation code.
func wrongDigit(inner string) byte {
	sum := 0
	for i, weight := range []int{3, 7, 9, 10, 5, 8, 4, 2} {
		sum += weight * strings.IndexByte("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", inner[i])
	}
	right := (11 - sum%11) % 11
	return byte('0' + (right+3)%10)
}

var (
	brandsA = []string{"云", "星", "海", "瑞", "恒", "景", "澜", "启", "睿", "华", "宸", "泓", "锦", "辰", "沐", "朗", "铭", "岚", "拓", "翎"}
	brandsB = []string{"翼", "栖", "衡", "图", "舟", "策", "域", "禾", "川", "桥", "帆", "石", "竹", "泽", "远", "声", "象", "鹭", "屿", "塔"}
	// shapes are the forms of names: %s is the brand and the trade.
	shapes = []string{"上海%s有限公司", "上海%s有限公司", "上海%s有限公司", "上海%s股份有限公司", "%s（上海）有限公司", "上海%s集团有限公司"}
	trades = map[domain.IndustryID][]string{
		"ai":                     {"智能科技", "机器视觉", "大模型技术", "语音识别技术", "具身智能", "智算科技"},
		"smart-internet":         {"网络科技", "电子商务", "数字平台", "直播技术", "信息技术", "在线教育科技"},
		"aviation-transport":     {"航空服务", "航空物流", "低空飞行技术", "航空器材", "国际货运代理", "供应链管理"},
		"fashion-consumption":    {"时尚品牌管理", "商贸", "服饰设计", "生物医药科技", "美妆", "健康管理"},
		"commerce-finance":       {"商务咨询", "人力资源服务", "广告传媒", "资产管理", "检测认证", "融资租赁"},
		"other-services":         {"文化旅游", "建筑设计", "会展服务", "物业服务"},
		"advanced-manufacturing": {"精密仪器", "新材料", "机器人制造", "医疗器械"},
	}
	projects = []string{"核心平台建设", "关键技术研发", "应用示范", "总部能级提升", "绿色改造", "质量提升", "市场拓展", "专业服务平台", "新产品首发", "人才团队引进"}
	papers   = []string{"申请表.pdf", "审计报告.pdf", "合同及发票.pdf", "纳税证明.pdf"}
)

// companyName makes a name for the n-th enterprise; the brand, its two signs, does not repeat.
func companyName(n int, industry domain.IndustryID, rng *rand.Rand) string {
	brand := brandsA[n%len(brandsA)] + brandsB[n/len(brandsA)%len(brandsB)]
	trade := trades[industry][rng.IntN(len(trades[industry]))]
	if trade == "资产管理" {
		return "上海" + brand + "创业投资合伙企业（有限合伙）"
	}
	return fmt.Sprintf(shapes[rng.IntN(len(shapes))], brand+trade)
}

// families are who fills a role, by family name; the given name says the department. Nobody fills two roles.
var (
	families = map[domain.Role][]string{domain.Clerk: {"wang", "zhou", "xu"}, domain.Reviewer: {"li", "qian", "ma"}, domain.Approver: {"zhao", "sun"},
		domain.Treasurer: {"chen", "wu"}, domain.Authority: {"he", "tang"}}
	givenNames = map[domain.DepartmentID]string{"commerce": "min", "science": "na", "investment": "jing", "justice": "lei", "market": "yan",
		"human-resources": "ping", "data": "tao", "talent": "fang", "reform": "gang", "ecology": "lan", "civil-affairs": "hui", "finance": "xia", "government": "ning"}
)

// staff are the people of a department who fill a role: "wang.min" is a clerk of commerce.
func staff(department domain.DepartmentID, role domain.Role) []domain.PersonID {
	people := make([]domain.PersonID, len(families[role]))
	for i, family := range families[role] {
		people[i] = domain.PersonID(family + "." + givenNames[department])
	}
	return people
}
