-- +goose Up

-- What is written off of a clawback is owed no more; it did not come back. The analysts' views are made anew after.
ALTER TYPE posting_kind ADD VALUE 'written_off';
ALTER TABLE lines
    ADD COLUMN written_off numeric(20,2) NOT NULL DEFAULT 0,
    ADD CONSTRAINT what_is_written_off_is_never_negative CHECK (written_off >= 0);
ALTER TABLE clawbacks ADD COLUMN written_off numeric(20,2) NOT NULL DEFAULT 0;
ALTER TABLE clawbacks DROP COLUMN outstanding CASCADE; -- and the index on it
ALTER TABLE clawbacks
    ADD COLUMN outstanding numeric(20,2) NOT NULL GENERATED ALWAYS AS (ordered - waived - recovered - written_off) STORED,
    DROP CONSTRAINT a_clawback_ends_at_nought,
    ADD CONSTRAINT a_clawback_ends_at_nought CHECK (ordered > 0 AND waived >= 0 AND recovered >= 0 AND interest >= 0 AND written_off >= 0 AND waived + recovered + written_off <= ordered);
CREATE INDEX clawbacks_outstanding ON clawbacks (ordered_on, id) WHERE outstanding > 0;
