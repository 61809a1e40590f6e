{judged}
-- Each clause's use against the caps of the accounts that were used, in the policy's order.
SELECT c.id, c.name_zh, c.name_en, coalesce(c.period, ''), count(j.clause), sum(j.cap), coalesce(sum(j.exceptions), 0.00), coalesce(sum(j.use), 0.00), coalesce(sum(j.year_use), 0.00),
    coalesce(sum(j.paid), 0.00), coalesce(sum(j.net_paid), 0.00), count(*) FILTER (WHERE j.status = 'near'), count(*) FILTER (WHERE j.status = 'full'),
    count(*) FILTER (WHERE j.status = 'over_by_exception'), count(*) FILTER (WHERE j.status = 'over')
FROM clauses c LEFT JOIN judged j ON j.clause = c.id
WHERE c.subject_kind IS NOT NULL AND EXISTS (SELECT FROM policies p WHERE p.seq <= {seq})
GROUP BY c.position, c.id
ORDER BY c.position
