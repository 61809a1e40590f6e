    -- What [projections.ExpiryNotices] tells of on the day: each policy whose last day, with what is recorded by then and takes effect later, is at most a
    -- month away, before or behind. Where another is in force on the day behind, it is told only while applications are undecided.
    WITH RECURSIVE lasting AS (
        SELECT p.id, p.seq AS published, p.term_from, p.term_to, {at_day}::date AS day FROM policies p WHERE {{upto "p.seq" "p.published_on"}}
        UNION ALL
        SELECT l.id, l.published, l.term_from, l.term_to, n.day
        FROM lasting l CROSS JOIN LATERAL ({{ending "l" "l.day"}}) t CROSS JOIN LATERAL (
            SELECT min(m.effective_on) AS day FROM policy_amendments m
            WHERE m.policy = l.id AND m.term_to IS NOT NULL AND m.effective_on > l.day AND m.effective_on <= t.last_day + 1 AND {{upto "m.seq" "m.decided_on"}}
        ) n
        WHERE n.day IS NOT NULL
    ), ends AS (
        SELECT DISTINCT ON (l.id) l.id, l.term_from, t.seq, t.last_day
        FROM lasting l CROSS JOIN LATERAL ({{ending "l" "l.day"}}) t
        ORDER BY l.id, l.day DESC
    )
    SELECT n.id AS policy, n.seq, n.last_day, CASE WHEN n.last_day < {at_day}::date THEN 'policy_ended' ELSE 'policy_expiring' END AS notice
    FROM ends n
    WHERE n.term_from <= {at_day}::date AND abs(n.last_day - {at_day}::date) <= {{within}} AND (
        NOT EXISTS (
            SELECT FROM (SELECT p.id, p.seq AS published, p.term_from, p.term_to FROM policies p WHERE {{upto "p.seq" "p.published_on"}}) o
            CROSS JOIN LATERAL ({{ending "o" "n.last_day + 1"}}) t
            WHERE o.term_from <= n.last_day + 1 AND t.last_day > n.last_day
        ) OR EXISTS (SELECT FROM (
{{part "expiring"}}
        ) w WHERE w.policy = n.id AND w.pending = 'undecided')
    )
