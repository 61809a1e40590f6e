package domain

import (
	"reflect"
	"slices"
	"strings"
)

// Verb is all that is known of a command besides its rules. The forms, the command line, the API's description, the
// audit and the dictionary read it here; [Verbs] lists every one.
type Verb struct {
	Name     string         // on the wire, such as "make_payout"
	Short    string         // on the command line, such as "pay"; empty: it has no command of its own there
	New      func() Command // an empty one
	Event    func() Event   // an empty one of the event that answers it
	Roles    []Role         // that may give it (R9)
	Office   Office         // for which departments
	Rules    []string       // it rests on, besides those of every command (R1, R9, R11, R14)
	Title    Text           // what it is called
	Happened Text           // what its event is called
	Help     Text           // what it does, in a sentence
	Fields   []Field        // besides the head's, in the order of their JSON
	MadeGood []string       // the verbs that make good what this one did, which nothing takes back; none: see [Verb.Final]
	Local    bool           // it is given on the command line only: no JSON, no file and no form makes it

	said int // index of the field with what its giver says of it; -1: none
}

// Office says for which departments a command may be given.
type Office uint8

// The offices.
const (
	AnyOffice         Office = iota // any department of the policy
	ResponsibleOffice               // a department responsible for the application's clause; judged by the verb
	TreasuryOffice                  // the policy's treasury
	AuthorityOffice                 // the policy's authority
)

// Field is a field of a command.
type Field struct {
	Name     string // in JSON
	Kind     FieldKind
	Choices  []string // of a choice
	Optional bool     // it may be left out
	Label    Text
}

// FieldKind says what a field holds, and so how it is asked for.
type FieldKind string

// The kinds of fields.
const (
	TextField        FieldKind = "text"
	LongField        FieldKind = "long" // a text that may have lines
	AmountField      FieldKind = "amount"
	CapField         FieldKind = "cap" // an amount, or none
	DateField        FieldKind = "date"
	YearField        FieldKind = "year"
	NumberField      FieldKind = "number"
	FlagField        FieldKind = "flag"
	ChoiceField      FieldKind = "choice"
	InstalmentsField FieldKind = "instalments" // amounts by support year
	RepaymentsField  FieldKind = "repayments"  // amounts by the day they are due
	AttachmentsField FieldKind = "attachments" // names with their SHA-256
	ScoresField      FieldKind = "scores"      // a score for each indicator
	NamesField       FieldKind = "names"       // identifiers
	PolicyField      FieldKind = "policy"      // a policy or a part of one: only a file or JSON has it
)

// VerbNamed finds a verb by its name on the wire; false where there is none.
func VerbNamed(name string) (Verb, bool) {
	v, ok := verbsByName[name]
	return v, ok
}

var verbsByName = func() map[string]Verb {
	all := make(map[string]Verb, len(Verbs))
	for _, v := range Verbs {
		all[v.Name] = v
	}
	return all
}()

// Events is a maker of an empty event of every kind, in the order of the verbs.
var Events = func() []func() Event {
	makers := make([]func() Event, len(Verbs))
	for i, v := range Verbs {
		makers[i] = v.Event
	}
	return makers
}()

// Field finds a field by its name.
func (v Verb) Field(name string) (Field, bool) {
	i := slices.IndexFunc(v.Fields, func(f Field) bool { return f.Name == name })
	if i < 0 {
		return Field{}, false
	}
	return v.Fields[i], true
}

// SaidWith is what the giver of a command says of it: its reason, its comment, or the document that it rests on.
func SaidWith(c Command) string {
	v := verbsByName[c.Name()]
	if v.said < 0 {
		return ""
	}
	return reflect.ValueOf(c).Elem().Field(v.said).String()
}

// verb makes a line of the table of a command C and the event E that answers it. The fields are those of the struct.
func verb[C, E any, P interface {
	*C
	Command
}, Q interface {
	*E
	Event
}](short string, roles []Role, office Office, rules string, title, happened, help Text) Verb {
	v := Verb{Name: P(new(C)).Name(), Short: short, New: func() Command { return P(new(C)) }, Event: func() Event { return Q(new(E)) },
		Roles: roles, Office: office, Rules: strings.Fields(rules), Title: title, Happened: happened, Help: help}
	v.Fields, v.said = fieldsOf(v.Name, reflect.TypeFor[C]())
	_, v.Local = v.New().(interface{ isLocal() })
	return v
}

func may(roles ...Role) []Role { return roles }

