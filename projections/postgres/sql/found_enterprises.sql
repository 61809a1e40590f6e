-- Enterprises as people look them up: by characters of the name, by its initials, or by the code's beginning.
SELECT e.id, e.name, e.industry, e.restricted, e.admitted, e.registered_on
FROM enterprises e
WHERE ({pairs}::text IS NULL OR e.search @@ {pairs}::tsquery)
  AND ({part}::text IS NULL OR e.name LIKE {part})
  AND ({initials}::text IS NULL OR e.initials LIKE {initials} OR e.id LIKE {code})
