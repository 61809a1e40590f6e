-- The accounts that a cap is counted for, each with how it stands: one for a year where the cap is the year's, one for all years where it is a total.
-- They are many, and gone through once: for each clause's use against the caps of its accounts, in the policy's order, and behind that for the accounts
-- that need attention, by why.
WITH caps AS MATERIALIZED (
{{part "caps"}}
), bounced AS MATERIALIZED (
{{part "bounced"}}
), alone AS (
    SELECT l.clause, l.subject_kind, l.subject, CASE c.period WHEN 'year' THEN l.support_year ELSE 0::smallint END AS support_year,
        sum(l.approved + l.outside - l.recovered_error) AS use, sum(l.exceptions) AS exceptions,
        coalesce(sum(l.approved + l.outside - l.recovered_error) FILTER (WHERE {year}::smallint IS NULL OR l.support_year = {year}), 0.00) AS year_use,
        coalesce(sum(l.paid) FILTER (WHERE {year}::smallint IS NULL OR l.support_year = {year}), 0.00) AS paid,
        coalesce(sum(l.paid - l.returned - l.recovered_error - l.recovered_breach) FILTER (WHERE {year}::smallint IS NULL OR l.support_year = {year}), 0.00) AS net_paid
    FROM {{part "lines"}} l JOIN clauses c ON c.id = l.clause
    WHERE c.period = 'total' OR l.support_year <> 0 AND ({year}::smallint IS NULL OR l.support_year = {year})
    GROUP BY 1, 2, 3, 4
    HAVING bool_or(l.support_year <> 0 AND ({year}::smallint IS NULL OR l.support_year = {year}))
), accounts AS (
    SELECT p.clause, p.subject_kind, p.subject, p.support_year, p.use AS own, p.use + k.use AS use, p.exceptions + k.exceptions AS exceptions, p.year_use, p.paid, p.net_paid
    FROM alone p CROSS JOIN LATERAL (
        SELECT coalesce(sum(l.approved + l.outside - l.recovered_error), 0.00) AS use, coalesce(sum(l.exceptions) FILTER (WHERE w.joined), 0.00) AS exceptions
        FROM (
{{part "beside"}}
        ) w JOIN {{part "lines"}} l ON l.clause = w.clause AND l.subject_kind = p.subject_kind AND l.subject = w.subject
        WHERE p.support_year = 0 OR l.support_year = p.support_year
    ) k
), judged AS MATERIALIZED (
    SELECT a.*, k.cap, s.standing, greatest(least(a.use - s.standing - a.exceptions, a.own), 0.00) AS over_by, round(a.use / nullif(k.cap + a.exceptions, 0), 4) AS utilisation,
        {{status "a.use" "k.cap" "a.exceptions" "least(a.use - s.standing - a.exceptions, a.own) > 0" "a.use >= k.cap + a.exceptions"}} AS status
    FROM accounts a LEFT JOIN caps k ON k.clause = a.clause
    LEFT JOIN bounced b ON b.clause = a.clause AND b.subject_kind = a.subject_kind AND b.subject = a.subject AND b.support_year = a.support_year
    CROSS JOIN LATERAL (SELECT least(k.standing, b.cap) AS standing) s
)
-- The accounts that need attention, by why: how many there are, and the first of each.
, told AS (
    SELECT w.why, j.*, count(*) OVER (PARTITION BY w.why) AS all_of_them, sum(j.over_by) OVER (PARTITION BY w.why) AS all_over_by,
        row_number() OVER (PARTITION BY w.why ORDER BY j.over_by DESC, j.utilisation DESC NULLS LAST, j.use DESC, j.clause, j.subject_kind, j.subject, j.support_year) AS place
    FROM judged j CROSS JOIN LATERAL (VALUES
        ('near', j.status IN ('near', 'full')),
        ('over', j.status = 'over'),
        ('over_by_exception', j.status = 'over_by_exception'),
        -- Over what stands now, and not over what stood in an earlier version: it is the amendment that made it so.
        ('over_by_amendment', j.status = 'over' AND EXISTS (SELECT FROM clause_versions v WHERE v.clause = j.clause AND v.seq <= {at_seq}::bigint AND v.effective_on <= {at_day}::date
            AND (v.cap IS NULL OR j.use <= v.cap + j.exceptions)))
    ) w (why, it_is)
    WHERE j.status <> 'ok' AND w.it_is
)
SELECT '' AS why, count(j.clause) AS all_of_them, 0.00 AS all_over_by, c.position AS place, c.id AS clause, c.name_zh, c.name_en, c.period, '' AS subject_kind, '' AS subject, '' AS subject_name,
    0::smallint AS support_year, sum(j.cap) AS cap, NULL::numeric AS standing, coalesce(sum(j.exceptions), 0.00) AS exceptions, coalesce(sum(j.use), 0.00) AS use,
    NULL::numeric AS headroom, 0.00 AS over_by, NULL::numeric AS utilisation, '' AS status,
    coalesce(sum(j.year_use), 0.00) AS year_use, coalesce(sum(j.paid), 0.00) AS paid, coalesce(sum(j.net_paid), 0.00) AS net_paid,
    count(*) FILTER (WHERE j.status = 'near') AS near, count(*) FILTER (WHERE j.status = 'full') AS full,
    count(*) FILTER (WHERE j.status = 'over_by_exception') AS over_by_exception, count(*) FILTER (WHERE j.status = 'over') AS over
FROM clauses c LEFT JOIN judged j ON j.clause = c.id
WHERE c.subject_kind IS NOT NULL AND c.seq <= {at_seq}::bigint
GROUP BY c.position, c.id
UNION ALL
SELECT t.why, t.all_of_them, coalesce(t.all_over_by, 0.00), t.place, t.clause, '', '', '', t.subject_kind, t.subject,
    CASE t.subject_kind WHEN 'enterprise' THEN coalesce({{named "t.subject"}}, '') ELSE '' END,
    t.support_year, t.cap, t.standing, t.exceptions, t.use, greatest(t.cap + t.exceptions - t.use, 0.00), coalesce(t.over_by, 0.00), t.utilisation, t.status,
    0.00, 0.00, 0.00, 0, 0, 0, 0
FROM told t
WHERE t.place <= {most}
ORDER BY why, place
