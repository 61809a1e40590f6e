(SELECT m.data -> 'charge' ->> 'enterprise' FROM events m -- whose j's application was: it may have moved since
            WHERE m.application = j.application AND m.type IN ('application_submitted', 'application_moved') AND {{upto "m.seq" "m.business_date"}}
            ORDER BY m.seq DESC LIMIT 1)
