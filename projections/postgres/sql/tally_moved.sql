-- The enterprises of which something was said behind a position that statistics ask of them.
SELECT f.enterprise FROM fact_values f WHERE f.seq > {known}::bigint AND f.seq <= {at_seq}::bigint AND f.means <> '' AND f.enterprise <> ''
UNION
SELECT e.enterprise FROM events e
WHERE e.type IN ('enterprise_registered', 'enterprise_corrected') AND e.seq > {known}::bigint AND e.seq <= {at_seq}::bigint AND e.enterprise IS NOT NULL
