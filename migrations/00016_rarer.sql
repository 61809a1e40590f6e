-- +goose Up

-- Postings of what is rare are asked for as those of what is frequent are: of the three frequent kinds a page is found where it is looked for, and
-- of another one it would be looked for in all that was ever posted. The same is true of what was paid of a budget year, and of the lines of a support year.
CREATE INDEX postings_of_a_rarer_kind ON journal (kind, seq, n) WHERE kind <> ALL ('{requested,approved,paid}');
CREATE INDEX postings_of_a_budget_year ON journal (budget_year, seq, n) WHERE budget_year IS NOT NULL;
CREATE INDEX lines_of_a_year ON lines (support_year);
