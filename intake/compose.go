package intake

import (
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/fundledger/fundledger/domain"
)

// entry is a field of a command and its text, before it is JSON.
type entry struct {
	field field
	text  string
	cell  string // where it came from, such as "C5"; empty where from nowhere in particular
}

// compose writes entries as a command's JSON. What a cell cannot say in its field's form is a refusal.
func compose(entries []entry) ([]byte, *domain.Refusal) {
	var text, actor []byte
	for _, e := range entries {
		value, r := e.json()
		if r != nil {
			return nil, within(r, e.cell)
		}
		if name, ok := strings.CutPrefix(e.field.name, "actor."); ok {
			actor = appendMember(actor, name, value)
			continue
		}
		text = appendMember(text, e.field.name, value)
	}
	if actor != nil {
		text = appendMember(text, "actor", append(actor, '}'))
	}
	if text == nil {
		return nil, domain.NewRefusal(domain.CodeFieldMissing, "field", "command")
	}
	return append(text, '}'), nil
}

func appendMember(object []byte, name string, value []byte) []byte {
	if object == nil {
		object = append(object, '{')
	} else {
		object = append(object, ',')
	}
	object = append(appendText(object, name), ':')
	return append(object, value...)
}

// appendText writes a JSON string. Texts of files are valid UTF-8 by now.
func appendText(b []byte, s string) []byte {
	b, err := jsontext.AppendQuote(b, s)
	if err != nil {
		panic("intake: a text that was not checked to be UTF-8: " + err.Error())
	}
	return b
}

func (e entry) json() ([]byte, *domain.Refusal) {
	switch e.field.kind {
	case end:
		if _, err := domain.ParseDate(e.text); err == nil || len(e.text) > len("2006-01-02") { // longer than a day or a year: an enterprise
			break
		}
		return e.yearJSON()
	case year:
		return e.yearJSON()
	case count:
		return e.countJSON()
	case flag:
		if e.text == "true" || e.text == "false" {
			return []byte(e.text), nil
		}
		return nil, e.invalid(domain.ReasonTrueOrFalse)
	case ceiling:
		if e.text == "null" {
			return []byte("null"), nil
		}
	case instalments:
		return e.instalmentsJSON()
	case attachments:
		return e.attachmentsJSON()
	case names:
		return e.namesJSON()
	case scores:
		return e.scoresJSON()
	}
	return appendText(nil, e.text), nil
}

func (e entry) yearJSON() ([]byte, *domain.Refusal) {
	n, err := strconv.ParseUint(e.text, 10, 16)
	if err != nil || len(e.text) != 4 {
		return nil, e.invalid(domain.ReasonYear)
	}
	return strconv.AppendUint(nil, n, 10), nil
}

func (e entry) countJSON() ([]byte, *domain.Refusal) {
	n, err := strconv.ParseUint(e.text, 10, 31)
	if err != nil || n == 0 || strconv.FormatUint(n, 10) != e.text {
		return nil, e.invalid(domain.ReasonWhole)
	}
	return strconv.AppendUint(nil, n, 10), nil
}

// instalmentSigns are the signs of a list of instalments as a Chinese keyboard writes them. A comma parts them where a year
// follows; within an amount it stays, for the amount to be judged with it.
var instalmentSigns = strings.NewReplacer("；", ";", "：", ":")

var commaBeforeYear = regexp.MustCompile(`[,，、](\s*[0-9]{4}(-[0-9]{2}-[0-9]{2})?\s*:)`)

// instalmentsJSON reads "2025:1000000.00; 2026:500000.00", and of what is to be paid back "2026-03-31:1000000.00". Chinese punctuation is taken too.
func (e entry) instalmentsJSON() ([]byte, *domain.Refusal) {
	list := []byte{'['}
	for i, part := range split(commaBeforeYear.ReplaceAllString(instalmentSigns.Replace(e.text), ";$1")) {
		y, amount, ok := strings.Cut(part, ":")
		y = strings.TrimSpace(y)
		if i > 0 {
			list = append(list, ',')
		}
		if day, err := domain.ParseDate(y); ok && err == nil {
			list = appendText(append(list, `{"due_on":`...), day.String())
		} else if n, err := strconv.ParseUint(y, 10, 16); !ok || err != nil || n < 1000 || len(y) != 4 {
			return nil, e.invalid(domain.ReasonInstalments)
		} else {
			list = append(append(list, `{"support_year":`...), y...)
		}
		list = append(appendText(append(list, `,"amount":`...), strings.TrimSpace(amount)), '}')
	}
	return append(list, ']'), nil
}

// scoresJSON reads "revenue:85.5; jobs=90". The Chinese signs are taken too.
func (e entry) scoresJSON() ([]byte, *domain.Refusal) {
	list := []byte{'['}
	for i, part := range split(instalmentSigns.Replace(e.text)) {
		at := strings.LastIndexAny(part, ":=")
		if at < 0 {
			return nil, e.invalid(domain.ReasonScores)
		}
		if i > 0 {
			list = append(list, ',')
		}
		list = appendText(append(list, `{"indicator":`...), strings.TrimSpace(part[:at]))
		list = append(appendText(append(list, `,"score":`...), strings.TrimSpace(part[at+1:])), '}')
	}
	return append(list, ']'), nil
}

// namesJSON reads "智慧工厂一期; 智慧工厂二期". The Chinese semicolon is taken too.
func (e entry) namesJSON() ([]byte, *domain.Refusal) {
	list := []byte{'['}
	for _, name := range split(e.text) {
		if name = strings.TrimSpace(name); name == "" {
			continue
		}
		if len(list) > 1 {
			list = append(list, ',')
		}
		list = appendText(list, name)
	}
	return append(list, ']'), nil
}

// attachmentsJSON reads "申请表.pdf=9f86d0…; 说明.pdf=60303a…". The Chinese signs are taken too.
func (e entry) attachmentsJSON() ([]byte, *domain.Refusal) {
	list := []byte{'['}
	for i, part := range split(e.text) {
		at := strings.LastIndexAny(part, "=＝")
		if at < 0 {
			return nil, e.invalid(domain.ReasonAttachments)
		}
		_, sign := utf8.DecodeRuneInString(part[at:])
		if i > 0 {
			list = append(list, ',')
		}
		list = appendText(append(list, `{"name":`...), strings.TrimSpace(part[:at]))
		list = append(appendText(append(list, `,"sha256":`...), strings.TrimSpace(part[at+sign:])), '}')
	}
	return append(list, ']'), nil
}

// split parts a list at semicolons of either width. One at its end parts nothing.
func split(text string) []string {
	text = strings.ReplaceAll(text, "；", ";")
	return strings.Split(strings.TrimSuffix(strings.TrimSpace(text), ";"), ";")
}

func (e entry) invalid(reason domain.Reason) *domain.Refusal {
	return domain.NewRefusal(domain.CodeFieldInvalid, "field", e.field.name, "value", e.text, "reason", reason)
}

// within adds to a refusal the cell that it is about.
func within(r *domain.Refusal, cell string) *domain.Refusal {
	if cell != "" {
		r.Figures["cell"] = cell
	}
	return r
}

func itoa(n int) string { return strconv.Itoa(n) }
