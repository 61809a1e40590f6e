-- What comes as NULL stays as it is. Where it is charged comes together. Of one that was voided and submitted again, what was decided is no more.
UPDATE applications a SET
    enterprise     = coalesce(c.enterprise, a.enterprise),
    clause         = coalesce(c.clause, a.clause),
    via            = CASE WHEN c.clause IS NULL THEN a.via ELSE c.via END,
    subject_kind   = coalesce(c.subject_kind, a.subject_kind),
    subject        = coalesce(c.subject, a.subject),
    project        = CASE WHEN c.project IS NULL THEN a.project ELSE nullif(c.project, '') END,
    title          = coalesce(c.title, a.title),
    attachments    = coalesce(c.attachments::json, a.attachments),
    state          = coalesce(c.state, a.state),
    suspended      = coalesce(c.suspended, a.suspended),
    submitted_on   = coalesce(c.submitted_on::date, a.submitted_on),
    last_step_on   = coalesce(c.last_step_on::date, a.last_step_on),
    approved_on    = CASE WHEN c.renewed THEN c.approved_on::date ELSE coalesce(c.approved_on::date, a.approved_on) END,
    department     = CASE WHEN c.renewed THEN c.department ELSE coalesce(c.department, a.department) END,
    clause_version = coalesce(c.clause_version, a.clause_version),
    requested      = a.requested + c.requested * 0.01,
    approved       = a.approved + c.approved * 0.01,
    paid           = a.paid + c.paid * 0.01,
    returned       = a.returned + c.returned * 0.01,
    replaces       = coalesce(c.replaces, a.replaces),
    last_seq       = c.last_seq
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::boolean[],
        $12::boolean[], $13::text[], $14::text[], $15::text[], $16::text[], $17::integer[], $18::bigint[], $19::bigint[], $20::bigint[], $21::bigint[],
        $22::text[], $23::bigint[])
    AS c (id, enterprise, clause, via, subject_kind, subject, project, title, attachments, state, suspended, renewed, submitted_on, last_step_on, approved_on,
        department, clause_version, requested, approved, paid, returned, replaces, last_seq)
WHERE a.id = c.id
