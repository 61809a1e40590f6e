-- The postings that belong to no application, by their order.
SELECT j.kind::text AS kind, j.seq, j.n, j.amount::text AS amount, j.business_date, coalesce(j.application, '') AS application, coalesce(j.ref, '') AS ref, e.type,
        coalesce(e.clause_version, 0) AS clause_version, e.actor, coalesce(e.actor_for, '') AS actor_for, e.role, coalesce(e.department, '') AS department, e.command, e.business_date AS decided_on
FROM journal j JOIN lines l ON l.id = j.line JOIN events e ON e.seq = j.seq
WHERE j.application IS NULL AND (j.seq, j.n) > ({after_seq}::bigint, {after_n}::smallint) AND j.seq <= {at_seq}::bigint
    AND j.kind = ANY({kinds}::text[]::posting_kind[]) AND j.amount <> 0
      AND ({line_enterprise}::text IS NULL OR l.enterprise = {line_enterprise}) AND ({line_clause}::text IS NULL OR l.clause = {line_clause})
      AND ({line_kind}::text IS NULL OR l.subject_kind = {line_kind}) AND ({line_subject}::text IS NULL OR l.subject = {line_subject})
      AND ({line_year}::smallint IS NULL OR l.support_year = {line_year})
ORDER BY j.seq, j.n
LIMIT {limit_rows}::bigint
