-- Two subjects count as one, and with them all that each is one with.
WITH a AS (
    SELECT $2::text AS id UNION SELECT j.other FROM joined_subjects j WHERE j.subject_kind = $1::text AND j.subject = $2 AND {{together "j" "true"}}
), b AS (
    SELECT $3::text AS id UNION SELECT j.other FROM joined_subjects j WHERE j.subject_kind = $1 AND j.subject = $3 AND {{together "j" "true"}}
)
INSERT INTO joined_subjects (subject_kind, subject, other, seq, business_date)
SELECT $1, a.id, b.id, $4::bigint, $5::text::date FROM a, b UNION ALL SELECT $1, b.id, a.id, $4, $5::text::date FROM a, b
