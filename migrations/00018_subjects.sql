-- +goose Up

-- What is asked of a project or an award: its account, and what was posted and paid on it.
CREATE INDEX lines_of_a_subject ON lines (subject);
