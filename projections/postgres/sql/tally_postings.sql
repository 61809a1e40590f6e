-- The postings behind a position, as a tally takes them in.
SELECT j.seq, j.line, j.kind::text, j.count, (j.amount * 100)::bigint, j.business_date, {{budgetYear}}, coalesce(j.application, '')
FROM journal j WHERE j.seq > {known}::bigint AND j.seq <= {at_seq}::bigint ORDER BY j.seq, j.n
