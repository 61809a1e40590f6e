-- What is outstanding of clawbacks, by the days it is due.
SELECT a.enterprise, a.enterprise_name, a.clawback, p.part::bigint AS part, p.due_on, p.amount, p.unpaid AS outstanding, greatest(o.days, 0)::bigint AS days_overdue,
    CASE WHEN p.due_on IS NULL THEN 'undated' WHEN o.days <= 0 THEN 'not_due' WHEN o.days <= 30 THEN 'to_30' WHEN o.days <= 90 THEN 'to_90' WHEN o.days <= 180 THEN 'to_180'
        WHEN o.days <= 365 THEN 'to_365' ELSE 'beyond_365' END AS bucket,
    a.payout, a.application, a.clause, a.support_year, a.subject_kind, a.subject, a.cause, a.ordered_on, a.seq
FROM (
{{part "clawbacks"}}
) a
CROSS JOIN LATERAL (SELECT a.clawback AS id) c
CROSS JOIN LATERAL (SELECT a.outstanding) s
CROSS JOIN LATERAL (
{{part "unpaid"}}
) p
CROSS JOIN LATERAL (SELECT coalesce({at_day}::date - p.due_on, 0) AS days) o
WHERE p.unpaid > 0
