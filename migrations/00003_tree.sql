-- +goose Up

-- The Merkle tree of the log, kept by the transaction that projects its events: the hash of each event's leaf beside the event, the
-- whole subtrees beside them, and the tree's right edge in the checkpoint. It is derived as all tables here are.
--
-- The tables are emptied first: of an event that is projected already the headers are not known here, and they are part of its
-- leaf. Whoever projects next fills them from the log.
ALTER TABLE journal DISABLE TRIGGER the_journal_is_append_only;
ALTER TABLE events DISABLE TRIGGER events_are_append_only;
TRUNCATE checkpoint, events, lines, journal, policies, clauses, clause_versions, clause_caps, enterprises, enterprise_names, applications, instalments,
    payouts, clawbacks, recoveries, exceptions, budgets, findings;
ALTER TABLE journal ENABLE TRIGGER the_journal_is_append_only;
ALTER TABLE events ENABLE TRIGGER events_are_append_only;

ALTER TABLE events ADD COLUMN leaf bytea NOT NULL,
    ADD CONSTRAINT a_leaf_is_a_sha256_hash CHECK (octet_length(leaf) = 32);
ALTER TABLE events ALTER COLUMN leaf SET STORAGE PLAIN; -- a hash does not compress

-- The hashes of the whole subtrees, those of 2^8 leaves and more: what lies below is made of the leaves when it is asked for.
CREATE TABLE tree_nodes (
    level smallint NOT NULL, -- the subtree has 2^level leaves
    index bigint   NOT NULL, -- its place among those of its level, from 0
    hash  bytea    NOT NULL,
    CONSTRAINT a_subtree_has_one_hash PRIMARY KEY (level, index),
    CONSTRAINT subtrees_are_kept_from_256_leaves_up CHECK (level BETWEEN 8 AND 62 AND index >= 0),
    CONSTRAINT a_node_is_a_sha256_hash CHECK (octet_length(hash) = 32)
);
CREATE TRIGGER the_tree_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON tree_nodes FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- The hashes of the whole subtrees that the projected events make up, largest first: one for each 1 bit of seq. What grows the
-- tree reads them here, so that a forged row elsewhere does not spoil what is written after it.
ALTER TABLE checkpoint ADD COLUMN frontier bytea NOT NULL,
    ADD CONSTRAINT a_frontier_is_made_of_sha256_hashes CHECK (octet_length(frontier) % 32 = 0);
