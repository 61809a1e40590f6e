package domain

// SupportKey is whom something was paid to, under which clause, for which support year.
type SupportKey struct {
	Enterprise EnterpriseID
	Clause     ClauseID
	Year       SupportYear
}

// NetPaid is what enterprises were paid, net of what came back: what was paid less what the bank returned and what was recovered, without what came in
// beyond what went out. Of what was paid and came back whole nothing is left: it is there with nought. A booking that was reversed never was.
func (s *State) NetPaid() map[SupportKey]Money {
	net := map[SupportKey]Money{}
	for _, p := range s.payouts.rows {
		if !p.reversed {
			key := SupportKey{p.charge.Enterprise, p.charge.Clause, p.year}
			net[key] = net[key].Add(p.amount).Sub(p.returned)
		}
	}
	for _, r := range s.recoveries.rows {
		if within := r.amount.Sub(r.beyond); !r.reversed && !within.IsZero() {
			key := SupportKey{r.charge.Enterprise, r.charge.Clause, r.year}
			net[key] = net[key].Sub(within)
		}
	}
	return net
}

// AskedFor is what became of an enterprise's applications under a clause for a year: whether one was approved, rejected or withdrawn, and whether one waits.
type AskedFor struct{ Approved, Rejected, Withdrawn, Waiting bool }

// Outcomes are what became of applications, of each enterprise, clause and support year.
func (s *State) Outcomes() map[SupportKey]AskedFor {
	all := map[SupportKey]AskedFor{}
	for _, a := range s.applications.rows {
		for _, part := range a.filed {
			key := SupportKey{a.charge.Enterprise, a.charge.Clause, part.SupportYear}
			is := all[key]
			switch a.state {
			case Approved:
				is.Approved = true
			case Rejected:
				is.Rejected = true
			case Withdrawn:
				is.Withdrawn = true
			case Submitted, Accepted, Returned:
				is.Waiting = true
			default:
				continue
			}
			all[key] = is
		}
	}
	return all
}

// IndustryOn is the industry that an enterprise is recognised in on a day.
func (s *State) IndustryOn(id EnterpriseID, day Date) IndustryID {
	return s.enterprises.get(id).industryOn(day)
}

// MergedBy is the enterprise that another is one with on a day; "": none.
func (s *State) MergedBy(id EnterpriseID, day Date) EnterpriseID {
	if e := s.enterprises.get(id); !e.mergedOn.IsZero() && !day.Before(e.mergedOn) {
		return e.mergedInto
	}
	return ""
}
