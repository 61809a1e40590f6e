// Package policies reads and writes policies as files.
//
// A policy is one YAML document of at most 4 MiB in UTF-8, whose keys are those of [domain.Policy]:
//
//	fund: changning-2024            # id of the fund: one policy, one ledger
//	title: {zh: …, en: …}           # every name stands in both languages
//	issued_on: 2024-11-15
//	term: {from: 2024-11-15, to: 2026-12-31}
//	currency: CNY                   # ISO 4217
//	beneficiary_id: uscc            # or opaque
//	workflow: {acceptance: true, reviews: 1}    # and reviews_support: true, where a review that opposes does not count;
//	                                # recorded_late_days: 30, after which a decision is recorded late
//	clawback_due_days: 30           # after which a clawback is due whose order names no day; left out: it is never overdue
//	promised: {acceptance: 5, review: 15, approval: 10, payment: 20}    # working days a stage, by which what waits is shown on time, due soon or late;
//	                                # a stage that is left out promises nothing, and no rule reads it
//	late_interest: [{from: 2025-01-01, rate: "3.00", method: simple, basis: actual/365}]   # percent a year on what is ordered back, from the payment to the order
//	debtors: finding                # or refuse: what an approval or a payout gets whose enterprise has not paid back in time; offset: of a payout what
//	                                # is overdue is kept back, which is a recovery, and the rest is paid
//	treasury: finance               # the department that pays
//	authority: government           # the body that grants exceptions
//	departments: [{id: finance, name: {zh: …, en: …}}, …]
//	industries: [{id: ai, name: {zh: …, en: …}}, …]
//	clauses:
//	  - id: 1.2a                    # an id that reads as a number stands in quotes: "4"
//	    name: {zh: …, en: …}
//	    source: 四(一)1 第二段        # where in the policy's text it stands
//	    departments: [commerce]     # responsible: they review and approve
//	    any_department_reviews: true    # left out: false
//	    industries: [ai]            # left out: all
//	    cap: {amount: "100000000.00", subject: project, period: year}
//	    stronger_support: true      # left out: false
//	    schedule: one-off-or-term   # left out: any years
//	    promised: {review: 10}      # where the clause promises others than the policy
//	    requires: [{zh: …, en: …}]  # what is asked of who applies, shown beside the forms; no rule judges it
//	    conditions:                 # what is to be known of whom the clause is for, all of it; left out: the department judges
//	      - {fact: revenue, period: year-1, is: ">=", value: "20000000.00"}
//	      - any:
//	          - {fact: size, period: day, is: in, values: [medium, small]}
//	          - not: {fact: listed, period: "2024-12-31", is: "==", value: "yes"}
//	  - id: 1.3a
//	    refers_to: [1.2a]           # by reference: no cap of its own, so the key cap is left out
//	  - id: 1.3b
//	    not_applied_for: true       # nobody applies under it: no cap either
//	indicators:                     # what a clause's money is measured by; those of a clause weigh 100 together
//	  - {id: growth, clause: 1.2a, name: {zh: …, en: …}, fact: revenue, better: more, baseline: previous_year, weight: 70, group: benefit}
//	  - {id: content, clause: 1.2a, name: {zh: …, en: …}, better: more, baseline: previous_year, weight: 30, group: satisfaction}   # no fact: people score it
//
// A condition compares a fact of the file's facts with a value, by >=, >, <=, <, == and != where the values are numbers, by ==, != and in where they are codes
// or flags. Its period is fixed ("2024", "2024-12", "2024-12-31") or goes by the support year that is asked for: year, year-1 (the one before) of a fact by
// years, year/12 and year-1/12 by months, year/12-31, year-1/12-31 and day (the day on which it is asked) of one that holds from days on. of: project asks the
// project's fact, under a clause that caps projects. all, any and not join conditions, at most five deep and fifty a clause.
//
// It is read strictly, for a slip in a policy is a slip in every decision under it: an unknown key, a key that stands
// twice, an amount without quotation marks, a cap whose amount is left out (none stated is written as null), a value
// left empty, a tag, a second document are errors, each with file, line, column and reason ([Error]). Anchors and
// aliases may be used, with bounds, so that a small file cannot unfold into a large one. What is read is checked with
// [domain.Policy.Validate].
//
// The policies that are shipped are embedded: [Names] lists them, [Named] reads one. They carry a policy's facts and
// figures in words of our own, never its sentences.
package policies
