-- +goose Up

CREATE TABLE policies (
    fund         text   NOT NULL,
    seq          bigint NOT NULL,
    published_on date   NOT NULL,
    title_zh     text   NOT NULL,
    title_en     text   NOT NULL,
    issued_on    date   NOT NULL,
    term_from    date   NOT NULL,
    term_to      date   NOT NULL,
    currency     text   NOT NULL,
    hash         text   NOT NULL,
    data         json   NOT NULL,
    CONSTRAINT a_fund_has_one_policy PRIMARY KEY (fund)
);

CREATE TABLE clauses (
    id           text COLLATE "C" NOT NULL,
    position     smallint NOT NULL, -- in the policy, from 1
    name_zh      text     NOT NULL,
    name_en      text     NOT NULL,
    source       text     NOT NULL,
    departments  text[]   NOT NULL,
    industries   text[]   NOT NULL,
    refers_to    text[]   NOT NULL,
    subject_kind text,              -- none: the clause has no accounts of its own
    period       text,
    stronger     boolean  NOT NULL,
    CONSTRAINT a_clause_has_one_row PRIMARY KEY (id),
    CONSTRAINT a_cap_counts_by_year_or_in_total CHECK (period IN ('year', 'total'))
);

CREATE TABLE clause_versions (
    clause       text COLLATE "C" NOT NULL,
    version      integer NOT NULL,
    cap          numeric(18,2),     -- none stated
    effective_on date    NOT NULL,
    retroactive  boolean NOT NULL,
    document     text    NOT NULL,
    seq          bigint  NOT NULL,
    decided_on   date    NOT NULL,
    CONSTRAINT a_clause_has_each_version_once PRIMARY KEY (clause, version),
    CONSTRAINT a_cap_is_above_nought CHECK (cap > 0)
);

-- What the versions known at a position say for every day: the cap in force, and the cap that earlier approvals stand under.
-- The rules that tell them from the versions are the domain's alone; their answers are written down here, from each day
-- on which one changes, so that every query can join them.
CREATE TABLE clause_caps (
    clause    text COLLATE "C" NOT NULL,
    known_seq bigint NOT NULL,
    from_day  date   NOT NULL,
    cap       numeric(18,2),
    standing  numeric(18,2),
    CONSTRAINT a_clause_has_one_cap_a_day PRIMARY KEY (clause, known_seq, from_day)
);

CREATE TABLE enterprises (
    id            text COLLATE "C" NOT NULL,
    name          text     NOT NULL,
    industry      text     NOT NULL,
    restricted    boolean  NOT NULL,
    admitted      boolean  NOT NULL,
    registered_on date     NOT NULL,
    first_seq     bigint   NOT NULL,
    last_seq      bigint   NOT NULL,
    initials      text     NOT NULL, -- of the name's pinyin, and its letters
    search        tsvector NOT NULL, -- pairs of neighbouring characters: two characters are a word in Chinese
    CONSTRAINT an_enterprise_has_one_row PRIMARY KEY (id)
);
CREATE INDEX enterprises_by_pairs_of_characters ON enterprises USING gin (search);
CREATE INDEX enterprises_by_initials ON enterprises (initials text_pattern_ops);
CREATE INDEX enterprises_by_name ON enterprises (name COLLATE "zh-Hans-x-icu", id);

CREATE TABLE enterprise_names (
    enterprise text COLLATE "C" NOT NULL,
    seq        bigint NOT NULL,
    from_day   date   NOT NULL,
    name       text   NOT NULL,
    CONSTRAINT an_event_gives_one_name PRIMARY KEY (enterprise, seq)
);

