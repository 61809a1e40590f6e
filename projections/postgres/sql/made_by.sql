-- Who decided what on some applications.
SELECT application, seq, actor, coalesce(actor_for, '') AS actor_for, role, coalesce(department, '') AS department, command, business_date
FROM events WHERE application = ANY({applications}::text[]) AND seq <= {at_seq}::bigint
ORDER BY application, seq
