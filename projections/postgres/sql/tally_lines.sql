-- The lines behind those that a tally knows.
SELECT l.id, l.enterprise, l.clause, l.subject_kind, l.support_year FROM lines l WHERE l.id > {known}::bigint ORDER BY l.id
