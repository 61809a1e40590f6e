-- What control connects on a day, and what it uses of each clause that caps enterprises, against the cap of groups and its members' exceptions. A
-- group that uses nothing has a row of no clause.
WITH RECURSIVE {{part "members"}}, heads AS (
    SELECT m.first_member, count(*) AS members, string_agg(coalesce({{named "m.enterprise"}}, m.enterprise), '; ' ORDER BY m.enterprise) AS member_names,
        CASE WHEN count(*) FILTER (WHERE c.b IS NULL) = 1 THEN min(m.enterprise) FILTER (WHERE c.b IS NULL) ELSE '' END AS controller
    FROM member m LEFT JOIN (SELECT DISTINCT b FROM held WHERE link_kind <> 'same_controller') c ON c.b = m.enterprise
    GROUP BY m.first_member
), caps AS MATERIALIZED (
{{part "caps"}}
), group_caps AS MATERIALIZED ( -- as published, until an amendment takes effect; none: the clause's own
    SELECT DISTINCT ON (g.clause) g.clause, g.amount
    FROM (
        SELECT e.seq, NULL::date AS from_day, c.c ->> 'id' AS clause, (c.c -> 'group_cap' ->> 'amount')::numeric(20,2) AS amount
        FROM events e CROSS JOIN LATERAL json_array_elements(e.data -> 'policy' -> 'clauses') c (c)
        WHERE e.type = 'policy_published' AND e.seq <= {at_seq}::bigint
        UNION ALL
        SELECT e.seq, NULL::date, e.data -> 'add_clause' ->> 'id', (e.data -> 'add_clause' -> 'group_cap' ->> 'amount')::numeric(20,2)
        FROM events e WHERE e.type = 'policy_amended' AND e.seq <= {at_seq}::bigint AND e.data -> 'add_clause' IS NOT NULL
        UNION ALL
        SELECT e.seq, (e.data ->> 'effective_on')::date, e.data ->> 'clause', (e.data -> 'group_cap' ->> 'amount')::numeric(20,2)
        FROM events e WHERE e.type = 'policy_amended' AND e.seq <= {at_seq}::bigint AND e.data -> 'group_cap' IS NOT NULL
            AND (e.data ->> 'effective_on')::date <= {at_day}::date
    ) g
    ORDER BY g.clause, g.from_day DESC NULLS LAST, g.seq DESC
), counted AS ( -- which clauses' lines count under a clause: its own, and those that it carries
    SELECT c.id AS clause, c.id AS of, true AS own FROM clauses c UNION ALL SELECT k.clause, k.carried, false FROM carried_clauses k
), used AS (
    SELECT m.first_member, c.id AS clause, CASE c.period WHEN 'year' THEN l.support_year ELSE 0 END AS support_year,
        sum(l.approved + l.outside - l.recovered_error) AS use, coalesce(sum(l.exceptions) FILTER (WHERE k.own), 0.00) AS exceptions
    FROM member m
    JOIN (SELECT o.enterprise, o.enterprise AS subject FROM member o UNION SELECT n.head, n.enterprise FROM headed n) s ON s.enterprise = m.enterprise
    JOIN {{part "lines"}} l ON l.subject_kind = 'enterprise' AND l.subject = s.subject
    JOIN counted k ON k.of = l.clause
    JOIN clauses c ON c.id = k.clause AND c.subject_kind = 'enterprise'
    GROUP BY 1, 2, 3
    HAVING bool_or(k.own)
)
SELECT h.first_member, h.controller, {{named "nullif(h.controller, '')"}} AS controller_name, h.members, h.member_names, coalesce(u.clause, '') AS clause,
    coalesce(u.support_year, 0) AS support_year, coalesce(u.use, 0.00) AS use, coalesce(g.amount, k.cap) AS cap, coalesce(u.exceptions, 0.00) AS exceptions,
    greatest(coalesce(g.amount, k.cap) + u.exceptions - u.use, coalesce(g.amount, k.cap) * 0) AS headroom,
    greatest(coalesce(u.use - coalesce(g.amount, k.cap) - u.exceptions, 0.00), 0.00) AS over_by
FROM heads h
LEFT JOIN used u ON u.first_member = h.first_member
LEFT JOIN caps k ON k.clause = u.clause
LEFT JOIN group_caps g ON g.clause = u.clause
WHERE ({enterprise}::text IS NULL OR h.first_member = (SELECT m.first_member FROM member m WHERE m.enterprise = coalesce((SELECT n.head FROM headed n WHERE n.enterprise = {enterprise}::text), {enterprise}::text)))
