-- In two statements: the checks that a budget is never paid or planned below nought hold for the sums, not for what is added. What is due is of the
-- budgets that the application's approval counts against: this runs before applications are changed, for what a batch did before it approved one is
-- of the department that had approved it.
WITH given AS (
    SELECT * FROM unnest($1::smallint[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[],
        $10::text[], $11::text[], $12::bigint[]) AS g (budget_year, scope_kind, scope, clause, paid, returned, carried, initial, adjusted, document, set_on, seq)
), due AS (
    SELECT d.year AS budget_year, s.scope_kind, s.scope, s.clause, sum(d.amount) AS planned
    FROM unnest($13::text[], $14::text[], $15::text[], $16::text[], $17::smallint[], $18::bigint[]) AS d (application, clause, via, department, year, amount)
    LEFT JOIN applications a ON a.id = d.application
    CROSS JOIN LATERAL {{scopes "d.clause" "d.via" "ARRAY[coalesce(d.department, a.department)]"}} s
    GROUP BY 1, 2, 3, 4
), added AS (
    SELECT x.budget_year, x.scope_kind, x.scope, x.clause, sum(x.paid) AS paid, sum(x.returned) AS returned, sum(x.carried) AS carried, max(x.initial) AS initial,
        max(x.adjusted) AS adjusted, max(x.document) AS document, max(x.set_on) AS set_on, max(x.seq) AS seq, sum(x.planned) AS planned
    FROM (
        SELECT g.*, 0 AS planned FROM given g
        UNION ALL
        SELECT d.budget_year, d.scope_kind, d.scope, d.clause, 0, 0, 0, NULL, NULL, NULL, NULL, NULL, d.planned FROM due d
    ) x
    GROUP BY 1, 2, 3, 4
), there AS (
    UPDATE budgets b SET paid = b.paid + c.paid * 0.01, returned = b.returned + c.returned * 0.01, carried = b.carried + c.carried * 0.01,
        planned = b.planned + c.planned * 0.01, initial = coalesce(c.initial * 0.01, b.initial), adjusted = coalesce(c.adjusted * 0.01, b.adjusted),
        document = coalesce(c.document, b.document), set_on = coalesce(c.set_on::date, b.set_on), seq = coalesce(c.seq, b.seq)
    FROM added c WHERE b.budget_year = c.budget_year AND b.scope_kind = c.scope_kind AND b.scope = c.scope AND b.clause = c.clause
    RETURNING b.budget_year, b.scope_kind, b.scope, b.clause
)
INSERT INTO budgets (budget_year, scope_kind, scope, clause, paid, returned, carried, planned, initial, adjusted, document, set_on, seq)
SELECT c.budget_year, c.scope_kind, c.scope, c.clause, c.paid * 0.01, c.returned * 0.01, c.carried * 0.01, c.planned * 0.01, c.initial * 0.01, c.adjusted * 0.01,
    c.document, c.set_on::date, c.seq
FROM added c LEFT JOIN there t ON t.budget_year = c.budget_year AND t.scope_kind = c.scope_kind AND t.scope = c.scope AND t.clause = c.clause
WHERE t.budget_year IS NULL
