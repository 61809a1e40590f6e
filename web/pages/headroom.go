package pages

import (
	"bytes"
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
	Lacks *domain.Refusal // why it cannot be told yet
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
	h := &headroom{At: link("/headroom", asked...)}
	command, refusal := commandOf(weighedOf(sent), known)
	if refusal != nil {
		h.Lacks = refusal.Under(s.Policy())
		return h
	}
	rooms, lacks := s.Rooms(command, today)
	h.Rooms, h.Lacks = namedRooms(s, rooms), lacks
	return h
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
	values := url.Values{"command": {f.Command}}
	for _, one := range f.Fields {
		values.Set(one.Name, one.Value)
	}
	f.Room = headroomOf(s, values, fixed, today)
}

// roomsOf is the headroom of a form that was sent.
func (p *Pages) roomsOf(ctx context.Context, sent url.Values, fixed map[string]string) (h *headroom, err error) {
	err = p.server.View(ctx, func(s *domain.State, _ uint64) {
		if s.Policy() != nil {
			p.names.CompareAndSwap(nil, s.Policy())
			h = headroomOf(s, sent, fixed, p.today())
		}
	})
	return h, err
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
	h, err := p.roomsOf(r.Context(), q, nil)
	if err != nil {
		return err
	}
	return p.fragment(w, v, "rooms", h)
}

// fragment writes a part of a page for the page's script.
func (p *Pages) fragment(w http.ResponseWriter, v web.Viewer, name string, data any) error {
	var b bytes.Buffer
	if err := p.setOf(v)["desk"].ExecuteTemplate(&b, name, data); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(b.Bytes()) // a client that is gone needs no answer
	return nil
}
