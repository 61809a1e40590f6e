-- Applications.
SELECT a.id AS application, a.enterprise, e.name AS enterprise_name, a.clause, a.via AS via_clause, a.subject_kind, a.subject, a.title, a.state, a.suspended,
    a.submitted_on, a.approved_on, a.department, a.clause_version, a.requested, a.approved, a.paid, a.returned, a.replaces
FROM applications a LEFT JOIN enterprises e ON e.id = a.enterprise
WHERE ({clause}::text IS NULL OR a.clause = {clause} OR a.via = {clause})
  AND ({project}::text IS NULL OR {{part "of_a_project"}})
