coalesce(nullif(e.data ->> 'department', ''), e.data ->> 'clause', '') AS scope, coalesce(e.data ->> 'clause', '') AS clause,
    CASE WHEN e.data ->> 'clause' <> '' THEN CASE WHEN e.data ->> 'department' <> '' THEN 'clause_department' ELSE 'clause' END
        WHEN e.data ->> 'department' <> '' THEN 'department' ELSE 'fund' END AS scope_kind
