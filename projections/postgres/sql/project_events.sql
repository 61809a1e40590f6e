-- The events of a project's applications, and what it was registered as or found to be one with. Applications are found by the collation that they are
-- indexed by.
SELECT p.* FROM ({{part "events"}}) p
WHERE p.seq IN (SELECT y.seq FROM applications a JOIN events y ON y.application = a.id COLLATE "default" WHERE {{part "of_a_project"}}
    UNION ALL SELECT x.seq FROM events x WHERE x.type IN ('project_registered', 'projects_joined')
        AND {project}::text IN (x.data ->> 'project', x.data ->> 'a', x.data ->> 'b'))
