package domain

import (
	"fmt"
	"strconv"
	"unicode"
	"unicode/utf8"
)

// The kinds of identifiers. Each is 1 to 200 bytes of valid UTF-8 without control, format or separator characters
// and without a space at either end; what is inside is the giver's affair.
type (
	FundID          string // a fund: one stream, one ledger, and the policies that follow one another in it
	PolicyID        string // a policy of a fund; the first one's is the fund's, where its file says none
	EnterpriseID    string // a beneficiary; under "uscc" a unified social credit code
	ClauseID        string // a clause row of the policy, such as "1.2a"
	ClausePrefix    string // what stands before the ids of a policy's clauses, which are unique in a fund
	DepartmentID    string // a department of the policy, such as "commerce"
	IndustryID      string // an industry of the policy, such as "ai"
	ApplicationID   string // an application for support
	PayoutID        string // a payout
	ClawbackID      string // an order to pay back
	RecoveryID      string // money that came back
	ExceptionID     string // a grant of stronger support
	CommandID       string // a command, chosen by whoever gives it (R11)
	PersonID        string // a person who acts: a user's name, never a personal identity number
	FindingID       string // an audit finding
	StatementID     string // a payment file of the treasury
	OfferID         string // an offer of support
	FactID          string // a fact of the policy, such as "revenue"
	LinkID          string // a link of two enterprises
	IndicatorID     string // an indicator of a clause, such as "revenue-growth"
	EvaluationID    string // an evaluation of what a clause's money did in a year
	RectificationID string // what is to be put right after an evaluation
)

// SupportYear is the year that support is granted for; caps count against it. 0 is no year.
type SupportYear uint16

// String is the year in four digits, or "total" for no year, as figures show it.
func (y SupportYear) String() string {
	if y == 0 {
		return "total"
	}
	return fmt.Sprintf("%04d", uint16(y))
}

// SubjectKind says whom a clause limits.
type SubjectKind string

// The kinds of cap subject.
const (
	SubjectEnterprise SubjectKind = "enterprise"
	SubjectProject    SubjectKind = "project"
	SubjectAward      SubjectKind = "award"
)

// Subject is whoever a clause limits: an enterprise, a project or an award (R5's cap subject).
type Subject struct {
	Kind SubjectKind `json:"kind"`
	ID   string      `json:"id"`
}

// Account is one clause and one cap subject; it has a line for each support year.
type Account struct {
	Clause  ClauseID `json:"clause,omitzero"`
	Subject Subject  `json:"subject,omitzero"`
}

const maxID, maxText = 200, 4000

// validID reports whether s can be an identifier.
func validID(s string) bool {
	return s != "" && len(s) <= maxID && printable(s, false) && !unicode.IsSpace(firstRune(s)) && !unicode.IsSpace(lastRune(s))
}

// printable reports whether s is valid UTF-8 that a reader sees in full: no control characters (line breaks only
// where lines are allowed), no invisible format characters, which can make one name look like another. Identifiers have
// no fillers and no variation selectors either, which names of persons may need.
func printable(s string, lines bool) bool { _, place := unseen(s, lines); return place == 0 }

// unseen is the first character that makes a text not printable, and which one of the text's characters it is, from 1; 0 where there is none.
func unseen(s string, lines bool) (rune, int) {
	place := 0
	for _, r := range s {
		place++
		switch {
		case lines && (r == '\n' || r == '\t'):
		case r < utf8.RuneSelf: // most text: without a look into the tables
			if r < ' ' || r == 0x7f {
				return r, place
			}
		case !lines && unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector),
			unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Co, unicode.Cs), r == utf8.RuneError: // what is not UTF-8 reads as an error
			return r, place
		}
	}
	return 0, 0
}

// invisible refuses a text with the character that nobody sees, and its place.
func invisible(field, value string, lines bool, reason Reason) *Refusal {
	r := refuse(CodeFieldInvalid, "field", field, "value", Clip(value, 60), "reason", reason)
	if sign, place := unseen(value, lines); place > 0 {
		r.Figures["character"], r.Figures["place"] = fmt.Sprintf("U+%04X", sign), strconv.Itoa(place)
	}
	return r
}

func firstRune(s string) rune { r, _ := utf8.DecodeRuneInString(s); return r }
func lastRune(s string) rune  { r, _ := utf8.DecodeLastRuneInString(s); return r }
