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

// why says in a sentence what allowed a step, with the figures of the moment.
func why(s Step) domain.Text {
	rules := strings.Join(s.Rules, "、")
	text := domain.Text{ZH: "依据 " + rules, EN: "by " + strings.Join(s.Rules, ", ")}
	switch e := s.Happened.(type) {
	case *domain.ApplicationApproved, *domain.ApprovalSupplemented:
		granted, _ := domain.GrantedBy(e)
		for _, b := range granted.Basis {
			headroom := ""
			if b.HeadroomAfter != nil {
				headroom = b.HeadroomAfter.String()
			}
			if headroom == "" {
				text.ZH += fmt.Sprintf("；%s：本条款未规定上限，批准 %s", b.SupportYear, b.Asked)
				text.EN += fmt.Sprintf("; %s: the clause states no cap, %s approved", b.SupportYear, b.Asked)
				continue
			}
			text.ZH += fmt.Sprintf("；%s：上限 %s，例外 %s，已用 %s，批准 %s，余 %s", b.SupportYear, b.Cap, b.Exceptions, b.Use, b.Asked, headroom)
			text.EN += fmt.Sprintf("; %s: cap %s, exceptions %s, use %s, approved %s, headroom left %s", b.SupportYear, b.Cap, b.Exceptions, b.Use, b.Asked, headroom)
		}
	case *domain.PayoutMade:
		if part, ok := s.instalment(e.SupportYear); ok {
			text.ZH += fmt.Sprintf("；%s 年度核定 %s，此前已付 %s，本次 %s", e.SupportYear, part.Amount, part.Paid, e.Amount)
			text.EN += fmt.Sprintf("; instalment %s of %s, %s paid before, %s now", e.SupportYear, part.Amount, part.Paid, e.Amount)
		}
		if e.KeptBack.Positive() {
			text.ZH += fmt.Sprintf("；企业有逾期欠款，从中抵扣 %s，实付 %s", e.KeptBack, e.Amount.Sub(e.KeptBack))
			text.EN += fmt.Sprintf("; the enterprise owes money: %s of it is kept back, %s is paid", e.KeptBack, e.Amount.Sub(e.KeptBack))
		}
	case *domain.PayoutBooked:
		text = domain.Text{ZH: "事实入账，不因规则而拒绝（R3）", EN: "a fact is booked whatever the rules say (R3)"}
		for _, f := range e.Findings {
			text.ZH += "；违反 " + f.Code
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
