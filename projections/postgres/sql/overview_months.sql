-- What was paid in each month of a budget year, and how much of that the bank returned.
SELECT extract(month FROM p.paid_on)::bigint, count(*), sum(p.amount), sum(p.returned)
FROM payouts p
WHERE p.budget_year = {budget_year}::smallint
GROUP BY 1
ORDER BY 1
