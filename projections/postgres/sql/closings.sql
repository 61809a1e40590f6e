-- Closings of budget years, each with what became of it: it was opened again, and what was booked while it was closed.
SELECT c.budget_year, c.closed_on, c.document, c.actor, c.actor_for, c.statement_lines, c.differences, c.difference_amount, r.reopened_on, r.reopened_document,
    r.reopened_reason, coalesce(m.moved_since, 0) AS moved_since, coalesce(m.booked_after_close, 0.00) AS booked_after_close, c.seq
FROM ({{part "closed"}}) c
LEFT JOIN LATERAL (
    SELECT e.seq AS reopened_seq, e.business_date AS reopened_on, e.data ->> 'document' AS reopened_document, e.data ->> 'reason' AS reopened_reason
    FROM events e WHERE e.type = 'budget_year_reopened' AND e.seq > c.seq AND (e.data ->> 'year')::smallint = c.budget_year AND {{upto "e.seq" "e.business_date"}}
    ORDER BY e.seq LIMIT 1
) r ON true
LEFT JOIN LATERAL (
    SELECT count(*) AS moved_since, sum(m.paid - m.returned) FILTER (WHERE m.after_close AND (r.reopened_seq IS NULL OR m.seq < r.reopened_seq)) AS booked_after_close
    FROM ({{part "moved"}}) m
) m ON true
