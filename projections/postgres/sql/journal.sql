-- Postings.
SELECT j.seq, j.n, to_timestamp(e.recorded_ns / 1e9) AS recorded_at, j.business_date, l.enterprise, l.clause, j.via AS via_clause, l.subject_kind, l.subject,
    nullif(l.support_year, 0) AS support_year, j.budget_year, j.kind::text AS kind, j.amount, j.count AS applications, j.application, j.ref AS reference,
    e.type AS event_type, e.actor, e.role, e.department, e.clause_version, e.actor_for, e.recorded_ns
FROM journal j JOIN lines l ON l.id = j.line JOIN events e ON e.seq = j.seq
WHERE {{upto "j.seq" "j.business_date"}}
  -- An event posts on its own application only: an index has those of the events.
  [application? AND e.application = {application}::text ?]
  -- An index has the events of a person.
  [actor? AND e.actor = {actor}::text ?]
  -- What a payout, clawback, recovery or exception posted is on lines of its account.
  [reference? AND j.line IN (SELECT o.id FROM lines o JOIN (
      SELECT clause, subject_kind, subject FROM payouts WHERE id = {reference}::text
      UNION SELECT clause, subject_kind, subject FROM clawbacks WHERE id = {reference}::text
      UNION SELECT clause, subject_kind, subject FROM recoveries WHERE id = {reference}::text
      UNION SELECT clause, subject_kind, subject FROM exceptions WHERE id = {reference}::text) x USING (clause, subject_kind, subject)) ?]
  -- As the kinds that they are, of which an index has the rarer ones.
  [kind? AND j.kind = ANY ({posted_kinds}::posting_kind[]) ?]
  AND ({support_year}::smallint IS NULL OR l.support_year = {support_year})
  AND ({budget_year}::smallint IS NULL OR j.budget_year = {budget_year} AND j.kind IN ('paid', 'returned'))
  AND ({budget_clause}::text IS NULL OR (l.clause = {budget_clause} OR j.via = {budget_clause}) AND j.kind IN ('paid', 'returned'))
  -- Posting by posting, until a page is full: all payouts of a department would be looked for otherwise.
  [budget_department? AND j.kind IN ('paid', 'returned') AND (SELECT p.department = {budget_department}::text
      OR {budget_department}::text IN (SELECT json_array_elements_text(p.departments)) FROM payouts p WHERE p.id = j.ref) ?]
{{part "grouped"}}
