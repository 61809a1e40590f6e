-- The lines: as they are kept, or, as of a position and by what was dated up to a day where one is given, sums of the journal, line by line.
{{if .Past}}(SELECT l.id, l.enterprise, l.clause, l.subject_kind, l.subject, l.support_year, j.*
 FROM lines l CROSS JOIN LATERAL (
    SELECT coalesce(sum(j.count), 0) AS applications,
        coalesce(sum(j.amount) FILTER (WHERE j.kind = 'requested'), 0.00) AS requested,
        coalesce(sum(j.amount) FILTER (WHERE j.kind = 'approved'), 0.00) AS approved,
        coalesce(sum(j.amount) FILTER (WHERE j.kind = 'outside'), 0.00) AS outside,
        coalesce(sum(j.amount) FILTER (WHERE j.kind = 'paid'), 0.00) AS paid,
        coalesce(sum(j.amount) FILTER (WHERE j.kind = 'returned'), 0.00) AS returned,
        coalesce(sum(j.amount) FILTER (WHERE j.kind = 'clawback_ordered'), 0.00) AS clawback_ordered,
        coalesce(sum(j.amount) FILTER (WHERE j.kind = 'clawback_waived'), 0.00) AS clawback_waived,
        coalesce(sum(j.amount) FILTER (WHERE j.kind = 'recovered_error'), 0.00) AS recovered_error,
        coalesce(sum(j.amount) FILTER (WHERE j.kind = 'recovered_breach'), 0.00) AS recovered_breach,
        coalesce(sum(j.amount) FILTER (WHERE j.kind = 'interest'), 0.00) AS interest,
        coalesce(sum(j.amount) FILTER (WHERE j.kind = 'exception'), 0.00) AS exceptions,
        coalesce(sum(j.amount) FILTER (WHERE j.kind = 'received_beyond'), 0.00) AS received_beyond,
        coalesce(sum(j.amount) FILTER (WHERE j.kind = 'written_off'), 0.00) AS written_off
    FROM journal j WHERE j.line = l.id AND {{upto "j.seq" "j.business_date"}}
    HAVING count(*) > 0
 ) j
 WHERE l.first_seq <= {at_seq}::bigint){{else}}lines{{end}}
