-- A clause carries the use of another, and of all that that one carries.
INSERT INTO carried_clauses (clause, carried, seq)
SELECT $1::text, $2::text, $3::bigint UNION ALL SELECT $1, k.carried, $3 FROM carried_clauses k WHERE k.clause = $2
