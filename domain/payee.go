package domain

import (
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// AccountNumber is the number of a bank account. The ledger knows it sealed only: its last four characters stay legible, the whole can be
// read by who has the key, which lies beside the log and not on it. So every way that an event or a command goes out is masked.
type AccountNumber string

// The form of a sealed number: the prefix, the last four characters, and what the key opens.
const (
	sealedPrefix = "sealed:"
	tailLen      = 4
	minAccount   = 8
	maxAccount   = 40
	maxSealed    = 200
)

// SealedNumber is the number whose last characters and sealed whole are given.
func SealedNumber(tail, sealed string) AccountNumber {
	return AccountNumber(sealedPrefix + tail + ":" + sealed)
}

// Plain is a number as banks compare it, in capitals and without spaces and hyphens; false for what can be none.
func (n AccountNumber) Plain() (AccountNumber, bool) {
	text := strings.Map(func(r rune) rune {
		if r == '-' || visible(r) < 0 {
			return -1
		}
		return r
	}, strings.ToUpper(norm.NFKC.String(string(n))))
	odd := strings.ContainsFunc(text, func(r rune) bool { return !(r >= '0' && r <= '9' || r >= 'A' && r <= 'Z') })
	return AccountNumber(text), !odd && len(text) >= minAccount && len(text) <= maxAccount
}

// Parts are the last characters of a sealed number and what the key opens; false for a number that is not sealed.
func (n AccountNumber) Parts() (tail, sealed string, ok bool) {
	rest, ok := strings.CutPrefix(string(n), sealedPrefix)
	tail, sealed, cut := strings.Cut(rest, ":")
	if _, plain := AccountNumber(strings.Repeat(tail, 2)).Plain(); !ok || !cut || len(tail) != tailLen || !plain || sealed == "" ||
		len(n) > maxSealed || !printable(sealed, false) {
		return "", "", false
	}
	return tail, sealed, true
}

// Tail is what may be seen of a number by everybody: its last four characters, where it is sealed.
func (n AccountNumber) Tail() string {
	tail, _, _ := n.Parts()
	return tail
}

// RecordPayeeAccount says to which bank account an enterprise is paid, from the command's date on.
type RecordPayeeAccount struct {
	Head
	Enterprise EnterpriseID  `json:"enterprise"`
	Holder     string        `json:"holder"`
	Account    AccountNumber `json:"account"`
	Bank       string        `json:"bank"`
	Reason     string        `json:"reason,omitzero"`
}

// PayeeAccountRecorded says to which bank account an enterprise is paid.
type PayeeAccountRecorded struct {
	Enterprise EnterpriseID  `json:"enterprise"`
	Holder     string        `json:"holder"`
	Account    AccountNumber `json:"account"`
	Bank       string        `json:"bank"`
	Reason     string        `json:"reason,omitzero"`
}

// Name is "record_payee_account".
func (RecordPayeeAccount) Name() string { return "record_payee_account" }

// Name is "payee_account_recorded".
func (PayeeAccountRecorded) Name() string { return "payee_account_recorded" }

// Entity is the enterprise.
func (e PayeeAccountRecorded) Entity() (string, string) { return "enterprise", string(e.Enterprise) }

func (c *RecordPayeeAccount) about(*State) Concern { return Concern{Enterprise: c.Enterprise} }

func (c *RecordPayeeAccount) decide(s *State, _ Date) ([]Event, *Refusal) {
	e, r := s.checkEnterprise(c.Enterprise)
	if r != nil {
		return nil, r
	}
	if r := checkNeeded("holder", c.Holder); r != nil {
		return nil, r
	}
	if c.Account == "" {
		return nil, refuse(CodeFieldMissing, "field", "account")
	}
	if c.Account.Tail() == "" { // what was given is in no refusal
		return nil, refuse(CodeFieldInvalid, "field", "account", "value", "***", "reason", ReasonAccount)
	}
	if r := checkNeeded("bank", c.Bank); r != nil {
		return nil, r
	}
	if r := checkTexts("reason", c.Reason); r != nil {
		return nil, r
	}
	if strings.TrimSpace(c.Reason) == "" && Key(c.Holder) != Key(e.name) {
		return nil, refuse(CodeHolderDiffers, "enterprise", c.Enterprise, "holder", c.Holder, "name", e.name)
	}
	return []Event{&PayeeAccountRecorded{Enterprise: c.Enterprise, Holder: c.Holder, Account: c.Account, Bank: c.Bank, Reason: c.Reason}}, nil
}

func (e *PayeeAccountRecorded) concerns() Concern { return Concern{Enterprise: e.Enterprise} }

func (e *PayeeAccountRecorded) command(h Head) Command {
	return &RecordPayeeAccount{Head: h, Enterprise: e.Enterprise, Holder: e.Holder, Account: e.Account, Bank: e.Bank, Reason: e.Reason}
}

func (e *PayeeAccountRecorded) describe() Text {
	return reasoned("收款账户尾号 "+e.Account.Tail()+"，户名 "+e.Holder+"，开户行 "+e.Bank,
		"payee account ending "+e.Account.Tail()+", holder "+e.Holder+", bank "+e.Bank, e.Reason)
}

func (e *PayeeAccountRecorded) apply(s *State, by Deed) {
	recorded := payee{PayeeView{From: by.Date, Holder: e.Holder, Account: e.Account, Bank: e.Bank, By: by.Actor.ID}, by.Actor.Persons()}
	if by.ImportedBy != "" { // whoever the file names
		recorded.by = append(recorded.by, by.ImportedBy)
	}
	s.enterprises.update(e.Enterprise, func(row *enterprise) { row.payees = append(slices.Clip(row.payees), recorded) })
}

// payee is an account of an enterprise, with who recorded it: with a deputy both, and who imported it.
type payee struct {
	PayeeView
	by []PersonID
}

// payeeOn is the account that an enterprise is paid to on a day: the one from the latest day up to it, of equal days the last recorded.
func (e enterprise) payeeOn(d Date) (on payee, known bool) {
	for _, p := range e.payees {
		if !p.From.After(d) && !p.From.Before(on.From) {
			on, known = p, true
		}
	}
	return on, known
}

// checkPayee keeps who recorded the account that is paid to from paying to it (R9).
func checkPayee(e enterprise, paidOn Date, by Actor) *Refusal {
	on, known := e.payeeOn(paidOn)
	if p := by.Among(on.by); known && p != "" {
		return refuse(CodeFourEyes, "person", p, "did", "record_payee_account", "does", DutyPay)
	}
	return nil
}

// PayeeView is an account of an enterprise, from a day on.
type PayeeView struct {
	From    Date
	Holder  string
	Account AccountNumber
	Bank    string
	By      PersonID
}

// Payees are the accounts of an enterprise, in the order they were recorded.
func (s *State) Payees(id EnterpriseID) []PayeeView {
	e, _ := s.enterprises.find(id)
	list := make([]PayeeView, len(e.payees))
	for i, p := range e.payees {
		list[i] = p.PayeeView
	}
	return list
}

// PayeeOn is the account that an enterprise is paid to on a day.
func (s *State) PayeeOn(id EnterpriseID, d Date) (PayeeView, bool) {
	e, _ := s.enterprises.find(id)
	on, known := e.payeeOn(d)
	return on.PayeeView, known
}
