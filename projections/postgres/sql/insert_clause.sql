INSERT INTO clauses (id, position, name_zh, name_en, source, departments, industries, refers_to, subject_kind, period, stronger)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
