-- Clawbacks, and what came in on each: of the past, summed from the journal of its line.
SELECT c.id AS clawback, c.payout, c.application, c.enterprise, {{name "c.enterprise"}} AS enterprise_name, c.clause, c.subject_kind, c.subject, c.support_year,
    c.cause, c.ordered_on, c.ordered_by, c.reason, c.ordered, s.waived, s.recovered, s.interest, s.written_off, s.outstanding, i.interest_owed,
    CASE WHEN s.outstanding > 0 THEN ({at_day}::date - c.ordered_on)::bigint ELSE 0 END AS age_days, d.due_on, d.overdue_amount, c.seq
FROM clawbacks c {{names "c.enterprise"}} CROSS JOIN LATERAL (
{{- if .Past}}
    SELECT t.*, c.ordered - t.waived - t.recovered - t.written_off AS outstanding
    FROM (
        SELECT coalesce(sum(j.amount) FILTER (WHERE j.kind = 'clawback_waived' AND j.ref = c.id), 0.00) AS waived,
            coalesce(sum(j.amount) FILTER (WHERE j.kind = 'written_off' AND j.ref = c.id), 0.00) AS written_off,
            coalesce(sum(j.amount) FILTER (WHERE j.kind IN ('recovered_error', 'recovered_breach', 'received_beyond') AND r.clawback = c.id), 0.00) AS recovered,
            coalesce(sum(j.amount) FILTER (WHERE j.kind = 'interest' AND r.clawback = c.id), 0.00) AS interest
        FROM lines l JOIN journal j ON j.line = l.id AND {{upto "j.seq" "j.business_date"}}
        LEFT JOIN recoveries r ON j.kind IN ('recovered_error', 'recovered_breach', 'received_beyond', 'interest') AND r.id = j.ref
        WHERE l.enterprise = c.enterprise AND l.clause = c.clause AND l.support_year = c.support_year AND l.subject_kind = c.subject_kind AND l.subject = c.subject
    ) t
{{- else}}
    SELECT c.waived, c.recovered, c.interest, c.written_off, c.outstanding
{{- end}}
) s
CROSS JOIN LATERAL (
    SELECT min(p.due_on) AS due_on, coalesce(sum(p.unpaid) FILTER (WHERE p.due_on < {at_day}::date), 0.00) AS overdue_amount FROM (
{{part "unpaid"}}
    ) p WHERE p.unpaid > 0
) d
CROSS JOIN LATERAL ( -- of the days from the payment to the order, each under the rate that was in force; rounded once, half up
    SELECT round(s.outstanding * sum(greatest(least(coalesce(r.until, c.ordered_on), c.ordered_on) - greatest(p.paid_on, r.since), 0) * r.rate) / 36500, 2) AS interest_owed
    FROM clauses d JOIN policies y ON y.id = d.policy JOIN payouts p ON p.id = c.payout
    CROSS JOIN LATERAL (
        SELECT (x.value ->> 'from')::date AS since, (x.value ->> 'rate')::numeric AS rate, lead((x.value ->> 'from')::date) OVER (ORDER BY x.ordinality) AS until
        FROM json_array_elements(coalesce(y.data -> 'late_interest', '[]'::json)) WITH ORDINALITY x
    ) r
    WHERE d.id = coalesce(c.via, c.clause)
) i
WHERE {{upto "c.seq" "c.ordered_on"}}
  AND ({state}::text IS NULL OR s.outstanding > 0)
