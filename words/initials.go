package words

import (
	"strings"
	"unicode"

	"github.com/mozillazg/go-pinyin"
)

// Initials is what a name is found by when typed by its initials: the first letter of each character's pinyin, and its
// Latin letters and digits, all in lower case.
func Initials(name string) string {
	args := pinyin.NewArgs()
	args.Style = pinyin.FirstLetter
	var b strings.Builder
	for _, r := range name {
		if sounds := pinyin.SinglePinyin(r, args); len(sounds) > 0 {
			b.WriteString(sounds[0])
		} else if unicode.IsLetter(r) || unicode.IsDigit(r) {
			b.WriteRune(unicode.ToLower(r))
		}
	}
	return b.String()
}
