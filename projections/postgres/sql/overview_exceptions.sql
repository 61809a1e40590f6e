-- The exceptions in force: how many there are, what they allow, and the largest.
SELECT l.*, count(*) OVER (), sum(l.in_force) OVER ()
FROM (
{list}
) l (exception, clause, subject_kind, subject, support_year, amount, revoked, in_force, document, granted_on, granted_by, seq)
WHERE l.in_force > 0
ORDER BY l.in_force DESC, l.exception
LIMIT {most}
