package replay

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/fundledger/fundledger/domain"
)

// changes are the fields that differ between two standings, in a fixed order.
func changes(before, after *Standing) []Change {
	return slices.DeleteFunc(Beside(before, after), func(c Change) bool { return c.Before == c.After })
}

// Beside is two standings field by field, in the order of the fields' names: what differs, and what does not. A field that one of them
// has not is empty there; a standing that is nil has none.
func Beside(one, other *Standing) []Change {
	list := []Change{}
	a, b := fields(one), fields(other)
	names := maps.Clone(a)
	maps.Copy(names, b)
	for _, name := range slices.Sorted(maps.Keys(names)) {
		list = append(list, Change{Field: name, Before: a[name], After: b[name]})
	}
	return list
}

// fields are a standing's values by name, as they are shown.
func fields(s *Standing) map[string]string {
	f := map[string]string{}
	if s == nil {
		return f
	}
	set := func(name, value string) {
		if value != "" {
			f[name] = value
		}
	}
	set("state", string(s.State))
	set("suspended", yes(s.Suspended))
	set("submitted_on", s.SubmittedOn.String())
	set("approved_on", s.ApprovedOn.String())
	set("department", string(s.Department))
	set("enterprise_name", s.Name)
	set("credit_restricted", yes(s.Restricted))
	set("admitted", yes(s.Admitted))
	if s.Reviews > 0 {
		set("reviews", fmt.Sprint(s.Reviews))
	}
	for _, i := range s.Requested {
		set("requested."+i.SupportYear.String(), i.Amount.String())
	}
	for _, i := range s.Instalments {
		set("approved."+i.SupportYear.String(), i.Amount.String())
		set("paid."+i.SupportYear.String(), i.Paid.String())
	}
	for d, persons := range s.Duties {
		names := make([]string, len(persons))
		for n, p := range persons {
			names[n] = string(p)
		}
		set("duty."+string(d), strings.Join(names, ", "))
	}
	return f
}

func yes(b bool) string {
	if b {
		return "true"
	}
	return ""
}

// commandRules are the rules that judge each command, besides those of every command (R1, R9, R11, R14).
var commandRules = map[string][]string{
	"publish_policy": {"R7"}, "amend_clause": {"R7"}, "register_enterprise": {"R10"}, "rename_enterprise": {"R10"}, "restrict_credit": {"R10"},
	"restore_credit": {"R10"}, "admit_beneficiary": {"R9", "R10"}, "submit_application": {"R8", "R10"}, "accept_application": {"R9"},
	"return_application": {"R12"}, "withdraw_application": {"R12"}, "suspend_application": {"R3", "R9"}, "resume_application": {"R3", "R9"},
	"record_review": {"R9"}, "approve_application": {"R2", "R5", "R7", "R8", "R9", "R10"}, "reject_application": {"R9"},
	"reduce_approval": {"R9", "R12"}, "release_approval": {"R9", "R12"}, "grant_exception": {"R6"}, "revoke_exception": {"R6", "R12"},
	"make_payout": {"R3", "R7", "R9", "R10"}, "book_payout": {"R3"}, "book_recovery": {"R4"}, "return_payout": {"R12"}, "order_clawback": {"R4"},
	"waive_clawback": {"R4", "R9"}, "receive_recovery": {"R4", "R5"}, "reverse_recovery": {"R5", "R12"}, "set_appropriation": {"R9"}, "dispose_finding": {"R9"},
	"record_treasury_payment": {"R11", "R14"}, "void_treasury_payment": {"R12"}, "rotate_checkpoint_key": {"R12"},
}

func rulesFor(command string) []string { return commandRules[command] }

// why says in a sentence what allowed a step, with the figures of the moment.
func why(s Step) domain.Text {
	rules := strings.Join(s.Rules, "、")
	text := domain.Text{ZH: "依据 " + rules, EN: "by " + strings.Join(s.Rules, ", ")}
	switch e := s.Happened.(type) {
	case *domain.ApplicationApproved:
		for _, b := range e.Basis {
			headroom := ""
			if b.HeadroomAfter != nil {
				headroom = b.HeadroomAfter.String()
			}
			if headroom == "" {
				text.ZH += fmt.Sprintf(";%s:本条款未规定上限,批准 %s", b.SupportYear, b.Asked)
				text.EN += fmt.Sprintf("; %s: the clause states no cap, %s approved", b.SupportYear, b.Asked)
				continue
			}
			text.ZH += fmt.Sprintf(";%s:上限 %s,例外 %s,已用 %s,批准 %s,余 %s", b.SupportYear, b.Cap, b.Exceptions, b.Use, b.Asked, headroom)
			text.EN += fmt.Sprintf("; %s: cap %s, exceptions %s, use %s, approved %s, headroom left %s", b.SupportYear, b.Cap, b.Exceptions, b.Use, b.Asked, headroom)
		}
	case *domain.PayoutMade:
		if part, ok := s.instalment(e.SupportYear); ok {
			text.ZH += fmt.Sprintf(";%s 年度核定 %s,此前已付 %s,本次 %s", e.SupportYear, part.Amount, part.Paid, e.Amount)
			text.EN += fmt.Sprintf("; instalment %s of %s, %s paid before, %s now", e.SupportYear, part.Amount, part.Paid, e.Amount)
		}
	case *domain.PayoutBooked:
		text = domain.Text{ZH: "事实入账,不因规则而拒绝(R3)", EN: "a fact is booked whatever the rules say (R3)"}
		for _, f := range e.Findings {
			text.ZH += ";违反 " + f.Code
			text.EN += "; breaks " + f.Code
		}
	}
	return text
}

