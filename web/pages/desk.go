package pages

import (
	"crypto/rand"
	"net/http"
	"slices"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
)

// deskBody is a page of forms that make something new.
type deskBody struct {
	Forms  []form
	Absent []absent
}

// desk is a page of forms: which commands, with which fields, and where the viewer goes after one was booked.
type desk struct {
	here   string
	title  domain.Text
	fixed  map[string]string
	drafts func(s *domain.State) []draft
	next   func(domain.Command) string // nil: the page itself
}

// commands are those that the desk's forms give.
func (d desk) commands(s *domain.State) []string {
	var names []string
	for _, one := range d.drafts(s) {
		names = append(names, one.command)
	}
	return names
}

// answer shows a desk, or gives the command that was sent from it.
func (p *Pages) answer(w http.ResponseWriter, r *http.Request, d desk) error {
	pg, err := p.begin(r, d.here, d.title)
	if err != nil {
		return err
	}
	b, allowed := &deskBody{}, []string(nil)
	err = p.server.View(r.Context(), func(s *domain.State, _ uint64) {
		if s.Policy() != nil {
			b.Forms, b.Absent = judge(s, pg.Viewer, p.today(), d.drafts(s))
			allowed = d.commands(s)
		}
	})
	if err != nil {
		return err
	}
	status := http.StatusOK
	if r.Method == http.MethodPost {
		refusal, err := p.giveNext(w, r, d.fixed, d.next, allowed...)
		if err != nil || refusal == nil {
			return err
		}
		status, pg.Refusal = http.StatusUnprocessableEntity, refusal
		refill(b.Forms, r.PostForm)
	}
	return deskSheet.write(p, w, status, pg, b)
}

func text(name, zh, en string) field {
	return field{Name: name, Label: domain.Text{ZH: zh, EN: en}, Kind: "text", Required: true}
}

func maybe(f field) field { f.Required = false; return f }

func filled(f field, value string) field { f.Value = value; return f }

func amountField(label domain.Text) field {
	return field{Name: "amount", Label: label, Kind: "amount", Required: true}
}

// chosenClause is a choice among clauses.
func chosenClause(s *domain.State, keep func(domain.Clause) bool) field {
	f := field{Name: "clause", Label: domain.Text{ZH: "条款", EN: "Clause"}, Kind: "choice", Required: true}
	for _, c := range s.Policy().Clauses {
		if keep(c) {
			f.Options = append(f.Options, option{string(c.ID), domain.Text{ZH: string(c.ID) + " " + c.Name.ZH, EN: string(c.ID) + " " + c.Name.EN}})
		}
	}
	return f
}

// chosenYear is a choice among the policy's support years, this year first.
func chosenYear(s *domain.State, today domain.Date, none *domain.Text) field {
	f := field{Name: "support_year", Label: yearLabel, Kind: "choice", Value: domain.SupportYear(today.Year()).String(), Required: none == nil}
	if none != nil {
		f.Options = append(f.Options, option{"", *none})
	}
	for _, y := range years(s.Policy()) {
		f.Options = append(f.Options, option{y.String(), domain.Text{ZH: y.String(), EN: y.String()}})
	}
	return f
}

var documentField = text("document", "批准文号", "Authority's document")

// newID proposes an identifier that is not taken; whoever fills in the form may write another.
func newID(prefix string) string { return prefix + "-" + rand.Text()[:10] }

func (p *Pages) newApplication(w http.ResponseWriter, r *http.Request) error {
	enterprise := r.URL.Query().Get("enterprise")
	return p.answer(w, r, desk{here: "/applications", title: domain.Text{ZH: "提交申请", EN: "Submit an application"},
		next: func(c domain.Command) string {
			return "/applications/" + escape(string(c.(*domain.SubmitApplication).Application))
		},
		drafts: func(s *domain.State) []draft {
			fields := []field{filled(text("application", "申请编号", "Application"), newID("A")), filled(text("enterprise", "企业（信用代码）", "Enterprise (credit code)"), enterprise),
				chosenClause(s, func(domain.Clause) bool { return true }), maybe(text("refers_to", "所参照的条款（参照执行的条款填写）", "The clause it refers to (of a clause by reference)")),
				maybe(text("project", "项目（按项目设上限的条款填写）", "Project (where the clause limits projects)")),
				maybe(text("award", "奖项、人才或团队代号（人才条款填写）", "Award, talent or team (under the talent clause)")), text("title", "申请事项", "Title")}
			for _, y := range years(s.Policy()) {
				fields = append(fields, field{Name: "requested." + y.String(), Kind: "amount",
					Label: domain.Text{ZH: y.String() + " 年度申请额（元）", EN: "Requested for " + y.String() + " (CNY)"}})
			}
			fields = append(fields,
				field{Name: "distinct_from", Label: domain.Text{ZH: "与其写法相近、但并非同一对象的项目或人才（以分号分隔；通常不填）",
					EN: "Similar names that are something else (a semicolon between them; mostly none)"}, Kind: "text"},
				field{Name: "reason", Label: domain.Text{ZH: "并非同一对象的理由", EN: "Why they are something else"}, Kind: "long"})
			return []draft{{command: "submit_application", fields: fields}}
		}})
}

