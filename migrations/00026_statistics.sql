-- +goose Up

-- The few events that say of which industry an enterprise is: statistics ask for all of them.
CREATE INDEX industries_of_enterprises ON events (enterprise, seq) WHERE type IN ('enterprise_registered', 'enterprise_corrected');
