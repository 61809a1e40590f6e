// Package pages is what people see: server-rendered pages in Chinese and English, which read and work without JavaScript.
//
//	GET  /                    what the person has to do, by step, the oldest first; who has no turn in anything is led to the overview
//	GET  /search              what a text names: ids, names, vouchers, projects, amounts, events
//	GET  /overview            the fund in a year: totals, clauses against their caps, what needs attention
//	GET  /enterprises         search, and every enterprise
//	GET  /enterprises/{id}    one enterprise as a clause × year grid, and what happened to it
//	GET  /applications        queues by state
//	GET  /applications/{id}   one application: its figures, its history step by step, and what the viewer may do now
//	POST /applications/{id}   gives a command on it
//	GET  /clauses             the policy with its versions
//	GET  /payouts             payouts
//	GET  /payouts/{id}        one payout, and its voucher on A4
//	POST /payouts/{id}        gives a command on it
//	GET  /clawbacks           clawbacks, oldest first
//	GET  /ageing              what is outstanding of clawbacks, by the day it is due
//	GET  /clawbacks/{id}      one clawback
//	POST /clawbacks/{id}      gives a command on it
//	GET  /recoveries/{id}     one recovery, and the payout and clawback that it is of
//	POST /recoveries/{id}     gives a command on it
//	GET  /exceptions/{id}     one exception and the account that it raises
//	POST /exceptions/{id}     gives a command on it
//	GET  /checkpoints/{size}  one checkpoint and the events since the one before
//	GET  /journal             postings: what every figure is a sum of
//	GET  /events/{seq}        an event as it lies on the log
//	GET  /static/             the style sheet and the script
//
// Every filter stands in the address (year, clause, enterprise, application, state, kind, q, cursor; as_of and on where
// figures of the past can be asked for), every figure leads to the postings behind it, and every list is exported by the API with the
// same filters. Nothing is styled or scripted inline, so that the content security policy can forbid it.
//
// A form is shown where the rules would let the viewer give its command at this moment; where not, the rule that forbids it
// is named. Each carries the id of its command, so that sending it twice books once. A refused form is shown again as it was filled in,
// with the refusal and its figures.
package pages
