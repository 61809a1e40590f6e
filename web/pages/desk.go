package pages

import (
	"cmp"
	"crypto/rand"
	"net/http"
	"strconv"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
)

// deskBody is a page of forms that make something new.
type deskBody struct{ offers }

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
	var answer *said
	if r.Method == http.MethodPost {
		if answer, err = p.giveNext(w, r, d.fixed, d.next, allowed...); err != nil || answer == nil {
			return err
		}
	}
	return deskSheet.write(p, w, b.answer(pg, answer, r.PostForm), pg, b)
}

// newID proposes an identifier that is not taken; whoever fills in the form may write another.
func newID(prefix string) string { return prefix + "-" + rand.Text()[:10] }

func (p *Pages) newApplication(w http.ResponseWriter, r *http.Request) error {
	return p.answer(w, r, desk{here: "/applications", title: domain.Text{ZH: "提交申请", EN: "Submit an application"},
		next: func(c domain.Command) string {
			return "/applications/" + escape(string(c.(*domain.SubmitApplication).Application))
		},
		drafts: func(s *domain.State) []draft {
			submit := asks(s.Policy(), "submit_application", "application", "enterprise", "clause", "refers_to", "project", "award", "title",
				"requested", "attachments", "distinct_from", "reason").
				filled("application", newID("A"))
			q := r.URL.Query()
			for _, name := range []string{"enterprise", "clause", "refers_to", "project", "award"} {
				submit = submit.filled(name, q.Get(name))
			}
			for i, f := range submit.fields { // the year that it is to be for has to be filled in
				submit.fields[i].Required = f.Required || q.Get("year") != "" && f.Name == "requested."+q.Get("year")
			}
			submit.at("attachments").Most = p.server.FileBytes() >> 20
			return []draft{submit}
		}})
}

