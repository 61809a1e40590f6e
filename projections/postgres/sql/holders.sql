-- The sessions that those of one application's name wait for.
SELECT a.pid, coalesce(a.usename, '?')::text, coalesce(a.application_name, ''), coalesce(host(a.client_addr), 'this machine'),
    coalesce(to_char(coalesce(a.xact_start, a.backend_start) AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI:SS'), '?'),
    coalesce(pg_has_role(a.usesysid, to_regrole('fundledger_readers'), 'MEMBER') AND NOT r.rolsuper
        AND NOT coalesce(pg_has_role(a.usesysid, to_regrole('fundledger_writers'), 'MEMBER'), false)
        AND NOT pg_has_role(a.usesysid, d.datdba, 'MEMBER'), false)
FROM pg_stat_activity a LEFT JOIN pg_roles r ON r.oid = a.usesysid JOIN pg_database d ON d.datname = current_database()
WHERE a.pid IN (SELECT unnest(pg_blocking_pids(w.pid)) FROM pg_stat_activity w WHERE w.application_name = $1 AND w.pid <> pg_backend_pid())
    AND a.application_name IS DISTINCT FROM $1
ORDER BY a.pid
