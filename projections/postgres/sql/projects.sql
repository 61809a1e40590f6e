-- The projects that are registered or one with another: what they are called, whose they are, and what they use.
SELECT n.project, coalesce(r.name, '') AS project_name, coalesce(r.enterprise, '') AS enterprise, {{named "nullif(r.enterprise, '')"}} AS enterprise_name,
    coalesce(r.place, '') AS project_place, coalesce(o.joined_with, '') AS joined_with, coalesce(u.clauses, '') AS charged_clauses, coalesce(u.use, 0.00) AS use,
    coalesce(r.seq, 0) AS seq
FROM (
    SELECT e.data ->> 'project' COLLATE "C" AS project FROM events e
    WHERE e.type IN ('project_registered', 'projects_joined') AND e.type = 'project_registered' AND {{upto "e.seq" "e.business_date"}}
    UNION
    SELECT j.subject FROM joined_subjects j WHERE j.subject_kind = 'project' AND {{upto "j.seq" "j.business_date"}} AND {{together "j"}}
) n
LEFT JOIN LATERAL (
    SELECT e.data ->> 'name' AS name, e.data ->> 'enterprise' AS enterprise, e.data ->> 'place' AS place, e.seq FROM events e
    WHERE e.type IN ('project_registered', 'projects_joined') AND e.type = 'project_registered' AND e.data ->> 'project' = n.project AND {{upto "e.seq" "e.business_date"}}
) r ON true
LEFT JOIN LATERAL (
    SELECT string_agg(j.other, '; ' ORDER BY j.other) AS joined_with FROM joined_subjects j
    WHERE j.subject_kind = 'project' AND j.subject = n.project AND {{upto "j.seq" "j.business_date"}} AND {{together "j"}}
) o ON true
LEFT JOIN LATERAL (
    SELECT string_agg(DISTINCT l.clause, '; ') AS clauses, sum(l.approved + l.outside - l.recovered_error) AS use
    FROM {{part "lines"}} l WHERE l.subject_kind = 'project' AND l.subject = n.project
) u ON true
