-- What waits to be done, and since when: applications by the step that comes next, offers that wait for an answer, and clawbacks of which something is
-- outstanding. Money of a support year that has not begun is not due yet. Beside it stands until when it is promised: so many working days behind the
-- day on which its stage began, the days apart for which it was suspended. What is suspended, or waits for the applicant, is promised by nobody.
WITH
{{promises}},
w AS (
    SELECT CASE WHEN a.suspended THEN 'to_resume' WHEN a.state = 'returned' THEN 'to_complete' WHEN a.state = 'submitted' AND f.acceptance THEN 'to_accept' ELSE 'to_decide' END AS step,
        a.id AS reference, a.enterprise, a.clause, a.via, a.title, a.requested AS amount, a.last_step_on AS since, a.last_step_on AS begun, NULL::date AS ends
    FROM applications a CROSS JOIN LATERAL (
        SELECT coalesce((SELECT m.acceptance FROM policy_amendments m WHERE m.policy = p.id AND m.acceptance IS NOT NULL AND m.effective_on <= {at_day}::date
            ORDER BY m.effective_on DESC, m.seq DESC LIMIT 1), (p.data -> 'workflow' ->> 'acceptance')::boolean, false) AS acceptance
        FROM clauses d JOIN policies p ON p.id = d.policy WHERE d.id = coalesce(a.via, a.clause)
    ) f
    WHERE a.state IN ('submitted', 'accepted', 'returned') [reference? AND a.id = {reference} ?]
    UNION ALL
    SELECT 'to_answer', o.data ->> 'offer', o.enterprise, o.clause, o.data -> 'charge' ->> 'via', o.data ->> 'title',
        (SELECT sum((i ->> 'amount')::numeric(20,2)) FROM json_array_elements(o.data -> 'instalments') i), o.business_date, NULL, (o.data ->> 'expires_on')::date
    FROM events o
    WHERE o.type = 'support_offered' AND (o.data ->> 'expires_on')::date >= {at_day}::date [reference? AND o.data ->> 'offer' = {reference} ?]
      AND NOT EXISTS (SELECT FROM events b WHERE b.type IN ('offer_confirmed', 'offer_declined') AND b.data ->> 'offer' = o.data ->> 'offer')
    UNION ALL
    SELECT CASE WHEN a.suspended THEN 'to_resume' WHEN b.paid_on IS NOT NULL THEN 'to_pay_again' WHEN a.paid > 0 THEN 'to_pay_rest' ELSE 'to_pay' END,
        a.id, a.enterprise, a.clause, a.via, a.title, u.unpaid, coalesce(b.paid_on, a.approved_on), greatest(coalesce(b.paid_on, a.approved_on), make_date(u.first_year, 1, 1)), NULL
    FROM (SELECT i.application, sum(i.approved - i.paid) AS unpaid, min(i.support_year)::int AS first_year FROM instalments i
            WHERE i.paid < i.approved AND i.support_year <= extract(year FROM {at_day}::date) [reference? AND i.application = {reference} ?] GROUP BY i.application) u
    JOIN applications a ON a.id = u.application
    LEFT JOIN LATERAL (
        -- The last payment of a year that is not paid in full, where it is one that came back.
        SELECT max(l.paid_on) AS paid_on
        FROM instalments i CROSS JOIN LATERAL (SELECT p.paid_on, p.returned FROM payouts p WHERE p.application = i.application AND p.support_year = i.support_year ORDER BY p.seq DESC LIMIT 1) l
        WHERE i.application = a.id AND i.paid < i.approved AND l.returned > 0
    ) b ON a.returned > 0
    UNION ALL
    SELECT CASE WHEN d.overdue > 0 THEN 'to_demand' ELSE 'to_recover' END, c.id, c.enterprise, c.clause, c.via, c.reason,
        CASE WHEN d.overdue > 0 THEN d.overdue ELSE c.outstanding END, CASE WHEN d.overdue > 0 THEN d.due_on ELSE c.ordered_on END, NULL, NULL
    FROM clawbacks c CROSS JOIN LATERAL (SELECT c.outstanding) s
    CROSS JOIN LATERAL (
        SELECT min(p.due_on) AS due_on, sum(p.unpaid) FILTER (WHERE p.due_on < {at_day}::date) AS overdue FROM (
{{part "unpaid"}}
        ) p WHERE p.unpaid > 0
    ) d
    WHERE c.outstanding > 0 [reference? AND c.id = {reference} ?]
),
t AS MATERIALIZED (
    SELECT w.*, s.stage, s.begun AS stage_begun, CASE WHEN s.stage IS NOT NULL THEN {{promised "coalesce(w.via, w.clause)" "s.stage" "s.begun"}} END AS days
    FROM w
    LEFT JOIN LATERAL (
        -- A stage begins with what was last asked, or taken in, and a review ends with the last one that is needed: a further one begins nothing anew.
        SELECT CASE WHEN w.step = 'to_accept' THEN 'acceptance' WHEN v.day IS NOT NULL OR q.reviews = 0 THEN 'approval' ELSE 'review' END AS stage, coalesce(v.day, b.day) AS day
        FROM (SELECT x.seq, x.business_date AS day FROM events x WHERE x.application = w.reference AND {{reviewedFrom "x"}} ORDER BY x.seq DESC LIMIT 1) b
        CROSS JOIN LATERAL ({{workflow "coalesce(w.via, w.clause)" "b.day"}}) q
        LEFT JOIN LATERAL (
            SELECT f.day FROM (SELECT DISTINCT ON (x.actor) x.seq, x.business_date AS day FROM events x
                WHERE x.application = w.reference AND x.seq > b.seq AND {{counts "x" "q.support"}} ORDER BY x.actor, x.seq) f
            ORDER BY f.seq OFFSET greatest(q.reviews - 1, 0) LIMIT 1
        ) v ON q.reviews > 0 AND w.step = 'to_decide'
        WHERE w.step IN ('to_accept', 'to_decide') AND EXISTS (SELECT FROM promises)
    ) v ON true
    CROSS JOIN LATERAL (SELECT CASE WHEN w.step IN ('to_pay', 'to_pay_rest', 'to_pay_again') THEN 'payment' ELSE v.stage END AS stage, coalesce(v.day, w.begun) AS begun) s
),
{{workdays "(SELECT min(t.stage_begun) FROM t WHERE t.days IS NOT NULL)" "{at_day}::date + (SELECT 3 * max(t.days) + 400 FROM t)::int"}}
SELECT t.step, t.reference, t.enterprise, e.name AS enterprise_name, t.clause, t.via AS via_clause, t.title, t.amount, t.since, ({at_day}::date - t.since)::bigint AS waiting_days,
    coalesce(t.ends, u.day) AS promised_until,
    CASE WHEN t.ends IS NOT NULL THEN CASE WHEN ({at_day}::date - t.since) * 5 >= (t.ends - t.since) * 4 THEN 'amber' ELSE 'on_time' END
        WHEN u.day IS NULL THEN '' WHEN {at_day}::date > u.day THEN 'red' WHEN (n.worked - b.worked - h.held) * 5 >= t.days * 4 THEN 'amber' ELSE 'on_time' END AS standing
FROM t LEFT JOIN enterprises e ON e.id = t.enterprise
LEFT JOIN workdays b ON b.day = t.stage_begun AND t.days IS NOT NULL
LEFT JOIN workdays n ON n.day = {at_day}::date AND t.days IS NOT NULL
LEFT JOIN LATERAL ({{held "t.reference" "t.stage_begun" "{at_day}::date"}} AND t.days IS NOT NULL) h ON true
LEFT JOIN workdays u ON u.works AND u.worked = b.worked + h.held + t.days
WHERE ({clause}::text IS NULL OR t.clause = {clause} OR t.via = {clause})
  AND ({department}::text IS NULL OR EXISTS (SELECT FROM clauses d WHERE d.id = coalesce(t.via, t.clause) AND {department} = ANY (coalesce((
      SELECT m.departments FROM policy_amendments m WHERE m.clause = d.id AND m.departments IS NOT NULL AND m.effective_on <= {at_day}::date
      ORDER BY m.effective_on DESC, m.seq DESC LIMIT 1), d.departments))))
