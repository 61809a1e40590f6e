-- What enterprises are by the facts of a matter, as a tally takes it in.
SELECT f.enterprise, f.value, f.from_day, f.until FROM ({{part "meant"}}) f WHERE f.means = {means}::text
