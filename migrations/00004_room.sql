-- +goose Up

-- Room beyond the bound of sums (9,999,999,999,999.99), so that nothing that was ever accepted overflows a column: a log of the
-- first edition knew no such bound. More digits before the point rewrite no table.
--
-- What reads the columns goes first, for a column keeps its type while a view shows it. The analysts' views are made anew after
-- every migration. Only views of these tables are dropped: while a rebuild fills its tables beside, those of the live ones stay.
-- +goose StatementBegin
DO $$
DECLARE
    shown record;
BEGIN
    FOR shown IN
        SELECT DISTINCT n.nspname, v.relname
        FROM pg_depend d
        JOIN pg_rewrite r ON d.classid = 'pg_rewrite'::regclass AND r.oid = d.objid
        JOIN pg_class v ON v.oid = r.ev_class AND v.relkind = 'v'
        JOIN pg_namespace n ON n.oid = v.relnamespace
        JOIN pg_class t ON d.refclassid = 'pg_class'::regclass AND t.oid = d.refobjid AND t.relkind = 'r'
        WHERE t.relnamespace = current_schema()::regnamespace
    LOOP
        EXECUTE format('DROP VIEW IF EXISTS %I.%I CASCADE', shown.nspname, shown.relname);
    END LOOP;
END $$;
-- +goose StatementEnd

ALTER TYPE posting_kind ADD VALUE 'received_beyond';

ALTER TABLE lines
    ADD COLUMN received_beyond numeric(20,2) NOT NULL DEFAULT 0,
    ALTER COLUMN requested TYPE numeric(20,2),
    ALTER COLUMN approved TYPE numeric(20,2),
    ALTER COLUMN outside TYPE numeric(20,2),
    ALTER COLUMN paid TYPE numeric(20,2),
    ALTER COLUMN returned TYPE numeric(20,2),
    ALTER COLUMN clawback_ordered TYPE numeric(20,2),
    ALTER COLUMN clawback_waived TYPE numeric(20,2),
    ALTER COLUMN recovered_error TYPE numeric(20,2),
    ALTER COLUMN recovered_breach TYPE numeric(20,2),
    ALTER COLUMN interest TYPE numeric(20,2),
    ALTER COLUMN exceptions TYPE numeric(20,2),
    ADD CONSTRAINT what_came_in_beyond_is_never_negative CHECK (received_beyond >= 0);
ALTER TABLE journal ALTER COLUMN amount TYPE numeric(20,2);

-- A policy bounds its clauses to thousands, not to what a smallint holds; and a cap of nought is a cap.
ALTER TABLE clauses ALTER COLUMN position TYPE integer;
ALTER TABLE clause_versions
    DROP CONSTRAINT a_cap_is_above_nought,
    ALTER COLUMN cap TYPE numeric(20,2),
    ADD CONSTRAINT a_cap_is_never_negative CHECK (cap >= 0);
ALTER TABLE clause_caps
    ALTER COLUMN cap TYPE numeric(20,2),
    ALTER COLUMN standing TYPE numeric(20,2);

ALTER TABLE applications
    ALTER COLUMN requested TYPE numeric(20,2),
    ALTER COLUMN approved TYPE numeric(20,2),
    ALTER COLUMN paid TYPE numeric(20,2),
    ALTER COLUMN returned TYPE numeric(20,2);
ALTER TABLE instalments
    ALTER COLUMN requested TYPE numeric(20,2),
    ALTER COLUMN approved TYPE numeric(20,2),
    ALTER COLUMN paid TYPE numeric(20,2);
ALTER TABLE payouts
    ALTER COLUMN amount TYPE numeric(20,2),
    ALTER COLUMN outside TYPE numeric(20,2),
    ALTER COLUMN returned TYPE numeric(20,2),
    ALTER COLUMN ordered TYPE numeric(20,2),
    ALTER COLUMN waived TYPE numeric(20,2),
    ALTER COLUMN recovered TYPE numeric(20,2);
-- A column keeps its type while another one is computed from it.
ALTER TABLE clawbacks DROP COLUMN outstanding; -- and the index on it
ALTER TABLE clawbacks
    ALTER COLUMN ordered TYPE numeric(20,2),
    ALTER COLUMN waived TYPE numeric(20,2),
    ALTER COLUMN recovered TYPE numeric(20,2),
    ALTER COLUMN interest TYPE numeric(20,2);
ALTER TABLE clawbacks ADD COLUMN outstanding numeric(20,2) NOT NULL GENERATED ALWAYS AS (ordered - waived - recovered) STORED;
CREATE INDEX clawbacks_outstanding ON clawbacks (ordered_on, id) WHERE outstanding > 0;
ALTER TABLE recoveries
    ADD COLUMN beyond numeric(20,2) NOT NULL DEFAULT 0, -- of the amount, what came in beyond what went out
    ALTER COLUMN amount TYPE numeric(20,2),
    ALTER COLUMN interest TYPE numeric(20,2),
    ADD CONSTRAINT what_is_beyond_is_a_part_of_a_recovery CHECK (beyond BETWEEN 0 AND amount);
ALTER TABLE exceptions
    ALTER COLUMN amount TYPE numeric(20,2),
    ALTER COLUMN revoked TYPE numeric(20,2);
ALTER TABLE budgets
    ALTER COLUMN paid TYPE numeric(20,2),
    ALTER COLUMN amount TYPE numeric(20,2);
