-- +goose Up

-- Applications by words inside their titles and projects: two characters are a word in Chinese, and no index of PostgreSQL's own has them. A text is
-- in another only if all its pairs of neighbouring characters are. The cost says that the index is to be asked, and not each row.
-- +goose StatementBegin
CREATE FUNCTION pairs_of(said text) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 10000 AS $$
    SELECT coalesce(pg_catalog.array_agg(DISTINCT pg_catalog.substr(l.said, i, 2)), '{}')
    FROM (SELECT pg_catalog.lower($1) AS said) l, pg_catalog.generate_series(1, pg_catalog.length(l.said) - 1) i
$$;
-- +goose StatementEnd
CREATE INDEX applications_by_pairs_of_characters ON applications USING gin (pairs_of(title || ' ' || coalesce(project, '')));
