-- What the owner keeps for itself: a table that is locked while the tables are made, and what was made last.
DO $$ BEGIN
    CREATE SCHEMA IF NOT EXISTS fundledger_guard;
    CREATE TABLE IF NOT EXISTS fundledger_guard.work ();
    CREATE TABLE IF NOT EXISTS fundledger_guard.made (only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row), digest text NOT NULL);
EXCEPTION
    WHEN unique_violation OR duplicate_object THEN NULL; -- another session made it at the same time
END $$;
