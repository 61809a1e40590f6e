-- What all lines of a support year, or of all, add up to.
SELECT coalesce(sum(r.applications), 0)::bigint AS applications,
    coalesce(sum(r.requested), 0.00) AS requested,
    coalesce(sum(r.approved), 0.00) AS approved,
    coalesce(sum(r.outside), 0.00) AS outside,
    coalesce(sum(r.paid), 0.00) AS paid,
    coalesce(sum(r.returned), 0.00) AS returned,
    coalesce(sum(r.clawback_ordered), 0.00) AS clawback_ordered,
    coalesce(sum(r.clawback_waived), 0.00) AS clawback_waived,
    coalesce(sum(r.recovered_error), 0.00) AS recovered_error,
    coalesce(sum(r.recovered_breach), 0.00) AS recovered_breach,
    coalesce(sum(r.interest), 0.00) AS interest
FROM {{part "lines"}} r
WHERE r.enterprise <> '' AND r.support_year <> 0 AND ({year}::smallint IS NULL OR r.support_year = {year})
