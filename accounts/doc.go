// Package accounts is who may come in and what they may do: users, what they are granted, tokens, deputies. It is a log of its own beside the
// fund's, ACCOUNTS_<fund>, on which every change is an event: what was changed, of whom, by whom, by which means, and when. So it is its own audit
// trail, every instance follows it, and nothing of it is ever changed or taken away. What must be forgotten does not lie on it: the hash of a
// password is on a [eventstore.Shelf], KEPT_<fund>, under a name that the event tells, and goes when it holds no more.
//
// A change is judged against everything before it and appended under the log's guard, so two instances never grant against each other. Whoever asks
// an instance that has not heard of a change yet is not turned away for it: what is unknown is looked for at the log's end first.
package accounts
