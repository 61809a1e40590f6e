-- Each measure in all and by each column alone, for analysts: what fewer than five enterprises have a part in is withheld, and as much beside it that what
-- the total leaves over is of two groups and five enterprises at least.
WITH posted AS (
    SELECT m.measure, l.enterprise, c.policy, l.clause, coalesce(nullif(d.department, ''), 'unknown') AS department,
        coalesce(nullif(i.industry, ''), 'unknown') AS industry, coalesce(z.value, 'unknown') AS enterprise_size, coalesce(w.value, 'unknown') AS street, l.subject_kind, l.support_year, {{budgetYear}} AS budget_year,
        {{quarter}} AS quarter, {{month}} AS month, j.amount * m.weight AS amount, j.count
    FROM journal j JOIN lines l ON l.id = j.line JOIN clauses c ON c.id = l.clause
    JOIN ({{measures}}) m ON m.kind = j.kind
    LEFT JOIN ({{part "approvers"}}) d ON d.application = j.application
    LEFT JOIN ({{part "industries"}}) i ON i.enterprise = l.enterprise AND j.business_date >= i.from_day AND j.business_date < i.until
    LEFT JOIN ({{part "meant"}}) z ON z.means = 'size' AND z.enterprise = l.enterprise AND j.business_date >= z.from_day AND j.business_date < z.until
    LEFT JOIN ({{part "meant"}}) w ON w.means = 'street' AND w.enterprise = l.enterprise AND j.business_date >= w.from_day AND j.business_date < w.until
), groups AS (
    SELECT p.measure, coalesce(p.policy, '') AS policy, coalesce(p.clause, '') AS clause, coalesce(p.department, '') AS department,
        coalesce(p.industry, '') AS industry, coalesce(p.enterprise_size, '') AS enterprise_size, coalesce(p.street, '') AS street, coalesce(p.subject_kind, '') AS subject_kind, coalesce(p.support_year, 0) AS support_year,
        coalesce(p.budget_year, 0) AS budget_year, coalesce(p.quarter, '') AS quarter, coalesce(p.month, '') AS month,
        GROUPING({{groupings "p."}}) AS by, sum(p.amount) AS amount, sum(p.count)::bigint AS applications, count(DISTINCT nullif(p.enterprise, '')) AS enterprises
    FROM posted p GROUP BY p.measure, GROUPING SETS ((), {{groupingSets "p."}})
), ranked AS (
    SELECT g.*, min(g.enterprises) OVER line AS fewest, row_number() OVER (PARTITION BY g.measure, g.by ORDER BY g.enterprises, {{groupings "g."}}) AS place,
        coalesce(sum(g.enterprises) OVER (PARTITION BY g.measure, g.by ORDER BY g.enterprises, {{groupings "g."}} ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS smaller
    FROM groups g WINDOW line AS (PARTITION BY g.measure, g.by)
), judged AS (
    SELECT r.*, CASE WHEN r.enterprises < {{fewest}} THEN 'fewer_than_five'
        WHEN r.fewest < {{fewest}} AND (r.place <= 2 OR r.smaller < {{fewest}}) THEN 'for_another' ELSE '' END AS withheld
    FROM ranked r
)
SELECT s.measure, s.policy, s.clause, s.department, s.industry, s.enterprise_size, s.street, s.subject_kind, s.support_year, s.budget_year, s.quarter, s.month,
    CASE WHEN s.withheld = '' AND s.measure NOT IN ({{counted}}) THEN s.amount END AS amount, CASE WHEN s.withheld = '' THEN s.applications END AS applications,
    CASE WHEN s.withheld = '' THEN s.enterprises END AS enterprises, s.withheld
FROM judged s
