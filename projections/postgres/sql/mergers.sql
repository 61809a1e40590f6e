-- The enterprises that were taken over, with what the two are called.
SELECT e.data ->> 'from' COLLATE "C" AS merged_from, {{named "e.data ->> 'from'"}} AS merged_from_name, e.data ->> 'into' COLLATE "C" AS merged_into,
    {{named "e.data ->> 'into'"}} AS merged_into_name, (e.data ->> 'on')::date AS merged_on, e.data ->> 'document' AS document, e.actor, e.seq
FROM events e
WHERE e.type = 'enterprises_merged' AND {{upto "e.seq" "e.business_date"}}
    AND ({enterprise}::text IS NULL OR {enterprise}::text IN (e.data ->> 'from', e.data ->> 'into'))
