COPY plan_moves (seq, n, application, support_year, month, day, amount) FROM STDIN (FORMAT binary)
