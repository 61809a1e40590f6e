-- +goose Up

-- The few events that make offers and answer them: the list of offers is made of them.
CREATE INDEX events_of_offers ON events (seq) WHERE type IN ('support_offered', 'offer_confirmed', 'offer_declined');
