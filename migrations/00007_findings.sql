-- +goose Up

-- Few events have findings, and whoever asks for them asks for all.
CREATE INDEX events_with_findings ON events (seq) WHERE (data -> 'findings') IS NOT NULL;
