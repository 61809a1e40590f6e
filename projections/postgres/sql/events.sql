-- The events as they lie on the log.
SELECT e.seq, to_timestamp(e.recorded_ns / 1e9) AS recorded_at, e.business_date, e.type AS event_type, e.version, e.subject AS log_subject, e.command, e.command_id, e.actor, e.role,
    e.department, e.imported_by, e.clause_version, e.application, e.enterprise, e.clause,
    {{withheld "e.type IN ('fact_recorded', 'fact_corrected') AND coalesce((e.data::jsonb ->> 'sensitive')::boolean, false)" "e.data" "json_build_object('withheld', true)"}} AS data, e.actor_for, e.recorded_ns
FROM events e
WHERE {{upto "e.seq" "e.business_date"}}
