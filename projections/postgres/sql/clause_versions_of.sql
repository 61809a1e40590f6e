SELECT version, cap, effective_on, retroactive, document FROM clause_versions WHERE clause = $1 ORDER BY version
