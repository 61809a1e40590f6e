SELECT seq, moment_ns, stream, fund, lines, generation::text FROM checkpoint FOR UPDATE
