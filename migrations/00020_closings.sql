-- +goose Up

-- The few events that open, close, set or carry a budget year: whoever asks for closings, and for what moved since, asks for all of them.
CREATE INDEX events_of_budget_years ON events (seq)
    WHERE type IN ('appropriation_set', 'appropriation_carried', 'budget_year_closed', 'budget_year_reopened');
