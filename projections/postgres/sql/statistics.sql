-- The journal, added up by groups. What each enterprise has in a group comes first: so whoever has a part in it is counted once.
SELECT s.measure, s.policy, s.clause, s.department, s.industry, s.enterprise_size, s.street, s.subject_kind, s.support_year, s.budget_year, s.quarter, s.month,
    CASE WHEN s.measure NOT IN ({{counted}}) THEN sum(s.amount) END AS amount, sum(s.count)::bigint AS applications,
    count(*) FILTER (WHERE s.enterprise <> '') AS enterprises, '' AS withheld
FROM (
    SELECT m.measure, l.enterprise,
        coalesce([by_policy? c.policy, ?] '') COLLATE "C" AS policy,
        coalesce([by_clause? l.clause, ?] '') COLLATE "C" AS clause,
        coalesce([by_department? nullif(d.department, ''), 'unknown', ?] '') COLLATE "C" AS department,
        coalesce([by_industry? nullif(i.industry, ''), 'unknown', ?] '') COLLATE "C" AS industry,
        coalesce([by_enterprise_size? z.value, 'unknown', ?] '') COLLATE "C" AS enterprise_size,
        coalesce([by_street? w.value, 'unknown', ?] '') COLLATE "C" AS street,
        coalesce([by_subject_kind? l.subject_kind, ?] '') COLLATE "C" AS subject_kind,
        coalesce([by_support_year? l.support_year, ?] 0) AS support_year,
        coalesce([by_budget_year? {{budgetYear}}, ?] 0) AS budget_year,
        coalesce([by_quarter? {{quarter}}, ?] '') COLLATE "C" AS quarter,
        coalesce([by_month? {{month}}, ?] '') COLLATE "C" AS month,
        sum(j.amount * m.weight) AS amount, sum(j.count) AS count
    FROM journal j JOIN lines l ON l.id = j.line
    JOIN ({{measures}}) m ON m.kind = j.kind AND m.measure = {measure}::text
    [by_policy? JOIN clauses c ON c.id = l.clause ?]
    [by_department? LEFT JOIN ({{part "approvers"}}) d ON d.application = j.application ?]
    [by_industry? LEFT JOIN ({{part "industries"}}) i ON i.enterprise = l.enterprise AND j.business_date >= i.from_day AND j.business_date < i.until ?]
    [by_enterprise_size? LEFT JOIN ({{part "meant"}}) z ON z.means = 'size' AND z.enterprise = l.enterprise AND j.business_date >= z.from_day AND j.business_date < z.until ?]
    [by_street? LEFT JOIN ({{part "meant"}}) w ON w.means = 'street' AND w.enterprise = l.enterprise AND j.business_date >= w.from_day AND j.business_date < w.until ?]
    WHERE {{upto "j.seq" "j.business_date"}}
      [measured_kinds? AND j.kind = ANY ({measured_kinds}::posting_kind[]) ?]
      [clause? AND l.clause = {clause}::text ?]
      [enterprise? AND l.enterprise = {enterprise}::text ?]
      [subject_kind? AND l.subject_kind = {subject_kind}::text ?]
      [year? AND l.support_year = {year}::smallint ?]
      {{part "grouped"}}
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13
) s
GROUP BY s.measure, s.policy, s.clause, s.department, s.industry, s.enterprise_size, s.street, s.subject_kind, s.support_year, s.budget_year, s.quarter, s.month