func (p *Pages) newEnterprise(w http.ResponseWriter, r *http.Request) error {
	return p.answer(w, r, desk{here: "/enterprises", title: domain.Text{ZH: "登记企业", EN: "Register an enterprise"},
		next: func(c domain.Command) string {
			return "/enterprises/" + escape(string(c.(*domain.RegisterEnterprise).Enterprise))
		},
		drafts: func(s *domain.State) []draft {
			return []draft{asks(s.Policy(), "register_enterprise", "enterprise", "name", "industry")}
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
	return p.answer(w, r, desk{here: "/enterprises", title: domain.Text{ZH: "企业 " + id, EN: "Enterprise " + id}, fixed: map[string]string{"enterprise": id},
		next: func(domain.Command) string { return "/enterprises/" + escape(id) },
		drafts: func(s *domain.State) []draft {
			policy := s.Policy()
			return []draft{
				asks(policy, "rename_enterprise", "name").tried(func(h domain.Head) domain.Command {
					return &domain.RenameEnterprise{Head: h, Enterprise: e, Title: "-"}
				}),
				asks(policy, "record_payee_account", "holder", "account", "bank", "reason").filled("holder", nameOf(s, e)).tried(func(h domain.Head) domain.Command {
					return &domain.RecordPayeeAccount{Head: h, Enterprise: e, Holder: "-", Reason: "-"}
				}),
				asks(policy, "restrict_credit", "reason").tried(func(h domain.Head) domain.Command {
					return &domain.RestrictCredit{Head: h, Enterprise: e, Reason: "-"}
				}),
				asks(policy, "restore_credit", "reason").tried(func(h domain.Head) domain.Command {
					return &domain.RestoreCredit{Head: h, Enterprise: e, Reason: "-"}
				}),
				asks(policy, "correct_enterprise", "industry", "reason", "document"),
				asks(policy, "revoke_admission", "document").tried(func(h domain.Head) domain.Command {
					return &domain.RevokeAdmission{Head: h, Enterprise: e, Document: "-"}
				}),
				asks(policy, "admit_beneficiary", "document", "clauses", "until").tried(func(h domain.Head) domain.Command {
					return &domain.AdmitBeneficiary{Head: h, Enterprise: e, Document: "-"}
				}),
			}
		}})
}

func (p *Pages) newException(w http.ResponseWriter, r *http.Request) error {
	return p.answer(w, r, desk{here: "/exceptions", title: domain.Text{ZH: "授予更大力度支持（例外）", EN: "Grant stronger support (an exception)"},
		next: func(domain.Command) string { return "/exceptions" },
		drafts: func(s *domain.State) []draft {
			grant := asks(s.Policy(), "grant_exception", "exception", "clause", "subject", "support_year", "amount", "document").
				filled("exception", newID("X")).filled("support_year", p.thisYear())
			grant.at("support_year").Options[0].Label = domain.Text{ZH: "总计（按总额设上限的条款）", EN: "in total (of a cap in total)"}
			return []draft{grant, asks(s.Policy(), "revoke_exception", "exception", "amount", "document")}
		}})
}

func (p *Pages) newAppropriation(w http.ResponseWriter, r *http.Request) error {
	return p.answer(w, r, desk{here: "/appropriations", title: domain.Text{ZH: "设定预算", EN: "Set an appropriation"},
		next: func(domain.Command) string { return "/appropriations" },
		drafts: func(s *domain.State) []draft {
			return []draft{asks(s.Policy(), "set_appropriation", "budget_year", "clause", "department", "kind", "amount", "document").
				filled("budget_year", p.thisYear())}
		}})
}

// newClosing closes a budget year, carries over what it has left, or opens it again. What the treasury's files and the payouts differ by stands in the
// form's note: whoever closes writes it down themselves.
func (p *Pages) newClosing(w http.ResponseWriter, r *http.Request) error {
	return p.answer(w, r, desk{here: "/closings", title: domain.Text{ZH: "封账、结转与重开", EN: "Close, carry over, reopen"},
		next: func(domain.Command) string { return "/closings" },
		drafts: func(s *domain.State) []draft {
			year := cmp.Or(r.URL.Query().Get("year"), strconv.Itoa(p.today().Year()-1))
			last, _ := strconv.Atoi(year) // what is no year is the form's to refuse
			return []draft{asks(s.Policy(), "close_budget_year", "year", "document", "differences", "difference_amount").filled("year", year),
				asks(s.Policy(), "carry_over", "from", "to", "clause", "department", "amount", "document").filled("from", year).filled("to", strconv.Itoa(last+1)),
				asks(s.Policy(), "reopen_budget_year", "year", "document", "reason")}
		}})
}

func (p *Pages) newAmendment(w http.ResponseWriter, r *http.Request) error {
	return p.answer(w, r, desk{here: "/clauses", title: domain.Text{ZH: "修订条款上限", EN: "Amend a clause's cap"},
		next: func(domain.Command) string { return "/clauses" },
		drafts: func(s *domain.State) []draft {
			amend := asks(s.Policy(), "amend_clause", "clause", "cap", "effective_on", "retroactive", "document").
				filled("effective_on", p.today().String())
			amend.at("cap").Required = true // none has to be said: an empty field would be a cap taken away by mistake
			return []draft{amend}
		}})
}

// bookPayout records what the treasury has paid already.
func (p *Pages) bookPayout(w http.ResponseWriter, r *http.Request) error {
	return p.answer(w, r, desk{here: "/payouts", title: domain.Text{ZH: "补记已发生的支付与收回", EN: "Book what has already been paid or come back"},
		next: func(domain.Command) string { return "/payouts" },
		drafts: func(s *domain.State) []draft {
			payout := asks(s.Policy(), "book_payout", "payout", "application", "enterprise", "clause", "project", "award", "support_year", "amount",
				"paid_on", "voucher").
				filled("payout", newID("P")).filled("support_year", p.thisYear()).filled("paid_on", p.today().String())
			recovery := asks(s.Policy(), "book_recovery", "recovery", "payout", "enterprise", "clause", "project", "award", "support_year", "amount",
				"cause", "received_on").
				filled("recovery", newID("R")).filled("support_year", p.thisYear()).filled("received_on", p.today().String())
			return []draft{payout, recovery}
		}})
}

func (p *Pages) thisYear() string { return domain.SupportYear(p.today().Year()).String() }

// reverseRecovery is the form about one recovery.
func (p *Pages) reverseRecovery(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	return p.answer(w, r, desk{here: "/recoveries", title: domain.Text{ZH: "收回 " + id, EN: "Recovery " + id}, fixed: map[string]string{"recovery": id},
		next: func(domain.Command) string { return "/recoveries" },
		drafts: func(s *domain.State) []draft {
			return []draft{asks(s.Policy(), "reverse_recovery", "reason").tried(func(h domain.Head) domain.Command {
				return &domain.ReverseRecovery{Head: h, Recovery: domain.RecoveryID(id), Reason: "-"}
			})}
		}})
}
