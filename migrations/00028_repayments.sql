-- +goose Up

-- By which day each part of what is ordered back is due: what the order says, and each schedule since. The latest of a clawback counts.
CREATE TABLE repayments (
    seq      bigint        NOT NULL, -- of the event
    n        smallint      NOT NULL, -- the part's place, from 0
    clawback text COLLATE "C" NOT NULL,
    day      date          NOT NULL, -- the business date
    due_on   date,                   -- none: on no day
    amount   numeric(20,2) NOT NULL,
    CONSTRAINT a_schedule_has_each_part_once PRIMARY KEY (seq, n)
);
INSERT INTO repayments (seq, n, clawback, day, amount) SELECT seq, 0, id, ordered_on, ordered FROM clawbacks;
CREATE INDEX repayments_of_a_clawback ON repayments (clawback, seq);
CREATE TRIGGER repayments_are_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON repayments FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
