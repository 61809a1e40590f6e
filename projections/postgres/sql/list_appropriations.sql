-- Appropriations by budget year, clauses before departments.
SELECT b.budget_year::bigint, b.scope_kind, b.scope, b.amount, b.paid, b.amount - b.paid, coalesce(b.document, ''), b.set_on, coalesce(b.seq, 0)
FROM budgets b
WHERE ({budget_year}::smallint IS NULL OR b.budget_year = {budget_year})
  AND ({budget_clause}::text IS NULL OR b.scope_kind = 'clause' AND b.scope = {budget_clause})
  AND ({budget_department}::text IS NULL OR b.scope_kind = 'department' AND b.scope = {budget_department})
  AND ({after_1}::bigint IS NULL OR (b.budget_year, b.scope_kind, b.scope) > ({after_1}::smallint, {after_2}::text, {after_3}::text))
ORDER BY b.budget_year, b.scope_kind, b.scope
LIMIT {limit_rows}
