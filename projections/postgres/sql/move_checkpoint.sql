UPDATE checkpoint SET seq = $1, moment_ns = $2, lines = $3, frontier = $4
