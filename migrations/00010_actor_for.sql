-- +goose Up

-- In whose place the actor acted, as their deputy: it is asked for wherever the actor is. Events that were projected before have none.
ALTER TABLE events ADD COLUMN actor_for text;
