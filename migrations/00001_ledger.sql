-- +goose Up

-- One row: how far the log is projected. It is locked first and written last in every transaction that projects, so an
-- event is in the tables exactly if its position is not beyond it, and two projectors cannot both win.
CREATE TABLE checkpoint (
    only_row   boolean NOT NULL DEFAULT true,
    seq        bigint  NOT NULL,
    moment_ns  bigint  NOT NULL, -- the latest moment of recording so far, in nanoseconds since 1970
    stream     text    NOT NULL,
    fund       text    NOT NULL,
    lines      bigint  NOT NULL, -- the highest line id: ids are given in the order in which lines first appear, so a rebuild gives the same
    generation uuid    NOT NULL, -- of these tables: a projector that remembers line ids of other tables sees it
    CONSTRAINT there_is_one_checkpoint PRIMARY KEY (only_row),
    CONSTRAINT the_checkpoint_is_the_only_row CHECK (only_row),
    CONSTRAINT positions_count_from_nought CHECK (seq >= 0 AND lines >= 0)
);

CREATE TYPE posting_kind AS ENUM ('requested', 'approved', 'outside', 'paid', 'returned', 'clawback_ordered', 'clawback_waived',
    'recovered_error', 'recovered_breach', 'interest', 'exception');

-- The events as they lie on the log. "data" is json, not jsonb, because the exact bytes are what is proven.
CREATE TABLE events (
    seq            bigint   NOT NULL,
    recorded_ns    bigint   NOT NULL, -- to the nanosecond, as the proof needs it; timestamptz would cut it
    moment_ns      bigint   NOT NULL, -- the latest recorded_ns up to here: clocks may step back, answers as of a moment may not
    subject        text     NOT NULL,
    type           text     NOT NULL,
    version        smallint NOT NULL,
    command        text     NOT NULL,
    command_id     text     NOT NULL,
    command_index  integer  NOT NULL,
    correlation_id text,              -- where it is not the command's id
    actor          text     NOT NULL,
    role           text     NOT NULL,
    department     text,
    imported_by    text,
    business_date  date     NOT NULL,
    clause_version integer,
    entity_kind    text     NOT NULL,
    entity_id      text     NOT NULL,
    application    text,
    enterprise     text,
    clause         text,
    data           json     NOT NULL,
    CONSTRAINT an_event_has_one_position PRIMARY KEY (seq),
    CONSTRAINT event_positions_count_from_one CHECK (seq > 0),
    CONSTRAINT a_moment_is_not_before_its_recording CHECK (moment_ns >= recorded_ns)
);
CREATE INDEX events_up_to_a_moment ON events (moment_ns, seq);
CREATE INDEX events_of_an_application ON events (application, seq) WHERE application IS NOT NULL;
CREATE INDEX events_of_an_enterprise ON events (enterprise, seq) WHERE enterprise IS NOT NULL;
CREATE INDEX events_of_neither ON events (seq) WHERE application IS NULL AND enterprise IS NULL;

-- A line is one enterprise's part of an account in a support year, with the sums of its postings. Everything shown in
-- totals is added up from here. The enterprise is '' for exceptions of projects and awards; the year is 0 for the total.
-- Room is left on the pages: a line is updated far more often than it is made, and in place.
CREATE TABLE lines (
    id               bigint        NOT NULL,
    enterprise       text COLLATE "C" NOT NULL,
    clause           text COLLATE "C" NOT NULL,
    subject_kind     text COLLATE "C" NOT NULL,
    subject          text COLLATE "C" NOT NULL,
    support_year     smallint      NOT NULL,
    first_seq        bigint        NOT NULL,
    last_seq         bigint        NOT NULL,
    applications     bigint        NOT NULL,
    requested        numeric(18,2) NOT NULL,
    approved         numeric(18,2) NOT NULL,
    outside          numeric(18,2) NOT NULL,
    paid             numeric(18,2) NOT NULL,
    returned         numeric(18,2) NOT NULL,
    clawback_ordered numeric(18,2) NOT NULL,
    clawback_waived  numeric(18,2) NOT NULL,
    recovered_error  numeric(18,2) NOT NULL,
    recovered_breach numeric(18,2) NOT NULL,
    interest         numeric(18,2) NOT NULL,
    exceptions       numeric(18,2) NOT NULL,
    CONSTRAINT a_line_has_one_id PRIMARY KEY (id),
    CONSTRAINT an_enterprise_has_one_line_an_account_and_year UNIQUE (enterprise, clause, support_year, subject_kind, subject),
    CONSTRAINT a_subject_is_an_enterprise_a_project_or_an_award CHECK (subject_kind IN ('enterprise', 'project', 'award')),
    CONSTRAINT sums_of_a_line_are_never_negative CHECK (applications >= 0 AND requested >= 0 AND approved >= 0 AND outside >= 0
        AND paid >= 0 AND returned >= 0 AND clawback_ordered >= 0 AND clawback_waived >= 0 AND recovered_error >= 0
        AND recovered_breach >= 0 AND interest >= 0 AND exceptions >= 0)
) WITH (fillfactor = 70);
CREATE INDEX lines_of_an_account ON lines (clause, subject_kind, subject, support_year);
CREATE INDEX lines_of_a_clause_and_year ON lines (clause, support_year, enterprise);

-- The journal: every amount ever posted, signed. Nothing here is changed or deleted (see the triggers below).
CREATE TABLE journal (
    seq           bigint        NOT NULL, -- of the event
    n             smallint      NOT NULL, -- the posting's place in it
    line          bigint        NOT NULL,
    kind          posting_kind  NOT NULL,
    count         smallint      NOT NULL, -- applications
    amount        numeric(18,2) NOT NULL,
    business_date date          NOT NULL,
    budget_year   smallint,
    via           text,
    application   text,
    ref           text,                   -- the payout, clawback, recovery or exception
    CONSTRAINT an_event_has_each_posting_once PRIMARY KEY (seq, n),
    CONSTRAINT only_requests_are_counted CHECK (count = 0 OR kind = 'requested'),
    CONSTRAINT a_posting_moves_something CHECK (amount <> 0 OR count <> 0)
);
CREATE INDEX postings_of_a_line ON journal (line, seq);

-- +goose StatementBegin
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'table % is append-only: correct a mistake with a compensating event, or rebuild the tables from the log', TG_TABLE_NAME;
END $$;
-- +goose StatementEnd
CREATE TRIGGER the_journal_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON journal FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER events_are_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON events FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
