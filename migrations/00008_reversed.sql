-- +goose Up

-- Whoever asks for accounts asks for the recoveries that were reversed: few, and an account that one of them put over waits (R5a).
CREATE INDEX recoveries_reversed ON recoveries (clause) WHERE reversed;
