UPDATE clawbacks w SET
    waived    = w.waived + c.waived * 0.01,
    recovered = w.recovered + c.recovered * 0.01,
    interest  = w.interest + c.interest * 0.01,
    written_off = w.written_off + c.written_off * 0.01,
    last_seq  = c.last_seq
FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[]) AS c (id, waived, recovered, interest, written_off, last_seq)
WHERE w.id = c.id
