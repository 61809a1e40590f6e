-- What others did from a position on to the applications that a person had had a part in.
SELECT p.* FROM ({{part "events"}}) p
WHERE p.seq >= coalesce({from}::bigint, 1) AND p.actor <> {actor}::text AND p.application IS NOT NULL
  AND EXISTS (SELECT FROM events m WHERE m.application = p.application AND m.actor = {actor}::text AND m.seq < p.seq)
