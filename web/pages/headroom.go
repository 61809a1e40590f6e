package pages

import (
	"bytes"
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/web"
)

// What an amount is held against is shown beside it while a form is filled in. It is asked of the live state by the rules that decide the command
// (see [domain.State.Rooms]); what is shown is of this moment, and the decision is of the moment of the decision.

// weighedFields are what a command's rooms are found by; of a list that has a field for each year, the list's name.
var weighedFields = []string{"application", "enterprise", "clause", "refers_to", "project", "award", "subject", "support_year", "amount", "requested", "instalments",
	"date", "paid_on"}

// stepRoom is the step by which who has no script asks for it.
const stepRoom = "room"

// headroom is what a form's amounts are held against.
type headroom struct {
	At    string // where the page's script asks again
	Rooms []roomRow
	Lacks *domain.Refusal   // why it cannot be told yet
	Under []domain.Clause   // with what is needed under them
	Kept  []domain.KeptView // of a payout to a debtor
	Out   domain.Money      // what of it is paid

	fixed map[string]string // what the form does not ask for
}

// roomRow is a room, with what the enterprise is called whose account it is of.
type roomRow struct {
	domain.Room
	Name string
}

// namedRooms are rooms with the names of their enterprises.
func namedRooms(s *domain.State, rooms []domain.Room) []roomRow {
	list := make([]roomRow, len(rooms))
	for i, room := range rooms {
		list[i].Room = room
		if room.Subject.Kind == domain.SubjectEnterprise {
			list[i].Name = nameOf(s, domain.EnterpriseID(room.Subject.ID))
		}
	}
	return list
}

// Fields are those that the script sends.
func (headroom) Fields() string { return strings.Join(weighedFields, " ") }

// weighedOf are a sent form's values that its rooms are found by.
func weighedOf(sent url.Values) url.Values {
	some := url.Values{}
	for name, values := range sent {
		list, _, _ := strings.Cut(name, ".")
		if name == "command" || slices.Contains(weighedFields, list) {
			some[name] = values[:min(len(values), 1)]
		}
	}
	return some
}

// headroomOf is the headroom of a form as it is filled in; nil where its verb's amounts are held against nothing. fixed are fields that the form does not ask
// for.
func headroomOf(s *domain.State, sent url.Values, fixed map[string]string, today domain.Date) *headroom {
	if verb, _ := domain.VerbNamed(sent.Get("command")); !verb.HasRooms() {
		return nil
	}
	asked := []any{"command", sent.Get("command")}
	known := map[string]string{}
	for _, name := range weighedFields {
		if value := fixed[name]; value != "" {
			known[name], asked = value, append(asked, name, value)
		}
	}
	h := &headroom{At: link("/headroom", asked...), fixed: known}
	h.Under = needing(s, sent, known)
	command, refusal := commandOf(weighedOf(sent), known)
	if refusal != nil {
		h.Lacks = refusal.Under(s.Policy())
		return h
	}
	h.keep(s, command, today)
	rooms, lacks := s.Rooms(command, today)
	h.Rooms, h.Lacks = namedRooms(s, rooms), lacks
	return h
}

// keep tells what a payout would keep back of what its enterprise owes.
func (h *headroom) keep(s *domain.State, command domain.Command, today domain.Date) {
	understood, _ := s.Understand(command)
	c, is := understood.(*domain.MakePayout)
	if !is {
		return
	}
	day := cmp.Or(c.Date, today)
	h.Kept, h.Out = s.Kept(c.Application, c.Amount, day, cmp.Or(c.PaidOn, day)), c.Amount
	for _, one := range h.Kept {
		h.Out = h.Out.Sub(one.Amount).Sub(one.Interest)
	}
}

// needing are the clauses that a form is about, by itself or by its application, that the policy asks something under.
func needing(s *domain.State, sent url.Values, fixed map[string]string) (list []domain.Clause) {
	ids := []domain.ClauseID{domain.ClauseID(sent.Get("clause")), domain.ClauseID(sent.Get("refers_to"))}
	if a, known := s.Application(domain.ApplicationID(cmp.Or(fixed["application"], sent.Get("application")))); known {
		ids = append(ids, a.Charge.Applied(), a.Charge.Clause)
	}
	for _, id := range ids {
		c, known := s.Policy().Clause(id)
		if known && len(c.Requires) > 0 && !slices.ContainsFunc(list, func(o domain.Clause) bool { return o.ID == id }) {
			list = append(list, c)
		}
	}
	return list
}

// room is the headroom of a form as its page opens.
func (f *form) room(s *domain.State, d draft, today domain.Date) {
	fixed := map[string]string{}
	if d.try != nil {
		said := fieldsOf(d.try(domain.Head{ID: "try", Date: today}))
		for _, name := range []string{"application"} {
			if !slices.ContainsFunc(f.Fields, func(one field) bool { return one.Name == name }) {
				fixed[name] = said[name]
			}
		}
	}
	f.Room = headroomOf(s, f.values(), fixed, today)
}

// beside adds to what was said to a form that was sent what stands beside its fields: the headroom and what may be chosen.
func (p *Pages) beside(ctx context.Context, v web.Viewer, sent url.Values, fixed map[string]string, a *said) error {
	return p.server.View(ctx, func(s *domain.State, _ uint64) {
		if s.Policy() == nil {
			return
		}
		p.names.CompareAndSwap(nil, s.Policy())
		a.Room = headroomOf(s, sent, fixed, p.today())
		a.Clauses = map[string][]option{}
		for _, name := range picked {
			if clauseField(name) {
				a.Clauses[name] = clausePicks(s, v, sent, name, p.today())
			}
		}
	})
}

// headroom answers the page's script: the same as the page itself shows, for who may give the command.
func (p *Pages) headroom(w http.ResponseWriter, r *http.Request) error {
	v, _ := web.ViewerOf(r)
	q := r.URL.Query()
	verb, known := domain.VerbNamed(q.Get("command"))
	if !known || !verb.HasRooms() {
		return invalid("command", q.Get("command"))
	}
	if len(v.May(verb.Name)) == 0 {
		return notTheirs(v, verb.Name)
	}
	meant, err := p.resolve(r.Context(), v, q, "")
	if err != nil {
		return err
	}
	var a said
	if err := p.beside(r.Context(), v, q, nil, &a); err != nil {
		return err
	}
	if meant != nil && meant.refusal.Code == domain.CodeNameAmbiguous {
		a.Room = &headroom{Lacks: meant.refusal}
	}
	return roomsFragment.write(p, w, v, a.Room)
}

// write writes a part of a page for the page's script.
func (f fragment[B]) write(p *Pages, w http.ResponseWriter, v web.Viewer, body B) error {
	var b bytes.Buffer
	if err := p.setOf(v)[deskSheet.name]().ExecuteTemplate(&b, f.name, body); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(b.Bytes()) // a client that is gone needs no answer
	return nil
}
