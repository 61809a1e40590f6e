-- +goose Up

-- The signed checkpoints that were issued, as C2SP tlog-checkpoint notes. They are what the log is held against, so they cannot be made
-- again from it: they stand in a schema that no rebuild touches, and nothing here is changed or deleted.
CREATE TABLE checkpoints (
    size      bigint      NOT NULL, -- how many events it signs for
    note      bytea       NOT NULL, -- the exact bytes
    issued_at timestamptz NOT NULL,
    CONSTRAINT a_size_is_signed_once PRIMARY KEY (size),
    CONSTRAINT a_checkpoint_signs_for_nought_or_more CHECK (size >= 0),
    CONSTRAINT a_note_is_small CHECK (octet_length(note) BETWEEN 1 AND 65536)
);

-- +goose StatementBegin
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'table % is append-only: a checkpoint that was issued stays issued', TG_TABLE_NAME;
END $$;
-- +goose StatementEnd
CREATE TRIGGER issued_checkpoints_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON checkpoints FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
