package domain

import "testing"

func payeeOf(firm EnterpriseID, holder string, number AccountNumber) *RecordPayeeAccount {
	return &RecordPayeeAccount{Enterprise: firm, Holder: holder, Account: number, Bank: "示例银行虹桥支行"}
}

var (
	oldNumber = SealedNumber("6021", "b2xk")
	newNumber = SealedNumber("7788", "bmV3")
)

// The account that counts is the one from the latest day up to the day of payment, whenever it was recorded.
func TestR9TheAccountIsThatOfTheDay(t *testing.T) {
	st := given(t)
	name := st.state.enterprises.get(aiFirm).name
	st.on("2025-04-01").and(payeeOf(aiFirm, name, newNumber)).on("2025-03-01").and(payeeOf(aiFirm, name, oldNumber))
	for d, want := range map[string]string{"2025-02-28": "", "2025-03-01": "6021", "2025-03-31": "6021", "2025-04-01": "7788", "2026-01-01": "7788"} {
		on, known := st.state.PayeeOn(aiFirm, day(d))
		if known != (want != "") || on.Account.Tail() != want {
			t.Errorf("on %s the account ends in %q, want %q", d, on.Account.Tail(), want)
		}
	}
	st.on("2025-04-01").and(payeeOf(aiFirm, name, oldNumber))
	if on, _ := st.state.PayeeOn(aiFirm, day("2025-04-01")); on.Account != oldNumber {
		t.Errorf("of two accounts from one day the earlier counts: %+v", on)
	}
	if n := len(st.state.Payees(aiFirm)); n != 3 {
		t.Errorf("%d accounts are told", n)
	}
}

// Who recorded the account that is paid to does not pay to it, under no application and as nobody's deputy; others do.
func TestR9WhoRecordsTheAccountDoesNotPayToIt(t *testing.T) {
	both := func(role Role, d DepartmentID) Actor { return Actor{ID: "two.hats", Role: role, Department: d} }
	deputy := Actor{ID: "deputy", Role: Treasurer, Department: "finance", For: "two.hats"}
	st := given(t).approved(submit("A", aiFirm, "1.1a", "", in(2025, "9.00")))
	name := st.state.enterprises.get(aiFirm).name
	st.when(pay("P0", "A", 2025, "1.00")).then("payout_made")
	st.and(by(payeeOf(aiFirm, name, oldNumber), both(Clerk, "commerce"))).
		when(by(pay("P1", "A", 2025, "1.00"), both(Treasurer, "finance"))).refused(CodeFourEyes, "R9", "person", "two.hats", "did", "record_payee_account").
		when(by(pay("P1", "A", 2025, "1.00"), deputy)).refused(CodeFourEyes, "R9").
		when(pay("P1", "A", 2025, "1.00")).then("payout_made").
		when(by(book("B1", aiFirm, "1.1a", "", 2025, "1.00"), both(Treasurer, "finance"))).found(CodeFourEyes).
		and(by(payeeOf(aiFirm, name, newNumber), Actor{ID: "somebody.else", Role: Clerk, Department: "commerce"})).
		when(by(pay("P2", "A", 2025, "1.00"), both(Treasurer, "finance"))).then("payout_made")
}

// Who imports an account in somebody's name has recorded it.
func TestR9WhoImportsAnAccountDoesNotPayToIt(t *testing.T) {
	st := given(t).approved(submit("A", aiFirm, "1.1a", "", in(2025, "9.00")))
	Apply(st.state, &PayeeAccountRecorded{Enterprise: aiFirm, Holder: "x", Account: oldNumber, Bank: "b"},
		Deed{Actor: Actor{ID: "somebody", Role: Clerk}, Date: day("2025-03-01"), ImportedBy: "two.hats"})
	st.when(by(pay("P", "A", 2025, "1.00"), Actor{ID: "two.hats", Role: Treasurer, Department: "finance"})).refused(CodeFourEyes, "R9", "person", "two.hats").
		when(pay("P", "A", 2025, "1.00")).then("payout_made")
}

func TestR10TheHolderIsTheEnterpriseOrThereIsAReason(t *testing.T) {
	st := given(t)
	name := st.state.enterprises.get(aiFirm).name
	other := payeeOf(aiFirm, "上海某某代理有限公司", oldNumber)
	st.when(other).refused(CodeHolderDiffers, "R10", "holder", other.Holder, "name", name)
	reasoned := *other
	reasoned.Reason = "托管账户"
	st.when(&reasoned).then("payee_account_recorded").
		when(payeeOf(aiFirm, " "+name, oldNumber)).then("payee_account_recorded").
		when(payeeOf(code(99), name, oldNumber)).refused(CodeEnterpriseUnknown, "R10").
		when(payeeOf(aiFirm, "", oldNumber)).refused(CodeFieldMissing, "R11", "field", "holder").
		when(payeeOf(aiFirm, name, "")).refused(CodeFieldMissing, "R11", "field", "account").
		when(&RecordPayeeAccount{Enterprise: aiFirm, Holder: name, Account: oldNumber}).refused(CodeFieldMissing, "R11", "field", "bank")
}

// A number that is not sealed is refused without being told, and no sentence tells more of one than its end.
func TestAnAccountsNumberIsSealed(t *testing.T) {
	st := given(t)
	name := st.state.enterprises.get(aiFirm).name
	for _, open := range []AccountNumber{"6222021234567890", "sealed:", "sealed:6021", "sealed:6021:", "sealed:60212:x", "sealed:6-21:x", "sealed:6021:x\n", "***"} {
		st.when(payeeOf(aiFirm, name, open)).refused(CodeFieldInvalid, "R11", "field", "account", "value", "***")
	}
	for text, want := range map[AccountNumber]AccountNumber{"6222 0212-3456 7890": "6222021234567890", "６２２２０２１２": "62220212", "gb82 west 1234": "GB82WEST1234", "1234567": "", "账号12345678": "",
		"12345678901234567890123456789012345678901": "", "1234_5678": ""} {
		got, ok := text.Plain()
		if ok != (want != "") || ok && got != want {
			t.Errorf("%s is read as %q, %v", text, got, ok)
		}
	}
	told := Describe(&PayeeAccountRecorded{Enterprise: aiFirm, Holder: name, Account: oldNumber, Bank: "b"})
	if want := (Text{ZH: "收款账户尾号 6021，户名 " + name + "，开户行 b", EN: "payee account ending 6021, holder " + name + ", bank b"}); told != want {
		t.Errorf("told as %+v", told)
	}
}
