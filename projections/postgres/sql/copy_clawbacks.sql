COPY clawbacks (id, payout, application, enterprise, clause, via, subject_kind, subject, support_year, cause, ordered_on, ordered_by, reason,
    ordered, waived, recovered, interest, written_off, seq, last_seq) FROM STDIN (FORMAT binary)
