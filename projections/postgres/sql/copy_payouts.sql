COPY payouts (id, application, enterprise, clause, via, subject_kind, subject, support_year, budget_year, paid_on, voucher, department, departments,
    clause_version, booked, findings, actor, amount, kept_back, outside, returned, ordered, waived, recovered, reversed_on, reversed_reason, reversed_seq,
    seq, last_seq) FROM STDIN (FORMAT binary)
