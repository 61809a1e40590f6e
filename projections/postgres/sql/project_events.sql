-- The events of a project's applications, and what it was registered as or found to be one with.
SELECT p.* FROM ({{part "events"}}) p
WHERE p.application IN (SELECT a.id FROM applications a WHERE {{part "of_a_project"}})
    OR p.seq IN (SELECT x.seq FROM events x WHERE x.type IN ('project_registered', 'projects_joined')
        AND {project}::text IN (x.data ->> 'project', x.data ->> 'a', x.data ->> 'b'))
