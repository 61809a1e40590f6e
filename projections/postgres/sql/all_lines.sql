SELECT id, enterprise, clause, subject_kind, subject, support_year FROM lines
