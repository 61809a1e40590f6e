-- Some of the subjects that count as one stand apart from the others.
WITH a AS (
    SELECT unnest($2::text[]) AS id
), b AS (
    SELECT DISTINCT j.other AS id FROM joined_subjects j JOIN a ON a.id = j.subject
    WHERE j.subject_kind = $1::text AND j.other <> ALL ($2::text[]) AND {{together "j" "true"}}
)
INSERT INTO joined_subjects (subject_kind, subject, other, seq, business_date, parted)
SELECT $1, a.id, b.id, $3::bigint, $4::text::date, true FROM a, b UNION ALL SELECT $1, b.id, a.id, $3, $4::text::date, true FROM a, b
