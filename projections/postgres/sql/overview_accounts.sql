-- The accounts that a cap is counted for, each with how it stands: one for a year where the cap is the year's, one for all years where it is a total.
WITH caps AS MATERIALIZED (
{{part "caps"}}
), bounced AS MATERIALIZED (
{{part "bounced"}}
), accounts AS (
    SELECT l.clause, l.subject_kind, l.subject, CASE c.period WHEN 'year' THEN l.support_year ELSE 0::smallint END AS support_year,
        sum(l.approved + l.outside - l.recovered_error) AS use, sum(l.exceptions) AS exceptions,
        coalesce(sum(l.approved + l.outside - l.recovered_error) FILTER (WHERE {year}::smallint IS NULL OR l.support_year = {year}), 0.00) AS year_use,
        coalesce(sum(l.paid) FILTER (WHERE {year}::smallint IS NULL OR l.support_year = {year}), 0.00) AS paid,
        coalesce(sum(l.paid - l.returned - l.recovered_error - l.recovered_breach) FILTER (WHERE {year}::smallint IS NULL OR l.support_year = {year}), 0.00) AS net_paid
    FROM {{part "lines"}} l JOIN clauses c ON c.id = l.clause
    WHERE c.period = 'total' OR l.support_year <> 0 AND ({year}::smallint IS NULL OR l.support_year = {year})
    GROUP BY 1, 2, 3, 4
    HAVING bool_or(l.support_year <> 0 AND ({year}::smallint IS NULL OR l.support_year = {year}))
), judged AS MATERIALIZED (
    SELECT a.*, k.cap, s.standing, greatest(a.use - s.standing - a.exceptions, 0.00) AS over_by, round(a.use / nullif(k.cap + a.exceptions, 0), 4) AS utilisation,
        {{status "a.use" "k.cap" "a.exceptions" "a.use > s.standing + a.exceptions" "a.use >= k.cap + a.exceptions"}} AS status
    FROM accounts a LEFT JOIN caps k ON k.clause = a.clause
    LEFT JOIN bounced b ON b.clause = a.clause AND b.subject_kind = a.subject_kind AND b.subject = a.subject AND b.support_year = a.support_year
    CROSS JOIN LATERAL (SELECT least(k.standing, b.cap) AS standing) s
)
