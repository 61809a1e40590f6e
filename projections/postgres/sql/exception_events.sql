-- The events that post on an exception: an index has the postings of its line.
SELECT p.* FROM ({{part "events"}}) p
WHERE p.seq IN (SELECT j.seq
    FROM exceptions x
    JOIN lines l ON l.clause = x.clause AND l.subject_kind = x.subject_kind AND l.subject = x.subject AND l.support_year = coalesce(x.support_year, 0)
      AND l.enterprise = CASE x.subject_kind WHEN 'enterprise' THEN x.subject ELSE '' END
    JOIN journal j ON j.line = l.id AND j.kind = 'exception' AND j.ref = x.id
    WHERE x.id = {exception}::text)
