-- In two statements: the check that no more is paid than approved holds for the sums, not for what is added.
WITH added AS (
    SELECT * FROM unnest($1::text[], $2::smallint[], $3::bigint[], $4::bigint[], $5::bigint[]) AS c (application, support_year, requested, approved, paid)
), there AS (
    UPDATE instalments i SET requested = i.requested + c.requested * 0.01, approved = i.approved + c.approved * 0.01, paid = i.paid + c.paid * 0.01
    FROM added c WHERE i.application = c.application AND i.support_year = c.support_year
    RETURNING i.application, i.support_year
)
INSERT INTO instalments (application, support_year, requested, approved, paid)
SELECT c.application, c.support_year, c.requested * 0.01, c.approved * 0.01, c.paid * 0.01
FROM added c LEFT JOIN there t ON t.application = c.application AND t.support_year = c.support_year
WHERE t.application IS NULL
