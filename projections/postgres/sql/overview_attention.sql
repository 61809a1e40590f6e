{{part "overview_accounts"}}
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
SELECT t.why, t.all_of_them, coalesce(t.all_over_by, 0.00) AS all_over_by, t.clause, t.subject_kind, t.subject,
    CASE t.subject_kind WHEN 'enterprise' THEN {{named "t.subject"}} END AS subject_name,
    t.support_year, t.cap, t.standing, t.exceptions, t.use, greatest(t.cap + t.exceptions - t.use, 0.00) AS headroom, coalesce(t.over_by, 0.00) AS over_by,
    t.utilisation, t.status
FROM told t
WHERE t.place <= {most}
ORDER BY t.why, t.place
