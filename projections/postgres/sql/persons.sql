-- Who acted, each with the latest of what they did: from one to the next along the index, however many events each of them has.
WITH RECURSIVE p AS (
    (SELECT e.actor FROM events e ORDER BY e.actor LIMIT 1)
    UNION ALL
    SELECT (SELECT e.actor FROM events e WHERE e.actor > p.actor ORDER BY e.actor LIMIT 1) FROM p WHERE p.actor IS NOT NULL
)
SELECT p.actor, l.seq, l.recorded_ns, l.role, l.department
FROM p CROSS JOIN LATERAL (SELECT e.seq, e.recorded_ns, e.role, e.department FROM events e WHERE e.actor = p.actor ORDER BY e.seq DESC LIMIT 1) l
