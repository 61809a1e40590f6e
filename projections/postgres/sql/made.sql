-- What the catalogue says of the tables and the analysts' views: the version, who may do what, what each view shows and how it is commented.
SELECT encode(sha256(convert_to(string_agg(what, E'\n' ORDER BY what COLLATE "C"), 'UTF8')), 'hex')
FROM (
    SELECT n.nspname || '.' || c.relname || ' ' || coalesce(c.relacl::text, '') || ' ' || coalesce(CASE WHEN c.relkind = 'v' THEN pg_get_viewdef(c.oid) END, '') AS what
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname IN ('fundledger', 'analyst') AND c.relkind IN ('r', 'v')
    UNION ALL
    SELECT n.nspname || ' ' || coalesce(n.nspacl::text, '') FROM pg_namespace n WHERE n.nspname IN ('fundledger', 'analyst')
    UNION ALL
    SELECT p.proname || ' ' || coalesce(p.proacl::text, '') || ' ' || p.prosrc FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
    WHERE n.nspname IN ('fundledger', 'fundledger_guard')
    UNION ALL
    SELECT c.relname || '.' || d.objsubid || ' ' || d.description FROM pg_description d JOIN pg_class c ON c.oid = d.objoid AND d.classoid = 'pg_class'::regclass
        JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'analyst'
    UNION ALL
    SELECT 'version ' || max(version_id) FROM fundledger.goose_db_version WHERE is_applied
) whole
