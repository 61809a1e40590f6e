package pages

import (
	"cmp"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/tabular"
	"github.com/fundledger/fundledger/words"
)

// What cannot be taken back (see [domain.Verb.Final]) is given in two steps. A form that is sent shows what the command would do; what is sent from there
// books it. Both steps are one command on a condition that is asked on the very state which the command is decided on: it is booked where what it
// would do there is what was shown, and is shown (again) where it is not. So no figure is computed twice, a command that the rules refuse is refused and
// kept as any other, and one that was booked before is answered by its outcome.

// reviewedField is the field of a form that says what was shown; stepField the one by which the person goes back to the form, fitField the one by
// which they take the amount that fits, as name=value.
const (
	reviewedField = "reviewed"
	stepField     = "step"
	stepEdit      = "edit"
	fitField      = "fit"
)

// review is the second step of a form: what a command would do.
type review struct {
	Command  string
	Sent     []option       // the form's values, to be sent again
	Reviewed string         // what is shown, as a digest
	Again    bool           // something else was shown before
	Amount   domain.Ceiling // that moves; unstated where none does
	Facts    []fact         // what the command says, in the words of its fields
	Changes  []change
	Bars     []drawn
	Over     []overLine // accounts that it carries over what they must hold, or further over it
	More     int        // of them that are not shown
	Groups   []overLine // groups that it carries over what they may use together, or further over it
	Duties   map[domain.Duty][]domain.PersonID
	MadeGood []string // the verbs by which it is made good
	Room     *headroom
}

// change is a figure or a state, now and after.
type change struct {
	Label, Was, Is, By string // By is "" where it does not move, or is no amount
	Moved              bool
}

// overLine is an account that is over what it must hold.
type overLine struct {
	Clause   domain.ClauseID
	Kind     domain.SubjectKind
	Subject  string // of a group its first member
	Name     string // of an enterprise
	Members  int    // of a group
	Year     domain.SupportYear
	Was, Is  domain.Money
	Headroom domain.Ceiling
}

// shownOver is how many of those accounts a review shows.
const shownOver = 200

// shown is what a command would do in the words of a language, with the form's values to send again.
func (w *weighed) shown(p *domain.Policy, sent url.Values, lang string) *review {
	verb, _ := domain.VerbNamed(w.command.Name())
	r := &review{Command: verb.Name, Reviewed: w.digest(), MadeGood: verb.MadeGood, Over: w.over[:min(len(w.over), shownOver)], Groups: w.groups[:min(len(w.groups), shownOver)],
		Changes: w.changes(p, lang), Bars: drawnOf(w.levels[0], w.levels[1], lang)}
	r.More = len(w.over) - len(r.Over)
	r.Again = sent.Get(reviewedField) != "" && sent.Get(reviewedField) != r.Reviewed
	for _, name := range slices.Sorted(maps.Keys(sent)) {
		if name != reviewedField && name != stepField {
			r.Sent = append(r.Sent, kept(name, sent.Get(name)))
		}
	}
	if w.standing[1] != nil {
		r.Duties = w.standing[1].Duties
	}
	if len(w.rooms) > 0 {
		r.Room = &headroom{Rooms: w.rooms}
	}
	r.Facts = w.facts(p, verb, lang)
	for i, f := range r.Facts { // whoever typed a bank account's number looks at it again; nobody else is shown it
		if f.Field == "account" && sent.Get("account") != "" {
			r.Facts[i].After = sent.Get("account")
		}
	}
	fields := fieldsOf(w.command)
	for _, f := range verb.Fields {
		if f.Kind != domain.AmountField && f.Kind != domain.CapField || f.Name == "difference_amount" || r.Amount.Stated {
			continue
		}
		if m, err := domain.ParseMoney(fields[f.Name]); err == nil {
			r.Amount = domain.Stated(m)
		}
	}
	var granted []domain.Instalment
	switch c := w.command.(type) {
	case *domain.ApproveApplication:
		granted = c.Instalments
	case *domain.SupplementApproval:
		granted = c.Instalments
	default:
		return r
	}
	var sum domain.Money
	for _, i := range granted {
		sum = sum.Add(i.Amount)
	}
	r.Amount = domain.Stated(sum)
	return r
}

var payeeLabel = domain.Text{ZH: "收款账户", EN: "Bank account"}

// facts are what a command says.
func (w *weighed) facts(p *domain.Policy, verb domain.Verb, lang string) (list []fact) {
	fields := fieldsOf(w.command)
	if w.payee.ZH != "" {
		list = append(list, fact{Label: words.Heading("enterprise_name", lang), After: w.payee.In(lang)})
	}
	for _, f := range verb.Fields {
		value := fields[f.Name]
		if value == "" || f.Kind == domain.AttachmentsField || f.Kind == domain.AmountField && f.Name == "amount" {
			continue
		}
		if tail := domain.AccountNumber(value).Tail(); f.Name == "account" && tail != "" {
			value = "…" + tail
		}
		list = append(list, fact{Field: f.Name, Label: f.Label.In(lang), After: valued(p, f, value, lang)})
	}
	if w.paidTo != nil {
		list = append(list, fact{Label: payeeLabel.In(lang), After: w.paidTo.In(lang)})
	}
	return append(list, fact{Label: words.Heading("business_date", lang), After: w.command.Given().Date.String()})
}

