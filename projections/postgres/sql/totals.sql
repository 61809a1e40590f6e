WITH caps AS MATERIALIZED (
{{part "caps"}}
), page AS MATERIALIZED (
    SELECT r.enterprise, r.clause, r.support_year, sum(r.applications)::bigint AS applications, sum(r.requested) AS requested, sum(r.approved) AS approved,
        sum(r.outside) AS outside, sum(r.paid) AS paid, sum(r.returned) AS returned, sum(r.clawback_ordered) AS clawback_ordered,
        sum(r.clawback_waived) AS clawback_waived, sum(r.recovered_error) AS recovered_error, sum(r.recovered_breach) AS recovered_breach
    FROM {{part "lines"}} r
    WHERE r.enterprise <> '' AND r.support_year <> 0 {where}
    GROUP BY r.enterprise, r.clause, r.support_year
    ORDER BY r.enterprise, r.clause, r.support_year
    {limit}
), charged AS MATERIALIZED (
    -- The accounts that a row's limit is made of: the enterprise's own, or those of the projects and awards on which something is used.
    SELECT l.enterprise, l.clause, l.support_year, l.subject_kind, l.subject, l.approved + l.outside - l.recovered_error AS use
    FROM page p JOIN {{part "lines"}} l ON l.enterprise = p.enterprise AND l.clause = p.clause AND l.support_year = p.support_year
    WHERE l.subject_kind = 'enterprise' OR l.approved <> 0 OR l.outside <> 0 OR l.recovered_error <> 0
), judged AS (
    SELECT s.enterprise, s.clause, s.support_year,
        -- What the account leaves to this enterprise in this year: of a total, what others and other years do not use.
        CASE c.period WHEN 'year' THEN k.cap ELSE greatest(k.cap - (a.use - s.use), 0.00) END AS cap,
        CASE c.period WHEN 'year' THEN a.year_exceptions ELSE a.exceptions END AS exceptions,
        CASE c.period WHEN 'year' THEN a.year_use > k.standing + a.year_exceptions ELSE a.use > k.standing + a.exceptions END AS over
    FROM charged s
    JOIN clauses c ON c.id = s.clause
    LEFT JOIN caps k ON k.clause = s.clause
    CROSS JOIN LATERAL (
        SELECT sum(a.approved + a.outside - a.recovered_error) AS use,
            coalesce(sum(a.approved + a.outside - a.recovered_error) FILTER (WHERE a.support_year = s.support_year), 0.00) AS year_use,
            sum(a.exceptions) AS exceptions,
            coalesce(sum(a.exceptions) FILTER (WHERE a.support_year = s.support_year), 0.00) AS year_exceptions
        FROM {{part "lines"}} a WHERE a.clause = s.clause AND a.subject_kind = s.subject_kind AND a.subject = s.subject
    ) a
), limits AS (
    SELECT enterprise, clause, support_year, sum(cap) AS cap, sum(exceptions) AS exceptions, bool_or(over) AS over
    FROM judged GROUP BY enterprise, clause, support_year
), figures AS (
    SELECT p.*, p.approved + p.outside - p.recovered_error AS use, p.paid - p.returned - p.recovered_error - p.recovered_breach AS net_paid,
        CASE WHEN k.cap IS NOT NULL THEN coalesce(l.cap, 0.00) END AS annual_limit, coalesce(l.exceptions, 0.00) AS exceptions, coalesce(l.over, false) AS over
    FROM page p
    LEFT JOIN caps k ON k.clause = p.clause
    LEFT JOIN limits l ON l.enterprise = p.enterprise AND l.clause = p.clause AND l.support_year = p.support_year
)
SELECT f.enterprise,
    coalesce((SELECT n.name FROM enterprise_names n WHERE n.enterprise = f.enterprise AND n.seq <= {at_seq}::bigint ORDER BY n.seq DESC LIMIT 1), '') AS enterprise_name,
    f.clause, f.support_year, f.applications, f.requested, f.approved, f.paid, f.returned, f.clawback_ordered, f.clawback_waived,
    f.recovered_error, f.recovered_breach, f.net_paid, f.annual_limit, f.exceptions, f.use,
    greatest(f.annual_limit + f.exceptions - f.use, f.annual_limit * 0) AS headroom,
    round(f.use / nullif(f.annual_limit + f.exceptions, 0), 4) AS utilisation,
    CASE
        WHEN f.annual_limit IS NULL THEN 'ok'
        WHEN f.over THEN 'over'
        WHEN f.use > f.annual_limit AND f.use <= f.annual_limit + f.exceptions THEN 'over_by_exception'
        WHEN f.use > 0 AND f.use >= f.annual_limit + f.exceptions THEN 'full'
        WHEN f.use > 0 AND f.use >= (f.annual_limit + f.exceptions) * 0.9 THEN 'near'
        ELSE 'ok'
    END AS status
FROM figures f
ORDER BY f.enterprise, f.clause, f.support_year
