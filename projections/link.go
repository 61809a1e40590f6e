package projections

import "github.com/fundledger/fundledger/domain"

// Between is what stands between the names of a cell that has several.
const Between = "; "

// LinkRow is how two enterprises are linked.
type LinkRow struct {
	Link          domain.LinkID       `json:"link"`
	A             domain.EnterpriseID `json:"a"`
	AName         string              `json:"a_name"`
	B             domain.EnterpriseID `json:"b"`
	BName         string              `json:"b_name"`
	LinkKind      domain.LinkKind     `json:"link_kind"`
	Share         domain.Share        `json:"share"`       // of b that a holds; "": not known, or none
	LinkedFrom    domain.Date         `json:"linked_from"` // the first day
	LinkedTo      domain.Date         `json:"linked_to"`   // the last day; none: until further notice
	Connects      bool                `json:"connects"`    // it makes the two one group
	Mistaken      bool                `json:"mistaken"`    // it was recorded by mistake
	Document      string              `json:"document"`
	EndedDocument string              `json:"ended_document"`
	Actor         domain.PersonID     `json:"actor"`
	Seq           uint64              `json:"seq"`
}

// ByLink is the link of an id.
var ByLink = by[domain.LinkID]("link", Identifier, "关联编号", "the link").kept("links", "link")

// Links are how enterprises are linked, in the order of their ids: those that have ended, too.
var Links = list[LinkRow](List{Name: "links", Source: "links", Past: true, Key: []string{"link"},
	Title:   domain.Text{ZH: "企业关联", EN: "Links of enterprises"},
	Meaning: domain.Text{ZH: "企业之间的控股、同一控制人与分支关系", EN: "Which enterprises control others, have one controller, or are branches"},
}, ByEnterprise.asked(), ByLink)

// MergerRow is how an enterprise was taken over.
type MergerRow struct {
	MergedFrom     domain.EnterpriseID `json:"merged_from"` // that ended
	MergedFromName string              `json:"merged_from_name"`
	MergedInto     domain.EnterpriseID `json:"merged_into"`
	MergedIntoName string              `json:"merged_into_name"`
	MergedOn       domain.Date         `json:"merged_on"`     // the first day on which the two are one
	MergerVoided   bool                `json:"merger_voided"` // it was recorded by mistake, and never was
	VoidedDocument string              `json:"voided_document"`
	Document       string              `json:"document"`
	Actor          domain.PersonID     `json:"actor"`
	Seq            uint64              `json:"seq"`
}

// Mergers are the enterprises that were taken over, each with the one that it went into, in the order of their codes.
var Mergers = list[MergerRow](List{Name: "mergers", Source: "mergers", Past: true, Key: []string{"merged_from", "seq"},
	Title:   domain.Text{ZH: "企业合并", EN: "Mergers of enterprises"},
	Meaning: domain.Text{ZH: "被并入其他企业的企业及其存续企业", EN: "Enterprises that were taken over, and by which"},
}, ByEnterprise.asked())

// GroupRow is what a group uses of a clause in a support year.
type GroupRow struct {
	FirstMember    domain.EnterpriseID `json:"first_member"` // of the members' codes the first: it stands for the group
	Controller     domain.EnterpriseID `json:"controller"`   // the one member that no other controls; "": there are several
	ControllerName string              `json:"controller_name"`
	Members        int64               `json:"members"`
	MemberNames    string              `json:"member_names"`
	Clause         domain.ClauseID     `json:"clause"`       // "": it uses nothing of any
	SupportYear    domain.SupportYear  `json:"support_year"` // 0: all years together
	Use            domain.Money        `json:"use"`
	Cap            domain.Ceiling      `json:"cap"` // of groups
	Exceptions     domain.Money        `json:"exceptions"`
	Headroom       domain.Ceiling      `json:"headroom"`
	OverBy         domain.Money        `json:"over_by"`
}

// Groups are what control connects on a day, by their first members, with what each uses of the clauses that cap enterprises.
var Groups = list[GroupRow](List{Name: "groups", Source: "groups", Past: true, Key: []string{"first_member", "clause", "support_year"},
	Title:   domain.Text{ZH: "企业集团", EN: "Groups of enterprises"},
	Meaning: domain.Text{ZH: "控制相连的企业及其在各条款、年度的合计使用额", EN: "Enterprises that control connects, and what they use together by clause and year"},
}, ByEnterprise.asked(), ByClause, ByYear)

// GroupMemberRow is an enterprise of a group.
type GroupMemberRow struct {
	FirstMember  domain.EnterpriseID `json:"first_member"`
	Enterprise   domain.EnterpriseID `json:"enterprise"`
	Name         string              `json:"name"`
	Uncontrolled bool                `json:"uncontrolled"`  // no other member controls it
	ControlledBy string              `json:"controlled_by"` // the members that do
}

// GroupMembers are the enterprises of groups on a day, group by group.
var GroupMembers = list[GroupMemberRow](List{Name: "group_members", Source: "group_members", Past: true, Key: []string{"first_member", "enterprise"},
	Title:   domain.Text{ZH: "集团成员", EN: "Members of groups"},
	Meaning: domain.Text{ZH: "各集团的成员企业及控制其的成员", EN: "The enterprises of each group, and which of them control others"},
}, ByEnterprise.asked())
