package words

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/tabular"
)

// Column is what a column is called, what it says and what its cells hold. It is the one dictionary: headings of tables and
// pages, the comments of the analysts' views, the audit pack's definitions, import templates and the API's description are
// all taken from here, and a name means the same wherever it stands. A name that is not in it panics: the first test that
// asks finds it.
func Column(name string) tabular.Column {
	column, known := columns[name]
	if !known {
		panic(fmt.Sprintf("words: the dictionary has no column %q", name))
	}
	return column
}

// Dictionary is every column, in the order of the names.
func Dictionary() []tabular.Column { return slices.Clone(dictionary) }

// Meaning is what a column holds, without the codes that programs read in it.
func Meaning(name string) domain.Text { return meant[name] }

// meant is what each column holds.
var meant = map[string]domain.Text{}

// AddsUp reports whether a column holds amounts that may be added up.
func AddsUp(name string) bool { return columns[name].Kind == tabular.Money && columns[name].Total }

// HasColumn reports whether the dictionary has a column.
func HasColumn(name string) bool { _, known := columns[name]; return known }

// Named is columns by their names, in that order.
func Named(names ...string) []tabular.Column {
	list := make([]tabular.Column, len(names))
	for i, name := range names {
		list[i] = Column(name)
	}
	return list
}

// coded is the meaning of a column that holds codes, which its readers see as they are: each with its words.
func coded(meaning domain.Text, codes []domain.Code) domain.Text {
	zh, en := make([]string, len(codes)), make([]string, len(codes))
	for i, c := range codes {
		zh[i], en[i] = c.Name+" "+c.Text.ZH, c.Name+" ("+c.Text.EN+")"
		if c.Name == c.Text.EN {
			en[i] = c.Name
		}
	}
	return domain.Text{ZH: meaning.ZH + "：" + strings.Join(zh, "，"), EN: meaning.EN + ": " + strings.Join(en, ", ")}
}

// The kinds of column. Amounts made by sum have a meaningful sum; those made by money, such as caps, do not.

// A column without a title of its own is a field of commands too, and called what the field is called.

func text(name, zh, en, meaningZH, meaningEN string) tabular.Column {
	c := tabular.Column{Name: name, Title: domain.Text{ZH: zh, EN: en}}
	if title, known := domain.FieldTitle(name); known && zh == "" {
		c.Title = domain.Text{ZH: title.ZH, EN: strings.ToLower(title.EN[:1]) + title.EN[1:]}
	}
	c.Meaning = domain.Text{ZH: meaningZH, EN: meaningEN}
	if meant[name] = c.Meaning; slices.Contains(spelled, name) {
		c.Meaning = coded(c.Meaning, vocabularies[name])
	}
	return c
}

func ofKind(kind tabular.Kind, c tabular.Column) tabular.Column { c.Kind = kind; return c }

func flag(name, zh, en, meaningZH, meaningEN string) tabular.Column {
	return ofKind(tabular.Bool, text(name, zh, en, meaningZH, meaningEN))
}

func integer(name, zh, en, meaningZH, meaningEN string) tabular.Column {
	return ofKind(tabular.Integer, text(name, zh, en, meaningZH, meaningEN))
}

func count(name, zh, en, meaningZH, meaningEN string) tabular.Column {
	c := integer(name, zh, en, meaningZH, meaningEN)
	c.Total = true
	return c
}

func day(name, zh, en, meaningZH, meaningEN string) tabular.Column {
	return ofKind(tabular.Date, text(name, zh, en, meaningZH, meaningEN))
}

func moment(name, zh, en, meaningZH, meaningEN string) tabular.Column {
	return ofKind(tabular.Time, text(name, zh, en, meaningZH, meaningEN))
}

func ratio(name, zh, en, meaningZH, meaningEN string) tabular.Column {
	return ofKind(tabular.Ratio, text(name, zh, en, meaningZH, meaningEN))
}

func money(name, zh, en, meaningZH, meaningEN string) tabular.Column {
	c := ofKind(tabular.Money, text(name, zh, en, meaningZH, meaningEN))
	c.Unit = MoneyUnit("CNY")
	return c
}

func sum(name, zh, en, meaningZH, meaningEN string) tabular.Column {
	c := money(name, zh, en, meaningZH, meaningEN)
	c.Total = true
	return c
}

// MoneyUnit is the unit of a column of amounts in a currency.
func MoneyUnit(currency string) string { return currency + ", 2 decimals" }

// spared are the columns that a narrow terminal goes without, group by group, the first group first: what is for programs; who stood for whom and
// where something comes from; the parts that another column sums up; what a case can do without; and at last
// whose it is.
var spared = []string{
	"recorded_ns leaf_hash log_subject data figures n file_no sha256 place command_id action_en action_zh explanation_en explanation_zh title_en title_zh reason_en reason_zh",
	"actor_for imported_by clause_version reversed_reason granted_by set_on source industries retroactive subject_kind scope_kind recorded_at rule",
	"clawback_ordered clawback_waived recovered_error recovered_breach returned received_beyond over_by exceptions kept_from kept_back paid_out via_clause reversed_on booked waived written_off interest interest_owed revoked stronger_support",
	"requested committed applications code position suspended submitted_on department role voucher cause event_type command budget_year granted_on seq document differs headroom_before",
	"approved paid net_paid annual_limit utilisation status cap reason application enterprise actor business_date title industry admitted credit_restricted",
	"subject use",
}

// whole are the columns of names, which a terminal does not cut while there are others to go without.
var whole = strings.Fields("enterprise_name name")

// columns is the dictionary by name.
var columns = func() map[string]tabular.Column {
	spare := map[string]int{}
	for i, group := range spared {
		for name := range strings.FieldsSeq(group) {
			spare[name] = len(spared) - i
		}
	}
	byName := map[string]tabular.Column{}
	for _, c := range dictionary {
		if _, twice := byName[c.Name]; twice {
			panic("words: the dictionary has two columns " + c.Name)
		}
		c.Spare, c.Whole = spare[c.Name], slices.Contains(whole, c.Name)
		delete(spare, c.Name)
		byName[c.Name] = c
	}
	for name := range spare {
		panic("words: the dictionary has no column " + name + " that a terminal could go without")
	}
	return byName
}()
