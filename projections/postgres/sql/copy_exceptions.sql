COPY exceptions (id, clause, subject_kind, subject, support_year, amount, revoked, document, granted_on, granted_by, seq, last_seq)
    FROM STDIN (FORMAT binary)
