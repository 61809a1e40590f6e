package accounts

import (
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/fundledger/fundledger/domain"
)

// Kind is what a change did.
type Kind string

// The kinds of changes.
const (
	Added       Kind = "added"
	TakenOver   Kind = "taken_over" // from a file, as [File] writes it and the first releases kept it
	Removed     Kind = "removed"
	Granted     Kind = "granted"
	PasswordSet Kind = "password_set"
	OIDCSet     Kind = "oidc_set"
	SignedOut   Kind = "signed_out"
	TokenMade   Kind = "token_created"
	TokenEnded  Kind = "token_revoked"
	DeputyNamed Kind = "deputy_appointed"
	DeputyEnded Kind = "deputy_ended"
	HookAdded   Kind = "webhook_added"
	HookRekeyed Kind = "webhook_rekeyed"
	HookRemoved Kind = "webhook_removed"
)

// Means is how a change came in.
type Means string

// The means.
const (
	Web         Means = "web"          // a page
	API         Means = "api"          // a route
	CommandLine Means = "command_line" // a command on the ledger's own machine
	Service     Means = "service"      // the service itself, as it started
)

// Change is what an event of the accounts' log says. Of its fields it has those that its kind needs.
type Change struct {
	Kind       Kind            `json:"kind"`
	By         string          `json:"by"` // a user; on the command line the machine's
	Means      Means           `json:"means"`
	Person     domain.PersonID `json:"person,omitzero"`
	Users      []User          `json:"users,omitempty"`
	Grants     []Grant         `json:"grants,omitempty"`
	Credential string          `json:"credential,omitzero"`
	First      bool            `json:"first,omitzero"`
	Revoked    bool            `json:"revoked,omitzero"` // with the password all tokens ended
	OIDC       string          `json:"oidc,omitzero"`
	Token      *Token          `json:"token,omitempty"`
	Deputy     *Deputy         `json:"deputy,omitempty"`
	Webhook    *Webhook        `json:"webhook,omitempty"`
	File       string          `json:"file,omitzero"` // SHA-256 of what was taken over
}

// people are the users as the log's events left them. A user in it is never changed in place: whoever was given one keeps it as it was.
type people struct {
	byID     map[domain.PersonID]*User
	byOIDC   map[string]*User // nil under a subject that two have: nobody signs in with it
	tokens   map[string]tokenOf
	standIn  map[domain.PersonID][]domain.PersonID // for whom a person is a deputy
	ever     map[domain.PersonID]bool              // the keys of all who were users once: a file taken over brings nobody back
	takeover map[string]bool                       // files that were taken over
}

type tokenOf struct {
	user  domain.PersonID
	token Token
}

func nobodyYet() people {
	return people{byID: map[domain.PersonID]*User{}, byOIDC: map[string]*User{}, tokens: map[string]tokenOf{},
		standIn: map[domain.PersonID][]domain.PersonID{}, ever: map[domain.PersonID]bool{}, takeover: map[string]bool{}}
}

// take takes a change in, which lies at a position of the log.
func (p *people) take(c Change, seq uint64, logger *slog.Logger) {
	if c.Kind == Added || c.Kind == TakenOver {
		for _, user := range c.Users {
			user.Epoch = seq
			p.put(&user)
		}
		if c.File != "" {
			p.takeover[c.File] = true
		}
		return
	}
	was, ok := p.byID[c.Person]
	if !ok {
		logger.Error("the accounts' log tells of somebody who is no user", "event", seq, "person", c.Person)
		return
	}
	user := *was
	switch c.Kind {
	case Removed: // whoever has the name later stands in for nobody
		p.drop(was)
		for _, of := range p.standIn[c.Person] {
			other := *p.byID[of]
			p.drop(p.byID[of])
			other.Deputies = slices.DeleteFunc(slices.Clone(other.Deputies), func(d Deputy) bool { return d.Person == c.Person })
			p.put(&other)
		}
		return
	case Granted:
		user.Grants, user.Epoch = c.Grants, seq
	case PasswordSet:
		user.Credential, user.First, user.Epoch = c.Credential, c.First, seq
		if c.Revoked {
			user.Tokens = nil
		}
	case OIDCSet:
		user.OIDC, user.Epoch = c.OIDC, seq
	case SignedOut:
		user.Epoch = seq
	case TokenMade:
		user.Tokens = append(slices.Clip(user.Tokens), *c.Token)
	case TokenEnded:
		user.Tokens = slices.DeleteFunc(slices.Clone(user.Tokens), func(t Token) bool { return t.Name == c.Token.Name })
	case DeputyNamed:
		user.Deputies = append(slices.DeleteFunc(slices.Clone(user.Deputies), c.Deputy.is), *c.Deputy)
	case DeputyEnded:
		user.Deputies = slices.DeleteFunc(slices.Clone(user.Deputies), c.Deputy.is)
	case HookAdded:
		user.Webhooks = append(slices.Clip(user.Webhooks), *c.Webhook)
	case HookRekeyed, HookRemoved:
		user.Webhooks = slices.DeleteFunc(slices.Clone(user.Webhooks), func(w Webhook) bool { return w.Name == c.Webhook.Name })
		if c.Kind == HookRekeyed {
			user.Webhooks = append(user.Webhooks, *c.Webhook)
		}
	default:
		logger.Error("the accounts' log says what this program does not know: use a newer fundledger", "event", seq, "kind", c.Kind)
		return
	}
	p.drop(was)
	p.put(&user)
}

