-- Payouts as of a position, and as they were dated up to a day where one is given: what became of each is summed from the journal of its line.
SELECT p.id, coalesce(p.application, ''), p.enterprise, coalesce((SELECT n.name FROM enterprise_names n WHERE n.enterprise = p.enterprise AND n.seq <= {at_seq}::bigint ORDER BY n.seq DESC LIMIT 1), ''),
    p.clause, p.subject, p.support_year, p.budget_year::bigint, p.paid_on, coalesce(p.voucher, ''), p.booked, p.amount, s.returned, s.ordered, s.waived, s.recovered, p.seq
FROM (
    SELECT * FROM payouts p
    WHERE p.seq <= {at_seq}::bigint AND ({on_day}::date IS NULL OR p.paid_on <= {on_day}::date) AND ({enterprise}::text IS NULL OR p.enterprise = {enterprise})
      AND ({application}::text IS NULL OR p.application = {application})
      AND ({clause}::text IS NULL OR p.clause = {clause})
      AND ({year}::smallint IS NULL OR p.support_year = {year})
      AND ({subject_kind}::text IS NULL OR p.subject_kind = {subject_kind})
      AND ({subject}::text IS NULL OR p.subject = {subject})
      AND ({payout}::text IS NULL OR p.id = {payout})
      AND ({after_1}::text IS NULL OR p.id > {after_1})
    ORDER BY p.id
    LIMIT {limit_rows}
) p CROSS JOIN LATERAL (
    SELECT coalesce(sum(j.amount) FILTER (WHERE j.kind = 'returned' AND j.ref = p.id), 0.00) AS returned,
        coalesce(sum(j.amount) FILTER (WHERE j.kind = 'clawback_ordered' AND c.payout = p.id), 0.00) AS ordered,
        coalesce(sum(j.amount) FILTER (WHERE j.kind = 'clawback_waived' AND c.payout = p.id), 0.00) AS waived,
        coalesce(sum(j.amount) FILTER (WHERE j.kind IN ('recovered_error', 'recovered_breach') AND r.payout = p.id), 0.00) AS recovered
    FROM lines l JOIN journal j ON j.line = l.id AND j.seq <= {at_seq}::bigint AND ({on_day}::date IS NULL OR j.business_date <= {on_day}::date)
    LEFT JOIN clawbacks c ON j.kind IN ('clawback_ordered', 'clawback_waived') AND c.id = j.ref
    LEFT JOIN recoveries r ON j.kind IN ('recovered_error', 'recovered_breach') AND r.id = j.ref
    WHERE l.enterprise = p.enterprise AND l.clause = p.clause AND l.support_year = p.support_year AND l.subject_kind = p.subject_kind AND l.subject = p.subject
) s
ORDER BY p.id
