-- The events behind a close c that touch its year: by what was paid, returned or recovered in it, by its budgets, or because they open or close it.
SELECT e.seq, e.business_date, e.type AS event_type, e.enterprise, e.clause, m.paid, m.returned, m.recovered, m.appropriated AS appropriation_moved,
    EXISTS (SELECT FROM json_array_elements(e.data -> 'findings') f WHERE f ->> 'code' = 'budget_year_closed') AS after_close, e.actor, e.actor_for
FROM (
    SELECT j.seq, coalesce(sum(j.amount) FILTER (WHERE j.kind = 'paid'), 0.00) AS paid, coalesce(sum(j.amount) FILTER (WHERE j.kind = 'returned'), 0.00) AS returned,
        coalesce(sum(j.amount) FILTER (WHERE j.kind NOT IN ('paid', 'returned')), 0.00) AS recovered, 0.00 AS appropriated
    FROM journal j
    WHERE j.seq > c.seq AND {{upto "j.seq" "j.business_date"}}
      AND (j.kind IN ('paid', 'returned') AND j.budget_year = c.budget_year OR j.kind IN ('recovered_error', 'recovered_breach', 'received_beyond')
          AND extract(year FROM j.business_date) = c.budget_year)
    GROUP BY j.seq
    HAVING sum(j.amount) FILTER (WHERE j.kind = 'paid') <> 0 OR sum(j.amount) FILTER (WHERE j.kind = 'returned') <> 0
        OR sum(j.amount) FILTER (WHERE j.kind NOT IN ('paid', 'returned')) <> 0
    UNION ALL
    SELECT b.seq, 0.00, 0.00, 0.00, CASE WHEN b.type = 'appropriation_set' THEN (b.data ->> 'amount')::numeric(20,2) - coalesce((b.data ->> 'previous')::numeric(20,2), 0.00)
        WHEN (b.data ->> 'from')::smallint = c.budget_year THEN -(b.data ->> 'amount')::numeric(20,2)
        WHEN b.type = 'appropriation_carried' THEN (b.data ->> 'amount')::numeric(20,2) ELSE 0.00 END
    FROM events b
    WHERE b.seq > c.seq AND b.type IN ('appropriation_set', 'appropriation_carried', 'budget_year_closed', 'budget_year_reopened') AND {{upto "b.seq" "b.business_date"}}
      AND c.budget_year IN ((b.data ->> 'budget_year')::smallint, (b.data ->> 'from')::smallint, (b.data ->> 'to')::smallint, (b.data ->> 'year')::smallint)
) m JOIN events e ON e.seq = m.seq
