-- +goose Up

-- A payout that was booked where no department has approved counts against the budgets of its clause's departments: which they are is
-- kept with it, for the answers as of the past. A booking that is reversed stays, and says so.
ALTER TABLE payouts
    ADD COLUMN departments json,
    ADD COLUMN reversed_on date,
    ADD COLUMN reversed_reason text,
    ADD COLUMN reversed_seq bigint, -- of the event
    ADD CONSTRAINT only_bookings_are_reversed CHECK (reversed_on IS NULL OR booked);
