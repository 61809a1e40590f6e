AND ({clause}::text IS NULL OR l.clause = {clause})
        AND ({subject}::text IS NULL OR l.subject = {subject})
        AND ({year}::smallint IS NULL OR l.support_year = {year})
        AND ({enterprise}::text IS NULL OR EXISTS (SELECT FROM lines o WHERE o.enterprise = {enterprise} AND o.clause = l.clause
            AND o.subject_kind = l.subject_kind AND o.subject = l.subject AND o.first_seq <= {seq}))
        AND ({after_1}::text IS NULL OR (l.clause, l.subject_kind, l.subject, l.support_year)
            > ({after_1}::text, {after_2}::text, {after_3}::text, {after_4}::smallint))
