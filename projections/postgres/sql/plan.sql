-- What is planned to be paid, by month.
SELECT j.month, j.application, w.enterprise, {{named "w.enterprise"}} AS enterprise_name, j.clause, j.via AS via_clause, j.department, j.support_year, j.budget_year,
    j.amount AS planned
FROM ({{part "dues"}}) j JOIN applications a ON a.id = j.application
CROSS JOIN LATERAL (
    SELECT {{if .Past}}coalesce({{part "applicant"}}, a.enterprise){{else}}a.enterprise{{end}} AS enterprise
) w
WHERE j.month IS NOT NULL
