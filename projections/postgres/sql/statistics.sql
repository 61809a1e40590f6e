-- The groups that a tally of the journal comes to.
SELECT {measure}::text AS measure, g.policy COLLATE "C" AS policy, g.clause COLLATE "C" AS clause, g.department COLLATE "C" AS department,
    g.industry COLLATE "C" AS industry, g.enterprise_size COLLATE "C" AS enterprise_size, g.street COLLATE "C" AS street,
    g.subject_kind COLLATE "C" AS subject_kind, g.support_year, g.budget_year, g.quarter COLLATE "C" AS quarter, g.month COLLATE "C" AS month,
    g.amount::numeric(20,2) AS amount, g.applications, g.enterprises, '' AS withheld
FROM unnest({groups_policy}::text[], {groups_clause}::text[], {groups_department}::text[], {groups_industry}::text[], {groups_enterprise_size}::text[],
        {groups_street}::text[], {groups_subject_kind}::text[], {groups_support_year}::integer[], {groups_budget_year}::integer[], {groups_quarter}::text[],
        {groups_month}::text[], {groups_amount}::text[], {groups_applications}::bigint[], {groups_enterprises}::bigint[])
    AS g (policy, clause, department, industry, enterprise_size, street, subject_kind, support_year, budget_year, quarter, month, amount, applications, enterprises)
