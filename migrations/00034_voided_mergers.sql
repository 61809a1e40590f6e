-- +goose Up

-- A merger that was recorded by mistake is voided: its two sides stand apart from that event on, and may be joined once more later. A row that parts two
-- subjects stands beside the one that joined them, for rows do not change.
ALTER TABLE joined_subjects ADD COLUMN parted boolean NOT NULL DEFAULT false;
ALTER TABLE joined_subjects DROP CONSTRAINT a_subject_is_joined_with_another_once;
ALTER TABLE joined_subjects ADD CONSTRAINT an_event_joins_or_parts_two_subjects_once PRIMARY KEY (subject_kind, subject, other, seq);

CREATE INDEX events_of_voided_mergers ON events (seq) WHERE type = 'merger_voided';
