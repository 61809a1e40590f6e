COPY event_parties (enterprise, seq, type) FROM STDIN (FORMAT binary)
