-- +goose Up

-- A voided application asks for nothing any more, and its id may come again, as one that names it.
ALTER TABLE applications ADD COLUMN replaces text COLLATE "C";
ALTER TABLE applications DROP CONSTRAINT an_application_stands_somewhere;
ALTER TABLE applications ADD CONSTRAINT an_application_stands_somewhere
    CHECK (state IN ('submitted', 'accepted', 'returned', 'approved', 'rejected', 'withdrawn', 'voided'));
ALTER TABLE applications DROP CONSTRAINT amounts_of_an_application_are_never_negative;
ALTER TABLE applications ADD CONSTRAINT amounts_of_an_application_are_never_negative
    CHECK ((requested > 0 OR state = 'voided' AND requested = 0) AND approved >= 0 AND paid >= 0 AND returned >= 0);
