package domain

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// creditCodeSigns are the signs of a unified social credit code in the order of their values (GB 32100-2015, table 2:
// digits and capital letters without I, O, S, V and Z).
const creditCodeSigns = "0123456789ABCDEFGHJKLMNPQRTUWXY"

// ValidCreditCode reports whether code is a unified social credit code (统一社会信用代码): 18 signs of which the last
// checks the others, weights 3^i mod 31 (GB 32100-2015, annex A).
func ValidCreditCode(code EnterpriseID) bool {
	if len(code) != 18 {
		return false
	}
	check, ok := CreditCodeCheck(string(code[:17]))
	return ok && code[17] == check
}

// CreditCodeCheck is the check character of the first 17 signs of a credit code; false where a sign is not of the set.
func CreditCodeCheck(first17 string) (byte, bool) {
	if len(first17) != 17 {
		return 0, false
	}
	sum, weight := 0, 1
	for i := range len(first17) {
		value := strings.IndexByte(creditCodeSigns, first17[i])
		if value < 0 {
			return 0, false
		}
		sum += value * weight
		weight = weight * 3 % 31
	}
	return creditCodeSigns[(31-sum%31)%31], true
}

// HoldsPersonalID reports whether a text holds what looks like a resident identity number, which is written nowhere (R15).
func HoldsPersonalID(text string) bool { return personalID(text) }

// personalID finds a resident identity number (GB 11643-1999: 17 digits with a date of birth, and an ISO 7064 MOD 11-2
// check character) anywhere in a text, digits of any script, with spaces or hyphens between them too: such a number never
// enters an event (R15). A longer run of digits is another number.
func personalID(text string) bool {
	if len(text) < 18 {
		return false
	}
	digits := 0
	for _, r := range text {
		if _, is := digitOf(r); is {
			digits++
		}
	}
	return digits >= 17 && identityAmong(groupsOf(text))
}

// groupsOf lists the groups of digits of a text, each with the X that may end it; an empty group stands for what keeps groups apart
// and is neither a space nor a hyphen.
func groupsOf(text string) []string {
	var groups []string
	var group []byte
	end := func() {
		if len(group) > 0 {
			groups, group = append(groups, string(group)), nil
		}
	}
	for _, r := range text {
		digit, is := digitOf(r)
		switch {
		case is && len(group) > 0 && group[len(group)-1] == 'X': // an X within digits ends no number
			group = group[:len(group)-1]
			end()
			groups, group = append(groups, ""), []byte{digit}
		case is:
			group = append(group, digit)
		case r == 'X' || r == 'x' || r == 'Ｘ' || r == 'ｘ':
			group = append(group, 'X')
		case unicode.IsSpace(r) || unicode.In(r, unicode.Pd, unicode.Cf) || r == '−' || r == '_' || r == blank:
			end()
		default:
			end()
			groups = append(groups, "")
		}
	}
	end()
	return groups
}

// identityAmong tries every run of groups that makes 18 signs.
func identityAmong(groups []string) bool {
	for i := range groups {
		number := ""
		for _, group := range groups[i:] {
			if number += group; group == "" || len(number) > 18 {
				break
			}
			if len(number) == 18 && residentNumber(number) {
				return true
			}
		}
	}
	return false
}

// digitOf is a decimal digit of any script as an ASCII one.
func digitOf(r rune) (byte, bool) {
	switch {
	case r >= '0' && r <= '9':
		return byte(r), true
	case r < utf8.RuneSelf || !unicode.Is(unicode.Nd, r):
		return 0, false
	case r >= '𝟎' && r <= '𝟿': // five styles, one after the other
		return byte('0' + (r-'𝟎')%10), true
	}
	zero := r
	for unicode.Is(unicode.Nd, zero-1) && r-zero < 9 {
		zero--
	}
	return byte('0' + r - zero), true // digits of a script stand in a row, from 0
}

func residentNumber(n string) bool {
	if i := strings.IndexByte(n, 'X'); i >= 0 && i < 17 {
		return false
	}
	if _, err := time.Parse("20060102", n[6:14]); err != nil || n[6:8] != "19" && n[6:8] != "20" {
		return false
	}
	weights := [17]int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2}
	sum := 0
	for i, w := range weights {
		sum += int(n[i]-'0') * w
	}
	return "10X98765432"[sum%11] == n[17]
}
