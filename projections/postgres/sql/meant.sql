-- What the facts that decide a matter say of each enterprise, from one day up to another: of each day the latest value that counts.
SELECT y.means, y.enterprise, y.value, y.from_day, coalesce(lead(y.from_day) OVER (PARTITION BY y.means, y.enterprise ORDER BY y.from_day), 'infinity'::date) AS until
FROM (
    SELECT DISTINCT ON (f.means, f.enterprise, f.period) f.means, f.enterprise, f.period::date AS from_day, f.value COLLATE "C" AS value
    FROM fact_values f
    WHERE f.means <> '' AND f.enterprise <> '' AND NOT f.pending AND {{upto "f.seq" "f.day"}}{{if .Some}} AND f.enterprise = ANY ({moved}::text[]){{end}}
    ORDER BY f.means, f.enterprise, f.period, f.seq DESC
) y
