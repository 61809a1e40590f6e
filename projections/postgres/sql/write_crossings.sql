-- What a batch carries across 90 %, to 100 % or over, judged event by event, so that it is the same wherever batches end. It runs before the
-- lines and budgets are moved, and after the amendments are written.
WITH touched AS (
    -- Accounts that an event moves.
    SELECT m.seq, m.day::date AS day, m.scope_kind COLLATE "C" AS scope_kind, m.scope COLLATE "C" AS scope, m.clause COLLATE "C" AS clause,
        CASE c.period WHEN 'year' THEN m.year ELSE 0::smallint END AS year, sum(m.used) * 0.01 AS used, sum(m.room) * 0.01 AS room,
        0.00 AS carried, NULL::numeric AS appropriation
    FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::smallint[], $7::bigint[], $8::bigint[])
        AS m (seq, day, scope_kind, scope, clause, year, used, room)
    JOIN clauses c ON c.id = m.clause
    GROUP BY 1, 2, 3, 4, 5, 6
    UNION ALL
    -- Accounts that carry one that an event moves.
    SELECT m.seq, m.day::date, m.scope_kind COLLATE "C", m.scope COLLATE "C", k.clause, CASE c.period WHEN 'year' THEN m.year ELSE 0::smallint END,
        0, 0, sum(m.used) * 0.01, NULL
    FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::smallint[], $7::bigint[], $8::bigint[])
        AS m (seq, day, scope_kind, scope, clause, year, used, room)
    JOIN carried_clauses k ON k.carried = m.clause JOIN clauses c ON c.id = k.clause
    WHERE m.used <> 0
    GROUP BY 1, 2, 3, 4, 5, 6
    UNION ALL
    -- Accounts that count as one with one that an event moves, and those that carry it.
    SELECT m.seq, m.day::date, m.scope_kind COLLATE "C", o.subject, w.clause, CASE c.period WHEN 'year' THEN m.year ELSE 0::smallint END,
        0, coalesce(sum(m.room) FILTER (WHERE w.own), 0) * 0.01, sum(m.used) * 0.01, NULL
    FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::smallint[], $7::bigint[], $8::bigint[])
        AS m (seq, day, scope_kind, scope, clause, year, used, room)
    JOIN joined_subjects o ON o.subject_kind = m.scope_kind AND o.other = m.scope AND o.seq < m.seq AND {{together "o" "x.seq < m.seq"}}
    CROSS JOIN LATERAL (SELECT m.clause COLLATE "C" AS clause, true AS own UNION ALL SELECT k.clause, false FROM carried_clauses k WHERE k.carried = m.clause AND m.used <> 0) w
    JOIN clauses c ON c.id = w.clause
    GROUP BY 1, 2, 3, 4, 5, 6
    UNION ALL
    -- Accounts of subjects that an event joins, or parts: each has the use of the other, or has it no more, as it was there before the batch and as the
    -- batch moved it before.
    SELECT d.seq, d.day::date, o.subject_kind, o.subject, w.clause, CASE c.period WHEN 'year' THEN u.year ELSE 0::smallint END,
        0, coalesce(sum(u.room * s.sign) FILTER (WHERE w.own), 0), sum(u.used * s.sign), NULL
    FROM unnest($21::bigint[], $22::text[]) AS d (seq, day)
    JOIN joined_subjects o ON o.seq = d.seq
    CROSS JOIN LATERAL (SELECT CASE WHEN o.parted THEN -1 ELSE 1 END AS sign) s
    CROSS JOIN LATERAL (
        SELECT l.clause, l.support_year AS year, l.approved + l.outside - l.recovered_error AS used, l.exceptions AS room FROM lines l
        WHERE l.subject_kind = o.subject_kind AND l.subject = o.other
        UNION ALL
        SELECT m.clause COLLATE "C", m.year, m.used * 0.01, m.room * 0.01
        FROM unnest($1::bigint[], $3::text[], $4::text[], $5::text[], $6::smallint[], $7::bigint[], $8::bigint[]) AS m (seq, scope_kind, scope, clause, year, used, room)
        WHERE m.scope_kind = o.subject_kind AND m.scope = o.other AND m.seq < d.seq
    ) u
    CROSS JOIN LATERAL (SELECT u.clause, true AS own UNION ALL SELECT k.clause, false FROM carried_clauses k WHERE k.carried = u.clause) w
    JOIN clauses c ON c.id = w.clause
    GROUP BY 1, 2, 3, 4, 5, 6
    UNION ALL
    -- All accounts of a clause at an amendment in effect: those there before the batch, and those that the batch moves before it.
    SELECT a.seq, a.day::date, l.scope_kind, l.scope, a.clause COLLATE "C", l.year, 0, 0, 0, NULL
    FROM unnest($9::bigint[], $10::text[], $11::text[]) AS a (seq, day, clause)
    JOIN clauses c ON c.id = a.clause
    CROSS JOIN LATERAL (
        SELECT l.subject_kind AS scope_kind, l.subject AS scope, CASE c.period WHEN 'year' THEN l.support_year ELSE 0::smallint END AS year
        FROM lines l WHERE l.clause = a.clause
        UNION
        SELECT m.scope_kind, m.scope, CASE c.period WHEN 'year' THEN m.year ELSE 0::smallint END
        FROM unnest($1::bigint[], $3::text[], $4::text[], $5::text[], $6::smallint[]) AS m (seq, scope_kind, scope, clause, year)
        WHERE m.clause = a.clause AND m.seq < a.seq
    ) l
    UNION ALL
    -- Budgets that an event moves or sets.
    SELECT m.seq, m.day::date, m.scope_kind COLLATE "C", m.scope COLLATE "C", m.clause COLLATE "C",
        m.year, sum(m.used) * 0.01, sum(m.carried) * 0.01, 0, max(m.appropriation) * 0.01
    FROM unnest($12::bigint[], $13::text[], $14::text[], $15::text[], $16::text[], $17::smallint[], $18::bigint[], $19::bigint[], $20::bigint[])
        AS m (seq, day, scope_kind, scope, clause, year, used, carried, appropriation)
    GROUP BY 1, 2, 3, 4, 5, 6
), moved AS ( -- an event may move an account and one that counts as one with it
    SELECT t.seq, t.day, t.scope_kind, t.scope, t.clause, t.year, sum(t.used) AS used, sum(t.room) AS room, sum(t.carried) AS carried, max(t.appropriation) AS appropriation
    FROM touched t GROUP BY 1, 2, 3, 4, 5, 6
), placed AS (
    SELECT t.*, {{budget "t.scope_kind"}} AS is_budget,
        row_number() OVER (PARTITION BY t.scope_kind, t.scope, t.clause, t.year ORDER BY t.seq) AS place
    FROM moved t
), based AS (
    -- What was there before the batch is counted in at the first event of each.
    SELECT p.*, b.level, p.used + coalesce(a.used, g.paid, 0) AS plus_own, p.carried + coalesce(k.used, 0) AS plus_carried,
        p.room + coalesce(a.exceptions, g.carried, 0) + coalesce(k.exceptions, 0) AS plus_room,
        coalesce(p.appropriation, g.amount) AS now_set
    FROM placed p
    CROSS JOIN LATERAL (
        SELECT sum(l.approved + l.outside - l.recovered_error) AS used, sum(l.exceptions) AS exceptions FROM lines l
        WHERE p.place = 1 AND NOT p.is_budget AND l.clause = p.clause AND l.subject_kind = p.scope_kind AND l.subject = p.scope
            AND (p.year = 0 OR l.support_year = p.year)
    ) a
    CROSS JOIN LATERAL ( -- as beside.sql has it, of what was joined before the batch
        SELECT sum(l.approved + l.outside - l.recovered_error) AS used, sum(l.exceptions) FILTER (WHERE w.joined) AS exceptions
        FROM (
            SELECT k.carried AS clause, p.scope AS subject, false AS joined FROM carried_clauses k WHERE k.clause = p.clause
            UNION ALL
            SELECT p.clause, o.other, true FROM joined_subjects o WHERE o.subject_kind = p.scope_kind AND o.subject = p.scope AND o.seq < $23::bigint AND {{together "o" "x.seq < $23::bigint"}}
            UNION ALL
            SELECT k.carried, o.other, false FROM joined_subjects o JOIN carried_clauses k ON k.clause = p.clause
            WHERE o.subject_kind = p.scope_kind AND o.subject = p.scope AND o.seq < $23::bigint AND {{together "o" "x.seq < $23::bigint"}}
        ) w JOIN lines l ON l.clause = w.clause AND l.subject_kind = p.scope_kind AND l.subject = w.subject
        WHERE p.place = 1 AND NOT p.is_budget AND (p.year = 0 OR l.support_year = p.year)
    ) k
    LEFT JOIN LATERAL (
        SELECT g.paid, g.carried, coalesce(g.adjusted, g.initial) AS amount FROM budgets g
        WHERE p.place = 1 AND p.is_budget AND g.budget_year = p.year AND g.scope_kind = p.scope_kind AND g.scope = p.scope AND g.clause = p.clause
    ) g ON true
    LEFT JOIN LATERAL (
        SELECT x.after AS level FROM crossings x
        WHERE p.place = 1 AND x.scope_kind = p.scope_kind AND x.scope = p.scope AND x.clause = p.clause AND x.year = p.year
        ORDER BY x.seq DESC LIMIT 1
    ) b ON true
), running AS (
    SELECT b.*, sum(b.plus_own + b.plus_carried) OVER w AS used_after, sum(b.plus_own) OVER w AS own_after, sum(b.plus_room) OVER w AS exceptions, count(b.now_set) OVER w AS settings
    FROM based b
    WINDOW w AS (PARTITION BY b.scope_kind, b.scope, b.clause, b.year ORDER BY b.seq)
), bounded AS (
    -- The cap in force on the day of recording, as it was known at the event. Beyond what stands an account is over, as everywhere; that a
    -- reversed recovery may have it held to less (R5a) is not looked at here: such an account waits, and the refusals say so.
    SELECT r.*,
        CASE WHEN r.is_budget THEN coalesce(max(r.now_set) OVER (PARTITION BY r.scope_kind, r.scope, r.clause, r.year, r.settings),
            CASE WHEN r.exceptions <> 0 THEN 0 END) + r.exceptions ELSE k.cap + r.exceptions END AS bound,
        CASE WHEN r.is_budget THEN coalesce(max(r.now_set) OVER (PARTITION BY r.scope_kind, r.scope, r.clause, r.year, r.settings),
            CASE WHEN r.exceptions <> 0 THEN 0 END) + r.exceptions ELSE k.standing + r.exceptions END AS held
    FROM running r
    LEFT JOIN LATERAL (
        SELECT k.cap, k.standing FROM clause_caps k
        WHERE NOT r.is_budget AND k.clause = r.clause AND k.known_seq <= r.seq AND k.from_day <= r.day
        ORDER BY k.known_seq DESC, k.from_day DESC LIMIT 1
    ) k ON true
), judged AS (
    SELECT b.*, ({{status "b.used_after" "b.bound" "0" "b.used_after > b.held AND b.own_after > 0" "b.used_after >= b.bound"}})::level AS after
    FROM bounded b
), crossed AS (
    SELECT j.*, coalesce(lag(j.after) OVER (PARTITION BY j.scope_kind, j.scope, j.clause, j.year ORDER BY j.seq), j.level, 'ok') AS before
    FROM judged j
)
INSERT INTO crossings (seq, place, scope_kind, scope, clause, year, before, after, room, used_before, used_after)
SELECT c.seq, row_number() OVER (PARTITION BY c.seq ORDER BY c.after < c.before, c.scope_kind, c.scope, c.clause, c.year), c.scope_kind, c.scope, c.clause,
    c.year, c.before, c.after, c.bound, c.used_after - c.used - c.carried, c.used_after
FROM crossed c
WHERE c.after <> c.before
