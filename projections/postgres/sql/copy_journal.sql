COPY journal (seq, n, line, kind, count, amount, business_date, budget_year, via, application, ref) FROM STDIN (FORMAT binary)
