    SELECT DISTINCT ON (c.clause) c.clause, c.cap, c.standing
    FROM clause_caps c
    WHERE c.from_day <= {at_day}::date
        AND c.known_seq = (SELECT max(k.known_seq) FROM clause_caps k WHERE k.clause = c.clause AND k.known_seq <= {at_seq}::bigint)
    ORDER BY c.clause, c.from_day DESC
