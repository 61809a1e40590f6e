    -- The policies, each with its last day as that stands on the day.
    SELECT p.*, t.last_day, t.document
    FROM (SELECT p.*, p.seq AS published FROM policies p WHERE {{upto "p.seq" "p.published_on"}}) p CROSS JOIN LATERAL ({{ending "p" "{at_day}::date"}}) t
