-- The enterprises that were taken over, with what the two are called, and whether the merger was voided. What is known of that is what was recorded up to
-- the position, whatever day it is dated.
SELECT e.data ->> 'from' COLLATE "C" AS merged_from, {{named "e.data ->> 'from'"}} AS merged_from_name, e.data ->> 'into' COLLATE "C" AS merged_into,
    {{named "e.data ->> 'into'"}} AS merged_into_name, (e.data ->> 'on')::date AS merged_on, e.data ->> 'document' AS document,
    v.seq IS NOT NULL AS merger_voided, coalesce(v.document, '') AS voided_document, e.actor, e.seq
FROM events e
LEFT JOIN LATERAL (
    SELECT v.seq, v.data ->> 'document' AS document FROM events v
    WHERE v.type = 'merger_voided' AND v.seq > e.seq AND v.data ->> 'from' = e.data ->> 'from'{{if .Past}} AND v.seq <= {at_seq}::bigint{{end}}
    ORDER BY v.seq LIMIT 1
) v ON true
WHERE e.type = 'enterprises_merged' AND {{upto "e.seq" "e.business_date"}}
    AND ({enterprise}::text IS NULL OR {enterprise}::text IN (e.data ->> 'from', e.data ->> 'into'))
