-- Recoveries by id.
SELECT r.id, coalesce(r.clawback, ''), coalesce(r.payout, ''), coalesce(r.application, ''), r.enterprise, coalesce(e.name, ''), r.clause, r.subject_kind, r.subject,
    r.support_year, r.cause, r.received_on, r.booked, r.amount, r.interest, r.reversed, r.reversed_on, coalesce(r.reversed_reason, ''), r.seq
FROM recoveries r LEFT JOIN enterprises e ON e.id = r.enterprise
WHERE ({enterprise}::text IS NULL OR r.enterprise = {enterprise})
  AND ({application}::text IS NULL OR r.application = {application})
  AND ({clause}::text IS NULL OR r.clause = {clause})
  AND ({year}::smallint IS NULL OR r.support_year = {year})
  AND ({subject_kind}::text IS NULL OR r.subject_kind = {subject_kind})
  AND ({subject}::text IS NULL OR r.subject = {subject})
  AND ({payout}::text IS NULL OR r.payout = {payout})
  AND ({clawback}::text IS NULL OR r.clawback = {clawback})
  AND ({recovery}::text IS NULL OR r.id = {recovery})
  AND ({after_1}::text IS NULL OR r.id > {after_1})
  AND ({state}::text IS NULL OR r.reversed = ({state} = 'reversed'))
ORDER BY r.id
LIMIT {limit_rows}
