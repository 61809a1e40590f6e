-- +goose Up

-- A payout to an enterprise that owes is split into what is kept back, which is a recovery, and what is paid. Neither changes once it is made.
ALTER TABLE payouts ADD COLUMN kept_back numeric(20,2) NOT NULL DEFAULT 0.00;
ALTER TABLE recoveries ADD COLUMN kept_from text COLLATE "C"; -- the payout; none: money came in