func (p *Pages) newEnterprise(w http.ResponseWriter, r *http.Request) error {
	return p.answer(w, r, desk{here: "/enterprises", title: domain.Text{ZH: "登记企业", EN: "Register an enterprise"},
		next: func(c domain.Command) string {
			return "/enterprises/" + escape(string(c.(*domain.RegisterEnterprise).Enterprise))
		},
		drafts: func(s *domain.State) []draft {
			industry := field{Name: "industry", Label: domain.Text{ZH: "行业", EN: "Industry"}, Kind: "choice", Required: true}
			for _, i := range s.Policy().Industries {
				industry.Options = append(industry.Options, option{string(i.ID), i.Name})
			}
			return []draft{{command: "register_enterprise", fields: []field{text("enterprise", "统一社会信用代码", "Unified social credit code"), text("name", "企业名称", "Name"), industry}}}
		}})
}

// editEnterprise are the forms about one enterprise.
func (p *Pages) editEnterprise(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	var known bool
	if err := p.server.View(r.Context(), func(s *domain.State, _ uint64) { _, known = s.Enterprise(domain.EnterpriseID(id)) }); err != nil {
		return err
	}
	if !known {
		return projections.ErrNotFound
	}
	e := domain.EnterpriseID(id)
	reason := field{Name: "reason", Label: reasonLabel, Kind: "long", Required: true}
	return p.answer(w, r, desk{here: "/enterprises", title: domain.Text{ZH: "企业 " + id, EN: "Enterprise " + id}, fixed: map[string]string{"enterprise": id},
		next: func(domain.Command) string { return "/enterprises/" + escape(id) },
		drafts: func(s *domain.State) []draft {
			industry := field{Name: "industry", Label: domain.Text{ZH: "更正为", EN: "Of the industry"}, Kind: "choice", Required: true}
			for _, i := range s.Policy().Industries {
				industry.Options = append(industry.Options, option{string(i.ID), i.Name})
			}
			return []draft{
				{"rename_enterprise", []field{text("name", "新名称", "New name")}, func(h domain.Head) domain.Command {
					return &domain.RenameEnterprise{Head: h, Enterprise: e, Title: "-"}
				}},
				{"restrict_credit", []field{reason}, func(h domain.Head) domain.Command {
					return &domain.RestrictCredit{Head: h, Enterprise: e, Reason: "-"}
				}},
				{"restore_credit", []field{reason}, func(h domain.Head) domain.Command {
					return &domain.RestoreCredit{Head: h, Enterprise: e, Reason: "-"}
				}},
				{command: "correct_enterprise", fields: []field{industry, reason,
					{Name: "document", Label: domain.Text{ZH: "文号（可不填）", EN: "Document (may be left out)"}, Kind: "text"}}},
				{"revoke_admission", []field{documentField}, func(h domain.Head) domain.Command {
					return &domain.RevokeAdmission{Head: h, Enterprise: e, Document: "-"}
				}},
				{"admit_beneficiary", []field{documentField,
					{Name: "clauses", Label: domain.Text{ZH: "条款（以分号分隔；不填为全部）", EN: "Clauses (a semicolon between them; none: all)"}, Kind: "text"},
					{Name: "until", Label: domain.Text{ZH: "有效期至（不填为政策期满）", EN: "Until (none: the term's end)"}, Kind: "date"}}, func(h domain.Head) domain.Command {
					return &domain.AdmitBeneficiary{Head: h, Enterprise: e, Document: "-"}
				}},
			}
		}})
}

func (p *Pages) newException(w http.ResponseWriter, r *http.Request) error {
	return p.answer(w, r, desk{here: "/exceptions", title: domain.Text{ZH: "授予更大力度支持（例外）", EN: "Grant stronger support (an exception)"},
		next: func(domain.Command) string { return "/exceptions" },
		drafts: func(s *domain.State) []draft {
			stronger := chosenClause(s, func(c domain.Clause) bool { return c.StrongerSupport })
			subject := text("subject", "对象：企业代码、项目或奖项", "Subject: an enterprise's code, a project or an award")
			year := chosenYear(s, p.today(), &domain.Text{ZH: "总计（按总额设上限的条款）", EN: "in total (of a cap in total)"})
			return []draft{
				{command: "grant_exception", fields: []field{filled(text("exception", "例外编号", "Exception"), newID("X")), stronger, subject, year, amountField(amountLabel), documentField}},
				{command: "revoke_exception", fields: []field{text("exception", "例外编号", "Exception"), amountField(domain.Text{ZH: "撤销金额（元）", EN: "Amount taken back (CNY)"}), documentField}},
			}
		}})
}