// valued is the value of a command's field as people read it.
func valued(p *domain.Policy, f domain.Field, value, lang string) string {
	switch f.Kind {
	case domain.AmountField:
		return tabular.Grouped(value)
	case domain.CapField:
		if value == "null" {
			return money(domain.Unstated, tabular.Yuan, lang)
		}
		return tabular.Grouped(value)
	case domain.FlagField:
		return words.Word(value, lang)
	case domain.ChoiceField:
		return words.Choice(f.Name, value).In(lang)
	case domain.InstalmentsField:
		var list []domain.Instalment
		if json.Unmarshal([]byte(value), &list) == nil {
			parts := make([]string, len(list))
			for i, one := range list {
				parts[i] = fmt.Sprintf(domain.Text{ZH: "%s：%s", EN: "%s: %s"}.In(lang), one.SupportYear, tabular.Grouped(one.Amount.String()))
			}
			return strings.Join(parts, domain.Text{ZH: "；", EN: "; "}.In(lang))
		}
	case domain.RepaymentsField:
		var list []domain.Repayment
		if json.Unmarshal([]byte(value), &list) == nil {
			parts := make([]string, len(list))
			for i, one := range list {
				parts[i] = fmt.Sprintf(domain.Text{ZH: "%s：%s", EN: "%s: %s"}.In(lang), one.DueOn, tabular.Grouped(one.Amount.String()))
			}
			return strings.Join(parts, domain.Text{ZH: "；", EN: "; "}.In(lang))
		}
	case domain.ScoresField:
		var list []domain.Score
		if json.Unmarshal([]byte(value), &list) == nil {
			parts := make([]string, len(list))
			for i, one := range list {
				parts[i] = fmt.Sprintf(domain.Text{ZH: "%s：%s", EN: "%s: %s"}.In(lang), one.Indicator, one.Score)
			}
			return strings.Join(parts, domain.Text{ZH: "；", EN: "; "}.In(lang))
		}
	case domain.PolicyField:
		return policyText(f, value).In(lang)
	case domain.NamesField:
		var names []string
		if json.Unmarshal([]byte(value), &names) == nil {
			return strings.Join(names, domain.Text{ZH: "、", EN: ", "}.In(lang))
		}
	}
	return called(p, f.Name, value, lang)
}

// changes are what moves, and the account's headroom whether it moves or not.
func (w *weighed) changes(p *domain.Policy, lang string) (list []change) {
	for _, f := range beside(p, w.standing[0], w.standing[1], lang) {
		if f.Changed && !strings.HasPrefix(f.Field, "duty.") {
			list = append(list, change{Label: f.Label, Was: f.Before, Is: f.After, By: moves(f.Before, f.After), Moved: true})
		}
	}
	if is := w.payees[1]; is != nil {
		c := change{Label: payeeLabel.In(lang), Is: is.In(lang)}
		if was := w.payees[0]; was != nil {
			c.Was = was.In(lang)
		}
		c.Moved = w.payees[0].said() != is.said()
		list = append(list, c)
	}
	exactly := func(value any) string {
		if value == nil {
			return ""
		}
		if text, is := value.(domain.Text); is {
			return text.In(lang)
		}
		return money(value, tabular.Yuan, lang)
	}
	before := valuesOf(w.seen[0])
	for _, f := range w.seen[1] {
		was := before[f.figure]
		moved := was != f.value && (was != nil || f.value != any(domain.NoMoney)) // of what is new, nought is no news
		if !moved && f.column != "headroom" {
			continue
		}
		c := change{Label: figureTitle(f.column, lang), Was: exactly(was), Is: exactly(f.value), Moved: moved}
		if f.scope != "" {
			c.Label += " · " + called(p, "scope", f.scope, lang)
		}
		if f.year > 0 {
			c.Label += fmt.Sprint(" ", f.year)
		}
		if _, is := f.value.(domain.Text); moved && !is {
			c.By = moves(c.Was, c.Is)
		}
		list = append(list, c)
	}
	return list
}

// figureTitle is what a figure is called: what a field of the command is, or a column.
func figureTitle(name, lang string) string {
	if words.HasColumn(name) {
		return words.Heading(name, lang)
	}
	title, _ := domain.FieldTitle(name)
	return title.In(lang)
}

// moves is by how much an amount moves, with its sign; "" where it is no amount. What was not there was nought.
func moves(was, is string) string {
	amount := func(text string) (domain.Balance, bool) {
		var b domain.Balance
		text = strings.ReplaceAll(cmp.Or(text, domain.NoMoney.String()), ",", "")
		return b, b.UnmarshalText([]byte(text)) == nil
	}
	from, ok := amount(was)
	to, also := amount(is)
	if !ok || !also {
		return ""
	}
	by := to.Sub(from.Money)
	if by.Positive() {
		return "+" + tabular.Grouped(by.String())
	}
	return tabular.Grouped(by.String())
}
