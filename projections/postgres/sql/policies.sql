-- The fund's policies: the term of each, and the policies before and behind it. A policy is called by its id or its title, as the rules find it.
WITH terms AS (
{{part "terms"}}
), placed AS (
    SELECT t.*, (
        SELECT b.id FROM terms b
        WHERE b.seq < t.seq AND (lower(normalize(b.id, NFKC)) = lower(normalize(s.succeeds, NFKC)) OR lower(s.succeeds) IN (lower(b.title_zh), lower(b.title_en)))
        ORDER BY b.seq DESC LIMIT 1
    ) AS before
    FROM terms t CROSS JOIN LATERAL (SELECT t.data ->> 'succeeds' AS succeeds) s
)
SELECT p.id AS policy, p.title_zh, p.title_en, p.term_from, p.last_day AS term_to, p.before AS policy_before,
    (SELECT string_agg(n.id, '; ' ORDER BY n.seq) FROM placed n WHERE n.before = p.id) AS policy_after,
    (SELECT count(*) FROM clauses c JOIN clause_versions v ON v.clause = c.id AND v.version = 1 WHERE c.policy = p.id AND {{upto "v.seq" "v.decided_on"}}) AS clause_count,
    CASE WHEN p.term_from > {at_day}::date THEN 'to_come' WHEN p.last_day < {at_day}::date THEN 'ended' ELSE 'in_force' END AS term_state,
    (p.last_day - {at_day}::date)::bigint AS days_left, p.document, p.seq
FROM placed p
