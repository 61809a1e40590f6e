INSERT INTO policy_amendments (seq, policy, decided_on, effective_on, document, term_to, clause, departments, industries, closes, acceptance, added)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
