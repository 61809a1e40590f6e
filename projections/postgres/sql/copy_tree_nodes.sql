COPY tree_nodes (level, index, hash) FROM STDIN (FORMAT binary)
