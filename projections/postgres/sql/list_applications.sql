-- Applications by id.
SELECT a.id, a.enterprise, coalesce(e.name, ''), a.clause, coalesce(a.via, ''), a.subject, a.title, a.state, a.suspended, a.submitted_on, a.approved_on,
    coalesce(a.department, ''), a.requested, a.approved, a.paid, a.returned
FROM applications a LEFT JOIN enterprises e ON e.id = a.enterprise
WHERE ({enterprise}::text IS NULL OR a.enterprise = {enterprise})
  AND ({application}::text IS NULL OR a.id = {application})
  AND ({clause}::text IS NULL OR a.clause = {clause} OR a.via = {clause})
  AND ({state}::text IS NULL OR a.state = {state})
  AND ({after_1}::text IS NULL OR a.id > {after_1})
ORDER BY a.id
LIMIT {limit_rows}
