// Package effect reads what the ledger knows for what it comes to: so far, what an enterprise may still have (精准直达). It changes nothing and does no I/O.
//
// A match is told of an enterprise, a clause and a support year, on a day. The rules say what they can: whether the enterprise's credit, the policy's term, the
// clause and the industry of that day leave it open. Where they do and the clause states conditions, these answer: yes, no (which comparison, short by how much),
// or unknown (which fact of which period, and who supplies it), by the logic of three values (Kleene): what is not known may be either. A clause without conditions
// is the department's to judge, and nothing here says yes in its place. A reader learns of a sensitive fact what [Sight] allows. Beside the answer stands the
// room: of each account that the enterprise is charged on what is left, and of a project or an award that it has not got yet what one could have. Both are what
// an approval of the day would be held against, by the rules that hold it.
package effect
