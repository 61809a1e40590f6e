-- Each enterprise's industries, as a tally takes them in.
SELECT i.enterprise, coalesce(i.industry, ''), i.from_day, i.until FROM ({{part "industries"}}) i
