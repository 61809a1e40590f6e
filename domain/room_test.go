package domain

import (
	"fmt"
	"slices"
)

// roomsHold checks that what a form is told before a command is given is what the decision then holds: where the decision is that something is too
// much, a room says so in the same figures, and where it is taken, none does.
func (w *world) roomsHold(c Command, today Date, d Decision, r *Refusal) {
	rooms, lacks := w.state.Rooms(c, today)
	verb, _ := VerbNamed(c.Name())
	if !verb.HasRooms() {
		if rooms != nil || lacks != nil {
			w.rt.Fatalf("%s has rooms", c.Name())
		}
		return
	}
	if lacks != nil {
		w.refusalIsWhole(lacks)
		if r == nil {
			w.rt.Fatalf("%s is taken, and its rooms are refused: %s", c.Name(), lacks.Message().EN)
		}
		return
	}
	told := func(r *Refusal) bool {
		return slices.ContainsFunc(rooms, func(room Room) bool {
			want := map[string]string{"committed": room.Committed.String(), "cap": room.Cap.String(), "limit": room.Cap.String(), "exceptions": room.Exceptions.String(), "use": room.Use.String(),
				"asked": room.Asked.String(), "short_by": room.ShortBy().String(), "headroom": room.Left().String()}
			for name, value := range r.Figures {
				if is, figure := want[name]; figure && is != value {
					return false
				}
			}
			return room.ShortBy().Positive()
		})
	}
	short := slices.ContainsFunc(rooms, func(room Room) bool { return room.ShortBy().Positive() })
	if r != nil {
		switch r.Code {
		case CodeCapExceeded, CodeInstalmentExceeded, CodeAppropriationExceed, CodeBudgetExceeded, CodePlanExceeded, CodeGroupCapExceeded:
			if !told(r) {
				w.rt.Fatalf("%s is refused, and no room of %+v says so: %s", c.Name(), rooms, r.Message().EN)
			}
		}
		return
	}
	switch e := d.Events[0].(type) {
	case *ApplicationApproved:
		basis, none := weigh(rooms)
		if none != nil || fmt.Sprint(basisTexts(basis)) != fmt.Sprint(basisTexts(e.Basis)) {
			w.rt.Fatalf("the approval stands on %v and its rooms are %+v", basisTexts(e.Basis), rooms)
		}
	case *PayoutBooked:
		ofRooms := []string{CodeCapExceeded, CodeAppropriationExceed, CodeGroupCapExceeded}
		for _, f := range e.Findings {
			if slices.Contains(ofRooms, f.Code) && !told(&Refusal{Code: f.Code, Figures: f.Figures}) {
				w.rt.Fatalf("%v is found, and no room of %+v says so", f, rooms)
			}
		}
		found := slices.ContainsFunc(e.Findings, func(f Finding) bool { return slices.Contains(ofRooms, f.Code) })
		if short && !found && e.Outside.Positive() {
			w.rt.Fatalf("%+v are short, and nothing is found", rooms)
		}
	case *PayoutMade:
		if short {
			w.rt.Fatalf("%s is taken, and %+v are short", c.Name(), rooms)
		}
	}
}

// basisTexts is a basis with the amounts that its pointers lead to.
func basisTexts(list []Basis) (texts []string) {
	for _, b := range list {
		after := "none"
		if b.HeadroomAfter != nil {
			after = b.HeadroomAfter.String()
		}
		texts = append(texts, fmt.Sprint(b.SupportYear, b.Cap, b.Exceptions, b.Use, b.Asked, after))
	}
	return texts
}
