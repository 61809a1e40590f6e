merged (enterprise, head) AS MATERIALIZED ( -- by mergers that stand
    SELECT x.data ->> 'from' COLLATE "C", x.data ->> 'into' COLLATE "C" FROM events x WHERE x.type = 'enterprises_merged' AND x.seq <= {at_seq}::bigint
        AND NOT EXISTS (SELECT FROM events v WHERE v.type = 'merger_voided' AND v.seq > x.seq AND v.seq <= {at_seq}::bigint AND v.data ->> 'from' = x.data ->> 'from')
), ended (enterprise, head) AS ( -- those that were taken over, with those that took them over, through any number of others
    SELECT g.enterprise, g.head FROM merged g
    UNION
    SELECT n.enterprise, g.head FROM ended n JOIN merged g ON g.enterprise = n.head
), headed AS MATERIALIZED (
    SELECT n.enterprise, n.head FROM ended n WHERE n.head NOT IN (SELECT m.enterprise FROM ended m)
), held AS MATERIALIZED ( -- the links of the day that make groups, of what is one now
    SELECT coalesce(x.head, l.a) AS a, coalesce(y.head, l.b) AS b, l.link_kind
    FROM ({{part "linked"}}) l LEFT JOIN headed x ON x.enterprise = l.a LEFT JOIN headed y ON y.enterprise = l.b
    WHERE coalesce(x.head, l.a) <> coalesce(y.head, l.b) AND l.connects AND NOT l.mistaken AND l.linked_from <= {at_day}::date AND (l.linked_to IS NULL OR l.linked_to >= {at_day}::date)
), both_ways AS MATERIALIZED (
    SELECT a AS x, b AS y FROM held UNION SELECT b, a FROM held
), reached (x, y) AS (
    SELECT x, y FROM both_ways UNION SELECT r.x, w.y FROM reached r JOIN both_ways w ON w.x = r.y
), member AS MATERIALIZED (
    SELECT r.x AS enterprise, min(r.y) AS first_member FROM reached r GROUP BY r.x
)
