-- The ids of the lines that are there already, by the place of their keys.
SELECT k.place, l.id
FROM unnest($1::text[], $2::text[], $3::smallint[], $4::text[], $5::text[])
    WITH ORDINALITY AS k (enterprise, clause, support_year, subject_kind, subject, place)
JOIN lines l ON l.enterprise = k.enterprise AND l.clause = k.clause AND l.support_year = k.support_year
    AND l.subject_kind = k.subject_kind AND l.subject = k.subject
