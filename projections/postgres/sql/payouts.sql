-- Payouts, and what became of each: of the past, summed from the journal of its line.
SELECT p.id AS payout, p.application, p.enterprise, {{name "p.enterprise"}} AS enterprise_name, p.clause, p.via AS via_clause, p.subject_kind, p.subject, p.support_year,
    p.budget_year, p.paid_on, p.voucher, p.department, p.booked, p.amount, p.kept_back, p.amount - p.kept_back AS paid_out, p.outside, p.actor, s.returned, s.ordered AS clawback_ordered, s.waived AS clawback_waived,
    s.recovered, CASE WHEN {{upto "p.reversed_seq" "p.reversed_on"}} THEN p.reversed_on END AS reversed_on, p.findings, p.seq
FROM payouts p {{names "p.enterprise"}} CROSS JOIN LATERAL (
{{- if .Past}}
    SELECT coalesce(sum(j.amount) FILTER (WHERE j.kind = 'returned' AND j.ref = p.id), 0.00) AS returned,
        coalesce(sum(j.amount) FILTER (WHERE j.kind = 'clawback_ordered' AND c.payout = p.id), 0.00) AS ordered,
        coalesce(sum(j.amount) FILTER (WHERE j.kind = 'clawback_waived' AND c.payout = p.id), 0.00) AS waived,
        coalesce(sum(j.amount) FILTER (WHERE j.kind IN ('recovered_error', 'recovered_breach', 'received_beyond') AND r.payout = p.id), 0.00) AS recovered
    FROM lines l JOIN journal j ON j.line = l.id AND {{upto "j.seq" "j.business_date"}}
    LEFT JOIN clawbacks c ON j.kind IN ('clawback_ordered', 'clawback_waived') AND c.id = j.ref
    LEFT JOIN recoveries r ON j.kind IN ('recovered_error', 'recovered_breach', 'received_beyond') AND r.id = j.ref
    WHERE l.enterprise = p.enterprise AND l.clause = p.clause AND l.support_year = p.support_year AND l.subject_kind = p.subject_kind AND l.subject = p.subject
{{- else}}
    SELECT p.returned, p.ordered, p.waived, p.recovered
{{- end}}
) s
WHERE {{upto "p.seq" "p.paid_on"}}
  -- Who was paid on an account has a line of it, and an index has the payouts of an enterprise.
  [subject? AND p.enterprise IN (SELECT o.enterprise FROM lines o WHERE o.subject = {subject}::text) ?]
