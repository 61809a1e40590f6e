  -- A group of statistics, as a posting j of a line l is in it.
  [policy? AND EXISTS (SELECT FROM clauses x WHERE x.id = l.clause AND x.policy = {policy}::text) ?]
  [department? AND coalesce(nullif((SELECT x.department FROM ({{part "approvers"}}) x WHERE x.application = j.application), ''), 'unknown') = {department}::text ?]
  [industry? AND coalesce(nullif((SELECT x.industry FROM ({{part "industries"}}) x WHERE x.enterprise = l.enterprise
      AND j.business_date >= x.from_day AND j.business_date < x.until), ''), 'unknown') = {industry}::text ?]
  [enterprise_size? AND coalesce((SELECT x.value FROM ({{part "meant"}}) x WHERE x.means = 'size' AND x.enterprise = l.enterprise
      AND j.business_date >= x.from_day AND j.business_date < x.until), 'unknown') = {enterprise_size}::text ?]
  [street? AND coalesce((SELECT x.value FROM ({{part "meant"}}) x WHERE x.means = 'street' AND x.enterprise = l.enterprise
      AND j.business_date >= x.from_day AND j.business_date < x.until), 'unknown') = {street}::text ?]
  [in_budget_year? AND {{budgetYear}} = {in_budget_year}::smallint ?]
  [quarter? AND {{quarter}} = {quarter}::text ?]
  [in_month? AND {{month}} = {in_month}::text ?]
