// Package replay tells a case or a number of a ledger again, from its log and its refusals, and writes nothing.
//
// [Replay] tells a case step by step, refusals in their place: what each step changed, and the lines of credit before and after it.
// [DecideAgain] decides a history under other parameters and says which decisions would change, and which only follow from one that did.
// [MakeReceipt] says what a decision on money rested on: each limit with what was left of it, the version of the clause, who took part, and
// where the event lies in the tree. [Explain] takes a number apart down to the people who decided: its parts sum to it, or it says that
// they do not.
//
// All of them take a log that leaves out what does not concern them, so that a page need not read a million events. Which event concerns
// what is said by [domain.Concerns].
package replay
