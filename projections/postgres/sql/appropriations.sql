-- Appropriations, and what is paid of each. Of the past, what was paid is summed from the journal, and what was set is the latest event that set it.
SELECT b.budget_year, b.scope_kind, b.scope, b.amount AS appropriation, b.paid, b.amount - b.paid AS remaining, b.document, b.set_on, b.seq
FROM {{if .Past}}(
    SELECT budget_year, scope_kind, scope COLLATE "C" AS scope, coalesce(p.paid, 0.00) AS paid, s.amount, s.document, s.set_on, s.seq
    FROM (
        SELECT j.budget_year, s.scope_kind, s.scope, sum(CASE j.kind WHEN 'paid' THEN j.amount ELSE -j.amount END) AS paid
        FROM journal j JOIN lines l ON l.id = j.line JOIN payouts p ON p.id = j.ref
        CROSS JOIN LATERAL (
            SELECT 'clause', l.clause UNION ALL SELECT 'clause', j.via UNION ALL SELECT 'department', p.department
            UNION ALL SELECT 'department', json_array_elements_text(p.departments)
        ) s (scope_kind, scope)
        WHERE j.budget_year IS NOT NULL AND j.kind IN ('paid', 'returned') AND {{upto "j.seq" "j.business_date"}}
          AND ({budget_year}::smallint IS NULL OR j.budget_year = {budget_year}) AND s.scope IS NOT NULL
        GROUP BY 1, 2, 3
    ) p
    FULL JOIN (
        SELECT DISTINCT ON (budget_year, scope_kind, scope) s.*, e.seq, e.business_date AS set_on, (e.data ->> 'amount')::numeric(20,2) AS amount,
            e.data ->> 'document' AS document
        FROM events e CROSS JOIN LATERAL (
            SELECT (e.data ->> 'budget_year')::smallint AS budget_year, CASE WHEN e.data ->> 'clause' <> '' THEN 'clause' ELSE 'department' END AS scope_kind,
                coalesce(nullif(e.data ->> 'clause', ''), e.data ->> 'department') AS scope
        ) s
        WHERE e.type = 'appropriation_set' AND {{upto "e.seq" "e.business_date"}}
        ORDER BY budget_year, scope_kind, scope, e.seq DESC
    ) s USING (budget_year, scope_kind, scope)
){{else}}budgets{{end}} b
WHERE ({budget_year}::smallint IS NULL OR b.budget_year = {budget_year})
  AND ({budget_clause}::text IS NULL OR b.scope_kind = 'clause' AND b.scope = {budget_clause})
  AND ({budget_department}::text IS NULL OR b.scope_kind = 'department' AND b.scope = {budget_department})
