-- +goose Up

-- Which projects are registered, and which are one, is told from the events that say so.
CREATE INDEX events_of_projects ON events (seq) WHERE type IN ('project_registered', 'projects_joined');
