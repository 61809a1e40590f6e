-- The clawbacks that are overdue: how many there are, what is outstanding on them, and the oldest.
SELECT {{columns "clawbacks"}}, count(*) OVER () AS count, sum(r.outstanding) OVER () AS sum
FROM (
{{part "clawbacks"}}
) r
WHERE r.outstanding > 0 AND CASE WHEN r.due_on IS NULL THEN r.age_days > {overdue_days} ELSE r.overdue_amount > 0 END
ORDER BY r.ordered_on, r.clawback
LIMIT {most}
