package domain

import (
	"strings"
	"time"
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
// check character) anywhere in a text: such a number never enters an event (R15).
func personalID(text string) bool {
	if len(text) < 18 {
		return false
	}
	var run [18]byte
	n := 0
	for _, r := range text {
		if r >= '０' && r <= 'ｚ' { // full-width signs read the same
			r -= '０' - '0'
		}
		if r < '0' || r > '9' && (n != 17 || r != 'X' && r != 'x') {
			if n == 18 && residentNumber(string(run[:])) {
				return true
			}
			n = 0
			continue
		}
		if n < 18 {
			run[n] = byte(r)
		}
		n++
	}
	return n == 18 && residentNumber(string(run[:]))
}

func residentNumber(n string) bool {
	if _, err := time.Parse("20060102", n[6:14]); err != nil || n[6:8] != "19" && n[6:8] != "20" {
		return false
	}
	weights := [17]int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2}
	sum := 0
	for i, w := range weights {
		sum += int(n[i]-'0') * w
	}
	return "10X98765432"[sum%11] == strings.ToUpper(n)[17]
}
