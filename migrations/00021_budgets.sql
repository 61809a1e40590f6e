-- +goose Up

-- A budget is of the fund, of a clause, of a department, or of a department under a clause; what was set first, what it was adjusted to since and
-- what was carried into the year, less what was carried out of it, stand apart.
--
-- The tables are emptied first: whoever projects next fills them from the log, these with them.
ALTER TABLE journal DISABLE TRIGGER the_journal_is_append_only;
ALTER TABLE events DISABLE TRIGGER events_are_append_only;
ALTER TABLE tree_nodes DISABLE TRIGGER the_tree_is_append_only;
ALTER TABLE crossings DISABLE TRIGGER crossings_are_append_only;
TRUNCATE checkpoint, events, tree_nodes, lines, journal, policies, clauses, clause_versions, clause_caps, enterprises, enterprise_names, applications,
    instalments, payouts, clawbacks, recoveries, exceptions, budgets, findings, crossings;
ALTER TABLE journal ENABLE TRIGGER the_journal_is_append_only;
ALTER TABLE events ENABLE TRIGGER events_are_append_only;
ALTER TABLE tree_nodes ENABLE TRIGGER the_tree_is_append_only;
ALTER TABLE crossings ENABLE TRIGGER crossings_are_append_only;

ALTER TABLE budgets DROP CONSTRAINT a_scope_has_one_budget_a_year, DROP CONSTRAINT a_budget_is_a_clauses_or_a_departments, DROP COLUMN amount,
    ADD COLUMN clause text COLLATE "C" NOT NULL, -- the scope itself, or what a department has a share of; empty for a department and the fund
    ADD COLUMN initial numeric(20,2), -- none set
    ADD COLUMN adjusted numeric(20,2), -- not adjusted
    ADD COLUMN carried numeric(20,2) NOT NULL,
    ADD COLUMN returned numeric(20,2) NOT NULL,
    ADD COLUMN planned numeric(20,2) NOT NULL, -- committed, not paid, and planned for the year
    ADD CONSTRAINT a_scope_has_one_budget_a_year PRIMARY KEY (budget_year, scope_kind, scope, clause),
    ADD CONSTRAINT a_budget_has_a_scope CHECK (scope_kind IN ('clause', 'clause_department', 'department', 'fund')),
    ADD CONSTRAINT what_is_planned_is_never_below_nought CHECK (planned >= 0);

-- What each event adds to what is planned of an instalment for a month, or uses up of it.
CREATE TABLE plan_moves (
    seq          bigint        NOT NULL, -- of the event
    n            smallint      NOT NULL, -- its place among the event's, from 0
    application  text COLLATE "C" NOT NULL,
    support_year smallint      NOT NULL,
    month        text COLLATE "C" NOT NULL, -- such as 2027-03
    day          date          NOT NULL, -- the business date
    amount       numeric(20,2) NOT NULL,
    CONSTRAINT an_event_moves_a_plan_once PRIMARY KEY (seq, n)
);
CREATE INDEX plans_of_an_application ON plan_moves (application, support_year, month);
CREATE TRIGGER plan_moves_are_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON plan_moves FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
