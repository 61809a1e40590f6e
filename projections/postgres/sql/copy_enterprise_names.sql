COPY enterprise_names (enterprise, seq, from_day, name) FROM STDIN (FORMAT binary)
