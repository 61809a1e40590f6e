-- What all lines of a support year, or of all, add up to.
SELECT coalesce(sum(l.applications), 0)::bigint, coalesce(sum(l.requested), 0.00), coalesce(sum(l.approved), 0.00), coalesce(sum(l.outside), 0.00), coalesce(sum(l.paid), 0.00),
    coalesce(sum(l.returned), 0.00), coalesce(sum(l.clawback_ordered), 0.00), coalesce(sum(l.clawback_waived), 0.00), coalesce(sum(l.recovered_error), 0.00),
    coalesce(sum(l.recovered_breach), 0.00), coalesce(sum(l.interest), 0.00)
FROM {lines} l
WHERE l.enterprise <> '' AND l.support_year <> 0 AND ({year}::smallint IS NULL OR l.support_year = {year})
