-- +goose Up

-- Whoever moves the checkpoint says for which version of the tables it writes. An instance of an earlier release that still runs beside
-- a newer one says another, or none, and would fill the tables without what it does not know of: it is refused, and a batch
-- is written whole or not at all. Tables without a book of migrations are those that a verification folds for itself.
-- +goose StatementBegin
CREATE FUNCTION refuse_another_release() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    writes text := coalesce(nullif(current_setting('fundledger.tables', true), ''), 'unnamed');
    made   text;
BEGIN
    IF to_regclass(format('%I.goose_db_version', TG_TABLE_SCHEMA)) IS NOT NULL THEN
        EXECUTE format('SELECT max(version_id) FROM %I.goose_db_version WHERE is_applied', TG_TABLE_SCHEMA) INTO made;
        IF writes <> made THEN
            RAISE EXCEPTION 'the tables are of version %, made by another release of fundledger; this session writes for version %', made, writes
                USING HINT = 'end this instance, and start it from the release that made the tables';
        END IF;
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER one_release_writes BEFORE INSERT OR UPDATE ON checkpoint FOR EACH STATEMENT EXECUTE FUNCTION refuse_another_release();
