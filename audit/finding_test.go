package audit

import (
	"regexp"
	"strings"
	"testing"

	"github.com/fundledger/fundledger/domain"
)

// What is found is told in the reader's words: duties, events and what it is about are no codes in a sentence. Every kind says what to do.
func TestEveryFindingIsToldInTheReadersWords(t *testing.T) {
	latin, mark, han := regexp.MustCompile(`[A-Za-z]{2,}`), regexp.MustCompile(`\{(\w+)\}`), regexp.MustCompile(`\p{Han}`)
	narrow := regexp.MustCompile(`\p{Han}[,:;()!?]|[,:;()!?]\p{Han}`)
	codes := map[string]string{"duties": "accept, pay", "event": "payout_made", "part": "amount", "on": "application 7", "account": "account 7", "kind": "project"}
	if len(catalogue) != len(kinds) {
		t.Errorf("%d kinds have %d codes", len(kinds), len(catalogue))
	}
	for _, k := range kinds {
		for _, sentence := range []domain.Text{k.title, k.meaning, k.act, k.one} {
			if sentence == nothing && sentence == k.one {
				continue
			}
			figures := domain.Figures{}
			for _, m := range mark.FindAllStringSubmatch(sentence.ZH, -1) {
				if figures[m[1]] = codes[m[1]]; figures[m[1]] == "" {
					figures[m[1]] = "7"
				}
			}
			in := told(sentence, "payout 7", figures, nil)
			if wrong := latin.FindAllString(strings.ReplaceAll(in.ZH, "fundledger rebuild", ""), -1); wrong != nil || !han.MatchString(in.ZH) && in.ZH != "7" || strings.Contains(in.ZH, "–") {
				t.Errorf("%s is told as %q: %v", k.code, in.ZH, wrong)
			}
			if narrow.MatchString(in.ZH) {
				t.Errorf("%s has narrow punctuation in Chinese: %q", k.code, in.ZH)
			}
			if han.MatchString(in.EN) || !latin.MatchString(in.EN) && in.EN != "7" || strings.Contains(strings.ReplaceAll(in.EN, "caveat", ""), "–") && !strings.Contains(sentence.EN, "_en}") {
				t.Errorf("%s is told as %q", k.code, in.EN)
			}
		}
	}
}
