-- Exceptions, and how much of each is in force: of the past, summed from the journal of its line.
SELECT x.id AS exception, x.clause, x.subject_kind, x.subject, x.support_year, x.amount, s.revoked, s.in_force, x.document, x.granted_on,
    x.granted_by, x.seq
FROM exceptions x CROSS JOIN LATERAL (
{{- if .Past}}
    SELECT coalesce(sum(j.amount), 0.00) AS in_force, x.amount - coalesce(sum(j.amount), 0.00) AS revoked
    FROM lines l JOIN journal j ON j.line = l.id AND j.kind = 'exception' AND j.ref = x.id AND {{upto "j.seq" "j.business_date"}}
    WHERE l.clause = x.clause AND l.subject_kind = x.subject_kind AND l.subject = x.subject AND l.support_year = coalesce(x.support_year, 0)
      AND l.enterprise = CASE x.subject_kind WHEN 'enterprise' THEN x.subject ELSE '' END
{{- else}}
    SELECT x.amount - x.revoked AS in_force, x.revoked
{{- end}}
) s
WHERE {{upto "x.seq" "x.granted_on"}}
  AND ({enterprise}::text IS NULL OR x.subject_kind = 'enterprise' AND x.subject = {enterprise})
  AND ({state}::text IS NULL OR s.in_force > 0)
