-- Ends the sessions of analysts whose transaction or statement has lasted too long. Whoever may set statement_timeout for a session may
-- also lift it: this one nobody lifts. It runs with its owner's rights, who may see and end sessions; the service may only call it.
CREATE OR REPLACE FUNCTION fundledger_guard.end_overdue_readers(longest interval)
RETURNS TABLE (pid integer, who text, application text, origin text, since timestamptz, ended boolean)
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    WITH overdue AS MATERIALIZED (
        SELECT a.pid, a.usename::text, a.application_name, coalesce(host(a.client_addr), ''),
            least(a.xact_start, CASE WHEN a.state = 'active' THEN a.query_start END) AS since
        FROM pg_stat_activity a JOIN pg_roles r ON r.oid = a.usesysid JOIN pg_database d ON d.datname = a.datname
        WHERE d.datname = current_database() AND NOT r.rolsuper AND pg_has_role(r.oid, to_regrole('fundledger_readers'), 'MEMBER')
            AND NOT pg_has_role(r.oid, d.datdba, 'MEMBER') AND NOT coalesce(pg_has_role(r.oid, to_regrole('fundledger_writers'), 'MEMBER'), false)
            AND a.backend_type = 'client backend')
    SELECT o.*, pg_terminate_backend(o.pid) FROM overdue o WHERE o.since < clock_timestamp() - longest
$$;
