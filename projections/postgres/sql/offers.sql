-- Offers of support, each with what became of it by the day: one that nobody answered lapses behind its last day.
SELECT o.data ->> 'offer' AS offer, o.enterprise, {{named "o.enterprise"}} AS enterprise_name, coalesce(o.data #>> ARRAY['charge', 'via'], o.clause) AS clause,
    o.data #>> ARRAY['charge', 'subject', 'kind'] AS subject_kind, o.data #>> ARRAY['charge', 'subject', 'id'] AS subject, o.data ->> 'title' AS title,
    (SELECT sum((i ->> 'amount')::numeric(20,2)) FROM jsonb_array_elements(o.data -> 'instalments') i) AS amount,
    CASE WHEN a.type = 'offer_confirmed' THEN 'confirmed' WHEN a.type = 'offer_declined' THEN 'declined'
        WHEN (o.data ->> 'expires_on')::date < coalesce({on_day}::date, {at_day}::date) THEN 'lapsed' ELSE 'waiting' END AS offer_state,
    o.business_date AS offered_on, (o.data ->> 'expires_on')::date AS expires_on, a.business_date AS answered_on, coalesce(a.data ->> 'application', '') AS application,
    o.department, o.actor, o.seq
FROM (SELECT e.seq, e.enterprise, e.clause, e.business_date, e.department, e.actor, e.data::jsonb AS data FROM events e
    WHERE e.type = 'support_offered' AND {{upto "e.seq" "e.business_date"}}) o
LEFT JOIN LATERAL (
    SELECT e.type, e.business_date, e.data::jsonb AS data FROM events e
    WHERE e.type IN ('offer_confirmed', 'offer_declined') AND e.seq > o.seq AND {{upto "e.seq" "e.business_date"}} AND e.data::jsonb ->> 'offer' = o.data ->> 'offer'
    ORDER BY e.seq LIMIT 1
) a ON true
