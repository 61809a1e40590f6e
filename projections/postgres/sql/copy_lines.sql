COPY lines (id, enterprise, clause, subject_kind, subject, support_year, first_seq, last_seq, applications, requested, approved, outside, paid,
    returned, clawback_ordered, clawback_waived, recovered_error, recovered_breach, interest, exceptions,
    received_beyond, written_off) FROM STDIN (FORMAT binary)
