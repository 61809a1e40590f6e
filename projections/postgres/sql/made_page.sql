-- The postings of one application after the other. Of the whole fund by the order of the applications' index, so that a page reads little more than it
-- shows; of some lines by the applications that posted on them, for those of other lines may be many times more.
-- An event posts on its own application only. OFFSET 0 keeps each look along its index; see concerned.sql for the collations.
SELECT p.* FROM (
    [whole? SELECT id FROM applications WHERE id > {after}::text COLLATE "C" ORDER BY id ?]
    [narrowed? SELECT DISTINCT o.application COLLATE "C" AS id FROM lines l JOIN journal o ON o.line = l.id
    WHERE o.application COLLATE "C" > {after}::text AND o.seq <= {at_seq}::bigint
      AND ({line_enterprise}::text IS NULL OR l.enterprise = {line_enterprise}) AND ({line_clause}::text IS NULL OR l.clause = {line_clause})
      AND ({line_kind}::text IS NULL OR l.subject_kind = {line_kind}) AND ({line_subject}::text IS NULL OR l.subject = {line_subject})
      AND ({line_year}::smallint IS NULL OR l.support_year = {line_year})
    ORDER BY 1 ?]
) a CROSS JOIN LATERAL (
    SELECT j.kind::text AS kind, j.seq, j.n, j.amount::text AS amount, j.business_date, coalesce(j.application, '') AS application, coalesce(j.ref, '') AS ref, e.type,
        coalesce(e.clause_version, 0) AS clause_version, e.actor, coalesce(e.actor_for, '') AS actor_for, e.role, coalesce(e.department, '') AS department, e.command, e.business_date AS decided_on
    FROM events e JOIN journal j ON j.seq = e.seq JOIN lines l ON l.id = j.line
    WHERE e.application = a.id COLLATE "default" AND e.seq <= {at_seq}::bigint AND j.kind = ANY({kinds}::text[]::posting_kind[]) AND j.amount <> 0
      AND ({line_enterprise}::text IS NULL OR l.enterprise = {line_enterprise}) AND ({line_clause}::text IS NULL OR l.clause = {line_clause})
      AND ({line_kind}::text IS NULL OR l.subject_kind = {line_kind}) AND ({line_subject}::text IS NULL OR l.subject = {line_subject})
      AND ({line_year}::smallint IS NULL OR l.support_year = {line_year})
    ORDER BY j.seq, j.n OFFSET 0) p
ORDER BY a.id, p.seq, p.n
LIMIT {limit_rows}::bigint
