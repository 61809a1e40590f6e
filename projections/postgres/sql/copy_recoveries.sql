COPY recoveries (id, clawback, payout, application, enterprise, clause, via, subject_kind, subject, support_year, cause, received_on, booked, kept_from,
    findings, amount, interest, beyond, reversed, reversed_on, reversed_reason, seq, last_seq) FROM STDIN (FORMAT binary)
