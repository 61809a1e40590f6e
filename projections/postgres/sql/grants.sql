-- What each role may do in the tables and views. Where there is no such role, and none may be made, whoever owns the tables uses them.
{overdue}
REVOKE ALL ON FUNCTION fundledger_guard.end_overdue_readers FROM PUBLIC;
DO $$ BEGIN
    IF to_regrole('fundledger_readers') IS NULL THEN
        CREATE ROLE fundledger_readers NOLOGIN;
    END IF;
EXCEPTION
    -- Another session made it at the same time, or this one may not: then the database's owner makes it.
    WHEN unique_violation OR duplicate_object OR insufficient_privilege THEN NULL;
END $$;
DO $$ BEGIN
    IF to_regrole('fundledger_readers') IS NOT NULL THEN
        GRANT USAGE ON SCHEMA analyst TO fundledger_readers;
        GRANT SELECT ON ALL TABLES IN SCHEMA analyst TO fundledger_readers;
    END IF;
    IF to_regrole('fundledger_writers') IS NOT NULL THEN
        REVOKE ALL ON ALL TABLES IN SCHEMA fundledger FROM fundledger_writers;
        GRANT USAGE ON SCHEMA fundledger, analyst, fundledger_guard TO fundledger_writers;
        GRANT SELECT ON ALL TABLES IN SCHEMA fundledger, analyst TO fundledger_writers;
        GRANT INSERT ON ALL TABLES IN SCHEMA fundledger TO fundledger_writers;
        REVOKE INSERT ON fundledger.goose_db_version FROM fundledger_writers;
        GRANT UPDATE ON {updated} TO fundledger_writers;
        GRANT SELECT ON fundledger_guard.made TO fundledger_writers;
        GRANT EXECUTE ON FUNCTION fundledger_guard.end_overdue_readers TO fundledger_writers;
    END IF;
END $$;
