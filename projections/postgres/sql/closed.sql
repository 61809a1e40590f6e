-- Each time that a budget year was closed.
SELECT e.seq, e.business_date AS closed_on, (e.data ->> 'year')::smallint AS budget_year, e.data ->> 'document' AS document, (e.data ->> 'lines')::bigint AS statement_lines,
    coalesce((e.data ->> 'differences')::bigint, 0) AS differences, coalesce((e.data ->> 'difference_amount')::numeric(20,2), 0.00) AS difference_amount, e.actor, e.actor_for
FROM events e
WHERE e.type = 'budget_year_closed' AND {{upto "e.seq" "e.business_date"}} AND ({budget_year}::smallint IS NULL OR (e.data ->> 'year')::smallint = {budget_year})
