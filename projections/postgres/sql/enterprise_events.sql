-- The events of an enterprise and its applications, and those that happened to another with it. Where one is asked for, an index has its events.
SELECT p.* FROM ({{part "events"}}) p
WHERE true
  [enterprise? AND p.seq IN (SELECT x.seq FROM events x WHERE x.enterprise = {enterprise}::text UNION SELECT y.seq FROM event_parties y WHERE y.enterprise = {enterprise}::text) ?]
