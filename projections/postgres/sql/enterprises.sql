-- Enterprises, with the sums of their lines.
SELECT e.id AS enterprise, e.name, e.industry, e.restricted AS credit_restricted, e.admitted, e.registered_on, coalesce(t.applications, 0) AS applications,
    coalesce(t.approved, 0.00) AS approved, coalesce(t.paid, 0.00) AS paid, coalesce(t.net_paid, 0.00) AS net_paid
FROM ({{part "found_enterprises"}}) e
LEFT JOIN LATERAL (
    SELECT sum(l.applications)::bigint AS applications, sum(l.approved) AS approved, sum(l.paid) AS paid,
        sum(l.paid - l.returned - l.recovered_error - l.recovered_breach) AS net_paid
    FROM lines l WHERE l.enterprise = e.id
) t ON true
