-- What analysts see. The views stand in a schema of their own, keep their names and columns for ever, and are made anew after
-- every migration and rebuild. All amounts are numeric(18,2), exact; days are those of Asia/Shanghai.
CREATE SCHEMA IF NOT EXISTS analyst;

CREATE OR REPLACE VIEW analyst.v_totals AS
{totals};

CREATE OR REPLACE VIEW analyst.v_accounts AS
{accounts};

CREATE OR REPLACE VIEW analyst.v_journal AS
SELECT j.seq, j.n, to_timestamp(e.recorded_ns / 1e9) AS recorded_at, j.business_date, l.enterprise, l.clause, j.via AS via_clause, l.subject_kind, l.subject,
    nullif(l.support_year, 0) AS support_year, j.budget_year, j.kind::text AS kind, j.amount, j.count AS applications, j.application, j.ref AS reference,
    e.type AS event_type, e.actor, e.role, e.department, e.clause_version
FROM journal j JOIN lines l ON l.id = j.line JOIN events e ON e.seq = j.seq;

CREATE OR REPLACE VIEW analyst.v_events AS
SELECT seq, to_timestamp(recorded_ns / 1e9) AS recorded_at, business_date, type AS event_type, version, subject, command, command_id, actor, role, department,
    imported_by, clause_version, application, enterprise, clause, data
FROM events;

CREATE OR REPLACE VIEW analyst.v_enterprises AS
SELECT id AS enterprise, name, industry, restricted AS credit_restricted, admitted, registered_on FROM enterprises;

CREATE OR REPLACE VIEW analyst.v_applications AS
SELECT a.id AS application, a.enterprise, e.name AS enterprise_name, a.clause, a.via AS via_clause, a.subject_kind, a.subject, a.title, a.state, a.suspended,
    a.submitted_on, a.approved_on, a.department, a.clause_version, a.requested, a.approved, a.paid, a.returned
FROM applications a LEFT JOIN enterprises e ON e.id = a.enterprise;

CREATE OR REPLACE VIEW analyst.v_instalments AS
SELECT application, support_year, requested, approved, paid, approved - paid AS unpaid FROM instalments;

CREATE OR REPLACE VIEW analyst.v_payouts AS
SELECT p.id AS payout, p.application, p.enterprise, e.name AS enterprise_name, p.clause, p.via AS via_clause, p.subject_kind, p.subject, p.support_year,
    p.budget_year, p.paid_on, p.voucher, p.department, p.booked, p.amount, p.outside, p.returned, p.ordered AS clawback_ordered, p.waived AS clawback_waived,
    p.recovered, p.findings
FROM payouts p LEFT JOIN enterprises e ON e.id = p.enterprise;

CREATE OR REPLACE VIEW analyst.v_clawbacks AS
SELECT c.id AS clawback, c.payout, c.application, c.enterprise, e.name AS enterprise_name, c.clause, c.subject_kind, c.subject, c.support_year, c.cause,
    c.ordered_on, c.ordered_by, c.reason, c.ordered, c.waived, c.recovered, c.interest, c.outstanding
FROM clawbacks c LEFT JOIN enterprises e ON e.id = c.enterprise;

CREATE OR REPLACE VIEW analyst.v_recoveries AS
SELECT id AS recovery, clawback, payout, application, enterprise, clause, subject_kind, subject, support_year, cause, received_on, booked, amount, interest, reversed
FROM recoveries;

CREATE OR REPLACE VIEW analyst.v_exceptions AS
SELECT id AS exception, clause, subject_kind, subject, support_year, amount, revoked, amount - revoked AS in_force, document, granted_on, granted_by FROM exceptions;

CREATE OR REPLACE VIEW analyst.v_appropriations AS
SELECT budget_year, scope_kind, scope, amount AS appropriation, paid, amount - paid AS remaining, document, set_on FROM budgets;

CREATE OR REPLACE VIEW analyst.v_clauses AS
SELECT c.id AS clause, c.name_zh, c.name_en, c.source, c.departments, c.industries, c.refers_to, c.subject_kind, c.period, c.stronger AS stronger_support,
    v.version, v.cap, v.effective_on, v.retroactive, v.document
FROM clauses c LEFT JOIN clause_versions v ON v.clause = c.id;

DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'fundledger_readers') THEN
        CREATE ROLE fundledger_readers NOLOGIN;
    END IF;
EXCEPTION
    -- Another session made it at the same time, or this one may not: then the database's owner makes it.
    WHEN unique_violation OR duplicate_object OR insufficient_privilege THEN NULL;
END $$;
DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'fundledger_readers') THEN
        GRANT USAGE ON SCHEMA analyst TO fundledger_readers;
        GRANT SELECT ON ALL TABLES IN SCHEMA analyst TO fundledger_readers;
    END IF;
END $$;
