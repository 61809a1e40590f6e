-- What was paid in each month of a budget year, and how much of that the bank returned.
{{if .Past -}}
SELECT extract(month FROM p.paid_on)::bigint AS month, count(*) FILTER (WHERE j.kind = 'paid') AS payouts,
    coalesce(sum(j.amount) FILTER (WHERE j.kind = 'paid'), 0.00) AS paid, coalesce(sum(j.amount) FILTER (WHERE j.kind = 'returned'), 0.00) AS returned
FROM journal j JOIN payouts p ON p.id = j.ref
WHERE j.budget_year = {budget_year}::smallint AND j.kind IN ('paid', 'returned') AND {{upto "j.seq" "j.business_date"}}
{{- else -}}
SELECT extract(month FROM p.paid_on)::bigint AS month, count(*) AS payouts, sum(p.amount) AS paid, sum(p.returned) AS returned
FROM payouts p
WHERE p.budget_year = {budget_year}::smallint
{{- end}}
GROUP BY 1
ORDER BY 1
