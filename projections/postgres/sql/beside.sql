        -- The accounts whose use counts against that of p: what its subject used under clauses that its clause carries; and those of the subjects that
        -- count as one with it, whose exceptions count too, with what these carry.
        SELECT k.carried AS clause, p.subject, false AS joined FROM carried_clauses k WHERE k.clause = p.clause
        UNION ALL
        SELECT p.clause, o.other, true FROM joined_subjects o WHERE o.subject_kind = p.subject_kind AND o.subject = p.subject AND {{upto "o.seq" "o.business_date"}} AND {{together "o"}}
        UNION ALL
        SELECT k.carried, o.other, false FROM joined_subjects o JOIN carried_clauses k ON k.clause = p.clause
        WHERE o.subject_kind = p.subject_kind AND o.subject = p.subject AND {{upto "o.seq" "o.business_date"}} AND {{together "o"}}
