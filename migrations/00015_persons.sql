-- +goose Up

-- What each person did, the latest first; and who there is, without a look at every event.
CREATE INDEX events_of_a_person ON events (actor, seq);