func (s Step) instalment(y domain.SupportYear) (Instalment, bool) {
	if s.Before == nil {
		return Instalment{}, false
	}
	i := slices.IndexFunc(s.Before.Instalments, func(x Instalment) bool { return x.SupportYear == y })
	if i < 0 {
		return Instalment{}, false
	}
	return s.Before.Instalments[i], true
}

// reasonOf is what the giver of a command said about it: a reason, a comment or a document.
func reasonOf(command domain.Command) string {
	switch c := command.(type) {
	case *domain.RecordReview:
		return c.Comment
	case *domain.ApproveApplication:
		return c.Reason
	case *domain.RejectApplication:
		return c.Reason
	case *domain.AcceptApplication:
		return c.Reason
	case *domain.ReturnApplication:
		return c.Reason
	case *domain.WithdrawApplication:
		return c.Reason
	case *domain.SuspendApplication:
		return c.Reason
	case *domain.ResumeApplication:
		return c.Reason
	case *domain.ReduceApproval:
		return c.Reason
	case *domain.ReleaseApproval:
		return c.Reason
	case *domain.ReturnPayout:
		return c.Reason
	case *domain.OrderClawback:
		return c.Reason
	case *domain.ReverseRecovery:
		return c.Reason
	case *domain.RestrictCredit:
		return c.Reason
	case *domain.RestoreCredit:
		return c.Reason
	case *domain.AdmitBeneficiary:
		return c.Document
	case *domain.GrantException:
		return c.Document
	case *domain.RevokeException:
		return c.Document
	case *domain.WaiveClawback:
		return c.Document
	}
	return ""
}

// concernOfCommand is what a command is about, as far as the state knows it.
func (r *replayer) concernOfCommand(command domain.Command) Concern {
	switch c := command.(type) {
	case *domain.RegisterEnterprise:
		return Concern{Enterprise: c.Enterprise}
	case *domain.RenameEnterprise:
		return Concern{Enterprise: c.Enterprise}
	case *domain.RestrictCredit:
		return Concern{Enterprise: c.Enterprise}
	case *domain.RestoreCredit:
		return Concern{Enterprise: c.Enterprise}
	case *domain.AdmitBeneficiary:
		return Concern{Enterprise: c.Enterprise}
	case *domain.SubmitApplication:
		if a, known := r.state.Application(c.Application); known {
			return onCharge(c.Application, a.Charge, yearsOf(c.Requested)...)
		}
		return Concern{Application: c.Application, Enterprise: c.Enterprise}
	case *domain.ApproveApplication:
		return r.onApplication(c.Application, yearsOf(c.Instalments)...)
	case *domain.ReduceApproval:
		return r.onApplication(c.Application, c.SupportYear)
	case *domain.ReleaseApproval:
		return r.onApplication(c.Application, c.SupportYear)
	case *domain.MakePayout:
		return r.onApplication(c.Application, c.SupportYear)
	case *domain.BookPayout:
		if c.Application == "" {
			return Concern{Enterprise: c.Enterprise}
		}
		return r.onApplication(c.Application, c.SupportYear)
	case *domain.GrantException:
		if e := domain.EnterpriseID(c.Subject); e != "" {
			return Concern{Enterprise: e}
		}
	}
	if id, ok := applicationOf(command); ok {
		return r.onApplication(id)
	}
	return r.onPayout(command)
}

func applicationOf(command domain.Command) (domain.ApplicationID, bool) {
	switch c := command.(type) {
	case *domain.AcceptApplication:
		return c.Application, true
	case *domain.ReturnApplication:
		return c.Application, true
	case *domain.WithdrawApplication:
		return c.Application, true
	case *domain.SuspendApplication:
		return c.Application, true
	case *domain.ResumeApplication:
		return c.Application, true
	case *domain.RecordReview:
		return c.Application, true
	case *domain.RejectApplication:
		return c.Application, true
	}
	return "", false
}

func (r *replayer) onApplication(id domain.ApplicationID, years ...domain.SupportYear) Concern {
	if a, known := r.state.Application(id); known {
		return onCharge(id, a.Charge, years...)
	}
	return Concern{Application: id}
}

// onPayout is what a command about a payout, a clawback or a recovery concerns.
func (r *replayer) onPayout(command domain.Command) Concern {
	id := domain.PayoutID("")
	switch c := command.(type) {
	case *domain.ReturnPayout:
		id = c.Payout
	case *domain.OrderClawback:
		id = c.Payout
	case *domain.BookRecovery:
		if id = c.Payout; id == "" {
			return Concern{Enterprise: c.Enterprise}
		}
	case *domain.WaiveClawback:
		order, _ := r.state.Clawback(c.Clawback)
		id = order.Payout
	case *domain.ReceiveRecovery:
		order, _ := r.state.Clawback(c.Clawback)
		id = order.Payout
	}
	p, known := r.state.Payout(id)
	if !known {
		return Concern{}
	}
	return onCharge(p.Application, p.Charge, p.SupportYear)
}
