UPDATE recoveries r SET
    beyond          = r.beyond + c.beyond * 0.01,
    reversed        = r.reversed OR c.reversed_on <> '',
    reversed_on     = coalesce(nullif(c.reversed_on, '')::date, r.reversed_on),
    reversed_reason = coalesce(nullif(c.reason, ''), r.reversed_reason),
    last_seq        = c.last_seq
FROM unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::bigint[]) AS c (id, beyond, reversed_on, reason, last_seq)
WHERE r.id = c.id
