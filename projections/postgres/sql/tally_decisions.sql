-- Who approved applications, and that one was submitted again, behind a position.
SELECT e.seq, e.application, CASE e.type WHEN 'application_approved' THEN coalesce(e.department, '') ELSE '' END, e.business_date
FROM events e
WHERE e.type IN ('application_approved', 'application_submitted') AND e.seq > {known}::bigint AND e.seq <= {at_seq}::bigint
ORDER BY e.seq
