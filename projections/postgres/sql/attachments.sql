-- The files that submissions name.
SELECT e.seq, f.n AS file_no, e.application, e.enterprise, e.clause, f.file ->> 'name' AS file_name, f.file ->> 'sha256' AS sha256, e.business_date, e.actor
FROM events e CROSS JOIN LATERAL jsonb_array_elements(e.data::jsonb -> 'attachments') WITH ORDINALITY AS f (file, n)
WHERE e.type = 'application_submitted' AND {{upto "e.seq" "e.business_date"}}
  AND ({sha256}::text IS NULL OR e.data::jsonb -> 'attachments' @> jsonb_build_array(jsonb_build_object('sha256', {sha256}::text)) AND f.file ->> 'sha256' = {sha256})
