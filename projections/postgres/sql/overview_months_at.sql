-- What was paid in each month of a budget year, and how much of that the bank returned, as of a position and dated up to a day where one is given.
SELECT extract(month FROM p.paid_on)::bigint, count(*) FILTER (WHERE j.kind = 'paid'), coalesce(sum(j.amount) FILTER (WHERE j.kind = 'paid'), 0.00),
    coalesce(sum(j.amount) FILTER (WHERE j.kind = 'returned'), 0.00)
FROM journal j JOIN payouts p ON p.id = j.ref
WHERE j.budget_year = {budget_year}::smallint AND j.kind IN ('paid', 'returned') AND j.seq <= {at_seq}::bigint
  AND ({on_day}::date IS NULL OR j.business_date <= {on_day}::date)
GROUP BY 1
ORDER BY 1
