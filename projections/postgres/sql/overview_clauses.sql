{{part "overview_accounts"}}
-- Each clause's use against the caps of the accounts that were used, in the policy's order.
SELECT c.id AS clause, c.name_zh, c.name_en, c.period, count(j.clause) AS accounts, sum(j.cap) AS cap, coalesce(sum(j.exceptions), 0.00) AS exceptions,
    coalesce(sum(j.use), 0.00) AS use, coalesce(sum(j.year_use), 0.00) AS year_use, coalesce(sum(j.paid), 0.00) AS paid, coalesce(sum(j.net_paid), 0.00) AS net_paid,
    count(*) FILTER (WHERE j.status = 'near') AS near, count(*) FILTER (WHERE j.status = 'full') AS full,
    count(*) FILTER (WHERE j.status = 'over_by_exception') AS over_by_exception, count(*) FILTER (WHERE j.status = 'over') AS over
FROM clauses c LEFT JOIN judged j ON j.clause = c.id
WHERE c.subject_kind IS NOT NULL AND EXISTS (SELECT FROM policies p WHERE p.seq <= {at_seq}::bigint)
GROUP BY c.position, c.id
ORDER BY c.position
