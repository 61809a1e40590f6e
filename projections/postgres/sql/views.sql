-- Whom the analysts' views are for. They stand in a schema of their own, keep their names and columns for ever, and are made anew after
-- every migration and rebuild, from the statements that answer the lists. All amounts are numeric of two decimals, exact; days are those of Asia/Shanghai.
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'fundledger_readers') THEN
        CREATE ROLE fundledger_readers NOLOGIN;
    END IF;
EXCEPTION
    -- Another session made it at the same time, or this one may not: then the database's owner makes it.
    WHEN unique_violation OR duplicate_object OR insufficient_privilege THEN NULL;
END $$;
DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'fundledger_readers') THEN
        GRANT USAGE ON SCHEMA analyst TO fundledger_readers;
        GRANT SELECT ON ALL TABLES IN SCHEMA analyst TO fundledger_readers;
    END IF;
END $$;
