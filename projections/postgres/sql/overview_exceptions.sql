-- The exceptions in force: how many there are, what they allow, and the largest.
SELECT {{columns "exceptions"}}, count(*) OVER () AS count, sum(r.in_force) OVER () AS sum
FROM (
{{part "exceptions"}}
) r
WHERE r.in_force > 0
ORDER BY r.in_force DESC, r.exception
LIMIT {most}
