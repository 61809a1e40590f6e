-- In two statements: the check that a budget is never paid below nought holds for the sums, not for what is added.
WITH added AS (
    SELECT * FROM unnest($1::smallint[], $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::text[], $7::text[], $8::bigint[])
        AS c (budget_year, scope_kind, scope, paid, amount, document, set_on, seq)
), there AS (
    UPDATE budgets b SET paid = b.paid + c.paid * 0.01, amount = coalesce(c.amount * 0.01, b.amount), document = coalesce(c.document, b.document),
        set_on = coalesce(c.set_on::date, b.set_on), seq = coalesce(c.seq, b.seq)
    FROM added c WHERE b.budget_year = c.budget_year AND b.scope_kind = c.scope_kind AND b.scope = c.scope
    RETURNING b.budget_year, b.scope_kind, b.scope
)
INSERT INTO budgets (budget_year, scope_kind, scope, paid, amount, document, set_on, seq)
SELECT c.budget_year, c.scope_kind, c.scope, c.paid * 0.01, c.amount * 0.01, c.document, c.set_on::date, c.seq
FROM added c LEFT JOIN there t ON t.budget_year = c.budget_year AND t.scope_kind = c.scope_kind AND t.scope = c.scope
WHERE t.scope IS NULL
