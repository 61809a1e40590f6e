package domain

// RecordTreasuryPayment records one line of a payment file of the treasury, as it stands there: what the bank says was
// paid. It is evidence beside the ledger's own payouts, to be reconciled with them; it moves no total.
type RecordTreasuryPayment struct {
	Head
	Statement StatementID `json:"statement"` // the file
	Line      int         `json:"line"`      // of the file, from 1
	Voucher   string      `json:"voucher"`
	PaidOn    Date        `json:"paid_on,omitzero"` // left out: the command's date
	Amount    Money       `json:"amount"`
	Payee     string      `json:"payee"` // as the file names it
}

// TreasuryPaymentRecorded is one line of a payment file of the treasury.
type TreasuryPaymentRecorded struct {
	Statement StatementID `json:"statement"`
	Line      int         `json:"line"`
	Voucher   string      `json:"voucher"`
	PaidOn    Date        `json:"paid_on"`
	Amount    Money       `json:"amount"`
	Payee     string      `json:"payee"`
}

// Name is "record_treasury_payment".
func (RecordTreasuryPayment) Name() string { return "record_treasury_payment" }

// Name is "treasury_payment_recorded".
func (TreasuryPaymentRecorded) Name() string { return "treasury_payment_recorded" }

// Entity is the file.
func (e TreasuryPaymentRecorded) Entity() (string, string) { return "statement", string(e.Statement) }

// maxStatementLine bounds the lines of a payment file.
const maxStatementLine = 10_000_000

func (c *RecordTreasuryPayment) about(s *State) Concern { return s.onVoucher(c.Voucher) }

func (c *RecordTreasuryPayment) forms() []Command {
	return without(*c, c.PaidOn == c.Date, func(o *RecordTreasuryPayment) { o.PaidOn = Date{} })
}

func (c *RecordTreasuryPayment) decide(s *State, today Date) ([]Event, *Refusal) {
	if r := checkStatementLine(c.Statement, c.Line); r != nil {
		return nil, r
	}
	if r := checkNeeded("voucher", c.Voucher); r != nil {
		return nil, r
	}
	if r := checkNeeded("payee", c.Payee); r != nil {
		return nil, r
	}
	paidOn := or(c.PaidOn, c.Date)
	if r := checkNotFuture("paid_on", paidOn, today); r != nil {
		return nil, r
	}
	if r := checkAmount("amount", c.Amount); r != nil {
		return nil, r
	}
	if p, known := s.statements.find(statementLine{c.Statement, c.Line}); known && !p.voided {
		return nil, refuse(CodePaymentExists, "statement", c.Statement, "line", c.Line, "voucher", p.voucher, "amount", p.amount)
	}
	return []Event{&TreasuryPaymentRecorded{Statement: c.Statement, Line: c.Line, Voucher: c.Voucher, PaidOn: paidOn, Amount: c.Amount,
		Payee: c.Payee}}, nil
}

func checkStatementLine(statement StatementID, line int) *Refusal {
	if r := checkIDs("statement", statement); r != nil {
		return r
	}
	if line < 1 || line > maxStatementLine {
		return refuse(CodeFieldInvalid, "field", "line", "value", line, "reason", ReasonRange, "limit", maxStatementLine)
	}
	return nil
}

// statementLine names a line of a payment file.
type statementLine struct {
	statement StatementID
	line      int
}

// treasuryPayment is what decisions need to know of such a line.
type treasuryPayment struct {
	voucher string
	paidOn  Date
	amount  Money
	voided  bool
}

func (*TreasuryPaymentRecorded) concerns() Concern { return Concern{} }

func (e *TreasuryPaymentRecorded) command(h Head) Command {
	return &RecordTreasuryPayment{Head: h, Statement: e.Statement, Line: e.Line, Voucher: e.Voucher, PaidOn: e.PaidOn,
		Amount: e.Amount, Payee: e.Payee}
}

func (e *TreasuryPaymentRecorded) describe() Text {
	return both("国库支付文件 %s 第 %d 行：%s 支付 %s 给 %s，凭证 %s", "treasury payment file %s, line %d: on %s, %s to %s, voucher %s",
		e.Statement, e.Line, e.PaidOn, e.Amount, e.Payee, e.Voucher)
}

func (e *TreasuryPaymentRecorded) apply(s *State, _ Deed) {
	s.statements.put(statementLine{e.Statement, e.Line}, treasuryPayment{voucher: e.Voucher, paidOn: e.PaidOn, amount: e.Amount})
}

// VoidTreasuryPayment takes back a line that was recorded by mistake (R12); it can be recorded again as it should be.
type VoidTreasuryPayment struct {
	Head
	Statement StatementID `json:"statement"`
	Line      int         `json:"line"`
	Reason    string      `json:"reason"`
}

// TreasuryPaymentVoided says that a line of a payment file does not count.
type TreasuryPaymentVoided struct {
	Statement StatementID `json:"statement"`
	Line      int         `json:"line"`
	Voucher   string      `json:"voucher"`
	Amount    Money       `json:"amount"`
	Reason    string      `json:"reason"`
}

// Name is "void_treasury_payment".
func (VoidTreasuryPayment) Name() string { return "void_treasury_payment" }

// Name is "treasury_payment_voided".
func (TreasuryPaymentVoided) Name() string { return "treasury_payment_voided" }

// Entity is the file.
func (e TreasuryPaymentVoided) Entity() (string, string) { return "statement", string(e.Statement) }

func (c *VoidTreasuryPayment) about(s *State) Concern {
	return s.onVoucher(s.statements.get(statementLine{c.Statement, c.Line}).voucher)
}

func (c *VoidTreasuryPayment) decide(s *State, _ Date) ([]Event, *Refusal) {
	if r := checkStatementLine(c.Statement, c.Line); r != nil {
		return nil, r
	}
	if r := checkNeeded("reason", c.Reason); r != nil {
		return nil, r
	}
	p, known := s.statements.find(statementLine{c.Statement, c.Line})
	if !known || p.voided {
		return nil, refuse(CodePaymentUnknown, "statement", c.Statement, "line", c.Line)
	}
	return []Event{&TreasuryPaymentVoided{Statement: c.Statement, Line: c.Line, Voucher: p.voucher, Amount: p.amount, Reason: c.Reason}}, nil
}

func (*TreasuryPaymentVoided) concerns() Concern { return Concern{} }

func (e *TreasuryPaymentVoided) command(h Head) Command {
	return &VoidTreasuryPayment{Head: h, Statement: e.Statement, Line: e.Line, Reason: e.Reason}
}

func (e *TreasuryPaymentVoided) describe() Text {
	return both("作废国库支付文件 %s 第 %d 行（凭证 %s，%s）：%s",
		"line %[2]d of the treasury payment file %[1]s (voucher %[3]s, %[4]s) voided: %[5]s", e.Statement, e.Line, e.Voucher, e.Amount, e.Reason)
}

func (e *TreasuryPaymentVoided) apply(s *State, _ Deed) {
	s.statements.update(statementLine{e.Statement, e.Line}, func(p *treasuryPayment) { p.voided = true })
}
