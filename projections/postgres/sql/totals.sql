WITH caps AS MATERIALIZED (
{{part "caps"}}
), bounced AS MATERIALIZED (
{{part "bounced"}}
), page AS MATERIALIZED (
    SELECT r.enterprise, r.clause, r.support_year, sum(r.applications)::bigint AS applications, sum(r.requested) AS requested, sum(r.approved) AS approved,
        sum(r.outside) AS outside, sum(r.paid) AS paid, sum(r.returned) AS returned, sum(r.clawback_ordered) AS clawback_ordered,
        sum(r.clawback_waived) AS clawback_waived, sum(r.recovered_error) AS recovered_error, sum(r.recovered_breach) AS recovered_breach,
        sum(r.received_beyond) AS received_beyond, sum(r.written_off) AS written_off
    FROM {{part "lines"}} r
    WHERE r.enterprise <> '' AND r.support_year <> 0 {where}
    GROUP BY r.enterprise, r.clause, r.support_year
    ORDER BY r.enterprise, r.clause, r.support_year
    {limit}
), charged AS MATERIALIZED (
    -- The accounts that a row's limit is made of: the enterprise's own, or those of the projects and awards that its money is charged to,
    -- or that its applications name, but for withdrawn and rejected ones.
    SELECT l.enterprise, l.clause, l.support_year, l.subject_kind, l.subject
    FROM page p JOIN {{part "lines"}} l ON l.enterprise = p.enterprise AND l.clause = p.clause AND l.support_year = p.support_year
    WHERE l.subject_kind = 'enterprise' OR l.approved <> 0 OR l.outside <> 0 OR l.recovered_error <> 0 OR EXISTS (
{{- if .Past}}
        SELECT FROM journal j
        WHERE j.line = l.id AND j.kind = 'requested' AND {{upto "j.seq" "j.business_date"}}
          AND NOT EXISTS (SELECT FROM events x WHERE x.application = j.application
              AND x.type IN ('application_withdrawn', 'application_rejected') AND {{upto "x.seq" "x.business_date"}}
              -- Voided since, it may have been submitted again.
              AND NOT EXISTS (SELECT FROM events y WHERE y.application = x.application AND y.type = 'application_submitted' AND y.seq > x.seq AND {{upto "y.seq" "y.business_date"}}))
        GROUP BY j.application HAVING sum(j.amount) <> 0
{{- else}}
        SELECT FROM applications a JOIN instalments i ON i.application = a.id
        WHERE a.enterprise = l.enterprise AND a.clause = l.clause AND a.subject_kind = l.subject_kind AND a.subject = l.subject
          AND a.state NOT IN ('withdrawn', 'rejected') AND i.support_year = l.support_year AND i.requested <> 0
{{- end}}
    )
), judged AS (
    SELECT p.enterprise, p.clause, p.support_year,
        -- Of a cap in total, what the account's other years do not use.
        CASE c.period WHEN 'year' THEN k.cap ELSE greatest(k.cap - (a.use - a.year_use) - k2.use, 0.00) END AS cap,
        k.cap AS whole, least(k.standing, b.cap) AS standing,
        CASE c.period WHEN 'year' THEN a.year_exceptions ELSE a.exceptions END + k2.exceptions AS exceptions,
        CASE c.period WHEN 'year' THEN a.year_use ELSE a.use END AS own, CASE c.period WHEN 'year' THEN a.year_use ELSE a.use END + k2.use AS use
    FROM charged p
    JOIN clauses c ON c.id = p.clause
    LEFT JOIN caps k ON k.clause = p.clause
    LEFT JOIN bounced b ON b.clause = p.clause AND b.subject_kind = p.subject_kind AND b.subject = p.subject
        AND b.support_year = CASE c.period WHEN 'year' THEN p.support_year ELSE 0 END
    CROSS JOIN LATERAL (
        SELECT sum(a.approved + a.outside - a.recovered_error) AS use,
            coalesce(sum(a.approved + a.outside - a.recovered_error) FILTER (WHERE a.support_year = p.support_year), 0.00) AS year_use,
            sum(a.exceptions) AS exceptions,
            coalesce(sum(a.exceptions) FILTER (WHERE a.support_year = p.support_year), 0.00) AS year_exceptions
        FROM {{part "lines"}} a WHERE a.clause = p.clause AND a.subject_kind = p.subject_kind AND a.subject = p.subject
    ) a
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(l.approved + l.outside - l.recovered_error), 0.00) AS use, coalesce(sum(l.exceptions) FILTER (WHERE w.joined), 0.00) AS exceptions
        FROM (
{{part "beside"}}
        ) w JOIN {{part "lines"}} l ON l.clause = w.clause AND l.subject_kind = p.subject_kind AND l.subject = w.subject
        WHERE c.period IS DISTINCT FROM 'year' OR l.support_year = p.support_year
    ) k2
), limits AS (
    -- One account's excess never eats another's headroom.
    SELECT enterprise, clause, support_year, sum(cap) AS cap, sum(exceptions) AS exceptions,
        sum(greatest(whole + exceptions - use, 0.00)) AS headroom, coalesce(sum(CASE WHEN standing IS NULL THEN 0.00 ELSE greatest(least(use - standing - exceptions, own), 0.00) END), 0.00) AS over_by
    FROM judged GROUP BY enterprise, clause, support_year
), figures AS (
    SELECT p.*, p.approved + p.outside - p.recovered_error AS use, p.paid - p.returned - p.recovered_error - p.recovered_breach AS net_paid,
        CASE WHEN k.cap IS NOT NULL THEN coalesce(l.cap, 0.00) END AS annual_limit, coalesce(l.exceptions, 0.00) AS exceptions,
        CASE WHEN k.cap IS NOT NULL THEN coalesce(l.headroom, 0.00) END AS headroom, coalesce(l.over_by, 0.00) AS over_by
    FROM page p
    LEFT JOIN caps k ON k.clause = p.clause
    LEFT JOIN limits l ON l.enterprise = p.enterprise AND l.clause = p.clause AND l.support_year = p.support_year
)
SELECT f.enterprise,
    coalesce({{named "f.enterprise"}}, '') AS enterprise_name,
    f.clause, f.support_year, f.applications, f.requested, f.approved, f.paid, f.returned, f.clawback_ordered, f.clawback_waived,
    f.recovered_error, f.recovered_breach, f.net_paid, f.annual_limit, f.exceptions, f.use,
    f.headroom,
    round(f.use / nullif(f.annual_limit + f.exceptions, 0), 4) AS utilisation,
    {{status "f.use" "f.annual_limit" "f.exceptions" "f.over_by > 0" "f.headroom = 0"}} AS status, f.over_by, f.received_beyond, f.written_off
FROM figures f
ORDER BY f.enterprise, f.clause, f.support_year
