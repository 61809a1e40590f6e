-- Clauses, and their versions.
SELECT c.id AS clause, c.name_zh, c.name_en, c.source, c.departments, c.industries, c.refers_to, c.subject_kind, c.period, c.stronger AS stronger_support,
    v.version, v.cap, v.effective_on, v.retroactive, v.document
FROM clauses c LEFT JOIN clause_versions v ON v.clause = c.id
