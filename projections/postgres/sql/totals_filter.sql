AND ({enterprise}::text IS NULL OR l.enterprise = {enterprise})
        AND ({clause}::text IS NULL OR l.clause = {clause})
        AND ({year}::smallint IS NULL OR l.support_year = {year})
        AND ({after_1}::text IS NULL OR (l.enterprise, l.clause, l.support_year) > ({after_1}::text, {after_2}::text, {after_3}::smallint))
