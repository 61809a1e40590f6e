package domain

import (
	"slices"
	"strings"
)

// Message is the refusal in a sentence of each language, with its figures: codes by their words, and departments, industries
// and clauses by the names of the policy that it was decided under.
func (r *Refusal) Message() Text {
	if r.told != (Text{}) {
		return r.told
	}
	t := refusalTexts[r.Code]
	return Text{ZH: fill(t.zh, r.figureIn("zh")), EN: fill(t.en, r.figureIn("en"))}
}

// Under is the refusal with the names of a policy: for one that was kept or sent, which has its figures only.
func (r *Refusal) Under(p *Policy) *Refusal {
	if r == nil {
		return nil
	}
	named := *r
	named.policy = p
	return &named
}

// Told is the refusal with its sentence as a ledger elsewhere told it, which knew its policy.
func (r *Refusal) Told(message Text) *Refusal {
	told := *r
	told.told = message
	return &told
}

// Retold is the sentence of a refusal that was kept with one, in words of this release and with the names of a policy. One whose
// figures this release has no words for stays as it was told.
func (r *Refusal) Retold(kept Text, p *Policy) Text {
	_, known := refusalTexts[r.Code]
	reason, reasoned := r.Figures["reason"]
	if _, said := reasonTexts[Reason(reason)]; !known || reasoned && !said {
		return kept
	}
	return r.Under(p).Message()
}

// Figure is a figure of the refusal as people read it in "zh" or "en".
func (r *Refusal) Figure(name, lang string) string {
	text, _ := r.figureIn(lang)(name)
	return text
}

// figureIn gives the figures of a sentence by their names, in a language; false where the refusal has no such figure.
func (r *Refusal) figureIn(lang string) func(name string) (string, bool) {
	return func(name string) (string, bool) {
		value, ok := r.Figures[name]
		if !ok {
			return "–", false
		}
		return r.word(name, value, lang), true
	}
}

func (r *Refusal) word(name, value, lang string) string {
	kind := name
	if name == "allowed" {
		kind = r.allowedKind()
	}
	if list := strings.Split(value, ", "); name == "allowed" || name == "role" && len(list) > 1 {
		for i, one := range list {
			list[i] = r.word(kind, one, lang)
		}
		return strings.Join(list, Text{ZH: "、", EN: ", "}.In(lang))
	}
	switch name {
	case "reason":
		if text, known := reasonTexts[Reason(value)]; known {
			return fill(text.In(lang), r.figureIn(lang))
		}
		if text, said := r.Figures["reason_"+lang]; said {
			return text
		}
	case "cap", "limit":
		if value == "" {
			return Text{ZH: "未规定", EN: "none stated"}.In(lang)
		}
	}
	if text, known := codeText(name, value); known {
		return text.In(lang)
	}
	if text, known := r.policy.Called(name, value); known {
		return text.In(lang)
	}
	return grouped(value)
}

// allowedKind is what the figure "allowed" lists.
func (r *Refusal) allowedKind() string {
	switch r.Code {
	case CodeRoleNotAllowed:
		return "role"
	case CodeDepartmentNotAllowed:
		return "department"
	case CodeApplicationState:
		return "state"
	case CodeIndustryNotServed:
		return "industry"
	case CodeClauseByReference, CodeReferenceInvalid:
		return "clause"
	}
	return r.Figures["field"]
}

// figureCodes are the figures that hold codes, with what the codes are called.
var figureCodes = map[string][]Code{
	"role": RoleCodes, "state": StateCodes, "subject_kind": SubjectCodes, "period": PeriodCodes, "cause": CauseCodes, "opinion": OpinionCodes,
	"disposition": DispositionCodes, "did": DutyCodes, "does": DutyCodes, "expected": typeCodes, "year": {coded("total", "累计", "total")},
}

// codeText is what a figure's code is called; false where the figure holds none.
func codeText(name, value string) (Text, bool) {
	for _, c := range figureCodes[name] {
		if c.Name == value {
			return c.Text, true
		}
	}
	if role, at, held := strings.Cut(value, "@"); name == "role" && held { // as who signs in holds it
		text := Coded(RoleCodes, role)
		return Text{ZH: text.ZH + "@" + at, EN: text.EN + "@" + at}, true
	}
	switch name {
	case "command", "did", "does":
		v, known := VerbNamed(value)
		if quoted := (Text{ZH: "“" + v.Title.ZH + "”", EN: `"` + v.Title.EN + `"`}); name == "command" {
			return quoted, known
		}
		return v.Title, known
	case "field":
		return fieldText(value)
	}
	return Text{}, false
}

// headWords are what the parts of every command are called.
var headWords = map[string]Text{"id": {ZH: "指令编号"}, "date": {ZH: "业务日期"}, "command": {ZH: "指令"}, "actor": {ZH: "经办人"}, "actor.id": {ZH: "经办人"},
	"actor.role": {ZH: "角色"}, "actor.department": {ZH: "部门"}, "attachments.name": {ZH: "附件名称"}, "attachments.sha256": {ZH: "附件哈希"}, "policy": {ZH: "政策"},
	"distinct_from": {ZH: "确非同一者"}, "kind": {ZH: "类别"}}

// fieldText is what a field is called. In English its own name is told, which programs and files write.
func fieldText(name string) (Text, bool) {
	if text, known := headWords[name]; known {
		return Text{ZH: text.ZH, EN: name}, true
	}
	field, part, _ := strings.Cut(name, ".")
	text, known := fieldWords[field]
	if known && part != "" {
		text.ZH += "（" + part + "）" // such as the year of an instalment
	}
	return Text{ZH: text.ZH, EN: name}, known
}

// calledBy is what the fact that decides a matter calls one of its codes.
func (p *Policy) calledBy(m FactMeaning, id string) (Text, bool) {
	f, _ := p.FactMeaning(m)
	i := slices.IndexFunc(f.Codes, func(c FactCode) bool { return c.ID == id })
	if i < 0 {
		return Text{}, false
	}
	return f.Codes[i].Name, true
}

// Called is what a policy calls a department, an industry, a clause or a scope; a clause is told by its id and its name. It is false
// for another kind, an id that the policy has not got, and no policy.
func (p *Policy) Called(kind, id string) (Text, bool) {
	if p == nil {
		return Text{}, false
	}
	if kind == "scope" {
		return p.calledScope(id)
	}
	switch kind {
	case "department":
		for _, d := range p.Departments {
			if string(d.ID) == id {
				return d.Name, true
			}
		}
	case "industry":
		for _, n := range p.Industries {
			if string(n.ID) == id {
				return n.Name, true
			}
		}
	case "enterprise_size":
		return p.calledBy(MeansSize, id)
	case "street":
		return p.calledBy(MeansStreet, id)
	case "clause":
		if c, known := p.Clause(ClauseID(id)); known {
			return Text{ZH: id + "（" + c.Name.ZH + "）", EN: id + " (" + c.Name.EN + ")"}, true
		}
	}
	return Text{}, false
}
