-- What the postings of each kind come to, and what the totals have kept of them.
WITH posted AS (
    SELECT j.kind::text AS kind, sum(j.amount) AS amount, count(*) AS postings
    FROM journal j JOIN lines l ON l.id = j.line
    WHERE j.seq <= {at_seq}::bigint AND j.kind = ANY({kinds}::text[]::posting_kind[])
      AND ({line_enterprise}::text IS NULL OR l.enterprise = {line_enterprise}) AND ({line_clause}::text IS NULL OR l.clause = {line_clause})
      AND ({line_kind}::text IS NULL OR l.subject_kind = {line_kind}) AND ({line_subject}::text IS NULL OR l.subject = {line_subject})
      AND ({line_year}::smallint IS NULL OR l.support_year = {line_year})
    GROUP BY j.kind
), kept AS (
    SELECT v.kind, sum(v.amount) AS amount
    FROM lines l CROSS JOIN LATERAL (VALUES ('requested', l.requested), ('approved', l.approved), ('outside', l.outside), ('paid', l.paid),
        ('returned', l.returned), ('clawback_ordered', l.clawback_ordered), ('clawback_waived', l.clawback_waived), ('recovered_error', l.recovered_error),
        ('recovered_breach', l.recovered_breach), ('interest', l.interest), ('exception', l.exceptions), ('received_beyond', l.received_beyond), ('written_off', l.written_off)) v (kind, amount)
    WHERE v.kind = ANY({kinds}::text[])
      AND ({line_enterprise}::text IS NULL OR l.enterprise = {line_enterprise}) AND ({line_clause}::text IS NULL OR l.clause = {line_clause})
      AND ({line_kind}::text IS NULL OR l.subject_kind = {line_kind}) AND ({line_subject}::text IS NULL OR l.subject = {line_subject})
      AND ({line_year}::smallint IS NULL OR l.support_year = {line_year})
    GROUP BY v.kind
)
SELECT k.kind, coalesce(p.amount, 0)::numeric(24,2)::text AS amount, coalesce(t.amount, 0)::numeric(24,2)::text AS kept, coalesce(p.postings, 0) AS postings
FROM unnest({kinds}::text[]) WITH ORDINALITY k (kind, place) LEFT JOIN posted p USING (kind) LEFT JOIN kept t USING (kind)
ORDER BY k.place
