-- The events of a project's applications.
SELECT p.* FROM ({{part "events"}}) p
WHERE p.application IN (SELECT a.id FROM applications a WHERE {{part "of_a_project"}})
