-- +goose Up

-- Policies follow one another in one fund: each has its row, and each clause says which one brought it, and by which event.
ALTER TABLE policies ADD COLUMN id text COLLATE "C";
UPDATE policies SET id = fund;
ALTER TABLE policies ALTER COLUMN id SET NOT NULL, DROP CONSTRAINT a_fund_has_one_policy, ADD CONSTRAINT a_policy_has_one_row PRIMARY KEY (id);
ALTER TABLE clauses ADD COLUMN policy text COLLATE "C", ADD COLUMN seq bigint;
UPDATE clauses SET policy = (SELECT id FROM policies), seq = (SELECT seq FROM policies);
ALTER TABLE clauses ALTER COLUMN policy SET NOT NULL, ALTER COLUMN seq SET NOT NULL;

-- The clauses whose use counts against a clause's cap, through any number of policies.
CREATE TABLE carried_clauses (
    clause  text COLLATE "C" NOT NULL,
    carried text COLLATE "C" NOT NULL,
    seq     bigint NOT NULL,
    CONSTRAINT a_clause_carries_another_once PRIMARY KEY (clause, carried)
);
CREATE INDEX carriers_of_a_clause ON carried_clauses (carried);

-- What was amended of a policy besides caps, each from a day on. Of what an amendment leaves as it was there is nothing.
CREATE TABLE policy_amendments (
    seq          bigint NOT NULL,
    policy       text COLLATE "C" NOT NULL,
    decided_on   date   NOT NULL,
    effective_on date   NOT NULL,
    document     text   NOT NULL,
    term_to      date,
    clause       text COLLATE "C",
    departments  text[],
    industries   text[],
    closes       boolean NOT NULL, -- the clause takes no more applications
    acceptance   boolean,          -- of the workflow
    added        text COLLATE "C", -- a clause
    CONSTRAINT an_event_amends_one_policy PRIMARY KEY (seq)
);
CREATE INDEX amendments_of_a_clause ON policy_amendments (clause, effective_on, seq) WHERE clause IS NOT NULL;
