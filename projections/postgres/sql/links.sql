-- The links of enterprises, with what they are called.
SELECT l.*, {{named "l.a"}} AS a_name, {{named "l.b"}} AS b_name
FROM ({{part "linked"}}) l
WHERE ({enterprise}::text IS NULL OR {enterprise}::text IN (l.a, l.b))
