INSERT INTO findings (id, disposition, comment, disposed_on, disposed_by, seq)
SELECT c.id, c.disposition, c.comment, c.disposed_on::date, c.disposed_by, c.seq
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[]) AS c (id, disposition, comment, disposed_on, disposed_by, seq)
ON CONFLICT (id) DO UPDATE SET disposition = excluded.disposition, comment = excluded.comment, disposed_on = excluded.disposed_on,
    disposed_by = excluded.disposed_by, seq = excluded.seq
