-- What is to be paid in twelve months from the present one. What is planned for no month is spread over what is left of its support year, to the fen;
-- what is late is in the first month.
WITH dues AS (
    {{part "dues"}}
), loose AS (
    SELECT d.support_year, sum(d.amount) AS amount FROM dues d WHERE d.month IS NULL GROUP BY 1
), months AS (
    SELECT n, m.first_day, extract(year FROM m.first_day)::integer AS year, extract(month FROM m.first_day)::integer AS month, to_char(m.first_day, 'YYYY-MM') AS name,
        CASE WHEN extract(year FROM m.first_day) = extract(year FROM {at_day}::date) THEN 13 - extract(month FROM {at_day}::date)::integer ELSE 12 END AS parts
    FROM generate_series(0, 11) n
    CROSS JOIN LATERAL (SELECT (date_trunc('month', {at_day}::date::timestamp) + make_interval(months => n))::date AS first_day) m
), parts AS (
    SELECT m.name AS month,
        CASE WHEN m.n = 0 THEN coalesce((SELECT sum(d.amount) FROM dues d WHERE d.month COLLATE "C" < m.name COLLATE "C"), 0.00)
            + coalesce((SELECT sum(l.amount) FROM loose l WHERE l.support_year < m.year), 0.00) ELSE 0.00 END AS overdue,
        coalesce((SELECT sum(d.amount) FROM dues d WHERE d.month = m.name), 0.00) AS planned,
        coalesce((SELECT CASE m.month WHEN 12 THEN l.amount - trunc(l.amount / m.parts, 2) * (m.parts - 1) ELSE trunc(l.amount / m.parts, 2) END
            FROM loose l WHERE l.support_year = m.year), 0.00) AS unplanned,
        coalesce((SELECT sum(CASE j.kind WHEN 'paid' THEN j.amount ELSE -j.amount END) FROM payouts p JOIN journal j ON j.ref = p.id AND j.kind IN ('paid', 'returned')
            WHERE p.paid_on >= m.first_day AND p.paid_on < m.first_day + interval '1 month' AND {{upto "j.seq" "j.business_date"}}), 0.00) AS paid
    FROM months m
)
SELECT p.month, p.overdue, p.planned, p.unplanned, p.overdue + p.planned + p.unplanned AS due, p.paid FROM parts p
