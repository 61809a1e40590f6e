-- Who may do what in the ledger's database. A superuser runs it in that database; running it again changes nothing. It serves the embedded
-- cluster at each start, deploy/postgres/init.sh, and the upgrade of a database in which one role owned and wrote everything.
--
--   fundledger_owner    owns the database, its schemas and tables: migrates, makes the analysts' views, rebuilds
--   fundledger_writers  a group for the service: reads, inserts, and updates what is no record; deletes, truncates and drops nothing.
--                       What it may do in each table is said by the owner when the tables are made
--   fundledger_readers  a group for analysts: reads the views of schema analyst
--
-- Passwords and logins are made by whoever runs it.
DO $$
DECLARE
    here     text := current_database();
    owner_id oid;
    theirs   oid[];
    made     record;
BEGIN
    PERFORM set_config('lock_timeout', '10s', true);
    FOR made IN SELECT * FROM unnest(ARRAY['fundledger_owner', 'fundledger_writers', 'fundledger_readers']) AS name LOOP
        IF to_regrole(made.name) IS NULL THEN
            EXECUTE format('CREATE ROLE %I NOLOGIN', made.name);
        END IF;
    END LOOP;
    owner_id := to_regrole('fundledger_owner');
    -- It sees who holds what it waits for, and ends an analyst's session that is overdue or in the way of a new version.
    GRANT pg_read_all_stats, pg_signal_backend TO fundledger_owner;

    EXECUTE format('ALTER DATABASE %I OWNER TO fundledger_owner', here);
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', here);
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO fundledger_writers, fundledger_readers', here);
    -- A verification folds the log again, into a schema of its own and in a transaction that is never committed. It lets them keep schemas
    -- too, and install what PostgreSQL calls trusted extensions: so nothing that they made is ever handed to the owner (below).
    EXECUTE format('GRANT CREATE ON DATABASE %I TO fundledger_writers', here);
    -- Nobody has any business in the maintenance databases, where less is forbidden than here.
    FOR made IN SELECT datname FROM pg_database WHERE datname IN ('postgres', 'template1') AND datname <> here LOOP
        EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', made.datname);
    END LOOP;
    REVOKE ALL ON SCHEMA public FROM PUBLIC;

    -- What the service's role made, itself or as a group that it is in, stays its own: a function of its that became the owner's would do for it,
    -- with the owner's rights, what it may not do.
    theirs := ARRAY(SELECT o.oid FROM pg_roles o WHERE o.oid <> owner_id AND EXISTS (SELECT FROM pg_roles w WHERE NOT w.rolsuper
        AND pg_has_role(w.oid, to_regrole('fundledger_writers'), 'MEMBER') AND pg_has_role(w.oid, o.oid, 'MEMBER')));
    -- Under the names of a rebuild it would be in the way of every one.
    FOR made IN SELECT nspname FROM pg_namespace WHERE nspname IN ('fundledger_new', 'fundledger_old') AND nspowner = ANY (theirs) LOOP
        EXECUTE format('DROP SCHEMA %I CASCADE', made.nspname);
    END LOOP;
    FOR made IN SELECT nspname, nspowner::regrole AS owner FROM pg_namespace
        WHERE nspname IN ('fundledger', 'analyst', 'fundledger_guard') AND nspowner = ANY (theirs) LOOP
        RAISE WARNING 'the schema % stays with %, who is of fundledger_writers: drop it, or run this again without that', made.nspname, made.owner;
    END LOOP;

    -- What an earlier release made belongs to the role that it ran as.
    FOR made IN SELECT nspname FROM pg_namespace WHERE nspname IN ('fundledger', 'fundledger_new', 'fundledger_old', 'analyst', 'fundledger_guard')
        AND nspowner <> owner_id AND nspowner <> ALL (theirs) LOOP
        EXECUTE format('ALTER SCHEMA %I OWNER TO fundledger_owner', made.nspname);
    END LOOP;
    FOR made IN SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspowner = owner_id AND c.relowner <> owner_id AND c.relowner <> ALL (theirs) AND c.relkind IN ('r', 'p', 'v', 'm', 'f') LOOP
        EXECUTE format('ALTER TABLE %I.%I OWNER TO fundledger_owner', made.nspname, made.relname);
    END LOOP;
    FOR made IN SELECT n.nspname, t.typname FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
        WHERE n.nspowner = owner_id AND t.typowner <> owner_id AND t.typowner <> ALL (theirs) AND t.typtype IN ('e', 'd') LOOP
        EXECUTE format('ALTER TYPE %I.%I OWNER TO fundledger_owner', made.nspname, made.typname);
    END LOOP;
    FOR made IN SELECT p.oid::regprocedure AS name FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
        WHERE n.nspowner = owner_id AND p.proowner <> owner_id AND p.proowner <> ALL (theirs) LOOP
        EXECUTE format('ALTER ROUTINE %s OWNER TO fundledger_owner', made.name);
    END LOOP;

    -- What PostgreSQL lets everybody do, and what a reader could fill the disk, the lock table or the server's memory of transactions with:
    -- large objects, advisory locks, messages in the write-ahead log and to listeners, programs.
    FOR made IN SELECT p.oid::regprocedure AS name FROM pg_proc p WHERE p.pronamespace = 'pg_catalog'::regnamespace
        AND (p.proname ~ '^lo_|^(loread|lowrite)$|advisory' OR p.proname IN ('pg_logical_emit_message', 'pg_notify'))
        AND has_function_privilege('public', p.oid, 'EXECUTE') LOOP
        EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', made.name);
    END LOOP;
    REVOKE USAGE ON LANGUAGE plpgsql FROM PUBLIC;
    GRANT USAGE ON LANGUAGE plpgsql TO fundledger_owner, fundledger_writers;
END $$;
