-- +goose Up

-- What is known of enterprises and projects: a row for each time that a value was recorded, confirmed or corrected. The latest of a period is what is known.
CREATE TABLE fact_values (
    seq         bigint  NOT NULL, -- of the event
    enterprise  text COLLATE "C" NOT NULL, -- '': of a project
    project     text COLLATE "C" NOT NULL, -- '': of an enterprise
    fact        text COLLATE "C" NOT NULL,
    period      text COLLATE "C" NOT NULL, -- 2025, 2025-03 or 2025-03-01
    day         date    NOT NULL, -- the business date
    value       text    NOT NULL,
    previous    text    NOT NULL, -- '': it was not corrected
    unit        text    NOT NULL,
    means       text COLLATE "C" NOT NULL, -- the matter that the rules or statistics ask it for; '': none
    sensitive   boolean NOT NULL,
    pending     boolean NOT NULL, -- it waits for a second department
    department  text COLLATE "C" NOT NULL,
    confirmed   text COLLATE "C" NOT NULL, -- the second department; '': none
    document    text    NOT NULL,
    sha256      text    NOT NULL,
    actor       text COLLATE "C" NOT NULL,
    CONSTRAINT an_event_says_one_value PRIMARY KEY (seq),
    CONSTRAINT a_fact_is_of_an_enterprise_or_a_project CHECK ((enterprise = '') <> (project = ''))
);
CREATE INDEX facts_of_somebody ON fact_values (enterprise, project, fact, period, seq);
CREATE INDEX values_of_a_fact ON fact_values (fact, period, seq);
CREATE TRIGGER fact_values_are_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON fact_values FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
