INSERT INTO checkpoint (seq, moment_ns, stream, fund, lines, generation, frontier) VALUES (0, 0, $1, $2, 0, gen_random_uuid(), '')
ON CONFLICT (only_row) DO NOTHING
