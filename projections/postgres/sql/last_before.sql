SELECT seq FROM events WHERE moment_ns <= $1 ORDER BY moment_ns DESC, seq DESC LIMIT 1
