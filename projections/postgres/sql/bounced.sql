    -- The accounts that a reversed recovery has put over what they must hold (R5a), each with what that is: the lowest cap of the versions that
    -- govern an approval of it with something committed. A retroactive version governs what came before it, as the domain's governing has it.
    SELECT b.clause, b.subject_kind, b.subject, b.support_year, min(g.cap) AS cap
    FROM (
        SELECT DISTINCT c.id AS clause, r.subject_kind, r.subject, CASE c.period WHEN 'year' THEN r.support_year ELSE 0::smallint END AS support_year
        FROM recoveries r JOIN events e ON e.seq = r.last_seq CROSS JOIN LATERAL json_array_elements(e.data -> 'findings') f
        JOIN clauses c ON c.id = f -> 'figures' ->> 'clause' -- of the account itself, or of one that carries it
        WHERE r.reversed AND f ->> 'code' = 'account_over_cap' AND {{upto "r.last_seq" "r.reversed_on"}}
    ) b
    CROSS JOIN LATERAL (
        -- A reduction takes from the latest decision first: one holds something as long as what is approved has not fallen to what was there before it.
        -- A move within the account changes nothing of it, and what went out again after a return is held as if it had not come back.
        SELECT DISTINCT g.clause_version
        FROM (
            SELECT r.clause_version, r.amount, r.total,
                min(r.total) OVER (PARTITION BY r.application, r.support_year ORDER BY r.seq ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) AS lowest
            FROM (
                SELECT j.application, j.support_year, j.seq, min(j.clause_version) AS clause_version, sum(j.amount) AS amount,
                    sum(sum(j.amount)) OVER (PARTITION BY j.application, j.support_year ORDER BY j.seq) AS total
                FROM (
                    SELECT j.application, l.support_year, j.amount, coalesce(e.clause_version, a.clause_version) AS clause_version,
                        CASE WHEN j.ref IS NULL THEN j.seq ELSE min(j.seq) OVER (PARTITION BY j.application, l.support_year, j.ref) END AS seq
                    FROM lines l JOIN journal j ON j.line = l.id JOIN events e ON e.seq = j.seq JOIN applications a ON a.id = j.application
                    WHERE l.clause = b.clause AND l.subject_kind = b.subject_kind AND l.subject = b.subject AND (b.support_year = 0 OR l.support_year = b.support_year)
                        AND j.kind = 'approved' AND {{upto "j.seq" "j.business_date"}}
                ) j
                GROUP BY j.application, j.support_year, j.seq
            ) r
        ) g
        WHERE g.amount > 0 AND g.lowest > g.total - g.amount
    ) h
    JOIN clause_versions v ON v.clause = b.clause AND v.version = h.clause_version
    CROSS JOIN LATERAL (
        SELECT n.cap FROM clause_versions n
        WHERE n.clause = v.clause AND (n.version = v.version OR n.retroactive AND n.effective_on <= {at_day}::date AND n.seq <= {at_seq}::bigint
            AND (n.effective_on, n.version) > (v.effective_on, v.version))
        ORDER BY n.effective_on DESC, n.version DESC LIMIT 1
    ) g
    GROUP BY b.clause, b.subject_kind, b.subject, b.support_year
