-- What is undecided or unpaid under each policy. Of the past the journal tells it: what is asked for, and the rest of what is approved.
WITH terms AS (
{{part "terms"}}
)
SELECT x.pending, t.id AS policy, t.last_day, (t.last_day - {at_day}::date)::bigint AS days_left, x.application, x.enterprise, {{named "x.enterprise"}} AS enterprise_name,
    x.clause, x.via AS via_clause, x.support_year, x.amount
FROM (
{{- if .Past}}
    SELECT 'undecided' AS pending, j.application, {{part "applicant"}} AS enterprise, l.clause, j.via, 0::smallint AS support_year, sum(j.amount) AS amount
    FROM journal j JOIN lines l ON l.id = j.line
    CROSS JOIN LATERAL (
        SELECT e.type AS step FROM events e
        WHERE e.application = j.application AND {{upto "e.seq" "e.business_date"}} AND e.type IN ('application_submitted', 'application_accepted',
            'application_returned', 'application_approved', 'application_rejected', 'application_withdrawn', 'application_voided')
        ORDER BY e.seq DESC LIMIT 1
    ) s
    WHERE j.kind = 'requested' AND {{upto "j.seq" "j.business_date"}} AND s.step IN ('application_submitted', 'application_accepted', 'application_returned')
    GROUP BY j.application, l.clause, j.via
    HAVING sum(j.amount) <> 0
    UNION ALL
    SELECT 'unpaid', j.application, {{part "applicant"}}, l.clause, j.via, l.support_year,
        sum(CASE WHEN j.kind IN ('approved', 'returned', 'outside') THEN j.amount ELSE -j.amount END)
    FROM journal j JOIN lines l ON l.id = j.line
    WHERE j.kind IN ('approved', 'outside', 'paid', 'returned') AND j.application IS NOT NULL AND {{upto "j.seq" "j.business_date"}}
    GROUP BY j.application, l.clause, j.via, l.support_year
    HAVING sum(CASE WHEN j.kind IN ('approved', 'returned', 'outside') THEN j.amount ELSE -j.amount END) <> 0
{{- else}}
    SELECT 'undecided' AS pending, a.id AS application, a.enterprise, a.clause, a.via, 0::smallint AS support_year, a.requested AS amount
    FROM applications a WHERE a.state IN ('submitted', 'accepted', 'returned')
    UNION ALL
    SELECT 'unpaid', i.application, a.enterprise, a.clause, a.via, i.support_year, i.approved - i.paid
    FROM instalments i JOIN applications a ON a.id = i.application WHERE i.paid < i.approved
{{- end}}
) x JOIN clauses c ON c.id = coalesce(x.via, x.clause) JOIN terms t ON t.id = c.policy
