package domain

import (
	"fmt"
	"slices"
	"strings"
)

// Describe says in a sentence what happened, in both languages: the amounts and names that matter, nothing that the event
// does not say.
func Describe(e Event) Text { return e.describe() }

// DescribeUnder is [Describe], with industries, facts and their values by what a policy calls them; nil: as their ids.
func DescribeUnder(p *Policy, e Event) Text {
	return Text{ZH: p.calledIn("zh", e).describe().ZH, EN: p.calledIn("en", e).describe().EN}
}

// calledIn is an event with what a policy has names for called so in a language: for sentences alone.
func (p *Policy) calledIn(lang string, e Event) Event {
	switch e := e.(type) {
	case *EnterpriseCorrected:
		named := *e
		for _, id := range []*IndustryID{&named.Previous, &named.Industry} {
			if name, known := p.Called("industry", string(*id)); known {
				*id = IndustryID(name.In(lang))
			}
		}
		return &named
	case *FactRecorded:
		named := *e
		p.callFact(lang, &named.Fact, &named.Value)
		return &named
	case *FactCorrected:
		named := *e
		p.callFact(lang, &named.Fact, &named.Previous, &named.Value)
		return &named
	}
	return e
}

// callFact puts what a fact and its values are called in a language in their place.
func (p *Policy) callFact(lang string, id *FactID, values ...*string) {
	if p == nil {
		return
	}
	f, known := p.Fact(*id)
	if !known {
		return
	}
	*id = FactID(f.Name.In(lang))
	for _, value := range values {
		*value = p.Shown(f, *value).In(lang)
	}
}

// both is a sentence in both languages: codes by their words, amounts with commas between thousands, a cap that is not
// stated as a dash.
func both(zh, en string, args ...any) Text {
	inChinese, inEnglish := slices.Clone(args), slices.Clone(args)
	for i, arg := range args {
		word := Text{}
		switch value := arg.(type) {
		case interface{ Text() Text }:
			word = value.Text()
		case Text:
			word = value
		case Money:
			word.ZH = grouped(value.String())
		case Ceiling:
			if word.ZH = "–"; value.Stated {
				word.ZH = grouped(value.Amount.String())
			}
		case SupportYear:
			if word.ZH = value.String(); value == 0 {
				word = Text{"合计", "total"}
			}
		default:
			continue
		}
		inChinese[i], inEnglish[i] = word.In("zh"), word.In("en")
	}
	return Text{fmt.Sprintf(zh, inChinese...), fmt.Sprintf(en, inEnglish...)}
}

func reasoned(zh, en, reason string) Text {
	if reason == "" {
		return Text{zh, en}
	}
	return Text{zh + "：" + reason, en + ": " + reason}
}

// schedule is amounts by support year, as a sentence tells them.
type schedule []Instalment

// Text is each year with its amount.
func (list schedule) Text() Text {
	zh, en := make([]string, len(list)), make([]string, len(list))
	for i, part := range list {
		amount := grouped(part.Amount.String())
		zh[i], en[i] = part.SupportYear.String()+" 年度 "+amount, amount+" for "+part.SupportYear.String()
	}
	return Text{strings.Join(zh, "；"), strings.Join(en, "; ")}
}
