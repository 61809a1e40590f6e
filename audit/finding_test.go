package audit

import (
	"regexp"
	"testing"
)

// What is found is told in the reader's words: duties, events and what it is about are no codes in a sentence.
func TestEveryFindingIsToldInTheReadersWords(t *testing.T) {
	latin, mark := regexp.MustCompile(`[A-Za-z]{2,}`), regexp.MustCompile(`\{(\w+)\}`)
	codes := map[string]string{"duties": "accept, pay", "event": "payout_made", "part": "amount", "on": "application 7"}
	for code, entry := range catalogue {
		var figures []string
		for _, m := range mark.FindAllStringSubmatch(entry.zh, -1) {
			value, coded := codes[m[1]]
			if !coded {
				value = "7"
			}
			figures = append(figures, m[1], value)
		}
		f := found(code, "payout 7", nil, figures...)
		if wrong := latin.FindAllString(f.Explanation.ZH+f.Title.ZH, -1); wrong != nil {
			t.Errorf("%s is told as %q", code, f.Explanation.ZH)
		}
		if regexp.MustCompile(`\p{Han}`).MatchString(f.Explanation.EN) {
			t.Errorf("%s is told as %q", code, f.Explanation.EN)
		}
	}
}
