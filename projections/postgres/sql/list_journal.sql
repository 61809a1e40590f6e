-- Postings in the order of the log.
SELECT j.seq, j.n::bigint, e.recorded_ns, j.business_date, l.enterprise, l.clause, coalesce(j.via, ''), l.subject_kind, l.subject, l.support_year, j.kind::text, j.amount,
    coalesce(j.application, ''), coalesce(j.ref, ''), e.type, e.actor
FROM journal j JOIN lines l ON l.id = j.line JOIN events e ON e.seq = j.seq
WHERE ({enterprise}::text IS NULL OR l.enterprise = {enterprise})
  AND ({application}::text IS NULL OR j.application = {application})
  AND ({clause}::text IS NULL OR l.clause = {clause})
  AND ({year}::smallint IS NULL OR l.support_year = {year})
  AND ({kind}::text IS NULL OR j.kind::text = {kind})
  AND ({after_1}::bigint IS NULL OR (j.seq, j.n) > ({after_1}, {after_2}))
ORDER BY j.seq, j.n
LIMIT {limit_rows}
