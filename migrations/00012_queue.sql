-- +goose Up

-- What is approved and not paid yet is asked for every morning; of what was approved over the years it is a small part.
CREATE INDEX instalments_unpaid ON instalments (application) WHERE paid < approved;
