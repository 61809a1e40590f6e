WITH caps AS MATERIALIZED (
{caps}
), page AS MATERIALIZED (
    SELECT l.clause, l.subject_kind, l.subject, l.support_year, sum(l.approved) AS committed, sum(l.paid) AS paid,
        sum(l.paid - l.returned - l.recovered_error - l.recovered_breach) AS net_paid,
        sum(l.approved + l.outside - l.recovered_error) AS use, sum(l.exceptions) AS exceptions
    FROM {lines} l
    WHERE l.support_year <> 0 {filter}
    GROUP BY l.clause, l.subject_kind, l.subject, l.support_year
    {page_order}
), figures AS (
    SELECT p.clause, p.subject_kind, p.subject, p.support_year, k.cap, k.standing, p.committed, p.paid, p.net_paid, p.use,
        CASE c.period WHEN 'year' THEN p.exceptions ELSE a.exceptions END AS exceptions,
        CASE c.period WHEN 'year' THEN p.use ELSE a.use END AS judged
    FROM page p
    JOIN clauses c ON c.id = p.clause
    LEFT JOIN caps k ON k.clause = p.clause
    CROSS JOIN LATERAL (
        SELECT sum(a.approved + a.outside - a.recovered_error) AS use, sum(a.exceptions) AS exceptions
        FROM {lines} a WHERE a.clause = p.clause AND a.subject_kind = p.subject_kind AND a.subject = p.subject
    ) a
)
SELECT f.clause, f.subject_kind, f.subject, f.support_year, f.cap, f.exceptions, f.committed, f.paid, f.net_paid, f.use,
    greatest(f.cap + f.exceptions - f.judged, f.cap * 0) AS headroom,
    CASE
        WHEN f.cap IS NULL THEN 'ok'
        WHEN f.judged > f.standing + f.exceptions THEN 'over'
        WHEN f.judged > f.cap AND f.judged <= f.cap + f.exceptions THEN 'over_by_exception'
        WHEN f.judged > 0 AND f.judged >= f.cap + f.exceptions THEN 'full'
        WHEN f.judged > 0 AND f.judged >= (f.cap + f.exceptions) * 0.9 THEN 'near'
        ELSE 'ok'
    END AS status {also}
FROM figures f
{order}
