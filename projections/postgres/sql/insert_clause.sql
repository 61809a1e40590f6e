-- A clause, behind those that are there.
INSERT INTO clauses (id, position, name_zh, name_en, source, departments, industries, refers_to, subject_kind, period, stronger, policy, seq)
SELECT $1, coalesce(max(position), 0) + 1, $2, $3, $4, $5::text[], $6::text[], $7::text[], $8, $9, $10, $11, $12 FROM clauses