func (p *people) put(user *User) {
	p.byID[user.ID] = user
	p.ever[domain.Key(user.ID)] = true
	if _, taken := p.byOIDC[user.OIDC]; taken { // past the check of a change
		p.byOIDC[user.OIDC] = nil
	} else if user.OIDC != "" {
		p.byOIDC[user.OIDC] = user
	}
	for _, t := range user.Tokens {
		p.tokens[t.ID] = tokenOf{user.ID, t}
	}
	for _, d := range user.Deputies {
		if of := p.standIn[d.Person]; !slices.Contains(of, user.ID) {
			p.standIn[d.Person] = append(slices.Clip(of), user.ID)
		}
	}
}

func (p *people) drop(user *User) {
	delete(p.byID, user.ID)
	if p.byOIDC[user.OIDC] == user {
		delete(p.byOIDC, user.OIDC)
	}
	for _, t := range user.Tokens {
		delete(p.tokens, t.ID)
	}
	for _, d := range user.Deputies {
		p.standIn[d.Person] = slices.DeleteFunc(slices.Clone(p.standIn[d.Person]), func(id domain.PersonID) bool { return id == user.ID })
	}
}

// grants are what a user may be at a moment: what they hold, and behind it what they hold in others' places. Whom they stand in for must hold it still.
func (p *people) grants(user *User, at time.Time) []Grant {
	grants := user.Grants
	for _, id := range p.standIn[user.ID] {
		of, ok := p.byID[id]
		if !ok {
			continue
		}
		for _, d := range of.Deputies {
			if d.Person == user.ID && d.acts(at) && slices.Contains(of.Grants, d.Grant) {
				grants = append(slices.Clip(grants), Grant{Role: d.Grant.Role, Department: d.Grant.Department, For: of.ID})
			}
		}
	}
	return grants
}

// Entry is a change as the log keeps it, for people to read: it holds no secret.
type Entry struct {
	Seq    uint64          `json:"seq"`
	At     time.Time       `json:"at"`
	By     string          `json:"by"`
	Means  Means           `json:"means"`
	Kind   Kind            `json:"kind"`
	Person domain.PersonID `json:"person"` // whose account
	Detail domain.Text     `json:"detail"` // what was granted, which token, which deputy
}

// entries are what a change says, one a person.
func (c Change) entries(seq uint64, at time.Time) []Entry {
	one := Entry{Seq: seq, At: at, By: c.By, Means: c.Means, Kind: c.Kind, Person: c.Person, Detail: c.detail()}
	if len(c.Users) == 0 {
		return []Entry{one}
	}
	list := make([]Entry, len(c.Users))
	for i, user := range c.Users {
		list[i] = one
		list[i].Person, list[i].Detail = user.ID, plain(joined(user.Grants))
	}
	return list
}

func (c Change) detail() domain.Text {
	switch {
	case c.Kind == Granted:
		return plain(joined(c.Grants))
	case c.Kind == OIDCSet:
		return plain(c.OIDC)
	case c.Kind == PasswordSet && c.First && c.Revoked:
		return domain.Text{ZH: "首次使用须更换；全部令牌已撤销", EN: "to be changed at first use; all tokens were revoked"}
	case c.Kind == PasswordSet && c.First:
		return domain.Text{ZH: "首次使用须更换", EN: "to be changed at first use"}
	case c.Token != nil:
		return c.Token.Text()
	case c.Deputy != nil:
		return c.Deputy.Text()
	case c.Webhook != nil:
		return plain(c.Webhook.Name + " → " + c.Webhook.URL)
	}
	return domain.Text{}
}

func plain(text string) domain.Text { return domain.Text{ZH: text, EN: text} }

// Text is the token's name and what it is bound to.
func (t Token) Text() domain.Text {
	zh, en := t.Name, t.Name
	if t.ReadOnly {
		zh, en = zh+"，只读", en+", read-only"
	}
	if t.Department != "" {
		zh, en = zh+"，限部门 "+string(t.Department), en+", department "+string(t.Department)
	}
	if !t.Expires.IsZero() {
		zh, en = zh+"，有效期至 "+moment(t.Expires), en+", until "+moment(t.Expires)
	}
	return domain.Text{ZH: zh, EN: en}
}

// Text is who is a deputy, in what, and when.
func (d Deputy) Text() domain.Text {
	who := string(d.Person) + " (" + d.Grant.String() + ")"
	if d.Until.IsZero() {
		return plain(who)
	}
	return domain.Text{ZH: who + "，" + moment(d.From) + " 至 " + moment(d.Until), EN: who + ", " + moment(d.From) + " to " + moment(d.Until)}
}

func moment(t time.Time) string { return t.In(domain.Shanghai).Format("2006-01-02 15:04") }

func joined(grants []Grant) string {
	texts := make([]string, len(grants))
	for i, g := range grants {
		texts[i] = g.String()
	}
	return strings.Join(texts, ", ")
}
