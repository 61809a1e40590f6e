-- +goose Up

-- Lists are shown by their rows' days, the latest first, and narrowed to a range of them.
CREATE INDEX applications_by_day ON applications (submitted_on, id);
CREATE INDEX payouts_by_day ON payouts (paid_on, id);
CREATE INDEX clawbacks_by_day ON clawbacks (ordered_on, id);
CREATE INDEX recoveries_by_day ON recoveries (received_on, id);
CREATE INDEX exceptions_by_day ON exceptions (granted_on, id);
