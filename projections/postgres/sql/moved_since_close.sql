-- What moved a budget year since each time that it was closed.
SELECT c.budget_year, c.seq AS closed_seq, m.*
FROM ({{part "closed"}}) c CROSS JOIN LATERAL ({{part "moved"}}) m
