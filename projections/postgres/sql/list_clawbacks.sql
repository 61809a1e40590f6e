-- Clawbacks from the oldest order on.
SELECT c.id, c.payout, coalesce(c.application, ''), c.enterprise, coalesce(e.name, ''), c.clause, c.support_year, c.cause, c.ordered_on,
    CASE WHEN c.outstanding > 0 THEN ({at_day}::date - c.ordered_on)::bigint ELSE 0 END, c.ordered, c.waived, c.recovered, c.interest, c.outstanding, c.reason, c.seq
FROM clawbacks c LEFT JOIN enterprises e ON e.id = c.enterprise
WHERE ({enterprise}::text IS NULL OR c.enterprise = {enterprise})
  AND ({application}::text IS NULL OR c.application = {application})
  AND ({clause}::text IS NULL OR c.clause = {clause})
  AND ({year}::smallint IS NULL OR c.support_year = {year})
  AND ({subject_kind}::text IS NULL OR c.subject_kind = {subject_kind})
  AND ({subject}::text IS NULL OR c.subject = {subject})
  AND ({payout}::text IS NULL OR c.payout = {payout})
  AND ({clawback}::text IS NULL OR c.id = {clawback})
  AND ({after_1}::text IS NULL OR (c.ordered_on, c.id) > ({after_1}::date, {after_2}))
  AND ({state}::text IS NULL OR c.outstanding > 0)
ORDER BY c.ordered_on, c.id
LIMIT {limit_rows}
