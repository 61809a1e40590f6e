package pages

import (
	"slices"
	"strings"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/words"
)

// field is an input of a form.
type field struct {
	Name     string // as in the command; "instalments.2025" is the amount of that year
	Label    domain.Text
	Kind     string   // as the verb's field has it; what is chosen from options is a choice
	Options  []option // of a choice
	Value    string
	Required bool
	Refusal  *domain.Refusal // that is about its value
	Among    []option        // what the value may have meant
	Faults   []domain.Text   // in the lines of its value
	Most     int64           // MiB of each file; 0: it takes none
	Fits     domain.Ceiling  // what would not be refused for being too much; unstated where that is not known, or nothing would
}

// option is what a choice sends, and what it is called.
type option struct {
	Value string
	Label domain.Text
	Why   domain.Text // it may not be chosen
}

// Lines are the parts of a value that has several: of files those that are kept already, by their names.
func (f field) Lines() (names []string) {
	for _, line := range linesOf(f.Value) {
		if name, _, named := strings.Cut(line, "="); named {
			names = append(names, name)
		}
	}
	return names
}

func plainly(value string) option {
	return option{Value: value, Label: domain.Text{ZH: value, EN: value}}
}

// draft is a form that may be shown, with a command to try on the rules.
type draft struct {
	command string
	fields  []field
	try     func(domain.Head) domain.Command // nil: there is nothing to try before the form is filled in
}

// asks is a form that asks for some of a verb's fields. What they are called and how they are asked for is the verb's to say.
func asks(p *domain.Policy, command string, names ...string) draft {
	d := draft{command: command}
	verb, _ := domain.VerbNamed(command)
	for _, name := range names {
		f, known := verb.Field(name)
		if !known {
			panic("pages: " + command + " has no field " + name)
		}
		d.fields = append(d.fields, inputsOf(p, f)...)
	}
	return d
}

// inputsOf are how a field is asked for: instalments by an amount for each of the policy's years.
func inputsOf(p *domain.Policy, f domain.Field) []field {
	if f.Kind == domain.InstalmentsField {
		var list []field
		for _, y := range years(p) {
			list = append(list, instalment(f, y))
		}
		return list
	}
	if f.Kind == domain.PolicyField {
		return policyInputs(f)
	}
	input := field{Name: f.Name, Label: f.Label, Kind: string(f.Kind), Options: offered(p, f), Required: !f.Optional}
	if input.Options != nil {
		input.Kind = string(domain.ChoiceField)
		if f.Optional {
			input.Options = slices.Insert(input.Options, 0, option{})
		}
	}
	return []field{input}
}

// dated asks for the business date of a command.
func dated(today domain.Date) field {
	return field{Name: "date", Kind: string(domain.DateField), Value: today.String(), Required: true,
		Label: domain.Text{ZH: words.Heading("business_date", "zh"), EN: words.Heading("business_date", "en")}}
}

// instalment asks for what a field of instalments holds for a year.
func instalment(of domain.Field, y domain.SupportYear) field {
	return field{Name: of.Name + "." + y.String(), Kind: string(domain.AmountField),
		Label: domain.Text{ZH: of.Label.ZH + " " + y.String(), EN: of.Label.EN + " " + y.String()}}
}

// offered are what a field has to be one of; nil where it may be anything.
func offered(p *domain.Policy, f domain.Field) (list []option) {
	for _, c := range f.Choices {
		list = append(list, option{Value: c, Label: words.Choice(f.Name, c)})
	}
	switch {
	case f.Kind == domain.FlagField:
		for _, value := range []string{"false", "true"} {
			list = append(list, option{Value: value, Label: domain.Text{ZH: words.Word(value, "zh"), EN: words.Word(value, "en")}})
		}
	case p == nil:
	case clauseField(f.Name):
		return clausesOf(p)
	case f.Name == "industry":
		for _, i := range p.Industries {
			list = append(list, option{Value: string(i.ID), Label: i.Name})
		}
	case f.Name == "fact":
		for _, one := range p.Facts {
			list = append(list, option{Value: string(one.ID), Label: one.Name})
		}
	case f.Name == "department":
		for _, d := range p.Departments {
			list = append(list, option{Value: string(d.ID), Label: d.Name})
		}
	case f.Name == "support_year":
		for _, y := range years(p) {
			list = append(list, plainly(y.String()))
		}
	}
	return list
}

// clausesOf are a policy's clauses.
func clausesOf(p *domain.Policy) (list []option) {
	for _, c := range p.Clauses {
		list = append(list, option{Value: string(c.ID), Label: domain.Text{ZH: string(c.ID) + " " + c.Name.ZH, EN: string(c.ID) + " " + c.Name.EN}})
	}
	return list
}

// at is the draft's field of a name.
func (d draft) at(name string) *field {
	i := slices.IndexFunc(d.fields, func(f field) bool { return f.Name == name })
	if i < 0 {
		panic("pages: " + d.command + " does not ask for " + name)
	}
	return &d.fields[i]
}

// filled is the draft with a value in a field.
func (d draft) filled(name, value string) draft {
	d.at(name).Value = value
	return d
}

// among is the draft with other options for a field.
func (d draft) among(name string, options []option) draft {
	f := d.at(name)
	f.Options, f.Kind = options, string(domain.ChoiceField)
	return d
}

// tried is the draft with a command to try.
func (d draft) tried(try func(domain.Head) domain.Command) draft {
	d.try = try
	return d
}
