SELECT seq, (SELECT leaf FROM events WHERE events.seq = checkpoint.seq) FROM checkpoint
