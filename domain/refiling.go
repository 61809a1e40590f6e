package domain

import "slices"

// Refiled is what an application's requests move from and to, where an event files it anew; false: they stay as they are.
func Refiled(e Event) (r Refiling, moves bool) {
	refiles, is := e.(interface{ refiled() Refiling })
	if !is {
		return r, false
	}
	r = refiles.refiled()
	return r, len(r.Before)+len(r.Now) > 0
}

// Refiling says what an application asked for, and on which account, and what it asks for now.
type Refiling struct {
	Application ApplicationID
	From, To    Charge
	Before, Now []Instalment
}

func (r Refiling) years() []SupportYear { return yearsOf(slices.Concat(r.Now, r.Before)) }

func (r Refiling) counts(m *moved) {
	for _, i := range r.Now {
		m.charge(sumRequested, r.To.Clause, i.Amount)
	}
	for _, i := range r.Before {
		m.add(sumRequested, -i.Amount.fen)
	}
}

func refiling(id ApplicationID, now Charge, before *Charge, previously, requested []Instalment) Refiling {
	r := Refiling{Application: id, From: now, To: now, Before: previously, Now: requested}
	if before != nil {
		r.From = *before
	}
	return r
}
