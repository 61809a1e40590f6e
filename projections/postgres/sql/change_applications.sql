-- What comes as NULL stays as it is. Where it is charged comes together, and so does what a
-- submission anew says.
UPDATE applications a SET
    clause         = coalesce(c.clause, a.clause),
    via            = CASE WHEN c.clause IS NULL THEN a.via ELSE c.via END,
    subject_kind   = coalesce(c.subject_kind, a.subject_kind),
    subject        = coalesce(c.subject, a.subject),
    project        = CASE WHEN c.title IS NULL THEN a.project ELSE c.project END,
    title          = coalesce(c.title, a.title),
    attachments    = coalesce(c.attachments::json, a.attachments),
    state          = coalesce(c.state, a.state),
    suspended      = coalesce(c.suspended, a.suspended),
    last_step_on   = coalesce(c.last_step_on::date, a.last_step_on),
    approved_on    = coalesce(c.approved_on::date, a.approved_on),
    department     = coalesce(c.department, a.department),
    clause_version = coalesce(c.clause_version, a.clause_version),
    requested      = a.requested + c.requested * 0.01,
    approved       = a.approved + c.approved * 0.01,
    paid           = a.paid + c.paid * 0.01,
    returned       = a.returned + c.returned * 0.01,
    last_seq       = c.last_seq
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::boolean[],
        $11::text[], $12::text[], $13::text[], $14::integer[], $15::bigint[], $16::bigint[], $17::bigint[], $18::bigint[], $19::bigint[])
    AS c (id, clause, via, subject_kind, subject, project, title, attachments, state, suspended, last_step_on, approved_on, department,
        clause_version, requested, approved, paid, returned, last_seq)
WHERE a.id = c.id