// madeGoodBy is the verb with those that make good what it did.
func (v Verb) madeGoodBy(verbs ...string) Verb {
	v.MadeGood = verbs
	return v
}

// Final reports whether what a verb does moves money or a limit of money, says where money goes or whether any is granted, and cannot be taken back, but
// only be made good by another entry:
// whoever fills in a form of it sees what it would do before they confirm it.
func (v Verb) Final() bool { return len(v.MadeGood) > 0 }

// fieldsOf are a command's fields, and which of them says why.
func fieldsOf(verb string, command reflect.Type) (fields []Field, said int) {
	said = -1
	for i := range command.NumField() {
		f := command.Field(i)
		if f.Anonymous {
			continue
		}
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		field := Field{Name: name, Optional: options != "", Label: fieldLabel(verb, name)}
		field.Kind, field.Choices = kindOf(name, f.Type)
		fields = append(fields, field)
		if name == "reason" || name == "comment" || name == "conclusion" || name == "matter" || name == "document" && said < 0 {
			said = i
		}
	}
	return fields, said
}

func fieldLabel(verb, name string) Text {
	if label, ok := fieldWords[verb+"."+name]; ok {
		return label
	}
	return fieldWords[name]
}

func kindOf(name string, t reflect.Type) (FieldKind, []string) {
	switch t {
	case reflect.TypeFor[Money]():
		return AmountField, nil
	case reflect.TypeFor[NewCap]():
		return CapField, nil
	case reflect.TypeFor[Date]():
		return DateField, nil
	case reflect.TypeFor[SupportYear]():
		return YearField, nil
	case reflect.TypeFor[[]Instalment]():
		return InstalmentsField, nil
	case reflect.TypeFor[[]Repayment]():
		return RepaymentsField, nil
	case reflect.TypeFor[[]Score]():
		return ScoresField, nil
	case reflect.TypeFor[[]Attachment]():
		return AttachmentsField, nil
	case reflect.TypeFor[[]string](), reflect.TypeFor[[]ClauseID](), reflect.TypeFor[[]DepartmentID](), reflect.TypeFor[[]IndustryID]():
		return NamesField, nil
	case reflect.TypeFor[Policy](), reflect.TypeFor[*Workflow](), reflect.TypeFor[*Promised](), reflect.TypeFor[*GroupCap](), reflect.TypeFor[*Clause](), reflect.TypeFor[[]Fact](), reflect.TypeFor[[]Condition](),
		reflect.TypeFor[[]Indicator]():
		return PolicyField, nil
	case reflect.TypeFor[Opinion]():
		return ChoiceField, []string{string(Support), string(Oppose), string(Abstain)}
	case reflect.TypeFor[Cause]():
		return ChoiceField, []string{string(CauseError), string(CauseBreach)}
	case reflect.TypeFor[Disposition]():
		return ChoiceField, []string{string(FindingAccepted), string(FindingExplained), string(FindingFalse)}
	case reflect.TypeFor[LinkKind]():
		return ChoiceField, []string{string(Controls), string(SameController), string(Branch)}
	case reflect.TypeFor[DebtorControl]():
		return ChoiceField, []string{string(DebtorFinding), string(DebtorRefuse), string(DebtorOffset)}
	case reflect.TypeFor[EvaluationKind]():
		return ChoiceField, []string{string(SelfEvaluation), string(DepartmentEvaluation), string(FinanceEvaluation)}
	case reflect.TypeFor[RectificationState]():
		return ChoiceField, []string{string(RectificationOpen), string(RectificationDone)}
	case reflect.TypeFor[AppropriationKind]():
		return ChoiceField, []string{string(InitialBudget), string(AdjustedBudget)}
	}
	switch {
	case t.Kind() == reflect.Bool:
		return FlagField, nil
	case slices.Contains([]string{"budget_year", "year", "from", "to"}, name) && t.Kind() == reflect.Int:
		return YearField, nil
	case t.Kind() == reflect.Int || t.Kind() == reflect.Uint64:
		return NumberField, nil
	case name == "reason" || name == "comment" || name == "conclusion" || name == "matter":
		return LongField, nil
	}
	return TextField, nil
}

// FieldTitle is what a field of commands is called, whoever's it is; false where no command has one of that name. A column of that
// name is called the same.
func FieldTitle(name string) (Text, bool) {
	title, known := fieldWords[name]
	return title, known && !strings.Contains(name, ".")
}
