package sample

import (
	"fmt"
	"math/rand/v2"

	"github.com/fundledger/fundledger/domain"
)

// creditCode makes a unified social credit code of Changning (area 310105) for the n-th enterprise, with its check character.
func creditCode(n int, rng *rand.Rand) domain.EnterpriseID {
	const signs = "0123456789ABCDEFGHJKLMNPQRTUWXY"
	body := fmt.Sprintf("91310105MA%c%c%05d", signs[rng.IntN(len(signs))], signs[10+rng.IntN(21)], n)
	check, ok := domain.CreditCodeCheck(body)
	if !ok {
		panic("sample: the credit code " + body + " is not made of the code's signs")
	}
	return domain.EnterpriseID(body + string(check))
}

var (
	brandsA = []string{"云", "星", "海", "瑞", "恒", "景", "澜", "启", "睿", "华", "宸", "泓", "锦", "辰", "沐", "朗", "铭", "岚", "拓", "翎"}
	brandsB = []string{"翼", "栖", "衡", "图", "舟", "策", "域", "禾", "川", "桥", "帆", "石", "竹", "泽", "远", "声", "象", "鹭", "屿", "塔"}
	forms   = []string{"有限公司", "有限公司", "有限公司", "股份有限公司", "(上海)有限公司"}
	trades  = map[domain.IndustryID][]string{
		"ai":                     {"智能科技", "机器视觉", "大模型技术", "语音识别技术"},
		"smart-internet":         {"网络科技", "电子商务", "数字平台", "直播技术"},
		"aviation-transport":     {"航空服务", "航空物流", "低空飞行技术", "航空器材"},
		"fashion-consumption":    {"时尚品牌管理", "商贸", "服饰设计", "生物医药科技"},
		"commerce-finance":       {"商务咨询", "人力资源服务", "广告传媒", "资产管理"},
		"other-services":         {"文化旅游", "检测技术", "会展服务"},
		"advanced-manufacturing": {"精密仪器", "新材料", "机器人制造"},
	}
	projects = []string{"核心平台建设", "关键技术研发", "应用示范", "总部能级提升", "绿色改造", "质量提升", "市场拓展", "专业服务平台", "新产品首发", "人才团队引进"}
)

// companyName makes a name for the n-th enterprise; the first two signs and the trade together do not repeat.
func companyName(n int, industry domain.IndustryID, rng *rand.Rand) string {
	trade := trades[industry]
	return "上海" + brandsA[n%len(brandsA)] + brandsB[n/len(brandsA)%len(brandsB)] + trade[rng.IntN(len(trade))] + forms[rng.IntN(len(forms))]
}

// staff are the people of a department who fill a role.
func staff(department domain.DepartmentID, role domain.Role) []domain.PersonID {
	families := map[domain.Role][]string{domain.Clerk: {"wang", "zhou"}, domain.Reviewer: {"li", "qian"}, domain.Approver: {"zhao", "sun"},
		domain.Treasurer: {"chen", "wu"}, domain.Authority: {"he", "tang"}}
	given := map[domain.DepartmentID]string{"commerce": "min", "science": "na", "investment": "jing", "justice": "lei", "market": "yan",
		"human-resources": "ping", "data": "tao", "talent": "fang", "reform": "gang", "finance": "xia", "government": "ning"}
	var people []domain.PersonID
	for _, family := range families[role] {
		people = append(people, domain.PersonID(family+"."+given[department]))
	}
	return people
}
