-- The policy that each clause is of.
SELECT c.id, coalesce(c.policy, '') FROM clauses c
