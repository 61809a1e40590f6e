-- +goose Up

-- A payout that was booked where no department has approved counts against the budgets of its clause's departments: which they are is
-- kept with it, for the answers as of the past.
ALTER TABLE payouts ADD COLUMN departments json;
