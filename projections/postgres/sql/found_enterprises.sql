-- Enterprises as people look them up: by characters of the name, by its initials, or by the beginning of its code, or of one that it took over.
SELECT e.id, e.name, e.industry, e.restricted, e.admitted, e.registered_on
FROM enterprises e
WHERE ({pairs}::text IS NULL OR e.search @@ {pairs}::tsquery)
  AND ({part}::text IS NULL OR e.name LIKE {part})
  AND ({initials}::text IS NULL OR e.initials LIKE {initials} OR e.id LIKE {code}
      OR e.id IN (SELECT o.other FROM joined_subjects o WHERE o.subject_kind = 'enterprise' AND o.subject LIKE {code} AND {{together "o"}}))
