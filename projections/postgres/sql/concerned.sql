-- The events that bear on a question, in the order of the log: what happened to the applications and enterprises asked for,
-- whatever was posted on the accounts that they are charged on or on the lines asked for, what happened to the applications of
-- those postings, the policy with its amendments, and, of a budget year, what was appropriated and paid. OFFSET 0 keeps each look
-- along its index: how few rows are meant, the planner cannot know. The events' columns
-- have the database's collation, the details' "C", and an index serves its own only.
WITH own AS (
    SELECT id, enterprise, clause, subject_kind, subject FROM applications
    WHERE ({application}::text IS NOT NULL AND id = {application}) OR ({enterprise}::text IS NOT NULL AND enterprise = {enterprise})
), accounts AS (
    SELECT clause, subject_kind, subject FROM own
    UNION
    SELECT clause, subject_kind, subject FROM lines WHERE {enterprise}::text IS NOT NULL AND enterprise = {enterprise}
), alike AS ( -- with those of the subjects that count as one with theirs
    SELECT * FROM accounts UNION SELECT a.clause, a.subject_kind, j.other FROM accounts a JOIN joined_subjects j ON j.subject_kind = a.subject_kind AND j.subject = a.subject
), chosen AS (
    SELECT l.id, l.enterprise FROM (
        SELECT * FROM alike UNION SELECT k.carried, a.subject_kind, a.subject FROM alike a JOIN carried_clauses k ON k.clause = a.clause
    ) a, LATERAL (
        SELECT id, enterprise FROM lines WHERE clause = a.clause AND subject_kind = a.subject_kind AND subject = a.subject OFFSET 0) l
    UNION
    SELECT id, enterprise FROM lines
    WHERE {lines}::boolean AND ({line_enterprise}::text IS NULL OR enterprise = {line_enterprise}) AND ({line_clause}::text IS NULL OR clause = {line_clause})
      AND ({line_kind}::text IS NULL OR subject_kind = {line_kind}) AND ({line_subject}::text IS NULL OR subject = {line_subject})
      AND ({line_year}::smallint IS NULL OR support_year = {line_year})
), posted AS MATERIALIZED (
    SELECT j.seq, j.application FROM chosen c, LATERAL (
        SELECT seq, application FROM journal WHERE line = c.id AND seq <= {at_seq}::bigint OFFSET 0) j
    LIMIT {limit_postings}::bigint
), members AS (
    SELECT application FROM posted WHERE application IS NOT NULL
    UNION
    SELECT id FROM own
), owners AS (
    SELECT enterprise FROM chosen WHERE enterprise <> ''
    UNION
    SELECT enterprise FROM own
    UNION
    SELECT {enterprise}::text WHERE {enterprise}::text IS NOT NULL
), found AS (
    SELECT seq FROM posted
    UNION
    SELECT e.seq FROM members m, LATERAL (SELECT seq FROM events WHERE application = m.application COLLATE "default" AND seq <= {at_seq}::bigint OFFSET 0) e
    UNION
    SELECT e.seq FROM owners o, LATERAL (
        SELECT seq FROM events WHERE enterprise = o.enterprise COLLATE "default" AND application IS NULL AND seq <= {at_seq}::bigint OFFSET 0) e
    UNION
    SELECT j.seq FROM alike a JOIN joined_subjects j ON j.subject_kind = a.subject_kind AND j.subject = a.subject WHERE j.seq <= {at_seq}::bigint
    UNION
    SELECT e.seq FROM owners o, LATERAL (
        SELECT y.seq FROM event_parties y WHERE y.enterprise = o.enterprise AND y.seq <= {at_seq}::bigint OFFSET 0) e
    UNION
    SELECT seq FROM events WHERE application IS NULL AND enterprise IS NULL AND seq <= {at_seq}::bigint
       AND type IN ({policy_published}, {policy_amended}, {clause_amended})
    UNION
    SELECT seq FROM events WHERE application IS NULL AND enterprise IS NULL AND seq <= {at_seq}::bigint
       AND {budget_year}::smallint IS NOT NULL AND type = {appropriation_set}
    UNION
    SELECT seq FROM journal WHERE {budget_year}::smallint IS NOT NULL AND budget_year = {budget_year} AND kind IN ('paid', 'returned')
       AND seq <= {at_seq}::bigint
)
SELECT seq FROM found ORDER BY seq LIMIT {limit_rows}::bigint
