    -- The policies, each with its last day as that stands on the day.
    SELECT p.*, coalesce(m.term_to, p.term_to) AS last_day, coalesce(m.document, '') AS document
    FROM policies p LEFT JOIN LATERAL (
        SELECT m.term_to, m.document FROM policy_amendments m
        WHERE m.policy = p.id AND m.term_to IS NOT NULL AND m.effective_on BETWEEN p.term_from AND {at_day}::date AND {{upto "m.seq" "m.decided_on"}}
        ORDER BY m.effective_on DESC, m.seq DESC LIMIT 1
    ) m ON true
    WHERE {{upto "p.seq" "p.published_on"}}
