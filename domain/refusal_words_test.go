package domain

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// sampleFigures are figures as refusals keep them, those that are codes with a code.
func sampleFigures(code string) Figures {
	f := Figures{"role": "reviewer", "state": "submitted", "subject_kind": "award", "period": "total", "cause": "error", "opinion": "oppose",
		"did": "accept", "does": "waive_clawback", "command": "make_payout", "department": "d1", "industry": "i1", "clause": "9", "scope": "d1",
		"year": "total", "reason": string(ReasonOneOf), "field": "opinion", "expected": "list", "allowed": "support, oppose"}
	for _, mark := range regexp.MustCompile(`\{(\w+)\}`).FindAllStringSubmatch(refusalTexts[code].zh, -1) {
		if _, known := f[mark[1]]; !known {
			f[mark[1]] = "1800000.00"
		}
	}
	switch code {
	case CodeRoleNotAllowed:
		f["allowed"] = "reviewer, approver"
	case CodeDepartmentNotAllowed:
		f["allowed"] = "d1, d2"
	case CodeApplicationState:
		f["allowed"] = "submitted, accepted"
	case CodeIndustryNotServed:
		f["allowed"] = "i1"
	case CodeClauseByReference, CodeReferenceInvalid:
		f["allowed"] = "9"
	}
	return f
}

var namedPolicy = &Policy{
	Departments: []Department{{"d1", Text{"商务委", "Commerce"}}, {"d2", Text{"科委", "Science"}}},
	Industries:  []Industry{{"i1", Text{"人工智能", "AI"}}},
	Clauses:     []Clause{{ID: "9", Name: Text{"绿色低碳", "Green"}}},
}

// latin finds words of another language. Abbreviations and names of formats are no such words, nor is how a value is written.
func latin(text string) []string {
	text = regexp.MustCompile(`GB 32100-2015|UTF-8|JSON|SHA-256|distinct_from|actor|reason|true|false|values`).ReplaceAllString(text, "")
	return regexp.MustCompile(`[A-Za-z]{2,}`).FindAllString(text, -1)
}

func TestEveryRefusalIsToldInTheReadersWords(t *testing.T) {
	for code := range refusalTexts {
		r := (&Refusal{Code: code, Rule: refusalTexts[code].rule, Figures: sampleFigures(code)}).Under(namedPolicy)
		m := r.Message()
		if found := latin(m.ZH); found != nil || strings.Contains(m.ZH, "–") {
			t.Errorf("%s is told as %q: %v", code, m.ZH, found)
		}
		if regexp.MustCompile(`\p{Han}`).MatchString(m.EN) || strings.Contains(m.EN, "–") {
			t.Errorf("%s is told as %q", code, m.EN)
		}
	}
}

func TestEveryReasonIsToldInTheReadersWords(t *testing.T) {
	for reason, text := range reasonTexts {
		r := &Refusal{Code: CodeFieldInvalid, Figures: Figures{"field": "opinion", "value": "1", "reason": string(reason), "allowed": "oppose", "expected": "list",
			"limit": "3", "use": "4", "hash": "1", "fund": "1", "detail": "1"}}
		m := r.Message()
		if found := latin(m.ZH); found != nil || text.EN == "" || text.ZH == "" || strings.Contains(m.ZH+m.EN, "–") {
			t.Errorf("%s is told as %v: %v", reason, m, found)
		}
	}
}

// A reason that is written out in a refusal is read in one language only.
func TestReasonsOfRefusalsAreCodes(t *testing.T) {
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if !strings.HasSuffix(file.Name(), ".go") || strings.HasSuffix(file.Name(), "_test.go") {
			continue
		}
		tree, err := parser.ParseFile(token.NewFileSet(), file.Name(), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(tree, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			at := slices.IndexFunc(call.Args, func(e ast.Expr) bool { l, is := e.(*ast.BasicLit); return is && l.Value == `"reason"` })
			if name, is := call.Fun.(*ast.Ident); !is || name.Name != "refuse" || at < 0 || at+1 >= len(call.Args) {
				return true
			}
			if text, is := call.Args[at+1].(*ast.BasicLit); is {
				plain, _ := strconv.Unquote(text.Value)
				t.Errorf("%s: the reason %q is no Reason", file.Name(), plain)
			}
			return true
		})
	}
}

// What happened is told in the reader's words too: an event's opinion, cause or disposition is no code in a sentence.
func TestEveryEventIsToldInTheReadersWords(t *testing.T) {
	codes := map[reflect.Type]string{reflect.TypeFor[Opinion](): "oppose", reflect.TypeFor[Cause](): "breach", reflect.TypeFor[Disposition](): "false_alarm"}
	for _, make := range Events {
		e := make()
		v := reflect.ValueOf(e).Elem()
		for i := range v.NumField() {
			if f := v.Field(i); f.Kind() == reflect.String && f.CanSet() {
				value, coded := codes[f.Type()]
				if !coded {
					value = "甲"
				}
				f.SetString(value)
			}
		}
		if text := Describe(e); latin(text.ZH) != nil || strings.Contains(text.ZH+text.EN, "%!") {
			t.Errorf("%s is told as %q, %q", e.Name(), text.ZH, text.EN)
		}
	}
}
