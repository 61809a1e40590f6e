UPDATE recoveries r SET reversed = true, reversed_on = c.reversed_on::date, reversed_reason = c.reason, last_seq = c.last_seq
FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[]) AS c (id, reversed_on, reason, last_seq)
WHERE r.id = c.id
