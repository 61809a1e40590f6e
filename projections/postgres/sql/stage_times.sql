-- How many working days each stage has taken under each clause, against what was promised on the day it began: applications that were accepted, reviewed
-- as often as is asked, decided and paid. The days on which an application was suspended do not count, nor the acceptance of a confirmed offer, which took none.
WITH
{{promises}},
told AS MATERIALIZED ( -- of each kind of event what is needed of it: reading its data is what takes long
    SELECT e.application, e.seq, e.type, e.business_date AS day, e.actor, {{reviewedFrom "e"}} AS begins,
        CASE WHEN e.type NOT IN ('application_reviewed', 'application_approved', 'application_rejected', 'application_suspended', 'application_resumed')
            THEN coalesce(e.data -> 'charge' ->> 'via', e.clause) END AS applied,
        CASE e.type WHEN 'application_reviewed' THEN e.data ->> 'opinion' END AS opinion,
        CASE e.type WHEN 'payout_made' THEN (e.data ->> 'paid_on')::date END AS paid_on, CASE e.type WHEN 'payout_made' THEN (e.data ->> 'support_year')::int END AS year,
        count(*) FILTER (WHERE {{reviewedFrom "e"}}) OVER (PARTITION BY e.application ORDER BY e.seq) AS round, lag(e.type) OVER (PARTITION BY e.application ORDER BY e.seq) AS before
    FROM events e
    WHERE e.application IS NOT NULL AND {{upto "e.seq" "e.business_date"}} AND e.type IN ('offer_confirmed', 'application_submitted', 'application_accepted', 'application_transferred',
        'application_moved', 'application_amended', 'application_reviewed', 'application_approved', 'application_rejected', 'application_suspended', 'application_resumed', 'payout_made')
),
rounds AS MATERIALIZED (
    SELECT t.application, t.round, t.type, t.day, t.applied, lag(t.day) OVER w AS asked_on, lag(t.before) OVER w = 'offer_confirmed' AS offered
    FROM told t WHERE t.begins WINDOW w AS (PARTITION BY t.application ORDER BY t.seq)
),
flows AS MATERIALIZED (
    SELECT f.applied, f.day, q.reviews, q.support FROM (SELECT DISTINCT r.applied, r.day FROM rounds r) f CROSS JOIN LATERAL ({{workflow "f.applied" "f.day"}}) q
),
reviewed AS MATERIALIZED (
    SELECT v.application, v.round, v.day FROM (
        SELECT f.application, f.round, f.day, f.reviews, row_number() OVER (PARTITION BY f.application, f.round ORDER BY f.seq) AS nth FROM (
            SELECT DISTINCT ON (t.application, t.round, t.actor) t.application, t.round, t.seq, t.day, q.reviews
            FROM told t JOIN rounds r ON r.application = t.application AND r.round = t.round JOIN flows q ON q.applied = r.applied AND q.day = r.day
            WHERE t.type = 'application_reviewed' AND (t.opinion = 'support' OR t.opinion = 'oppose' AND NOT q.support) ORDER BY t.application, t.round, t.actor, t.seq
        ) f
    ) v WHERE v.nth = v.reviews
),
stages AS MATERIALIZED (
    SELECT row_number() OVER () AS id, s.* FROM (
        SELECT 'acceptance' AS stage, r.applied, r.application, r.asked_on AS from_day, r.day AS to_day FROM rounds r
        WHERE r.type = 'application_accepted' AND r.asked_on IS NOT NULL AND r.offered IS NOT TRUE
        UNION ALL
        SELECT 'review', r.applied, r.application, r.day, v.day FROM rounds r JOIN reviewed v ON v.application = r.application AND v.round = r.round
        UNION ALL
        SELECT 'approval', r.applied, r.application, coalesce(v.day, r.day), d.day
        FROM (SELECT t.application, t.round, min(t.day) AS day FROM told t WHERE t.type IN ('application_approved', 'application_rejected') GROUP BY t.application, t.round) d
        JOIN rounds r ON r.application = d.application AND r.round = d.round
        LEFT JOIN reviewed v ON v.application = d.application AND v.round = d.round
        UNION ALL
        SELECT 'payment', p.applied, p.application, greatest(a.day, make_date(p.year, 1, 1)), p.day
        FROM (SELECT DISTINCT ON (t.application, t.year) t.application, t.year, t.applied, t.paid_on AS day FROM told t WHERE t.type = 'payout_made' ORDER BY t.application, t.year, t.seq DESC) p
        JOIN (SELECT t.application, min(t.day) AS day FROM told t WHERE t.type = 'application_approved' GROUP BY t.application) a ON a.application = p.application
    ) s
),
{{workdays "SELECT min(s.from_day) FROM stages s" "SELECT max(greatest(s.from_day, s.to_day)) FROM stages s"}},
held AS MATERIALIZED (
    SELECT s.id, sum(y.worked - x.worked) AS days
    FROM stages s
    JOIN (SELECT t.application, t.type, t.day AS suspended, lead(t.day) OVER (PARTITION BY t.application ORDER BY t.seq) AS resumed FROM told t
        WHERE t.type IN ('application_suspended', 'application_resumed')) z ON z.application = s.application AND z.type = 'application_suspended' AND z.resumed IS NOT NULL
    JOIN workdays x ON x.day = least(greatest(z.suspended, s.from_day), s.to_day) JOIN workdays y ON y.day = least(greatest(z.resumed, s.from_day), s.to_day)
    GROUP BY s.id
),
asked AS MATERIALIZED (
    SELECT d.applied, d.stage, d.from_day, {{promised "d.applied" "d.stage" "d.from_day"}} AS days FROM (SELECT DISTINCT s.applied, s.stage, s.from_day FROM stages s) d
),
calendar AS MATERIALIZED (SELECT min(d.day) AS first, array_agg(d.worked ORDER BY d.day) AS worked FROM workdays d),
alike AS MATERIALIZED ( -- stages of the same days are reckoned once
    SELECT s.applied, s.stage, s.from_day, s.to_day, coalesce(h.days, 0) AS held, count(*) AS cases FROM stages s LEFT JOIN held h ON h.id = s.id GROUP BY 1, 2, 3, 4, 5
),
took AS MATERIALIZED (
    SELECT s.applied, s.stage, greatest(c.worked[s.to_day - c.first + 1] - c.worked[s.from_day - c.first + 1] - s.held, 0)::bigint AS days, s.cases, a.days AS promised
    FROM alike s CROSS JOIN calendar c JOIN asked a ON a.applied = s.applied AND a.stage = s.stage AND a.from_day = s.from_day
),
upto AS (
    SELECT t.*, sum(t.cases) OVER (PARTITION BY t.applied, t.stage ORDER BY t.days) AS so_far, sum(t.cases) OVER (PARTITION BY t.applied, t.stage) AS in_all FROM took t
)
SELECT k.applied AS clause, k.stage, sum(k.cases)::bigint AS cases, min(k.days) FILTER (WHERE 2 * k.so_far >= k.in_all) AS median_days, max(k.days) AS longest_days,
    coalesce({{promised "k.applied" "k.stage" "{at_day}::date"}}, 0)::bigint AS promised_days, coalesce(sum(k.cases) FILTER (WHERE k.promised IS NOT NULL), 0)::bigint AS promised_cases,
    coalesce(sum(k.cases) FILTER (WHERE k.days > k.promised), 0)::bigint AS late_cases
FROM upto k
GROUP BY k.applied, k.stage
