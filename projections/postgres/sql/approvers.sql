-- The department that approved each application, none of one that was submitted again since it was voided.
{{if .Past -}}
SELECT DISTINCT ON (e.application) e.application, CASE e.type WHEN 'application_approved' THEN e.department END AS department
FROM events e WHERE e.type IN ('application_approved', 'application_submitted') AND {{upto "e.seq" "e.business_date"}}
ORDER BY e.application, e.seq DESC
{{- else -}}
SELECT a.id AS application, a.department FROM applications a
{{- end}}
