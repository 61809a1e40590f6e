-- How many lines of a clause, a kind of subject and a year there are, up to a limit.
SELECT count(*) FROM (
    SELECT FROM lines
    WHERE ({line_clause}::text IS NULL OR clause = {line_clause}) AND ({line_kind}::text IS NULL OR subject_kind = {line_kind})
      AND ({line_year}::smallint IS NULL OR support_year = {line_year})
    LIMIT {limit_lines}::bigint
) l
