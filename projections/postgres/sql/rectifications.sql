-- Rectifications, each as its latest step says, with the day on which it was opened.
SELECT r.rectification, r.evaluation, r.clause, r.support_year, r.rectification_state, r.matter, r.opened_on, r.due_on,
    CASE WHEN r.rectification_state = 'done' THEN r.business_date END AS done_on, r.document, r.department, r.actor, r.seq
FROM (
    SELECT DISTINCT ON (e.data ->> 'rectification') e.data ->> 'rectification' AS rectification, e.data ->> 'evaluation' AS evaluation, e.clause,
        (e.data ->> 'year')::smallint AS support_year, e.data ->> 'state' AS rectification_state, e.data ->> 'matter' AS matter,
        first_value(e.business_date) OVER steps AS opened_on, (max(e.data ->> 'due_on') OVER steps)::date AS due_on,
        coalesce(e.data ->> 'document', '') AS document, e.business_date, e.department, e.actor, e.seq
    FROM (SELECT e.seq, e.clause, e.business_date, e.department, e.actor, e.data::jsonb AS data FROM events e
        WHERE e.type = 'rectification_recorded' AND {{upto "e.seq" "e.business_date"}}) e
    WINDOW steps AS (PARTITION BY e.data ->> 'rectification' ORDER BY e.seq)
    ORDER BY e.data ->> 'rectification', e.seq DESC
) r
