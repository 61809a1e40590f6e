-- The crossings upwards. Days of recording are found as positions, so that a page is read along the key; so are the events, one by one
-- (OFFSET keeps them apart): a merge would go through all events from the latest on to come to those of an earlier day.
SELECT x.seq, x.place, e.recorded_ns, CASE WHEN b.budget THEN 'budget_' ELSE 'cap_' END || x.after AS notice, nullif(x.clause, '') AS clause,
    CASE WHEN NOT b.budget THEN x.scope_kind END AS subject_kind, CASE WHEN NOT b.budget THEN x.scope END AS subject, b.enterprise,
    {{named "b.enterprise"}} AS enterprise_name, CASE WHEN NOT b.budget THEN nullif(x.year, 0) END AS support_year,
    CASE WHEN b.budget THEN x.year END AS budget_year, CASE WHEN b.budget THEN x.scope_kind END AS scope_kind, CASE WHEN b.budget THEN x.scope END AS scope,
    x.room, x.used_before, x.used_after, to_timestamp(e.recorded_ns / 1e9) AS recorded_at, NULL::text COLLATE "C" AS policy, NULL::date AS last_day
FROM crossings x
CROSS JOIN LATERAL (SELECT e.recorded_ns, e.business_date FROM events e WHERE e.seq = x.seq OFFSET 0) e
CROSS JOIN LATERAL (
    SELECT {{budget "x.scope_kind"}} AS budget, CASE x.scope_kind WHEN 'enterprise' THEN x.scope END AS enterprise
) b
WHERE x.after > x.before AND {{upto "x.seq" "e.business_date"}}
  -- In a subquery, for the planner guesses badly how many notices are of a kind.
  AND ({kind}::text[] IS NULL OR CASE WHEN b.budget THEN 'budget_' ELSE 'cap_' END || x.after IN (SELECT unnest({kind}::text[])))
  AND ({clause}::text IS NULL OR x.clause = {clause})
  AND ({enterprise}::text IS NULL OR x.scope_kind = 'enterprise' AND x.scope = {enterprise})
  AND ({year}::smallint IS NULL OR x.year = {year})
  AND {{recorded "x.seq"}}
UNION ALL
-- The ends of policies that the clock tells of, each by the event that the end rests on, which crosses nothing. They are of no account and no budget.
SELECT n.seq, 0, e.recorded_ns, n.notice, NULL, NULL, NULL, NULL, NULL, NULL::smallint, NULL::smallint, NULL, NULL, NULL::numeric(20,2), NULL::numeric(20,2), NULL::numeric(20,2),
    to_timestamp(e.recorded_ns / 1e9), n.policy, n.last_day
FROM (
{{part "policy_ends"}}
) n JOIN events e ON e.seq = n.seq
WHERE ({kind}::text[] IS NULL OR n.notice = ANY({kind}::text[])) AND {clause}::text IS NULL AND {enterprise}::text IS NULL AND {year}::smallint IS NULL
  AND {{recorded "n.seq"}}
