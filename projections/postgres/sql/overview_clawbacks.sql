-- The clawbacks that are overdue: how many there are, what is outstanding on them, and the oldest.
SELECT l.*, count(*) OVER (), sum(l.outstanding) OVER ()
FROM (
{list}
) l (clawback, payout, application, enterprise, enterprise_name, clause, support_year, cause, ordered_on, age_days, ordered, waived, recovered, interest, outstanding, reason, seq)
WHERE l.outstanding > 0 AND l.age_days > {overdue_days}
ORDER BY l.ordered_on, l.clawback
LIMIT {most}
