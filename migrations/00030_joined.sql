-- +goose Up

-- Which subjects count as one with another: an enterprise that was taken over, with the one that took it over; from the event on that says so. Each two
-- stand twice, so that whatever a subject is one with is found by it.
CREATE TABLE joined_subjects (
    subject_kind  text COLLATE "C" NOT NULL,
    subject       text COLLATE "C" NOT NULL,
    other         text COLLATE "C" NOT NULL,
    seq           bigint NOT NULL,
    business_date date   NOT NULL,
    CONSTRAINT a_subject_is_joined_with_another_once PRIMARY KEY (subject_kind, subject, other)
);
CREATE INDEX joined_by_an_event ON joined_subjects (seq);
CREATE TRIGGER joined_subjects_are_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON joined_subjects FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- The enterprises that an event happened to besides the one that it stands with: their histories have it too.
CREATE TABLE event_parties (
    enterprise text COLLATE "C" NOT NULL,
    seq        bigint NOT NULL,
    type       text   NOT NULL, -- of the event
    CONSTRAINT an_event_has_a_party_once PRIMARY KEY (enterprise, seq)
);
CREATE TRIGGER event_parties_are_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON event_parties FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
INSERT INTO event_parties (enterprise, seq, type) SELECT data ->> 'b', seq, type FROM events WHERE type IN ('enterprises_linked', 'link_ended');

-- Mergers are told from the events that say so.
CREATE INDEX events_of_mergers ON events (seq) WHERE type = 'enterprises_merged';
