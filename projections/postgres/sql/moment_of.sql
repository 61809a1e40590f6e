SELECT moment_ns FROM events WHERE seq = $1
