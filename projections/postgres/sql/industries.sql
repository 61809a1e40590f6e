-- Each enterprise's industry, from one day up to another, as the rules ask it (domain/eligibility.go): as registered for all days before a correction, as
-- corrected last from its day on, and, from the day on that a recognition holds, as recognised.
SELECT x.enterprise, x.industry, x.from_day, least(x.until, CASE WHEN NOT x.recognised THEN min(x.from_day) FILTER (WHERE x.recognised) OVER (PARTITION BY x.enterprise) END) AS until
FROM (
    SELECT y.enterprise, y.industry, y.recognised, CASE WHEN y.place = 1 AND NOT y.recognised THEN '-infinity'::date ELSE y.from_day END AS from_day,
        coalesce(lead(y.from_day) OVER (PARTITION BY y.enterprise, y.recognised ORDER BY y.place), 'infinity'::date) AS until
    FROM (
        SELECT e.enterprise COLLATE "C" AS enterprise, e.business_date AS from_day, e.data ->> 'industry' AS industry, false AS recognised,
            row_number() OVER (PARTITION BY e.enterprise ORDER BY e.seq) AS place
        FROM events e WHERE e.type IN ('enterprise_registered', 'enterprise_corrected') AND {{upto "e.seq" "e.business_date"}}{{if .Some}} AND e.enterprise = ANY ({moved}::text[]){{end}}
        UNION ALL
        SELECT f.enterprise, f.from_day, f.value, true, row_number() OVER (PARTITION BY f.enterprise ORDER BY f.from_day)
        FROM ({{part "meant"}}) f WHERE f.means = 'industry'
    ) y
) x
