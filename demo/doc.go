// Package demo makes histories to look at and to measure with, as commands. All persons, enterprises, projects and papers
// are made up; the credit codes have valid check characters, and an organisation code inside that no enterprise has.
//
// [Changning] plays two years of the Changning policy: some 300 enterprises, every clause that is applied for, and the
// cases that rules, totals and audits are about. The random part has ids that count within a year ("2025-A-0042-approve",
// "2025-PO-0007-pay"); the planned cases are "S-01" and on, and stand in incidents.go with what they show. Each step says what
// becomes of it, and says so beforehand: a step that ends otherwise is a fault of the demo or of the ledger.
//
// [Succession] goes on where the policy ends, up to 2027-03-31 ([Ends]): under an invented one that follows. It tells more of the enterprises, too: facts of
// two years, links between some, offers, and clawbacks that are paid back in parts (knowledge.go).
//
// [Load] makes as many commands as asked, all accepted, faster than any ledger takes them.
package demo
