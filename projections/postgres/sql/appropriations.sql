-- Appropriations, what is paid of each, and what is committed. Of the past, what was paid is summed from the journal, what was set is the latest event of
-- each kind that set it, and what was committed is summed from approvals, payments and plans. What earlier years have not paid is late: it counts
-- against the budget of the present year.
SELECT b.*, b.appropriation - b.paid AS remaining, b.appropriation - b.paid - b.committed_unpaid - b.late_unpaid AS free, round(b.paid / nullif(b.appropriation, 0), 4) AS execution_rate
FROM (
SELECT b.budget_year, b.scope_kind, b.scope, b.clause,
    CASE WHEN b.initial IS NOT NULL OR b.adjusted IS NOT NULL OR b.carried <> 0 THEN coalesce(b.adjusted, b.initial, 0) + b.carried END AS appropriation,
    b.initial, b.adjusted, b.carried, b.paid, b.returned, b.planned AS committed_unpaid,
    CASE WHEN b.budget_year = extract(year FROM {at_day}::date) THEN coalesce(sum(b.planned) OVER (PARTITION BY b.scope_kind, b.scope, b.clause
        ORDER BY b.budget_year ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0.00) ELSE 0.00 END AS late_unpaid, b.document, b.set_on, b.seq
FROM {{if .Past}}(
    SELECT budget_year, scope_kind, scope COLLATE "C" AS scope, clause COLLATE "C" AS clause, coalesce(p.paid, 0.00) AS paid, coalesce(p.returned, 0.00) AS returned,
        s.initial, s.adjusted, coalesce(c.carried, 0.00) AS carried, coalesce(d.planned, 0.00) AS planned, s.document, s.set_on, s.seq
    FROM (
        SELECT j.budget_year, s.scope_kind, s.scope, s.clause, sum(CASE j.kind WHEN 'paid' THEN j.amount ELSE -j.amount END) AS paid,
            coalesce(sum(j.amount) FILTER (WHERE j.kind = 'returned'), 0.00) AS returned
        FROM journal j JOIN lines l ON l.id = j.line JOIN payouts p ON p.id = j.ref
        CROSS JOIN LATERAL {{scopes "l.clause" "j.via" "(ARRAY[p.department] || ARRAY(SELECT json_array_elements_text(p.departments)))"}} s
        WHERE j.budget_year IS NOT NULL AND j.kind IN ('paid', 'returned') AND {{upto "j.seq" "j.business_date"}}
          AND ({budget_year}::smallint IS NULL OR j.budget_year = {budget_year})
        GROUP BY 1, 2, 3, 4
    ) p
    FULL JOIN (
        SELECT d.budget_year, s.scope_kind, s.scope, s.clause, sum(d.amount) AS planned
        FROM ({{part "dues"}}) d
        CROSS JOIN LATERAL {{scopes "d.clause" "d.via" "ARRAY[d.department]"}} s
        GROUP BY 1, 2, 3, 4
    ) d USING (budget_year, scope_kind, scope, clause)
    FULL JOIN (
        SELECT s.budget_year, s.scope_kind, s.scope, s.clause, max(s.seq) AS seq, (array_agg(s.set_on ORDER BY s.seq DESC))[1] AS set_on,
            (array_agg(s.document ORDER BY s.seq DESC))[1] AS document, (array_agg(s.amount ORDER BY s.seq DESC) FILTER (WHERE s.kind = 'initial'))[1] AS initial,
            (array_agg(s.amount ORDER BY s.seq DESC) FILTER (WHERE s.kind = 'adjusted'))[1] AS adjusted
        FROM (
            SELECT e.seq, e.business_date AS set_on, (e.data ->> 'budget_year')::smallint AS budget_year, (e.data ->> 'amount')::numeric(20,2) AS amount,
                e.data ->> 'document' AS document, {{part "scope_of_event"}},
                coalesce(nullif(e.data ->> 'kind', ''), CASE WHEN e.data ->> 'previous' IS NULL THEN 'initial' ELSE 'adjusted' END) AS kind
            FROM events e WHERE e.type = 'appropriation_set' AND {{upto "e.seq" "e.business_date"}}
        ) s
        GROUP BY 1, 2, 3, 4
    ) s USING (budget_year, scope_kind, scope, clause)
    FULL JOIN (
        SELECT c.budget_year, c.scope_kind, c.scope, c.clause, sum(c.amount) AS carried
        FROM (
            SELECT y.budget_year, y.sign * (e.data ->> 'amount')::numeric(20,2) AS amount, {{part "scope_of_event"}}
            FROM events e CROSS JOIN LATERAL (VALUES ((e.data ->> 'from')::smallint, -1), ((e.data ->> 'to')::smallint, 1)) y (budget_year, sign)
            WHERE e.type = 'appropriation_carried' AND {{upto "e.seq" "e.business_date"}}
        ) c
        GROUP BY 1, 2, 3, 4
    ) c USING (budget_year, scope_kind, scope, clause)
){{else}}budgets{{end}} b
) b
WHERE ({budget_year}::smallint IS NULL OR b.budget_year = {budget_year})
  AND ({budget_clause}::text IS NULL OR b.clause = {budget_clause})
  AND ({budget_department}::text IS NULL OR b.scope_kind LIKE '%department' AND b.scope = {budget_department})
  AND ({scope_kind}::text IS NOT NULL OR {budget_clause}::text IS NULL AND {budget_department}::text IS NULL
      OR b.scope_kind = CASE WHEN {budget_department}::text IS NULL THEN 'clause' WHEN {budget_clause}::text IS NULL THEN 'department' ELSE 'clause_department' END)
