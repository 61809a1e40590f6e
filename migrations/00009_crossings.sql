-- +goose Up

-- What an event carried across 90 %, to 100 % or over its room, and what fell below again: an account (a support year of it, or all years
-- where its cap is a total), or an appropriation. A notice is a crossing upwards. The level told last is the latest crossing's, so no
-- table of levels is kept beside, and no row here ever changes.
--
-- The tables are emptied first: whoever projects next fills them from the log, these with them.
ALTER TABLE journal DISABLE TRIGGER the_journal_is_append_only;
ALTER TABLE events DISABLE TRIGGER events_are_append_only;
ALTER TABLE tree_nodes DISABLE TRIGGER the_tree_is_append_only;
TRUNCATE checkpoint, events, tree_nodes, lines, journal, policies, clauses, clause_versions, clause_caps, enterprises, enterprise_names, applications,
    instalments, payouts, clawbacks, recoveries, exceptions, budgets, findings;
ALTER TABLE journal ENABLE TRIGGER the_journal_is_append_only;
ALTER TABLE events ENABLE TRIGGER events_are_append_only;
ALTER TABLE tree_nodes ENABLE TRIGGER the_tree_is_append_only;

CREATE TYPE level AS ENUM ('ok', 'near', 'full', 'over');

CREATE TABLE crossings (
    seq         bigint   NOT NULL, -- of the event
    place       integer  NOT NULL, -- among its crossings, from 1, those upwards first
    scope_kind  text COLLATE "C" NOT NULL, -- enterprise, project or award: an account; clause or department: an appropriation
    scope       text COLLATE "C" NOT NULL,
    clause      text COLLATE "C" NOT NULL, -- '' for a department's appropriation
    year        smallint NOT NULL, -- the support year, 0 for all years together; or the budget year
    before      level    NOT NULL,
    after       level    NOT NULL,
    room        numeric(20,2),     -- cap and exceptions, or the appropriation; none where a cap is stated no more
    used_before numeric(20,2) NOT NULL,
    used_after  numeric(20,2) NOT NULL,
    CONSTRAINT an_event_has_each_crossing_once PRIMARY KEY (seq, place),
    -- A constraint and not an index, for a verification folds the log into tables that have these only.
    CONSTRAINT an_event_carries_an_account_across_once UNIQUE (scope_kind, scope, clause, year, seq),
    CONSTRAINT a_crossing_changes_the_level CHECK (before <> after)
);
CREATE INDEX crossings_under_a_clause ON crossings (clause, seq, place) WHERE after > before;
CREATE TRIGGER crossings_are_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON crossings FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Every batch asks for the lines of the accounts that it moves: a verification's too, so what finds them is the constraint, and what finds
-- an enterprise's lines, which questions alone ask for, the index.
ALTER TABLE lines DROP CONSTRAINT an_enterprise_has_one_line_an_account_and_year,
    ADD CONSTRAINT an_enterprise_has_one_line_an_account_and_year UNIQUE (clause, subject_kind, subject, support_year, enterprise);
DROP INDEX lines_of_an_account;
CREATE INDEX lines_of_an_enterprise ON lines (enterprise, clause, support_year, subject_kind, subject);
