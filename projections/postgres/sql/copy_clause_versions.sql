COPY clause_versions (clause, version, cap, effective_on, retroactive, document, seq, decided_on) FROM STDIN (FORMAT binary)
