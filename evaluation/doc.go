// Package evaluation reckons what the money of a clause did in a year, out of the log that has the money. It does no I/O, and knows no clock: the same
// events give the same figures, and whoever has the log can reckon them again by what stands here.
//
// # Who is compared
//
// Of a clause, a year Y and an indicator that a fact measures, each enterprise has a level before (the fact's value of Y−1) and after (of Y); its change is
// after less before, its growth change by before, where before is above nought: else growth is undefined, and the levels are kept. Only values that count are
// taken: one that waits for a second department is none.
//
// The supported are those with a net payment under the clause for support year Y: paid less returned less recovered. The controls are the fund's own: registered
// enterprises with nothing paid net under any clause for Y, nor under this clause for a year before, and no payment under it for Y that came back whole; whose applications
// under it for Y, if any, were rejected or withdrawn; that were not one with another by the end of Y; of an industry (on the last day of Y−1) that a supported one who is
// compared is of, and whose level before lies within a caliper of that one's: a quarter of it up or down,
// both ends included (caliper matching: Cochran and Rubin, Sankhyā A 35, 1973, 417–446). Whoever lacks a level, or is left out for another reason, is counted with it.
// An enterprise that was both supported and turned away is supported, and said to be both.
//
// # What is told
//
// The difference in differences is the mean change of the supported less that of the controls (Angrist and Pischke, Mostly Harmless Econometrics, 2009, 5.2), and
// the same of growth. Beyond control is what the supported changed by in all, less as many times the mean change of the controls; by the net support of those
// compared it is the effect a yuan, and the other way round the cost a unit. These figures are rounded once, to four decimals, half away from nought, from exact
// fractions; each growth is rounded to twelve before it is averaged.
//
// The test is the permutation test of that difference (Fisher, The Design of Experiments, 1935; Ernst, Statistical Science 19, 2004, 676–685), one-sided in the
// direction that is better: the share of all assignments of as many supported to those compared whose difference is at least the one observed. Up to [MostExact]
// assignments all are looked at. Beyond, they are drawn, and p is (1 + hits) / (1 + draws) (Phipson and Smyth, Stat. Appl. Genet. Mol. Biol. 9, 2010, 39): see [Draws].
// The seed is the root of the log at the position that is looked at, which is published with its checkpoints; nobody chooses it. Fewer than [FewestSupported]
// supported or [FewestControls] controls are not tested.
//
// The earlier trend is the same difference of the changes from Y−2 to Y−1, of those compared who have a level of Y−2; where one side has none it is said not to be there.
// Applicants chose to apply: whatever is found is no proof of cause.
//
// # Scores
//
// An indicator's score is what was attained by what was to be, in percent, at most 100, with two decimals: the sum of the supported's levels after (of percentages their
// mean) by the target, or without one by the same sum before of those who have both; where less is better, the target by what was attained. A target of nought or below is
// met or not: 100 or 0. The clause's score weighs those of its indicators that have one; the weight that they cover stands beside it.
package evaluation
