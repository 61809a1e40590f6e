package postgres

import (
	"strings"

	"github.com/fundledger/fundledger/domain"
)

// Promised times are told in working days. What is promised and how reviews count stands in policies and their amendments, each from a day on; the calendar
// is whoever asks' own, for no decision rests on it.

// promisesOf are the CTEs of what is promised of stages, in working days and from a day on, by a policy or by a clause of its own; and of the workflows by
// which reviews count.
func promisesOf(known string) string { return strings.ReplaceAll(promisesSQL, "{known}", known) }

const promisesSQL = `promises AS MATERIALIZED (
    SELECT p.id AS policy, NULL::text AS clause, '-infinity'::date AS from_day, p.seq, (p.data -> 'promised')::jsonb AS promised FROM policies p WHERE p.data -> 'promised' IS NOT NULL
    UNION ALL
    SELECT p.id, c.clause ->> 'id', '-infinity'::date, p.seq, (c.clause -> 'promised')::jsonb
    FROM policies p CROSS JOIN LATERAL jsonb_array_elements((p.data -> 'clauses')::jsonb) c(clause) WHERE c.clause -> 'promised' IS NOT NULL
    UNION ALL
    SELECT m.policy, m.clause, m.effective_on, m.seq, (x.data -> 'promised')::jsonb
    FROM policy_amendments m JOIN events x ON x.seq = m.seq WHERE x.data -> 'promised' IS NOT NULL AND {known}
    UNION ALL
    SELECT m.policy, m.added, '-infinity'::date, m.seq, (x.data -> 'add_clause' -> 'promised')::jsonb
    FROM policy_amendments m JOIN events x ON x.seq = m.seq WHERE x.data -> 'add_clause' -> 'promised' IS NOT NULL AND {known}
),
workflows AS MATERIALIZED (
    SELECT p.id AS policy, '-infinity'::date AS from_day, p.seq, (p.data -> 'workflow' ->> 'reviews')::int AS reviews,
        coalesce((p.data -> 'workflow' ->> 'reviews_support')::boolean, false) AS support FROM policies p
    UNION ALL
    SELECT m.policy, m.effective_on, m.seq, (x.data -> 'workflow' ->> 'reviews')::int, coalesce((x.data -> 'workflow' ->> 'reviews_support')::boolean, false)
    FROM policy_amendments m JOIN events x ON x.seq = m.seq WHERE m.acceptance IS NOT NULL AND {known}
)`

// promisedOf is how many working days are promised of a stage under a clause on a day: by the clause, or else by its policy.
func promisedOf(clause, stage, day string) string {
	const latest = " AND y.from_day <= {day} ORDER BY y.from_day DESC, y.seq DESC LIMIT 1)"
	return strings.NewReplacer("{clause}", clause, "{stage}", stage, "{day}", day).Replace(
		"coalesce((SELECT nullif((y.promised ->> {stage})::int, 0) FROM promises y WHERE y.clause = {clause}" + latest +
			", (SELECT nullif((y.promised ->> {stage})::int, 0) FROM promises y JOIN clauses promising ON promising.policy = y.policy WHERE y.clause IS NULL AND promising.id = {clause}" + latest + ")")
}

// workflowOf is how many reviews are asked for under a clause on a day, and whether they have to support.
func workflowOf(clause, day string) string {
	return strings.NewReplacer("{clause}", clause, "{day}", day).Replace("SELECT y.reviews, y.support FROM workflows y JOIN clauses promising ON promising.policy = y.policy " +
		"WHERE promising.id = {clause} AND y.from_day <= {day} ORDER BY y.from_day DESC, y.seq DESC LIMIT 1")
}

// reviewedFrom is whether an event begins a review: what reviews were of before is not what is decided now.
func reviewedFrom(x string) string {
	return strings.ReplaceAll("(x.type IN ('application_submitted', 'application_accepted', 'application_transferred', 'application_moved') "+
		"OR x.type = 'application_amended' AND x.data -> 'previously_requested' IS NOT NULL)", "x.", x+".")
}

// countsAsReview is whether an event is a review that counts, where reviews have to support or not.
func countsAsReview(x, support string) string {
	return strings.NewReplacer("x.", x+".", "{support}", support).Replace("x.type = 'application_reviewed' AND (x.data ->> 'opinion' = 'support' OR x.data ->> 'opinion' = 'oppose' AND NOT {support})")
}

// workdaysOf are the days from one to another, each with whether it is worked and how many were worked up to it.
func workdaysOf(from, to string) string {
	return strings.NewReplacer("{from}", from, "{to}", to).Replace("workdays AS MATERIALIZED (SELECT g.day, g.works, count(*) FILTER (WHERE g.works) OVER (ORDER BY g.day)::int AS worked " +
		"FROM (SELECT s::date AS day, CASE WHEN s::date = ANY ({days_off}::date[]) THEN false ELSE extract(isodow FROM s) < 6 OR s::date = ANY ({days_worked}::date[]) END AS works " +
		"FROM generate_series(({from})::timestamp, ({to})::timestamp, '1 day') s) g)")
}

// heldOf is on how many working days an application was suspended between two days: the day of its resumption begins a step, and does not count. A
// condition may follow it.
func heldOf(application, from, to, known string) string {
	return strings.NewReplacer("{application}", application, "{from}", from, "{to}", to, "{known}", known).Replace(
		"SELECT coalesce(sum(y.worked - x.worked), 0)::int AS held FROM (SELECT e.type, e.business_date AS suspended, lead(e.business_date) OVER (ORDER BY e.seq) AS resumed " +
			"FROM events e WHERE e.application = {application} AND e.type IN ('application_suspended', 'application_resumed') AND {known}) s " +
			"JOIN workdays x ON x.day = least(greatest(s.suspended, {from}), {to}) JOIN workdays y ON y.day = least(greatest(s.resumed, {from}), {to}) " +
			"WHERE s.type = 'application_suspended' AND s.resumed IS NOT NULL")
}

// daysText is a list of days for a parameter, and for a view.
func daysText(days []domain.Date) string {
	texts := make([]string, len(days))
	for i, d := range days {
		texts[i] = d.String()
	}
	return "{" + strings.Join(texts, ",") + "}"
}
