-- Evaluations that were given, each with its scores as they were given.
SELECT e.data ->> 'evaluation' AS evaluation, e.clause, (e.data ->> 'year')::smallint AS support_year, e.data ->> 'kind' AS evaluation_kind,
    e.data ->> 'total' AS total_score, e.data ->> 'grade' AS grade,
    coalesce((SELECT string_agg((s.score ->> 'indicator') || '=' || (s.score ->> 'score'), '; ' ORDER BY s.n)
        FROM jsonb_array_elements(e.data -> 'scores') WITH ORDINALITY AS s (score, n)), '') AS scores,
    e.data ->> 'conclusion' AS conclusion, (e.data ->> 'at')::bigint AS at, e.business_date AS evaluated_on, coalesce(e.data ->> 'document', '') AS document,
    e.department, e.actor, e.seq
FROM (SELECT e.seq, e.clause, e.business_date, e.department, e.actor, e.data::jsonb AS data FROM events e
    WHERE e.type = 'evaluation_recorded' AND {{upto "e.seq" "e.business_date"}}) e
