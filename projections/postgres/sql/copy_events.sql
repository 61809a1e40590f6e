COPY events (seq, recorded_ns, moment_ns, subject, type, version, command, command_id, command_index, correlation_id, actor, role, department,
    imported_by, business_date, clause_version, entity_kind, entity_id, application, enterprise, clause, data, leaf, actor_for) FROM STDIN (FORMAT binary)
