-- Clawbacks as of a position, and as they were dated up to a day where one is given: what came in is summed from the journal of each one's line.
SELECT c.id, c.payout, coalesce(c.application, ''), c.enterprise, coalesce((SELECT n.name FROM enterprise_names n WHERE n.enterprise = c.enterprise AND n.seq <= {at_seq}::bigint ORDER BY n.seq DESC LIMIT 1), ''),
    c.clause, c.support_year, c.cause, c.ordered_on,
    CASE WHEN c.ordered > s.waived + s.recovered THEN ({at_day}::date - c.ordered_on)::bigint ELSE 0 END,
    c.ordered, s.waived, s.recovered, s.interest, c.ordered - s.waived - s.recovered, c.reason, c.seq
FROM clawbacks c CROSS JOIN LATERAL (
    SELECT coalesce(sum(j.amount) FILTER (WHERE j.kind = 'clawback_waived' AND j.ref = c.id), 0.00) AS waived,
        coalesce(sum(j.amount) FILTER (WHERE j.kind IN ('recovered_error', 'recovered_breach') AND r.clawback = c.id), 0.00) AS recovered,
        coalesce(sum(j.amount) FILTER (WHERE j.kind = 'interest' AND r.clawback = c.id), 0.00) AS interest
    FROM lines l JOIN journal j ON j.line = l.id AND j.seq <= {at_seq}::bigint AND ({on_day}::date IS NULL OR j.business_date <= {on_day}::date)
    LEFT JOIN recoveries r ON j.kind IN ('recovered_error', 'recovered_breach', 'interest') AND r.id = j.ref
    WHERE l.enterprise = c.enterprise AND l.clause = c.clause AND l.support_year = c.support_year AND l.subject_kind = c.subject_kind AND l.subject = c.subject
) s
WHERE c.seq <= {at_seq}::bigint AND ({on_day}::date IS NULL OR c.ordered_on <= {on_day}::date) AND ({enterprise}::text IS NULL OR c.enterprise = {enterprise})
  AND ({application}::text IS NULL OR c.application = {application})
  AND ({clause}::text IS NULL OR c.clause = {clause})
  AND ({year}::smallint IS NULL OR c.support_year = {year})
  AND ({subject_kind}::text IS NULL OR c.subject_kind = {subject_kind})
  AND ({subject}::text IS NULL OR c.subject = {subject})
  AND ({payout}::text IS NULL OR c.payout = {payout})
  AND ({clawback}::text IS NULL OR c.id = {clawback})
  AND ({after_1}::text IS NULL OR (c.ordered_on, c.id) > ({after_1}::date, {after_2}))
  AND ({state}::text IS NULL OR c.ordered > s.waived + s.recovered)
ORDER BY c.ordered_on, c.id
LIMIT {limit_rows}
