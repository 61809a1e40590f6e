COPY applications (id, enterprise, clause, via, subject_kind, subject, project, title, attachments, state, suspended, submitted_on, last_step_on,
    approved_on, department, clause_version, requested, approved, paid, returned, replaces, first_seq, last_seq) FROM STDIN (FORMAT binary)
