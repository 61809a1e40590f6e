// Package sampling draws payouts for an auditor to look at, and says what the audited ones tell of all.
//
// A sample is seeded by a checkpoint's root, so that nobody can choose it and anybody can draw it again: the same seed, payouts and plan
// give the same sample, for ever. It is drawn of monetary units ([Draw]), or of strata by amount, clause, year or department. [Drawing]
// is how either is asked for; [Population] is what is drawn from.
//
// A sample is a worksheet ([DrawnSample.Table]). Filled in ([Audited]), it says what the misstatement projects to and what it does not
// exceed at 95 per cent confidence ([DrawnSample.Evaluate]).
//
// What a person asked or wrote wrongly is an error with the reason in both languages.
package sampling
