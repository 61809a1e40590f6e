package wire

import (
	"errors"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/fundledger/fundledger/domain"
)

// Begin is a command of a verb with an id and, unless it is "", a business date; [Fill] fills in the rest.
func Begin(verb, id, date string) (domain.Command, *domain.Refusal) {
	c, r := blank(verb)
	if r != nil {
		return nil, r
	}
	head := domain.HeadOf(c)
	if head.ID = domain.CommandID(id); !utf8.ValidString(id) {
		return nil, domain.NewRefusal(domain.CodeFieldInvalid, "field", "id", "reason", domain.ReasonUnreadableInput)
	}
	if date == "" {
		return c, nil
	}
	return c, unreadText("date", head.Date.UnmarshalText([]byte(date)))
}

// blank is an empty command of a verb. What is given on the command line only, as a file, is refused.
func blank(verb string) (domain.Command, *domain.Refusal) {
	if verb == "" {
		return nil, domain.NewRefusal(domain.CodeFieldMissing, "field", "command")
	}
	v, ok := domain.VerbNamed(verb)
	if !ok {
		return nil, domain.NewRefusal(domain.CodeCommandUnknown, "command", verb)
	}
	if v.Local {
		return nil, domain.NewRefusal(domain.CodeCommandLineOnly, "command", verb)
	}
	return v.New(), nil
}

// Fill writes what a person wrote into a field of a command, without a shape in between. A list is several texts: names as they
// are, instalments as "2025=1000000.00", what is to be paid back as "2026-03-31=1000000.00", scores as "indicator=85.5", attachments as "name=digest"; no cap is "none" or "不设", all industries
// are "all" or "全部". Amounts may have commas between groups of three. What does
// not fit the field is refused as it is where a command comes as JSON.
func Fill(c domain.Command, name string, texts ...string) *domain.Refusal {
	verb, _ := domain.VerbNamed(c.Name())
	field, ok := verb.Field(name)
	if !ok || field.Kind == domain.PolicyField {
		return domain.NewRefusal(domain.CodeFieldUnknown, "command", c.Name(), "field", name)
	}
	to, text := memberOf(c, name), strings.Join(texts, "; ")
	invalid := func(reason domain.Reason) *domain.Refusal {
		return domain.NewRefusal(domain.CodeFieldInvalid, "field", name, "value", strings.ToValidUTF8(text, "\uFFFD"), "reason", reason)
	}
	if !utf8.ValidString(text) {
		return invalid(domain.ReasonUnreadableInput)
	}
	switch field.Kind {
	case domain.YearField, domain.NumberField:
		n, err := strconv.ParseUint(text, 10, 31)
		if err != nil || to.CanUint() && to.OverflowUint(n) {
			return invalid(domain.ReasonWhole)
		}
		to.Set(reflect.ValueOf(n).Convert(to.Type()))
	case domain.FlagField:
		if text != "true" && text != "false" {
			return invalid(domain.ReasonTrueOrFalse)
		}
		to.SetBool(text == "true")
	case domain.AmountField:
		return unreadText(name, to.Addr().Interface().(*domain.Money).UnmarshalText([]byte(domain.PlainAmount(text))))
	case domain.DateField:
		return unreadText(name, to.Addr().Interface().(*domain.Date).UnmarshalText([]byte(text)))
	case domain.CapField:
		cap := domain.NewCap{Given: true}
		if cap.Stated = !Uncapped(text); cap.Stated {
			if r := unreadText(name, cap.Amount.UnmarshalText([]byte(domain.PlainAmount(text)))); r != nil {
				return r
			}
		}
		to.Set(reflect.ValueOf(cap))
	case domain.NamesField:
		if name == "industries" && Every(text) {
			to.Set(reflect.MakeSlice(to.Type(), 0, 0))
			break
		}
		for _, one := range texts {
			to.Set(reflect.Append(to, reflect.ValueOf(one).Convert(to.Type().Elem())))
		}
	case domain.InstalmentsField:
		list := make([]domain.Instalment, len(texts))
		for i, one := range texts {
			year, amount, _ := strings.Cut(one, "=")
			n, err := strconv.ParseUint(year, 10, 16)
			if err != nil {
				return invalid(domain.ReasonInstalments)
			}
			list[i].SupportYear = domain.SupportYear(n)
			if r := unreadText(name+"."+strconv.Itoa(i)+".amount", list[i].Amount.UnmarshalText([]byte(domain.PlainAmount(amount)))); r != nil {
				return r
			}
		}
		to.Set(reflect.ValueOf(list))
	case domain.RepaymentsField:
		list := make([]domain.Repayment, len(texts))
		for i, one := range texts {
			day, amount, _ := strings.Cut(repaymentSigns.Replace(one), "=")
			amount = strings.TrimSpace(amount)
			if list[i].DueOn.UnmarshalText([]byte(strings.TrimSpace(day))) != nil {
				return invalid(domain.ReasonRepayments)
			}
			if r := unreadText(name+"."+strconv.Itoa(i)+".amount", list[i].Amount.UnmarshalText([]byte(domain.PlainAmount(amount)))); r != nil {
				return r
			}
		}
		to.Set(reflect.ValueOf(list))
	case domain.ScoresField:
		list := make([]domain.Score, len(texts))
		for i, one := range texts {
			indicator, score, parted := strings.Cut(repaymentSigns.Replace(one), "=")
			if !parted {
				return invalid(domain.ReasonScores)
			}
			list[i] = domain.Score{Indicator: domain.IndicatorID(strings.Trim(indicator, " ")), Score: strings.Trim(score, " ")}
		}
		to.Set(reflect.ValueOf(list))
	case domain.AttachmentsField:
		list := make([]domain.Attachment, len(texts))
		for i, one := range texts {
			at := strings.LastIndexByte(one, '=')
			if at < 0 {
				return invalid(domain.ReasonAttachments)
			}
			list[i] = domain.Attachment{Name: one[:at], SHA256: one[at+1:]}
		}
		to.Set(reflect.ValueOf(list))
	default:
		to.SetString(text)
	}
	return nil
}

// repaymentSigns are the signs that may stand between a day and an amount, and an indicator and its score.
var repaymentSigns = strings.NewReplacer(":", "=", "：", "=")

// memberOf is the field of a command that has a name in JSON.
func memberOf(c domain.Command, name string) reflect.Value {
	v := reflect.ValueOf(c).Elem()
	for i := range v.NumField() {
		if tag, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ","); tag == name {
			return v.Field(i)
		}
	}
	panic("wire: the verb " + c.Name() + " has a field that its command has not: " + name)
}

// unreadText is why a text is no amount or no date; nil where it is another error, or none.
func unreadText(field string, err error) *domain.Refusal {
	var amount *domain.AmountError
	var date *domain.DateError
	switch {
	case errors.As(err, &amount):
		return amount.Refusal(field)
	case errors.As(err, &date):
		return domain.NewRefusal(domain.CodeFieldInvalid, "field", field, "value", date.Text, "reason", domain.ReasonDate)
	}
	return nil
}

// Every reports whether a text says that a clause serves all industries: an empty one leaves them as they are.
func Every(text string) bool { return text == "all" || text == "全部" }

// Uncapped reports whether a text says that there is no cap: an empty one never does, for it would be a cap taken away by mistake.
func Uncapped(text string) bool { return text == "none" || text == "不设" }
