package audit

import (
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
	Title       domain.Text      `json:"title"`
	Explanation domain.Text      `json:"explanation"`
	Figures     domain.Figures   `json:"figures,omitempty"`
	Events      []uint64         `json:"events,omitempty"` // sequences, ascending; at most MaxFindingEvents
	EventCount  int              `json:"event_count"`      // how many there are
	Disposition *Disposed        `json:"disposition,omitempty"`
}

// Disposed is what an auditor made of a finding.
type Disposed struct {
	Disposition domain.Disposition `json:"disposition"`
	Comment     string             `json:"comment"`
	By          domain.PersonID    `json:"by"`
	On          domain.Date        `json:"on"`
	Seq         uint64             `json:"seq"`
}

// maxFindingEvents is how many sequences one finding lists.
const maxFindingEvents = 100

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
	f := Finding{ID: findingID(code, subject), Code: code, Severity: entry.severity, Subject: subject, Title: entry.title, Figures: domain.Figures{}}
	for i := 0; i+1 < len(figures); i += 2 {
		if figures[i+1] != "" {
			f.Figures[figures[i]] = figures[i+1]
		}
	}
	f.Events = slices.Compact(slices.Sorted(slices.Values(events)))
	f.EventCount = len(f.Events)
	f.Events = f.Events[:min(len(f.Events), maxFindingEvents)]
	f.explain()
	return f
}

// explain tells the finding with its figures, in both languages.
func (f *Finding) explain() {
	entry := catalogue[f.Code]
	f.Explanation = domain.Text{ZH: fillIn(entry.zh, f.inWords("zh")), EN: fillIn(entry.en, f.inWords("en"))}
}

// inWords gives the figures of a sentence by their names: events, duties and what the finding is about in the reader's words.
func (f *Finding) inWords(lang string) func(name string) string {
	return func(name string) string {
		value, ok := f.Figures[name]
		switch {
		case name == "subject":
			return aboutWhat(f.Subject, lang)
		case name == "on":
			return aboutWhat(value, lang)
		case !ok:
			return "–"
		case name == "event":
			return words.Cell("event_type", value).In(lang)
		case name == "part":
			return words.Figure(value, lang)
		case name == "duties":
			list := strings.Split(value, ", ")
			for i, duty := range list {
				list[i] = words.Cell("duty", duty).In(lang)
			}
			return strings.Join(list, domain.Text{ZH: "、", EN: ", "}.In(lang))
		}
		return value
	}
}

// aboutWords are the kinds of thing that a finding is about, by the word that its subject begins with.
var aboutWords = map[string]string{"account": "账户", "application": "申请", "clawback": "追回", "checkpoint": "检查点", "department": "部门", "enterprise": "企业",
	"event": "事件", "payout": "支付", "project": "项目", "voucher": "凭证"}

// aboutWhat is what a finding is about, in "zh" or "en".
func aboutWhat(subject, lang string) string {
	kind, id, _ := strings.Cut(subject, " ")
	if word, known := aboutWords[kind]; known && lang != "en" {
		return word + " " + id
	}
	return subject
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

// sortFindings puts findings into the order of reports: by severity, code and subject.
func sortFindings(list []Finding) {
	slices.SortStableFunc(list, func(a, b Finding) int {
		if c := severityOrder(a.Severity) - severityOrder(b.Severity); c != 0 {
			return c
		}
		if c := strings.Compare(a.Code, b.Code); c != 0 {
			return c
		}
		if len(a.Events) > 0 && len(b.Events) > 0 && a.Events[0] != b.Events[0] {
			if a.Events[0] < b.Events[0] {
				return -1
			}
			return 1
		}
		return strings.Compare(a.Subject, b.Subject)
	})
}
