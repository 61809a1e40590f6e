-- What was recorded of the treasury's payment files, in the order of the log: such an event is of no application and no enterprise, and an index has those.
SELECT e.seq, e.type, e.version, e.data::text AS data
FROM events e
WHERE e.application IS NULL AND e.enterprise IS NULL AND e.type IN ({recorded}::text, {voided}::text)
ORDER BY e.seq
LIMIT {limit_rows}::bigint
