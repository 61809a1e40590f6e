UPDATE payouts p SET
    outside   = p.outside + c.outside * 0.01,
    returned  = p.returned + c.returned * 0.01,
    ordered   = p.ordered + c.ordered * 0.01,
    waived    = p.waived + c.waived * 0.01,
    recovered = p.recovered + c.recovered * 0.01,
    reversed_on     = coalesce(nullif(c.reversed_on, '')::date, p.reversed_on),
    reversed_reason = coalesce(nullif(c.reason, ''), p.reversed_reason),
    reversed_seq    = coalesce(nullif(c.reversed_seq, 0), p.reversed_seq),
    last_seq  = c.last_seq
FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::text[], $8::text[], $9::bigint[], $10::bigint[])
    AS c (id, outside, returned, ordered, waived, recovered, reversed_on, reason, reversed_seq, last_seq)
WHERE p.id = c.id
