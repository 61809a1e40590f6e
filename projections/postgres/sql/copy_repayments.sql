COPY repayments (seq, n, clawback, day, due_on, amount) FROM STDIN (FORMAT binary)
