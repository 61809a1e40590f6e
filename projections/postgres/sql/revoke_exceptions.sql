UPDATE exceptions x SET revoked = x.revoked + c.revoked * 0.01, last_seq = c.last_seq
FROM unnest($1::text[], $2::bigint[], $3::bigint[]) AS c (id, revoked, last_seq)
WHERE x.id = c.id
