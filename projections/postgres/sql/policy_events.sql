-- What made the policy what it is. These events concern no enterprise, and few others do not.
SELECT p.* FROM ({{part "events"}}) p
WHERE p.application IS NULL AND p.enterprise IS NULL AND p.event_type IN ('policy_published', 'policy_amended', 'clause_amended')
