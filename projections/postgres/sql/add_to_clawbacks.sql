UPDATE clawbacks w SET
    waived    = w.waived + c.waived * 0.01,
    recovered = w.recovered + c.recovered * 0.01,
    interest  = w.interest + c.interest * 0.01,
    last_seq  = c.last_seq
FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[]) AS c (id, waived, recovered, interest, last_seq)
WHERE w.id = c.id
