-- Enterprises by name, with the sums of their lines.
SELECT e.id, e.name, e.industry, e.restricted, e.admitted, coalesce(t.applications, 0), coalesce(t.approved, 0), coalesce(t.paid, 0), coalesce(t.net_paid, 0)
FROM enterprises e
LEFT JOIN LATERAL (
    SELECT sum(l.applications)::bigint AS applications, sum(l.approved) AS approved, sum(l.paid) AS paid,
        sum(l.paid - l.returned - l.recovered_error - l.recovered_breach) AS net_paid
    FROM lines l WHERE l.enterprise = e.id
) t ON true
WHERE ({pairs}::text IS NULL OR e.search @@ {pairs}::tsquery)
  AND ({part}::text IS NULL OR e.name LIKE {part})
  AND ({initials}::text IS NULL OR e.initials LIKE {initials} OR e.id LIKE {code})
  AND ({enterprise}::text IS NULL OR e.id = {enterprise})
  AND ({after_1}::text IS NULL OR (e.name COLLATE "zh-Hans-x-icu", e.id) > ({after_1} COLLATE "zh-Hans-x-icu", {after_2}))
ORDER BY e.name COLLATE "zh-Hans-x-icu", e.id
LIMIT {limit_rows}
