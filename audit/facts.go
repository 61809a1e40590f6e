package audit

import (
	"slices"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/wire"
)

// facts gathers the findings that events carry: the rules that a recorded fact breaks, one finding a rule and support year.
type facts struct {
	policy *domain.Policy // that of all policies together
	made   []domain.Event // what made it
	of     map[string]*gathering
}

func newFacts() facts { return facts{of: map[string]*gathering{}} }

// elsewhere are the rules whose breach is told by a kind of its own, which sees more than the event that broke it.
var elsewhere = []string{domain.CodeFourEyes, domain.CodeCreditRestricted, domain.CodeLooksLike}

func (f *facts) take(e *wire.Entry) {
	switch e.Event.(type) {
	case *domain.PolicyPublished, *domain.PolicyAmended:
		f.made = append(f.made, e.Event)
		f.policy = domain.PolicyMade(f.made)
	}
	for _, broken := range domain.FindingsOf(e.Event) {
		if slices.Contains(elsewhere, broken.Code) {
			continue
		}
		if f.of[broken.Code] == nil {
			f.of[broken.Code] = gather(broken.Code)
		}
		about, year, amount := factOf(e.Event, broken)
		message := (&domain.Refusal{Code: broken.Code, Rule: broken.Rule, Figures: broken.Figures}).Under(f.policy).Message()
		f.of[broken.Code].about("year "+year, "year", year).add(about, amount, []uint64{e.Seq}, "event", e.Event.Name(), "amount", amount.String(),
			"rule", broken.Rule, "message_zh", message.ZH, "message_en", message.EN)
	}
}

// factOf is what a broken rule is about: the thing, the support year and the amount; of a budget that is too small, its year and what is missing.
func factOf(event domain.Event, broken domain.Finding) (about, year string, amount domain.Money) {
	if broken.Code == domain.CodeBudgetExceeded || broken.Code == domain.CodeAppropriationCommitted {
		year = broken.Figures["budget_year"]
		amount, _ = domain.ParseMoney(broken.Figures["short_by"])
		return "budget " + broken.Figures["scope"] + " " + year, year, amount
	}
	c := domain.Concerns(event)
	for _, y := range c.Years {
		year = y.String()
		break
	}
	about = "application " + string(c.Application)
	if g, grants := domain.GrantedBy(event); grants && (broken.Code == domain.CodeOutsideDistrict || broken.Code == domain.CodeOwesMoney || broken.Code == domain.CodeRateExceeded) { // of all that it grants
		for _, i := range g.Instalments {
			amount = amount.Add(i.Amount)
		}
		return about, year, amount
	}
	switch v := event.(type) {
	case *domain.PayoutMade:
		about, amount = "payout "+string(v.Payout), v.Amount
	case *domain.PayoutBooked:
		about, amount = "payout "+string(v.Payout), v.Amount
	case *domain.ReturnReversed:
		about, amount = "payout "+string(v.Payout), v.Amount
	case *domain.RecoveryBooked:
		about, amount = "recovery "+string(v.Recovery), v.Amount
	case *domain.RecoveryReceived:
		about, amount = "recovery "+string(v.Recovery), v.Amount
	case *domain.RecoveryReversed:
		about, amount = "recovery "+string(v.Recovery), v.Amount
	case *domain.EnterpriseCorrected, *domain.AdmissionRevoked, *domain.FactRecorded, *domain.FactCorrected: // of all that stands under one clause for one year
		about, year = "enterprise "+string(c.Enterprise)+" under "+broken.Figures["clause"], broken.Figures["year"]
		amount, _ = domain.ParseMoney(broken.Figures["use"])
	case *domain.ApplicationApproved, *domain.ApprovalSupplemented, *domain.ApplicationAmended: // of one of its years
		year = broken.Figures["year"]
		amount, _ = domain.ParseMoney(broken.Figures["asked"])
	case *domain.ApplicationMoved:
		for _, i := range v.Unpaid {
			amount = amount.Add(i.Amount)
		}
	}
	return about, year, amount
}

func (f *facts) findings() (list []Finding) {
	for _, k := range asked {
		if g := f.of[k.code]; g != nil {
			list = append(list, g.findings(1)...)
		}
	}
	return list
}
