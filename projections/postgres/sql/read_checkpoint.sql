SELECT seq, moment_ns, stream, fund, lines, generation::text, frontier FROM checkpoint
