-- What happened to one application, or to one enterprise and its applications, in the order of the log.
SELECT seq, recorded_ns, type, version, command, command_id, actor, role, coalesce(department, ''), coalesce(imported_by, ''), business_date,
       coalesce(clause_version, 0), coalesce(application, ''), coalesce(enterprise, ''), coalesce(clause, ''), data::text
FROM events
WHERE ({application}::text IS NULL OR application = {application})
  AND ({enterprise}::text IS NULL OR enterprise = {enterprise})
  AND seq <= {at_seq}::bigint
  AND ({on_day}::date IS NULL OR business_date <= {on_day}::date)
  AND ({after_1}::bigint IS NULL OR seq > {after_1})
ORDER BY seq
LIMIT {limit_rows}