CREATE TABLE applications (
    id             text COLLATE "C" NOT NULL,
    enterprise     text COLLATE "C" NOT NULL,
    clause         text COLLATE "C" NOT NULL, -- whose account is charged
    via            text COLLATE "C",          -- the by-reference clause that was applied for, if any
    subject_kind   text     NOT NULL,
    subject        text     NOT NULL,
    project        text,
    title          text     NOT NULL,
    attachments    json     NOT NULL,
    state          text     NOT NULL,
    suspended      boolean  NOT NULL,
    submitted_on   date     NOT NULL,
    last_step_on   date     NOT NULL,
    approved_on    date,
    department     text,                      -- that approved
    clause_version integer  NOT NULL,
    requested      numeric(18,2) NOT NULL,
    approved       numeric(18,2) NOT NULL,
    paid           numeric(18,2) NOT NULL,
    returned       numeric(18,2) NOT NULL,
    first_seq      bigint   NOT NULL,
    last_seq       bigint   NOT NULL,
    CONSTRAINT an_application_has_one_row PRIMARY KEY (id),
    CONSTRAINT an_application_stands_somewhere CHECK (state IN ('submitted', 'accepted', 'returned', 'approved', 'rejected', 'withdrawn')),
    CONSTRAINT amounts_of_an_application_are_never_negative CHECK (requested > 0 AND approved >= 0 AND paid >= 0 AND returned >= 0),
    CONSTRAINT no_more_is_approved_than_applied_for CHECK (approved <= requested)
) WITH (fillfactor = 80);
CREATE INDEX applications_in_a_state ON applications (state, id);
CREATE INDEX applications_of_an_enterprise ON applications (enterprise, id);
CREATE INDEX applications_under_a_clause ON applications (clause, id);

CREATE TABLE instalments (
    application  text COLLATE "C" NOT NULL,
    support_year smallint      NOT NULL,
    requested    numeric(18,2) NOT NULL,
    approved     numeric(18,2) NOT NULL, -- less what was reduced and released
    paid         numeric(18,2) NOT NULL, -- within the approval, less what the bank returned of it
    CONSTRAINT an_application_has_one_instalment_a_year PRIMARY KEY (application, support_year),
    CONSTRAINT an_instalment_is_never_paid_beyond_its_approval CHECK (requested >= 0 AND paid >= 0 AND paid <= approved)
) WITH (fillfactor = 80);

CREATE TABLE payouts (
    id             text COLLATE "C" NOT NULL,
    application    text COLLATE "C",
    enterprise     text COLLATE "C" NOT NULL,
    clause         text COLLATE "C" NOT NULL,
    via            text COLLATE "C",
    subject_kind   text     NOT NULL,
    subject        text     NOT NULL,
    support_year   smallint NOT NULL,
    budget_year    smallint NOT NULL,
    paid_on        date     NOT NULL,
    voucher        text,
    department     text,
    clause_version integer  NOT NULL,
    booked         boolean  NOT NULL, -- a fact recorded whatever the rules say, not an authorised payout
    findings       json,              -- the rules that a booked payout breaks
    actor          text     NOT NULL,
    amount         numeric(18,2) NOT NULL,
    outside        numeric(18,2) NOT NULL,
    returned       numeric(18,2) NOT NULL,
    ordered        numeric(18,2) NOT NULL,
    waived         numeric(18,2) NOT NULL,
    recovered      numeric(18,2) NOT NULL,
    seq            bigint   NOT NULL,
    last_seq       bigint   NOT NULL,
    CONSTRAINT a_payout_has_one_row PRIMARY KEY (id),
    CONSTRAINT a_payout_is_above_nought CHECK (amount > 0),
    CONSTRAINT a_payout_returns_at_most_itself CHECK (returned BETWEEN 0 AND amount AND outside BETWEEN 0 AND amount
        AND ordered >= 0 AND waived BETWEEN 0 AND ordered AND recovered >= 0)
) WITH (fillfactor = 90);
CREATE INDEX payouts_of_an_enterprise ON payouts (enterprise, id);
CREATE INDEX payouts_of_an_application ON payouts (application, id) WHERE application IS NOT NULL;

CREATE TABLE clawbacks (
    id           text COLLATE "C" NOT NULL,
    payout       text COLLATE "C" NOT NULL,
    application  text COLLATE "C",
    enterprise   text COLLATE "C" NOT NULL,
    clause       text COLLATE "C" NOT NULL,
    via          text COLLATE "C",
    subject_kind text     NOT NULL,
    subject      text     NOT NULL,
    support_year smallint NOT NULL,
    cause        text     NOT NULL,
    ordered_on   date     NOT NULL,
    ordered_by   text     NOT NULL,
    reason       text     NOT NULL,
    ordered      numeric(18,2) NOT NULL,
    waived       numeric(18,2) NOT NULL,
    recovered    numeric(18,2) NOT NULL,
    interest     numeric(18,2) NOT NULL,
    outstanding  numeric(18,2) NOT NULL GENERATED ALWAYS AS (ordered - waived - recovered) STORED,
    seq          bigint   NOT NULL,
    last_seq     bigint   NOT NULL,
    CONSTRAINT a_clawback_has_one_row PRIMARY KEY (id),
    CONSTRAINT a_clawback_is_for_error_or_breach CHECK (cause IN ('error', 'breach')),
    CONSTRAINT a_clawback_ends_at_nought CHECK (ordered > 0 AND waived >= 0 AND recovered >= 0 AND interest >= 0 AND waived + recovered <= ordered)
);
CREATE INDEX clawbacks_of_a_payout ON clawbacks (payout);
CREATE INDEX clawbacks_of_an_enterprise ON clawbacks (enterprise, id);
CREATE INDEX clawbacks_outstanding ON clawbacks (ordered_on, id) WHERE outstanding > 0;

