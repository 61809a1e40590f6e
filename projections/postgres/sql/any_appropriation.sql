SELECT EXISTS (SELECT FROM budgets WHERE initial IS NOT NULL OR adjusted IS NOT NULL OR carried <> 0)