func (p *Pages) newAppropriation(w http.ResponseWriter, r *http.Request) error {
	return p.answer(w, r, desk{here: "/appropriations", title: domain.Text{ZH: "设定预算", EN: "Set an appropriation"},
		next: func(domain.Command) string { return "/appropriations" },
		drafts: func(s *domain.State) []draft {
			clause := chosenClause(s, func(domain.Clause) bool { return true })
			clause.Required, clause.Label = false, domain.Text{ZH: "条款（与部门二选一）", EN: "Clause (or a department)"}
			clause.Options = slices.Insert(clause.Options, 0, option{})
			department := field{Name: "department", Label: domain.Text{ZH: "部门（与条款二选一）", EN: "Department (or a clause)"}, Kind: "choice", Options: []option{{}}}
			for _, d := range s.Policy().Departments {
				department.Options = append(department.Options, option{string(d.ID), d.Name})
			}
			year := field{Name: "budget_year", Label: domain.Text{ZH: "预算年度", EN: "Budget year"}, Kind: "text", Required: true, Value: domain.SupportYear(p.today().Year()).String()}
			return []draft{{command: "set_appropriation", fields: []field{year, clause, department, amountField(amountLabel), documentField}}}
		}})
}

func (p *Pages) newAmendment(w http.ResponseWriter, r *http.Request) error {
	return p.answer(w, r, desk{here: "/clauses", title: domain.Text{ZH: "修订条款上限", EN: "Amend a clause's cap"},
		next: func(domain.Command) string { return "/clauses" },
		drafts: func(s *domain.State) []draft {
			own := chosenClause(s, func(c domain.Clause) bool { return len(c.RefersTo) == 0 })
			return []draft{{command: "amend_clause", fields: []field{own, text("cap", "新上限（元；未规定填 none）", "New cap (CNY; none where none is stated)"),
				{Name: "effective_on", Label: domain.Text{ZH: "生效日期", EN: "In force from"}, Kind: "date", Value: p.today().String(), Required: true},
				{Name: "retroactive", Label: domain.Text{ZH: "是否追溯", EN: "Retroactive"}, Kind: "choice", Choices: []string{"false", "true"}}, documentField}}}
		}})
}

// bookPayout records what the treasury has paid already.
func (p *Pages) bookPayout(w http.ResponseWriter, r *http.Request) error {
	return p.answer(w, r, desk{here: "/payouts", title: domain.Text{ZH: "补记已发生的支付与收回", EN: "Book what has already been paid or come back"},
		next: func(domain.Command) string { return "/payouts" },
		drafts: func(s *domain.State) []draft {
			clause := chosenClause(s, func(domain.Clause) bool { return true })
			clause.Required, clause.Options = false, slices.Insert(clause.Options, 0, option{})
			whose := []field{maybe(text("application", "申请编号（有则填写，其下各项留空）", "Application (where there is one, leave the next ones empty)")),
				maybe(text("enterprise", "企业（信用代码）", "Enterprise (credit code)")), clause, maybe(text("project", "项目", "Project")), maybe(text("award", "奖项", "Award"))}
			year := chosenYear(s, p.today(), nil)
			payout := append(append([]field{filled(text("payout", "支付编号", "Payout"), newID("P"))}, whose...), year, amountField(amountLabel),
				field{Name: "paid_on", Label: domain.Text{ZH: "支付日期", EN: "Paid on"}, Kind: "date", Value: p.today().String(), Required: true}, maybe(text("voucher", "凭证号", "Voucher")))
			recovery := append(append([]field{filled(text("recovery", "收回编号", "Recovery"), newID("R")), maybe(text("payout", "支付编号（有则填写）", "Payout (where there is one)"))}, whose[1:]...),
				maybe(year), amountField(amountLabel), field{Name: "cause", Label: domain.Text{ZH: "原因", EN: "Cause"}, Kind: "choice", Choices: []string{"error", "breach"}, Required: true},
				field{Name: "received_on", Label: domain.Text{ZH: "到账日期", EN: "Received on"}, Kind: "date", Value: p.today().String(), Required: true})
			return []draft{{command: "book_payout", fields: payout}, {command: "book_recovery", fields: recovery}}
		}})
}

// reverseRecovery is the form about one recovery.
func (p *Pages) reverseRecovery(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	return p.answer(w, r, desk{here: "/recoveries", title: domain.Text{ZH: "收回 " + id, EN: "Recovery " + id}, fixed: map[string]string{"recovery": id},
		next: func(domain.Command) string { return "/recoveries" },
		drafts: func(*domain.State) []draft {
			return []draft{{"reverse_recovery", []field{{Name: "reason", Label: reasonLabel, Kind: "long", Required: true}}, func(h domain.Head) domain.Command {
				return &domain.ReverseRecovery{Head: h, Recovery: domain.RecoveryID(id), Reason: "-"}
			}}}
		}})
}
