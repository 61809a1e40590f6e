-- Pairs of applications under one clause whose facts agree and whose first decisions differ. Codes and flags, taken together, are what pairs are found by;
-- among those that agree in them, only what lies apart is held against each other: what was approved and what was rejected, and shares that are not of one
-- span as wide as the caliper, for within one nothing is further apart than that. Applications are joined as they are kept, and not by another collation, for
-- that is how they are indexed.
WITH decided AS MATERIALIZED (
    SELECT d.case_id COLLATE "C" AS application, d.enterprise COLLATE "C" AS enterprise, d.clause COLLATE "C" AS clause, d.seq, d.decided_on, d.decision,
        m.requested, m.approved, m.approved / m.requested AS share, coalesce(k.codes, '') AS codes, k.coded, k.known
    FROM (
        SELECT DISTINCT ON (e.application) e.application AS case_id, e.enterprise, e.clause, e.seq, e.business_date AS decided_on,
            CASE e.type WHEN 'application_approved' THEN 'approved' ELSE 'rejected' END AS decision
        FROM events e
        WHERE e.type IN ('application_approved', 'application_rejected') AND {{upto "e.seq" "e.business_date"}}
          [clause? AND e.clause = {clause}::text ?]
        ORDER BY e.application, e.seq
    ) d
    CROSS JOIN LATERAL (
        SELECT string_agg(f.fact || '=' || f.value, ';' ORDER BY f.fact) FILTER (WHERE f.unit IN ('code', 'flag')) AS codes,
            jsonb_object_agg(f.fact, f.value) FILTER (WHERE f.unit NOT IN ('code', 'flag')) AS known, count(*) FILTER (WHERE f.unit IN ('code', 'flag')) AS coded
        FROM (
            SELECT DISTINCT ON (f.fact) f.fact, f.value, f.unit
            FROM fact_values f
            WHERE f.enterprise = d.enterprise AND f.project = '' AND NOT f.pending AND NOT f.sensitive AND f.means NOT IN ('place', 'street')
              AND f.seq < d.seq AND f.period <= d.decided_on::text
            ORDER BY f.fact, f.period DESC, f.seq DESC
        ) f
    ) k
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(j.amount) FILTER (WHERE j.kind = 'requested'), 0) AS requested, coalesce(sum(j.amount) FILTER (WHERE j.kind = 'approved' AND j.seq = d.seq), 0) AS approved
        FROM events v JOIN journal j ON j.seq = v.seq WHERE v.application = d.case_id AND v.seq <= d.seq
    ) m
    WHERE m.requested > 0 AND k.known IS NOT NULL
),
outcomes AS MATERIALIZED (
    SELECT d.*, concat(d.decision, CASE WHEN c.most = 0 THEN d.share ELSE floor(d.share / c.most) END) AS outcome
    FROM decided d CROSS JOIN (SELECT coalesce({caliper}::bigint, {{caliper}}) / 100.0 AS most) c
),
kinds AS MATERIALIZED (SELECT DISTINCT o.clause, o.codes, o.outcome FROM outcomes o),
apart AS MATERIALIZED (
    SELECT x.clause, x.codes, x.outcome, y.outcome AS other FROM kinds x JOIN kinds y ON y.clause = x.clause AND y.codes = x.codes AND y.outcome <> x.outcome
)
SELECT a.clause, a.application, a.enterprise, {{named "a.enterprise"}} AS enterprise_name, a.decided_on, a.decision, a.requested::numeric(18,2) AS requested,
    a.approved::numeric(18,2) AS approved, b.application AS other_application, b.enterprise AS other_enterprise, {{named "b.enterprise"}} AS other_enterprise_name,
    b.decided_on AS other_decided_on, b.decision AS other_decision, b.requested::numeric(18,2) AS other_requested, b.approved::numeric(18,2) AS other_approved,
    (n.alike + a.coded)::bigint AS facts_alike, round(n.apart, 4) AS furthest_apart
FROM apart g
JOIN outcomes a ON a.clause = g.clause AND a.codes = g.codes AND a.outcome = g.outcome
JOIN outcomes b ON b.clause = g.clause AND b.codes = g.codes AND b.outcome = g.other AND b.application > a.application AND b.enterprise <> a.enterprise
CROSS JOIN LATERAL (SELECT coalesce({caliper}::bigint, {{caliper}}) / 100.0 AS most) c
CROSS JOIN LATERAL (
    SELECT count(*) AS alike, coalesce(max(x.apart), 0) AS apart
    FROM (
        SELECT abs(y.value::numeric - (b.known ->> y.key)::numeric) / greatest(abs(y.value::numeric), abs((b.known ->> y.key)::numeric), 1) AS apart
        FROM jsonb_each_text(a.known) y WHERE b.known ? y.key
    ) x
) n
WHERE (a.decision <> b.decision OR abs(a.share - b.share) > c.most) AND n.alike > 0 AND n.apart <= c.most AND n.alike + a.coded >= 3
  [application? AND {application}::text IN (a.application, b.application) ?]
  [enterprise? AND {enterprise}::text IN (a.enterprise, b.enterprise) ?]
