-- Recoveries as of a position, and as they were dated up to a day where one is given. A recovery is reversed once and whole: its reversal is known
-- if its event is, and counts if it is dated in time.
SELECT r.id, coalesce(r.clawback, ''), coalesce(r.payout, ''), coalesce(r.application, ''), r.enterprise, coalesce((SELECT n.name FROM enterprise_names n WHERE n.enterprise = r.enterprise AND n.seq <= {at_seq}::bigint ORDER BY n.seq DESC LIMIT 1), ''),
    r.clause, r.subject_kind, r.subject, r.support_year, r.cause, r.received_on, r.booked, r.amount, r.interest,
    v.reversed, CASE WHEN v.reversed THEN r.reversed_on END, CASE WHEN v.reversed THEN coalesce(r.reversed_reason, '') ELSE '' END, r.seq
FROM recoveries r CROSS JOIN LATERAL (
    SELECT r.reversed AND r.last_seq <= {at_seq}::bigint AND ({on_day}::date IS NULL OR r.reversed_on <= {on_day}::date) AS reversed
) v
WHERE r.seq <= {at_seq}::bigint AND ({on_day}::date IS NULL OR r.received_on <= {on_day}::date) AND ({enterprise}::text IS NULL OR r.enterprise = {enterprise})
  AND ({application}::text IS NULL OR r.application = {application})
  AND ({clause}::text IS NULL OR r.clause = {clause})
  AND ({year}::smallint IS NULL OR r.support_year = {year})
  AND ({subject_kind}::text IS NULL OR r.subject_kind = {subject_kind})
  AND ({subject}::text IS NULL OR r.subject = {subject})
  AND ({payout}::text IS NULL OR r.payout = {payout})
  AND ({clawback}::text IS NULL OR r.clawback = {clawback})
  AND ({recovery}::text IS NULL OR r.id = {recovery})
  AND ({after_1}::text IS NULL OR r.id > {after_1})
  AND ({state}::text IS NULL OR v.reversed = ({state} = 'reversed'))
ORDER BY r.id
LIMIT {limit_rows}
