-- What is known of enterprises and projects: of each fact and period the latest value.
SELECT f.enterprise, {{named "f.enterprise"}} AS enterprise_name, f.project, f.fact, f.period, {{withheld "f.sensitive" "f.value" "''"}} AS value, f.unit, f.pending AS unconfirmed, f.department, f.confirmed AS confirmed_by,
    {{withheld "f.sensitive" "f.previous" "''"}} AS previous_value, f.document, f.sha256, f.day AS recorded_on, f.actor, f.sensitive, f.seq
FROM fact_values f
WHERE {{upto "f.seq" "f.day"}}
  AND NOT EXISTS (
    SELECT FROM fact_values later WHERE later.enterprise = f.enterprise AND later.project = f.project AND later.fact = f.fact AND later.period = f.period
      AND later.seq > f.seq AND {{upto "later.seq" "later.day"}})