CREATE TABLE recoveries (
    id              text COLLATE "C" NOT NULL,
    clawback        text COLLATE "C",
    payout          text COLLATE "C",
    application     text COLLATE "C",
    enterprise      text COLLATE "C" NOT NULL,
    clause          text COLLATE "C" NOT NULL,
    via             text COLLATE "C",
    subject_kind    text     NOT NULL,
    subject         text     NOT NULL,
    support_year    smallint NOT NULL,
    cause           text     NOT NULL,
    received_on     date     NOT NULL,
    booked          boolean  NOT NULL,
    findings        json,
    amount          numeric(18,2) NOT NULL,
    interest        numeric(18,2) NOT NULL,
    reversed        boolean  NOT NULL,
    reversed_on     date,
    reversed_reason text,
    seq             bigint   NOT NULL,
    last_seq        bigint   NOT NULL,
    CONSTRAINT a_recovery_has_one_row PRIMARY KEY (id),
    CONSTRAINT a_recovery_is_above_nought CHECK (amount > 0 AND interest >= 0),
    CONSTRAINT a_recovery_is_for_error_or_breach CHECK (cause IN ('error', 'breach'))
);
CREATE INDEX recoveries_on_a_clawback ON recoveries (clawback) WHERE clawback IS NOT NULL;
CREATE INDEX recoveries_of_an_enterprise ON recoveries (enterprise, id);

CREATE TABLE exceptions (
    id           text COLLATE "C" NOT NULL,
    clause       text COLLATE "C" NOT NULL,
    subject_kind text     NOT NULL,
    subject      text     NOT NULL,
    support_year smallint,          -- none: for the total
    amount       numeric(18,2) NOT NULL,
    revoked      numeric(18,2) NOT NULL,
    document     text     NOT NULL,
    granted_on   date     NOT NULL,
    granted_by   text     NOT NULL,
    seq          bigint   NOT NULL,
    last_seq     bigint   NOT NULL,
    CONSTRAINT an_exception_has_one_row PRIMARY KEY (id),
    CONSTRAINT an_exception_is_revoked_at_most_whole CHECK (amount > 0 AND revoked BETWEEN 0 AND amount)
);
CREATE INDEX exceptions_on_an_account ON exceptions (clause, subject_kind, subject);

-- What was paid of a budget year under a clause or by a department's approvals, and the appropriation, where one is set.
CREATE TABLE budgets (
    budget_year smallint      NOT NULL,
    scope_kind  text COLLATE "C" NOT NULL,
    scope       text COLLATE "C" NOT NULL,
    paid        numeric(18,2) NOT NULL, -- less what the bank returned
    amount      numeric(18,2),          -- none set
    document    text,
    set_on      date,
    seq         bigint,
    CONSTRAINT a_scope_has_one_budget_a_year PRIMARY KEY (budget_year, scope_kind, scope),
    CONSTRAINT a_budget_is_a_clauses_or_a_departments CHECK (scope_kind IN ('clause', 'department')),
    CONSTRAINT a_budget_is_never_paid_below_nought CHECK (paid >= 0)
) WITH (fillfactor = 50);

CREATE TABLE findings (
    id          text COLLATE "C" NOT NULL,
    disposition text   NOT NULL,
    comment     text   NOT NULL,
    disposed_on date   NOT NULL,
    disposed_by text   NOT NULL,
    seq         bigint NOT NULL,
    CONSTRAINT the_latest_word_on_a_finding_counts PRIMARY KEY (id)
);
