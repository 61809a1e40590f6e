-- What is planned to be paid, by month.
SELECT d.month, d.application, a.enterprise, {{named "a.enterprise"}} AS enterprise_name, d.clause, d.via AS via_clause, d.department, d.support_year, d.budget_year,
    d.amount AS planned
FROM ({{part "dues"}}) d JOIN applications a ON a.id = d.application
WHERE d.month IS NOT NULL
