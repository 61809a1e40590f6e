package audit

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"slices"
	"strings"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/words"
)

// Severity says how bad a finding is.
type Severity string

// The severities, worst first.
const (
	// Error says that something is not what it claims to be: the log, a proof, a decision or a projection.
	Error Severity = "error"
	// Warning says that a person should look: a rule was broken by a fact, or money is at risk.
	Warning Severity = "warning"
	// Notice says that something is worth knowing, and often harmless.
	Notice Severity = "notice"
)

// Finding is something that an audit found.
type Finding struct {
	ID          domain.FindingID `json:"id"` // the same in every report: made of code and subject
	Code        string           `json:"code"`
	Severity    Severity         `json:"severity"`
	Subject     string           `json:"subject"` // what it is about, such as "payout P-1"
	About       domain.Text      `json:"about"`   // the same in words
	Title       domain.Text      `json:"title"`
	Explanation domain.Text      `json:"explanation"`
	Action      domain.Text      `json:"action"` // what to do about it
	Figures     domain.Figures   `json:"figures,omitempty"`
	Cases       []Case           `json:"cases,omitempty"`  // what it gathers, the gravest first; at most MaxCases
	CaseCount   int              `json:"case_count"`       // how many there are; 1 of a finding that gathers none
	Events      []uint64         `json:"events,omitempty"` // sequences, ascending; at most MaxFindingEvents
	EventCount  int              `json:"event_count"`      // how many there are
	Disposition *Disposed        `json:"disposition,omitempty"`
	Since       int              `json:"events_since,omitzero"` // of its events, those that came after it was disposed of

	weight domain.Money // what is told first among findings of a kind
	all    []uint64     // every event
}

// Open reports whether an auditor has something to do: nobody has disposed of it, or events have come since.
func (f Finding) Open() bool { return f.Disposition == nil || f.Since > 0 }

// Case is one of several that a finding gathers. It has an id of its own, by which an auditor may dispose of it alone.
type Case struct {
	ID          domain.FindingID `json:"id"`
	Subject     string           `json:"subject"`
	About       domain.Text      `json:"about"` // the same in words
	Detail      domain.Text      `json:"detail"`
	Figures     domain.Figures   `json:"figures,omitempty"`
	Events      []uint64         `json:"events,omitempty"` // at most MaxCaseEvents
	Disposition *Disposed        `json:"disposition,omitempty"`

	weight domain.Money
}

// Disposed is what an auditor made of a finding.
type Disposed struct {
	Disposition domain.Disposition `json:"disposition"`
	Comment     string             `json:"comment"`
	By          domain.PersonID    `json:"by"`
	On          domain.Date        `json:"on"`
	Seq         uint64             `json:"seq"`
}

// How many sequences one finding and one case list, and how many cases a finding.
const (
	maxFindingEvents = 100
	maxCaseEvents    = 20
	MaxCases         = 1000
)

// findingID is the id of the finding of a code about a subject: the code and 64 bits of a digest of both, each behind its length.
func findingID(code, subject string) domain.FindingID {
	h := sha256.New()
	for _, part := range []string{"fundledger-finding-1", code, subject} {
		var n [4]byte
		binary.BigEndian.PutUint32(n[:], uint32(len(part)))
		h.Write(n[:])
		h.Write([]byte(part))
	}
	return domain.FindingID(code + "-" + hex.EncodeToString(h.Sum(nil)[:8]))
}

// found makes a finding of a code of the catalogue. Figures are pairs of a name and a value; empty values are left out.
func found(code, subject string, events []uint64, figures ...string) Finding {
	entry := catalogue[code]
	f := Finding{ID: findingID(code, subject), Code: code, Severity: entry.severity, Subject: subject, Title: entry.title, Action: entry.act,
		Figures: paired(figures), CaseCount: 1}
	f.all = sequences(events)
	f.EventCount = len(f.all)
	f.Events = f.all[:min(len(f.all), maxFindingEvents)]
	f.weight, _ = domain.ParseMoney(f.Figures["amount"]) // none where it has no amount
	f.explain(nil)
	return f
}

// explain tells what was found in the words of a policy, where there is one: departments and clauses have names.
func (f *Finding) explain(p *domain.Policy) {
	f.About, f.Explanation = about(f.Subject, p), told(catalogue[f.Code].meaning, f.Subject, f.Figures, p)
	for i := range f.Cases {
		c := &f.Cases[i]
		c.About, c.Detail = about(c.Subject, p), told(catalogue[f.Code].one, c.Subject, c.Figures, p)
	}
}

// paired are figures of names and values by turns; empty values are left out.
func paired(pairs []string) domain.Figures {
	figures := domain.Figures{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			figures[pairs[i]] = pairs[i+1]
		}
	}
	return figures
}

// sequences are events in the log's order, each once.
func sequences(events []uint64) []uint64 {
	return slices.Compact(slices.Sorted(slices.Values(events)))
}

// told is a sentence with figures, in both languages, in the words of a policy where there is one.
func told(sentence domain.Text, subject string, figures domain.Figures, p *domain.Policy) domain.Text {
	return domain.Text{ZH: fillIn(sentence.ZH, inWords(subject, figures, p, "zh")), EN: fillIn(sentence.EN, inWords(subject, figures, p, "en"))}
}

