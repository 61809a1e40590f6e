INSERT INTO enterprises (id, name, industry, restricted, admitted, registered_on, first_seq, last_seq, initials, search)
SELECT c.id, c.name, c.industry, c.restricted, c.admitted, c.registered_on::date, c.seq, c.last_seq, c.initials, c.search::tsvector
FROM unnest($1::text[], $2::text[], $3::text[], $4::boolean[], $5::boolean[], $6::text[], $7::bigint[], $8::bigint[], $9::text[], $10::text[])
    AS c (id, name, industry, restricted, admitted, registered_on, seq, last_seq, initials, search)
