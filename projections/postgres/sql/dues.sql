-- What is committed and not paid of each instalment, and the month that it is planned for; of what is planned for no month there is none.
    SELECT i.application, i.support_year, i.clause, i.via, i.department, x.month, x.amount, coalesce(left(x.month, 4)::smallint, i.support_year) AS budget_year
    FROM {{if .Past}}(
        SELECT j.application, l.support_year, l.clause, j.via, d.department,
            sum(CASE WHEN j.kind IN ('approved', 'returned', 'outside') THEN j.amount ELSE -j.amount END) AS unpaid
        FROM journal j JOIN lines l ON l.id = j.line
        CROSS JOIN LATERAL (
            SELECT e.department FROM events e
            WHERE e.application = j.application AND e.type = 'application_approved' AND {{upto "e.seq" "e.business_date"}}
            ORDER BY e.seq DESC LIMIT 1
        ) d
        WHERE j.kind IN ('approved', 'outside', 'paid', 'returned') AND j.application IS NOT NULL AND {{upto "j.seq" "j.business_date"}}
        GROUP BY 1, 2, 3, 4, 5
        HAVING sum(CASE WHEN j.kind IN ('approved', 'returned', 'outside') THEN j.amount ELSE -j.amount END) <> 0
    ){{else}}(
        SELECT i.application, i.support_year, a.clause, a.via, a.department, i.approved - i.paid AS unpaid
        FROM instalments i JOIN applications a ON a.id = i.application WHERE i.paid < i.approved
    ){{end}} i
    LEFT JOIN LATERAL (
        SELECT json_object_agg(p.month, p.amount) AS months, sum(p.amount) AS amount FROM (
            SELECT m.month, sum(m.amount) AS amount FROM plan_moves m
            WHERE m.application = i.application AND m.support_year = i.support_year AND {{upto "m.seq" "m.day"}}
            GROUP BY 1 HAVING sum(m.amount) <> 0
        ) p
    ) p ON true
    CROSS JOIN LATERAL (
        SELECT NULL AS month, i.unpaid - coalesce(p.amount, 0) AS amount
        UNION ALL SELECT key COLLATE "C", value::numeric(20,2) FROM json_each_text(p.months)
    ) x
    WHERE x.amount <> 0
