-- Every name that an enterprise had, in the order of the log.
SELECT n.enterprise, n.name FROM enterprise_names n ORDER BY n.seq
