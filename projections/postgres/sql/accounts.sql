WITH caps AS MATERIALIZED (
{{part "caps"}}
), bounced AS MATERIALIZED (
{{part "bounced"}}
), page AS MATERIALIZED (
    SELECT r.clause, r.subject_kind, r.subject, r.support_year, sum(r.approved) AS committed, sum(r.paid) AS paid,
        sum(r.paid - r.returned - r.recovered_error - r.recovered_breach) AS net_paid,
        sum(r.approved + r.outside - r.recovered_error) AS use, sum(r.exceptions) AS exceptions, sum(r.received_beyond) AS received_beyond
    FROM {{part "lines"}} r
    WHERE r.support_year <> 0 {where}
        [enterprise? AND (r.clause, r.subject_kind, r.subject) IN (SELECT o.clause, o.subject_kind, o.subject FROM lines o
            WHERE o.enterprise = {enterprise}::text AND o.first_seq <= {at_seq}::bigint) ?]
    GROUP BY r.clause, r.subject_kind, r.subject, r.support_year
    ORDER BY r.clause, r.subject_kind, r.subject, r.support_year
    {limit}
), figures AS (
    SELECT p.clause, p.subject_kind, p.subject, p.support_year, k.cap, least(k.standing, b.cap) AS standing, p.committed, p.paid, p.net_paid, p.use, p.received_beyond,
        CASE c.period WHEN 'year' THEN p.exceptions ELSE a.exceptions END + k2.exceptions AS exceptions,
        CASE c.period WHEN 'year' THEN p.use ELSE a.use END AS own, CASE c.period WHEN 'year' THEN p.use ELSE a.use END + k2.carried + k2.joined AS judged,
        k2.carried, k2.joined
    FROM page p
    JOIN clauses c ON c.id = p.clause
    LEFT JOIN caps k ON k.clause = p.clause
    LEFT JOIN bounced b ON b.clause = p.clause AND b.subject_kind = p.subject_kind AND b.subject = p.subject
        AND b.support_year = CASE c.period WHEN 'year' THEN p.support_year ELSE 0 END
    CROSS JOIN LATERAL (
        SELECT sum(a.approved + a.outside - a.recovered_error) AS use, sum(a.exceptions) AS exceptions
        FROM {{part "lines"}} a WHERE a.clause = p.clause AND a.subject_kind = p.subject_kind AND a.subject = p.subject
            AND c.period IS DISTINCT FROM 'year' -- a year's cap is judged by the year's line alone, and the others are not looked at
    ) a
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(l.approved + l.outside - l.recovered_error) FILTER (WHERE NOT w.joined), 0.00) AS carried,
            coalesce(sum(l.approved + l.outside - l.recovered_error) FILTER (WHERE w.joined), 0.00) AS joined,
            coalesce(sum(l.exceptions) FILTER (WHERE w.joined), 0.00) AS exceptions
        FROM (
{{part "beside"}}
        ) w JOIN {{part "lines"}} l ON l.clause = w.clause AND l.subject_kind = p.subject_kind AND l.subject = w.subject
        WHERE c.period IS DISTINCT FROM 'year' OR l.support_year = p.support_year
    ) k2
)
SELECT f.clause, f.subject_kind, f.subject, f.support_year, f.cap, f.exceptions, f.committed, f.paid, f.net_paid, f.use,
    greatest(f.cap + f.exceptions - f.judged, f.cap * 0) AS headroom,
    {{status "f.judged" "f.cap" "f.exceptions" "least(f.judged - f.standing - f.exceptions, f.own) > 0" "f.judged >= f.cap + f.exceptions"}} AS status, CASE WHEN f.standing IS NULL THEN 0.00 ELSE greatest(least(f.judged - f.standing - f.exceptions, f.own), 0.00) END AS over_by, f.received_beyond, f.carried AS carried_use, f.joined AS joined_use, f.judged
FROM figures f
ORDER BY f.clause, f.subject_kind, f.subject, f.support_year