// inWords gives the figures of a sentence by their names: events, duties and what the finding is about in the reader's words, the rest as
// refusals tell it.
func inWords(subject string, figures domain.Figures, p *domain.Policy, lang string) func(name string) string {
	listed := func(value string, of func(one string) string) string {
		list := strings.Split(value, ", ")
		for i, one := range list {
			list[i] = of(one)
		}
		return strings.Join(list, domain.Text{ZH: "、", EN: ", "}.In(lang))
	}
	return func(name string) string {
		value := figures[name]
		switch name {
		case "subject":
			return about(subject, p).In(lang)
		case "on", "account", "kind":
			return about(value, p).In(lang)
		case "why":
			return value
		case "event":
			return words.Cell("event_type", value).In(lang)
		case "part":
			return words.Figure(value, lang)
		case "clauses":
			return listed(value, func(clause string) string { return figure("clause", clause, p).In(lang) })
		case "payouts", "persons", "enterprises", "projects", "talents":
			return listed(value, func(one string) string { return one })
		case "duties":
			return listed(value, func(duty string) string { return words.Cell("duty", duty).In(lang) })
		}
		return (&domain.Refusal{Figures: figures}).Under(p).Figure(name, lang)
	}
}

// figure is a figure as refusals tell it, in the words of a policy where there is one.
func figure(name, value string, p *domain.Policy) domain.Text {
	named := (&domain.Refusal{Figures: domain.Figures{name: value}}).Under(p)
	return domain.Text{ZH: named.Figure(name, "zh"), EN: named.Figure(name, "en")}
}

// aboutWords are the kinds of thing that a finding is about, by the word that its subject begins with.
var aboutWords = map[string]string{"account": "账户", "application": "申请", "award": "人才或团队", "budget": "预算", "clawback": "追回", "checkpoint": "检查点",
	"clause": "条款", "department": "部门", "enterprise": "企业", "event": "事件", "group": "集团", "payout": "支付", "person": "人员", "project": "项目", "recovery": "收回",
	"voucher": "凭证", "year": "年度"}

// about is what a finding or a case is about, in words: kinds, departments and clauses have names.
func about(subject string, p *domain.Policy) domain.Text {
	kind, id, _ := strings.Cut(subject, " ")
	word, known := aboutWords[kind]
	if !known {
		return domain.Text{ZH: subject, EN: subject}
	}
	var year domain.Text // or "total": what the subject ends with
	if at := strings.LastIndexByte(id, ' '); at >= 0 && (kind == "clause" || kind == "account" || kind == "budget") {
		year, id = figure("year", id[at+1:], p), id[:at]
		year = domain.Text{ZH: " " + year.ZH, EN: " " + year.EN}
	}
	told := domain.Text{ZH: id, EN: id}
	switch kind {
	case "department", "clause":
		told = figure(kind, id, p)
	case "budget":
		told = figure("scope", id, p)
	case "account": // clause/kind:subject
		clause, of, _ := strings.Cut(id, "/")
		if limited, subject, whole := strings.Cut(of, ":"); whole {
			name, by := figure("clause", clause, p), figure("subject_kind", limited, p)
			told = domain.Text{ZH: name.ZH + "/" + by.ZH + " " + subject, EN: name.EN + "/" + by.EN + " " + subject}
		}
	case "event":
		if seq, of, has := strings.Cut(id, " "); has {
			told = domain.Text{ZH: seq + " " + words.Figure(of, "zh"), EN: seq + " " + words.Figure(of, "en")}
		}
	}
	return domain.Text{ZH: strings.TrimSuffix(word+" "+told.ZH, " ") + year.ZH, EN: strings.TrimSuffix(kind+" "+told.EN, " ") + year.EN}
}

// fillIn puts figures into a sentence: {name} is the figure of that name.
func fillIn(sentence string, figure func(name string) string) string {
	var b strings.Builder
	for {
		before, after, more := strings.Cut(sentence, "{")
		b.WriteString(before)
		if !more {
			return b.String()
		}
		name, rest, _ := strings.Cut(after, "}")
		b.WriteString(figure(name))
		sentence = rest
	}
}

// severityOrder is the order of reports: worst first.
func severityOrder(s Severity) int { return slices.Index([]Severity{Error, Warning, Notice}, s) }

// sortFindings puts findings into the order of reports: the gravest kind first, of a kind the largest amount.
func sortFindings(list []Finding) {
	slices.SortStableFunc(list, func(a, b Finding) int {
		return cmp.Or(severityOrder(a.Severity)-severityOrder(b.Severity), ranks[a.Code]-ranks[b.Code], b.weight.Cmp(a.weight),
			slices.Compare(a.Events[:min(len(a.Events), 1)], b.Events[:min(len(b.Events), 1)]), strings.Compare(a.Subject, b.Subject))
	})
}

// KindCount is how many findings there are of a kind, and what the kind is called.
type KindCount struct {
	Code     string      `json:"code"`
	Severity Severity    `json:"severity"`
	Title    domain.Text `json:"title"`
	Action   domain.Text `json:"action"`
	Findings int         `json:"findings"`
	Cases    int         `json:"cases"`
	Open     int         `json:"open"` // findings that nobody has disposed of, or with events since
}

// counted counts findings that are in the order of reports by their kinds.
func counted(list []Finding) []KindCount {
	kinds := []KindCount{}
	for _, f := range list {
		if len(kinds) == 0 || kinds[len(kinds)-1].Code != f.Code {
			kinds = append(kinds, KindCount{Code: f.Code, Severity: f.Severity, Title: f.Title, Action: f.Action})
		}
		k := &kinds[len(kinds)-1]
		k.Findings, k.Cases = k.Findings+1, k.Cases+f.CaseCount
		if f.Open() {
			k.Open++
		}
	}
	return kinds
}

// dispose joins what auditors have said to a finding and to its cases.
func (f *Finding) dispose(said map[domain.FindingID]*Disposed) {
	f.Disposition = said[f.ID]
	for i := range f.Cases {
		f.Cases[i].Disposition = said[f.Cases[i].ID]
	}
	if f.Disposition == nil {
		return
	}
	for _, seq := range f.all {
		if seq > f.Disposition.Seq {
			f.Since++
		}
	}
}
