-- Payouts by id.
SELECT p.id, coalesce(p.application, ''), p.enterprise, coalesce(e.name, ''), p.clause, p.subject, p.support_year, p.budget_year::bigint, p.paid_on,
    coalesce(p.voucher, ''), p.booked, p.amount, p.returned, p.ordered, p.waived, p.recovered, p.seq
FROM payouts p LEFT JOIN enterprises e ON e.id = p.enterprise
WHERE ({enterprise}::text IS NULL OR p.enterprise = {enterprise})
  AND ({application}::text IS NULL OR p.application = {application})
  AND ({clause}::text IS NULL OR p.clause = {clause})
  AND ({year}::smallint IS NULL OR p.support_year = {year})
  AND ({subject_kind}::text IS NULL OR p.subject_kind = {subject_kind})
  AND ({subject}::text IS NULL OR p.subject = {subject})
  AND ({payout}::text IS NULL OR p.id = {payout})
  AND ({after_1}::text IS NULL OR p.id > {after_1})
ORDER BY p.id
LIMIT {limit_rows}
