COPY clause_caps (clause, known_seq, from_day, cap, standing) FROM STDIN (FORMAT binary)
