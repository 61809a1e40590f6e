-- Exceptions as of a position, and as they were dated up to a day where one is given: what was revoked is summed from the journal of each one's line.
SELECT x.id, x.clause, x.subject_kind, x.subject, coalesce(x.support_year, 0), x.amount, x.amount - s.in_force, s.in_force, x.document, x.granted_on, x.granted_by, x.seq
FROM exceptions x CROSS JOIN LATERAL (
    SELECT coalesce(sum(j.amount), 0.00) AS in_force
    FROM lines l JOIN journal j ON j.line = l.id AND j.kind = 'exception' AND j.ref = x.id AND j.seq <= {at_seq}::bigint AND ({on_day}::date IS NULL OR j.business_date <= {on_day}::date)
    WHERE l.clause = x.clause AND l.subject_kind = x.subject_kind AND l.subject = x.subject AND l.support_year = coalesce(x.support_year, 0)
      AND l.enterprise = CASE x.subject_kind WHEN 'enterprise' THEN x.subject ELSE '' END
) s
WHERE x.seq <= {at_seq}::bigint AND ({on_day}::date IS NULL OR x.granted_on <= {on_day}::date) AND ({clause}::text IS NULL OR x.clause = {clause})
  AND ({enterprise}::text IS NULL OR x.subject_kind = 'enterprise' AND x.subject = {enterprise})
  AND ({year}::smallint IS NULL OR x.support_year = {year})
  AND ({subject_kind}::text IS NULL OR x.subject_kind = {subject_kind})
  AND ({subject}::text IS NULL OR x.subject = {subject})
  AND ({exception}::text IS NULL OR x.id = {exception})
  AND ({after_1}::text IS NULL OR x.id > {after_1})
  AND ({state}::text IS NULL OR s.in_force > 0)
ORDER BY x.id
LIMIT {limit_rows}
