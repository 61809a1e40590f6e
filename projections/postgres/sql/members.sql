held AS MATERIALIZED ( -- the links of the day that make groups
    SELECT l.a, l.b, l.link_kind FROM ({{part "linked"}}) l
    WHERE l.connects AND NOT l.mistaken AND l.linked_from <= {at_day}::date AND (l.linked_to IS NULL OR l.linked_to >= {at_day}::date)
), both_ways AS MATERIALIZED (
    SELECT a AS x, b AS y FROM held UNION SELECT b, a FROM held
), reached (x, y) AS (
    SELECT x, y FROM both_ways UNION SELECT r.x, w.y FROM reached r JOIN both_ways w ON w.x = r.y
), member AS MATERIALIZED (
    SELECT r.x AS enterprise, min(r.y) AS first_member FROM reached r GROUP BY r.x
)
