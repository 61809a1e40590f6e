-- Recoveries. One is reversed once and whole: of the past, its reversal is known if its event is, and counts if it is dated in time.
SELECT r.id AS recovery, r.clawback, r.payout, r.kept_from, r.application, r.enterprise, r.clause, r.subject_kind, r.subject, r.support_year, r.cause, r.received_on, r.booked,
    r.amount, r.interest, v.reversed, {{name "r.enterprise"}} AS enterprise_name, CASE WHEN v.reversed THEN r.reversed_on END AS reversed_on,
    CASE WHEN v.reversed THEN r.reversed_reason END AS reversed_reason, r.seq
FROM recoveries r {{names "r.enterprise"}} CROSS JOIN LATERAL (SELECT r.reversed AND {{upto "r.last_seq" "r.reversed_on"}} AS reversed) v
WHERE {{upto "r.seq" "r.received_on"}}
  AND ({state}::text IS NULL OR v.reversed = ({state} = 'reversed'))
