-- The links of enterprises, each with how it ended. What is known of a day's links is what was recorded up to the position, whatever day that is dated.
SELECT e.data ->> 'link' COLLATE "C" AS link, e.data ->> 'a' COLLATE "C" AS a, e.data ->> 'b' COLLATE "C" AS b, e.data ->> 'kind' AS link_kind,
    coalesce(e.data ->> 'share', '') AS share, (e.data ->> 'from')::date AS linked_from, coalesce(n.linked_to, (e.data ->> 'to')::date) AS linked_to,
    e.data ->> 'kind' <> 'controls' OR e.data ->> 'share' IS NULL OR (e.data ->> 'share')::numeric > 50 AS connects, coalesce(n.mistaken, false) AS mistaken,
    e.data ->> 'document' AS document, coalesce(n.document, '') AS ended_document, e.actor, e.seq
FROM events e
LEFT JOIN LATERAL (
    SELECT (n.data ->> 'to')::date AS linked_to, (n.data ->> 'mistaken')::boolean AS mistaken, n.data ->> 'document' AS document
    FROM events n WHERE n.type = 'link_ended' AND n.data ->> 'link' = e.data ->> 'link'{{if .Past}} AND n.seq <= {at_seq}::bigint{{end}}
    LIMIT 1
) n ON true
WHERE e.type = 'enterprises_linked'{{if .Past}} AND e.seq <= {at_seq}::bigint{{end}}
