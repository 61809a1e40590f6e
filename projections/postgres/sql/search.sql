-- What a text names, the first of each kind: an id, a voucher and a project by their beginning, as they are written or in capitals; an amount and
-- an event's position exactly; an enterprise as it is looked up everywhere.
{{define "said"}}NOT EXISTS (SELECT FROM unnest({words}::text[]) w WHERE strpos(lower({{end -}}
{{define "few"}} ORDER BY 2 LIMIT 10){{end -}}
SELECT f.object, f.reference, f.title, f.enterprise, n.name AS enterprise_name, f.amount
FROM (
    (SELECT 'enterprise' AS object, e.id AS reference, e.name AS title, e.id AS enterprise, NULL::numeric AS amount FROM ({{part "found_enterprises"}}) e{{template "few"}}
    UNION ALL
    (SELECT * FROM ((SELECT 'application', a.id, a.title, a.enterprise, a.requested FROM applications a
        WHERE a.id >= {text}::text AND a.id < {text_end}::text OR a.id >= {capitals}::text AND a.id < {capitals_end}::text OR left(a.project, 100) COLLATE "C" >= {begins}::text AND left(a.project, 100) COLLATE "C" < {begins_end}::text AND starts_with(a.project, {text}::text) OR a.requested = {sum}::numeric{{template "few"}}
        UNION (SELECT 'application', a.id, a.title, a.enterprise, a.requested FROM applications a
        WHERE pairs_of(a.title || ' ' || coalesce(a.project, '')) @> {letters}::text[] AND {{template "said"}}a.title || ' ' || coalesce(a.project, '')), w) = 0){{template "few"}}) a{{template "few"}}
    UNION ALL
    (SELECT DISTINCT 'project', a.project, '', NULL, NULL::numeric FROM applications a
        WHERE left(a.project, 100) COLLATE "C" >= {begins}::text AND left(a.project, 100) COLLATE "C" < {begins_end}::text AND starts_with(a.project, {text}::text)
        OR a.project IS NOT NULL AND pairs_of(a.title || ' ' || coalesce(a.project, '')) @> {letters}::text[] AND {{template "said"}}a.project), w) = 0){{template "few"}}
    UNION ALL
    (SELECT 'payout', p.id, p.voucher, p.enterprise, p.amount FROM payouts p
        WHERE p.id >= {text}::text AND p.id < {text_end}::text OR p.id >= {capitals}::text AND p.id < {capitals_end}::text OR left(p.voucher, 100) COLLATE "C" >= {begins}::text AND left(p.voucher, 100) COLLATE "C" < {begins_end}::text AND starts_with(p.voucher, {text}::text) OR p.amount = {sum}::numeric{{template "few"}}
    UNION ALL
    (SELECT 'clawback', c.id, c.reason, c.enterprise, c.ordered FROM clawbacks c WHERE c.id >= {text}::text AND c.id < {text_end}::text OR c.id >= {capitals}::text AND c.id < {capitals_end}::text{{template "few"}}
    UNION ALL
    (SELECT 'recovery', r.id, r.cause, r.enterprise, r.amount FROM recoveries r WHERE r.id >= {text}::text AND r.id < {text_end}::text OR r.id >= {capitals}::text AND r.id < {capitals_end}::text{{template "few"}}
    UNION ALL
    (SELECT 'exception', x.id, x.document, CASE x.subject_kind WHEN 'enterprise' THEN x.subject END, x.amount FROM exceptions x
        WHERE x.id >= {text}::text AND x.id < {text_end}::text OR x.id >= {capitals}::text AND x.id < {capitals_end}::text{{template "few"}}
    UNION ALL
    (SELECT 'person', w.actor, w.role, NULL, NULL FROM ({{part "persons"}}) w WHERE starts_with(lower(w.actor), lower({text}::text)){{template "few"}}
    UNION ALL
    (SELECT 'policy_version', v.n::text, v.document, NULL, NULL
        FROM (SELECT row_number() OVER (ORDER BY p.seq) AS n, coalesce(p.data ->> 'document', '') AS document, p.clause FROM ({{part "policy_events"}}) p) v
        WHERE v.document <> '' AND strpos(v.document, {text}::text) > 0 OR v.clause = {text}::text{{template "few"}}
    UNION ALL
    (SELECT 'event', v.seq::text, v.type, v.enterprise, NULL FROM events v WHERE v.seq = {number}::bigint)
) f LEFT JOIN enterprises n ON n.id = f.enterprise
WHERE {text}::text IS NOT NULL
