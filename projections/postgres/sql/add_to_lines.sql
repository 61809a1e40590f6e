-- Amounts come as whole hundredths: times 0.01 is exact.
UPDATE lines l SET
    last_seq         = c.last_seq,
    applications     = l.applications + c.applications,
    requested        = l.requested + c.requested * 0.01,
    approved         = l.approved + c.approved * 0.01,
    outside          = l.outside + c.outside * 0.01,
    paid             = l.paid + c.paid * 0.01,
    returned         = l.returned + c.returned * 0.01,
    clawback_ordered = l.clawback_ordered + c.clawback_ordered * 0.01,
    clawback_waived  = l.clawback_waived + c.clawback_waived * 0.01,
    recovered_error  = l.recovered_error + c.recovered_error * 0.01,
    recovered_breach = l.recovered_breach + c.recovered_breach * 0.01,
    interest         = l.interest + c.interest * 0.01,
    exceptions       = l.exceptions + c.exceptions * 0.01,
    received_beyond  = l.received_beyond + c.received_beyond * 0.01,
    written_off      = l.written_off + c.written_off * 0.01
FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[],
        $10::bigint[], $11::bigint[], $12::bigint[], $13::bigint[], $14::bigint[], $15::bigint[], $16::bigint[])
    AS c (id, last_seq, applications, requested, approved, outside, paid, returned, clawback_ordered, clawback_waived, recovered_error,
        recovered_breach, interest, exceptions, received_beyond, written_off)
WHERE l.id = c.id
