-- What waits to be done, and since when: applications by the step that comes next, and clawbacks of which something is outstanding. Money of
-- a support year that has not begun is not due yet.
SELECT w.step, w.reference, w.enterprise, e.name AS enterprise_name, w.clause, w.via AS via_clause, w.title, w.amount, w.since, ({at_day}::date - w.since)::bigint AS waiting_days
FROM (
    SELECT CASE WHEN a.suspended THEN 'to_resume' WHEN a.state = 'returned' THEN 'to_complete' WHEN a.state = 'submitted' AND f.acceptance THEN 'to_accept' ELSE 'to_decide' END AS step,
        a.id AS reference, a.enterprise, a.clause, a.via, a.title, a.requested AS amount, a.last_step_on AS since
    FROM applications a CROSS JOIN LATERAL (
        SELECT coalesce((SELECT m.acceptance FROM policy_amendments m WHERE m.policy = p.id AND m.acceptance IS NOT NULL AND m.effective_on <= {at_day}::date
            ORDER BY m.effective_on DESC, m.seq DESC LIMIT 1), (p.data -> 'workflow' ->> 'acceptance')::boolean, false) AS acceptance
        FROM clauses d JOIN policies p ON p.id = d.policy WHERE d.id = coalesce(a.via, a.clause)
    ) f
    WHERE a.state IN ('submitted', 'accepted', 'returned')
    UNION ALL
    SELECT CASE WHEN a.suspended THEN 'to_resume' WHEN b.paid_on IS NOT NULL THEN 'to_pay_again' WHEN a.paid > 0 THEN 'to_pay_rest' ELSE 'to_pay' END,
        a.id, a.enterprise, a.clause, a.via, a.title, u.unpaid, coalesce(b.paid_on, a.approved_on)
    FROM (SELECT i.application, sum(i.approved - i.paid) AS unpaid FROM instalments i
            WHERE i.paid < i.approved AND i.support_year <= extract(year FROM {at_day}::date) GROUP BY i.application) u
    JOIN applications a ON a.id = u.application
    LEFT JOIN LATERAL (
        -- The last payment of a year that is not paid in full, where it is one that came back.
        SELECT max(l.paid_on) AS paid_on
        FROM instalments i CROSS JOIN LATERAL (SELECT p.paid_on, p.returned FROM payouts p WHERE p.application = i.application AND p.support_year = i.support_year ORDER BY p.seq DESC LIMIT 1) l
        WHERE i.application = a.id AND i.paid < i.approved AND l.returned > 0
    ) b ON a.returned > 0
    UNION ALL
    SELECT CASE WHEN d.overdue > 0 THEN 'to_demand' ELSE 'to_recover' END, c.id, c.enterprise, c.clause, c.via, c.reason,
        CASE WHEN d.overdue > 0 THEN d.overdue ELSE c.outstanding END, CASE WHEN d.overdue > 0 THEN d.due_on ELSE c.ordered_on END
    FROM clawbacks c CROSS JOIN LATERAL (SELECT c.outstanding) s
    CROSS JOIN LATERAL (
        SELECT min(p.due_on) AS due_on, sum(p.unpaid) FILTER (WHERE p.due_on < {at_day}::date) AS overdue FROM (
{{part "unpaid"}}
        ) p WHERE p.unpaid > 0
    ) d
    WHERE c.outstanding > 0
) w LEFT JOIN enterprises e ON e.id = w.enterprise
WHERE ({clause}::text IS NULL OR w.clause = {clause} OR w.via = {clause})
  AND ({department}::text IS NULL OR EXISTS (SELECT FROM clauses d WHERE d.id = coalesce(w.via, w.clause) AND {department} = ANY (coalesce((
      SELECT m.departments FROM policy_amendments m WHERE m.clause = d.id AND m.departments IS NOT NULL AND m.effective_on <= {at_day}::date
      ORDER BY m.effective_on DESC, m.seq DESC LIMIT 1), d.departments))))
