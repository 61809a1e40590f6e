-- +goose Up

-- What one search looks things up by, beside their ids. Of a text its beginning is enough, and an index takes no more of a long one.
CREATE INDEX payouts_of_a_voucher ON payouts (left(voucher, 100) COLLATE "C") WHERE voucher IS NOT NULL;
CREATE INDEX payouts_of_an_amount ON payouts (amount);
CREATE INDEX applications_of_a_project ON applications (left(project, 100) COLLATE "C") WHERE project IS NOT NULL;
CREATE INDEX applications_of_an_amount ON applications (requested);
