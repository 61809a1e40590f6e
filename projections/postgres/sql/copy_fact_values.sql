COPY fact_values (seq, enterprise, project, fact, period, day, value, previous, unit, means, sensitive, pending, department, confirmed, document, sha256, actor) FROM STDIN (FORMAT binary)
