-- +goose Up

-- Evaluations that were given, and what was put right after them, are told from the few events that say so.
CREATE INDEX events_of_evaluations ON events (seq) WHERE type IN ('evaluation_recorded', 'rectification_recorded');
