-- The findings of events, one after another as their events have them. An approval has several years: its findings say which.
SELECT e.seq, f.place, e.business_date, e.type AS event_type, e.enterprise, e.application, e.clause, coalesce(e.data ->> 'support_year', nullif(f.finding -> 'figures' ->> 'year', 'total'))::smallint AS support_year,
    f.finding ->> 'code' AS code, f.finding ->> 'rule' AS rule, f.finding ->> 'figures' AS figures, e.actor, e.actor_for
FROM events e CROSS JOIN LATERAL json_array_elements(e.data -> 'findings') WITH ORDINALITY f (finding, place)
WHERE (e.data -> 'findings') IS NOT NULL AND {{upto "e.seq" "e.business_date"}}
