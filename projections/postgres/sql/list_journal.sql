-- Postings in the order of the log, up to a position, and dated up to a day where one is given.
SELECT j.seq, j.n::bigint, e.recorded_ns, j.business_date, l.enterprise, l.clause, coalesce(j.via, ''), l.subject_kind, l.subject, l.support_year, j.kind::text, j.amount,
    coalesce(j.application, ''), coalesce(j.ref, ''), e.type, e.actor
FROM journal j JOIN lines l ON l.id = j.line JOIN events e ON e.seq = j.seq
WHERE j.seq <= {at_seq}::bigint
  AND ({on_day}::date IS NULL OR j.business_date <= {on_day}::date)
  AND ({enterprise}::text IS NULL OR l.enterprise = {enterprise})
  AND ({application}::text IS NULL OR j.application = {application})
  AND ({clause}::text IS NULL OR l.clause = {clause})
  AND ({subject_kind}::text IS NULL OR l.subject_kind = {subject_kind})
  AND ({subject}::text IS NULL OR l.subject = {subject})
  AND ({year}::smallint IS NULL OR l.support_year = {year})
  AND ({support_year}::smallint IS NULL OR l.support_year = {support_year})
  AND ({kinds}::text[] IS NULL OR j.kind::text = ANY({kinds}))
  AND ({reference}::text IS NULL OR j.ref = {reference})
  AND ({event}::bigint IS NULL OR j.seq = {event})
  AND ({budget_year}::smallint IS NULL OR j.budget_year = {budget_year} AND j.kind IN ('paid', 'returned'))
  AND ({budget_clause}::text IS NULL OR (l.clause = {budget_clause} OR j.via = {budget_clause}) AND j.kind IN ('paid', 'returned'))
  AND ({budget_department}::text IS NULL OR j.kind IN ('paid', 'returned')
      AND EXISTS (SELECT FROM payouts p WHERE p.id = j.ref AND p.department = {budget_department}))
  AND ({after_1}::bigint IS NULL OR (j.seq, j.n) > ({after_1}, {after_2}))
ORDER BY j.seq, j.n
LIMIT {limit_rows}
