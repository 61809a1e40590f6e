-- Clauses, and their versions.
SELECT c.id AS clause, c.name_zh, c.name_en, c.source, coalesce(d.departments, c.departments) AS departments,
    coalesce(i.industries, c.industries) AS industries, c.refers_to, c.subject_kind, c.period, c.stronger AS stronger_support,
    v.version, v.cap, v.effective_on, v.retroactive, v.document, c.policy
FROM clauses c LEFT JOIN clause_versions v ON v.clause = c.id
LEFT JOIN LATERAL (SELECT m.departments FROM policy_amendments m WHERE m.clause = c.id AND m.departments IS NOT NULL ORDER BY m.effective_on DESC, m.seq DESC LIMIT 1) d ON true
LEFT JOIN LATERAL (SELECT m.industries FROM policy_amendments m WHERE m.clause = c.id AND m.industries IS NOT NULL ORDER BY m.effective_on DESC, m.seq DESC LIMIT 1) i ON true
