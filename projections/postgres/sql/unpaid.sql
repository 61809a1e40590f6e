    -- What is left to pay of each part of the clawback c, of which s.outstanding is outstanding: what is settled settles what is due first, and what
    -- is outstanding beyond the schedule is due with the first part.
    SELECT t.n + 1 AS part, t.due_on, t.amount, CASE WHEN t.n = 0 THEN greatest(s.outstanding - t.later, 0.00) ELSE least(t.amount, greatest(s.outstanding - t.later, 0.00)) END AS unpaid
    FROM (
        SELECT r.n, r.due_on, r.amount, coalesce(sum(r.amount) OVER (ORDER BY r.n DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0.00) AS later
        FROM repayments r
        WHERE r.clawback = c.id AND r.seq = (SELECT max(m.seq) FROM repayments m WHERE m.clawback = c.id AND {{upto "m.seq" "m.day"}})
    ) t
