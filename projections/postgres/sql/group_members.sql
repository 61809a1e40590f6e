-- The enterprises of groups.
WITH RECURSIVE {{part "members"}}
SELECT m.first_member, m.enterprise, {{named "m.enterprise"}} AS name,
    NOT EXISTS (SELECT FROM held d WHERE d.b = m.enterprise AND d.link_kind <> 'same_controller') AS uncontrolled,
    coalesce((SELECT string_agg(DISTINCT d.a, '; ') FROM held d WHERE d.b = m.enterprise AND d.link_kind <> 'same_controller'), '') AS controlled_by
FROM member m
WHERE ({enterprise}::text IS NULL OR m.first_member = (SELECT o.first_member FROM member o WHERE o.enterprise = coalesce((SELECT n.head FROM headed n WHERE n.enterprise = {enterprise}::text), {enterprise}::text)))
