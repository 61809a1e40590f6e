-- Appropriations as of a position, and as they were dated up to a day where one is given: what was paid is summed from the journal, and what was set
-- is the latest event that set it.
WITH moved AS (
    SELECT j.budget_year, l.clause, j.via, p.department, CASE j.kind WHEN 'paid' THEN j.amount ELSE -j.amount END AS amount
    FROM journal j JOIN lines l ON l.id = j.line JOIN payouts p ON p.id = j.ref
    WHERE j.budget_year IS NOT NULL AND j.kind IN ('paid', 'returned') AND j.seq <= {at_seq}::bigint
      AND ({on_day}::date IS NULL OR j.business_date <= {on_day}::date)
      AND ({budget_year}::smallint IS NULL OR j.budget_year = {budget_year})
), paid AS (
    SELECT budget_year, scope_kind, scope, sum(amount) AS paid
    FROM moved CROSS JOIN LATERAL (VALUES ('clause', clause), ('clause', via), ('department', department)) s (scope_kind, scope)
    WHERE scope IS NOT NULL
    GROUP BY budget_year, scope_kind, scope
), set_then AS (
    SELECT DISTINCT ON (budget_year, scope_kind, scope) s.*, e.seq, e.business_date AS set_on, (e.data ->> 'amount')::numeric(18,2) AS amount, e.data ->> 'document' AS document
    FROM events e CROSS JOIN LATERAL (
        SELECT (e.data ->> 'budget_year')::smallint AS budget_year, CASE WHEN e.data ->> 'clause' <> '' THEN 'clause' ELSE 'department' END AS scope_kind,
            coalesce(nullif(e.data ->> 'clause', ''), e.data ->> 'department') AS scope
    ) s
    WHERE e.type = 'appropriation_set' AND e.seq <= {at_seq}::bigint AND ({on_day}::date IS NULL OR e.business_date <= {on_day}::date)
    ORDER BY budget_year, scope_kind, scope, e.seq DESC
)
SELECT b.budget_year::bigint, b.scope_kind, b.scope, b.amount, b.paid, b.amount - b.paid, coalesce(b.document, ''), b.set_on, coalesce(b.seq, 0)
FROM (
    SELECT budget_year, scope_kind, scope COLLATE "C" AS scope, coalesce(p.paid, 0.00) AS paid, s.amount, s.document, s.set_on, s.seq
    FROM paid p FULL JOIN set_then s USING (budget_year, scope_kind, scope)
) b
WHERE ({budget_year}::smallint IS NULL OR b.budget_year = {budget_year})
  AND ({budget_clause}::text IS NULL OR b.scope_kind = 'clause' AND b.scope = {budget_clause})
  AND ({budget_department}::text IS NULL OR b.scope_kind = 'department' AND b.scope = {budget_department})
  AND ({after_1}::bigint IS NULL OR (b.budget_year, b.scope_kind, b.scope) > ({after_1}::smallint, {after_2}::text, {after_3}::text))
ORDER BY b.budget_year, b.scope_kind, b.scope
LIMIT {limit_rows}
