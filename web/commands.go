package web

import (
	"context"
	"io"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/wire"
)

// postCommand decides one command.
func (s *Server) postCommand(w http.ResponseWriter, r *http.Request) error {
	if err := needsMedia(r, "application/json"); err != nil {
		return err
	}
	text, err := io.ReadAll(r.Body)
	if err != nil {
		return unreadBody(err)
	}
	command, refusal := wire.DecodeCommand(text)
	if refusal != nil {
		return refusal
	}
	if err := takeKey(command, r.Header.Get("Idempotency-Key")); err != nil {
		return err
	}
	v, _ := ViewerOf(r)
	g, err := s.grantFor(r.Context(), v, command, r.Header.Get("X-Act-As"))
	if err != nil {
		return err
	}
	result := s.doIf(r.Context(), v, g, command, s.ifMatch(r, command))
	if result.Refusal != nil {
		return result.Refusal
	}
	if result.Err != nil {
		return result.Err
	}
	w.Header().Set("ETag", etag(result.Outcome.LastSeq))
	return writeJSON(w, http.StatusOK, result.Outcome)
}

func needsMedia(r *http.Request, allowed ...string) error {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || !slices.Contains(allowed, kind) {
		return problem(http.StatusUnsupportedMediaType, "media_type", "allowed", strings.Join(allowed, ", "))
	}
	return nil
}

// unreadBody is why a body could not be read: it is too large, or its sender broke off.
func unreadBody(err error) *Problem {
	p := ErrorProblem(err)
	if p.Status >= 500 {
		return problem(http.StatusBadRequest, "body_unreadable").because(err)
	}
	return p
}

// takeKey makes an Idempotency-Key the command's id.
func takeKey(c domain.Command, key string) error {
	if len(key) >= 2 && key[0] == '"' && key[len(key)-1] == '"' {
		key = key[1 : len(key)-1] // the draft standard writes it as a quoted string
	}
	head := domain.HeadOf(c)
	switch {
	case key == "":
	case head.ID == "":
		head.ID = domain.CommandID(key)
	case head.ID != domain.CommandID(key):
		return problem(http.StatusBadRequest, "id_conflict", "key", key, "id", head.ID)
	}
	return nil
}

// grantFor is the grant in which a viewer gives a command: the one they name, in the header or in the body's actor, or
// one that may.
func (s *Server) grantFor(ctx context.Context, v Viewer, c domain.Command, actAs string) (Grant, error) {
	actor := c.Given().Actor
	if actor.ID != "" && actor.ID != v.ID {
		return Grant{}, problem(http.StatusForbidden, "actor_not_you", "asked", actor.ID, "you", v.ID)
	}
	named := Grant{Role: actor.Role, Department: actor.Department, For: actor.For}
	if actAs != "" {
		g, err := ParseGrant(actAs)
		if err != nil {
			return Grant{}, problem(http.StatusBadRequest, "grant_malformed", "asked", actAs)
		}
		named = g
	}
	if named == (Grant{}) {
		return s.Choose(ctx, v, c)
	}
	if named.Role != "" && slices.Contains(v.Grants, named) {
		return named, nil
	}
	for _, g := range v.Grants { // half a name is enough where it is one
		if (named.Role == "" || named.Role == g.Role) && (named.Department == "" || named.Department == g.Department) && named.For == g.For {
			return g, nil
		}
	}
	return Grant{}, problem(http.StatusForbidden, "grant_not_held", "asked", named, "allowed", joinGrants(v.Grants))
}

func etag(seq uint64) string { return `"` + strconv.FormatUint(seq, 10) + `"` }

// ifMatch holds a decision to what its giver saw, where If-Match names it: an application's tag (see [applicationTag]) that the application still has,
// or a position that the whole ledger is still at. It is judged on the very state that the command is decided on.
func (s *Server) ifMatch(r *http.Request, c domain.Command) func(*domain.State, uint64) error {
	match := r.Header.Get("If-Match")
	if match == "" || match == "*" {
		return nil
	}
	var tags []string
	for one := range strings.SplitSeq(match, ",") {
		tags = append(tags, strings.TrimSpace(one))
	}
	return func(state *domain.State, position uint64) error {
		if slices.Contains(tags, etag(position)) {
			return nil
		}
		if id := domain.About(c, state).Application; id != "" {
			if v, ok := state.Application(id); ok && slices.Contains(tags, applicationTag(applicationOf(state, id, v, s.today()))) {
				return nil
			}
		}
		return problem(http.StatusPreconditionFailed, "changed_meanwhile", "asked", match, "position", position)
	}
}

// writeJSON answers a value.
func writeJSON(w http.ResponseWriter, status int, v any) error {
	body, err := json.Marshal(v, json.Deterministic(true))
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(append(body, '\n')) // a client that is gone needs no answer
	return nil
}

// line is a batch's answer to one of its lines.
type line struct {
	Line     int              `json:"line"` // from 1
	Status   int              `json:"status"`
	ID       domain.CommandID `json:"id,omitzero"`
	FirstSeq uint64           `json:"first_seq,omitzero"`
	LastSeq  uint64           `json:"last_seq,omitzero"`
	Repeated bool             `json:"repeated,omitzero"`
	Before   bool             `json:"refused_before,omitzero"` // by an import; it was not decided again
	Code     string           `json:"code,omitzero"`
	Rule     string           `json:"rule,omitzero"`
	Message  *domain.Text     `json:"message,omitempty"`
	Figures  domain.Figures   `json:"figures,omitempty"`
}

func lineOf(number int, id domain.CommandID, result ledger.Result) line {
	switch {
	case result.Refusal != nil:
		no := saysNo(number, id, RefusalProblem(result.Refusal))
		no.Before = result.Before
		return no
	case result.Err != nil:
		return saysNo(number, id, ErrorProblem(result.Err))
	}
	o := result.Outcome
	return line{Line: number, Status: http.StatusOK, ID: o.CommandID, FirstSeq: o.FirstSeq, LastSeq: o.LastSeq, Repeated: o.Repeated}
}

// saysNo is the answer to a line that is not accepted.
func saysNo(number int, id domain.CommandID, p *Problem) line {
	return line{Line: number, Status: p.Status, ID: id, Code: p.Code, Rule: p.Rule, Message: p.Message, Figures: p.Figures}
}
