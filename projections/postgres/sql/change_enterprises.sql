UPDATE enterprises e SET
    name       = coalesce(c.name, e.name),
    initials   = coalesce(c.initials, e.initials),
    search     = coalesce(c.search::tsvector, e.search),
    restricted = coalesce(c.restricted, e.restricted),
    admitted   = coalesce(c.admitted, e.admitted),
    industry   = coalesce(nullif(c.industry, ''), e.industry),
    last_seq   = c.last_seq
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::boolean[], $6::boolean[], $7::bigint[], $8::text[])
    AS c (id, name, initials, search, restricted, admitted, last_seq, industry)
WHERE e.id = c.id
