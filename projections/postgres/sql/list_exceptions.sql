-- Exceptions by id.
SELECT x.id, x.clause, x.subject_kind, x.subject, coalesce(x.support_year, 0), x.amount, x.revoked, x.amount - x.revoked, x.document, x.granted_on, x.granted_by, x.seq
FROM exceptions x
WHERE ({clause}::text IS NULL OR x.clause = {clause})
  AND ({enterprise}::text IS NULL OR x.subject_kind = 'enterprise' AND x.subject = {enterprise})
  AND ({year}::smallint IS NULL OR x.support_year = {year})
  AND ({subject_kind}::text IS NULL OR x.subject_kind = {subject_kind})
  AND ({subject}::text IS NULL OR x.subject = {subject})
  AND ({exception}::text IS NULL OR x.id = {exception})
  AND ({after_1}::text IS NULL OR x.id > {after_1})
  AND ({state}::text IS NULL OR x.amount > x.revoked)
ORDER BY x.id
LIMIT {limit_rows}
