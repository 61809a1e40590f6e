-- +goose Up

-- What was decided, by clause: the decisions of one are held against each other.
CREATE INDEX decisions_under_a_clause ON events (clause, application, seq) WHERE type IN ('application_approved', 'application_rejected');
