-- The payouts of the log's beginning, as their events have them.
SELECT p.id AS payout, p.seq, p.enterprise, coalesce(p.via, p.clause) AS clause, p.support_year, coalesce(p.department, '') AS department, p.paid_on, coalesce(p.voucher, '') AS voucher, p.amount, p.amount - p.kept_back AS paid_out
FROM payouts p
WHERE p.seq <= {at_seq}::bigint
ORDER BY p.seq
LIMIT {limit_rows}::bigint
