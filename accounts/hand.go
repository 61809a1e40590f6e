package accounts

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/ledger"
)

// Hand changes the users in somebody's name: every event says who did it, and by which means. A change is durable, and known to this process,
// when it returns.
type Hand struct {
	*Users
	By    string
	Means Means
	Epoch uint64 // of the session that asks; 0: none does

	// As is the role in which somebody changes others' accounts, and keeps off their own: it is looked up with every judging. Empty: it is their own
	// account, or the machine's owner changes it.
	As domain.Role
}

// Hand is who changes the users from here on.
func (u *Users) Hand(by string, means Means) Hand { return Hand{Users: u, By: by, Means: means} }

// change judges a change against everything before it, and appends it behind that: it says where. Whoever else changes something meanwhile makes it
// be judged again.
func (h Hand) change(how func(*people) (Change, error)) (position uint64, err error) {
	u := h.Users
	ctx, cancel := context.WithTimeout(context.Background(), changePatience)
	defer cancel()
	for {
		last, err := u.log.Last(ctx)
		if err != nil {
			return 0, fmt.Errorf("%w: %w", ErrAway, err)
		}
		if err := u.reach(ctx, last); err != nil {
			return 0, err
		}
		u.mu.RLock()
		position := u.position
		c, err := Change{}, h.stillMay(&u.people)
		if err == nil {
			c, err = how(&u.people)
		}
		u.mu.RUnlock()
		if err != nil {
			return 0, err
		}
		if err := u.watched().Look(ctx); errors.Is(err, ledger.ErrContradicted) && last >= position { // nothing is added to another log
			return 0, err
		}
		if last < position {
			if err := u.log.Require(ctx, position); err != nil { // unless it went on between the questions
				return 0, err
			}
		}
		c.By, c.Means = h.By, h.Means
		draft, err := u.draft(c)
		if err != nil {
			return 0, err
		}
		last, err = u.log.Append(ctx, position, []eventstore.Draft{draft})
		if errors.Is(err, eventstore.ErrOutOfTurn) {
			continue
		}
		if err != nil {
			return 0, fmt.Errorf("changing the accounts: %w", err)
		}
		return last, u.reach(ctx, last)
	}
}

func (u *Users) draft(c Change) (eventstore.Draft, error) {
	data, err := json.Marshal(c, json.Deterministic(true))
	if err != nil {
		return eventstore.Draft{}, fmt.Errorf("changing the accounts: %w", err)
	}
	digest, id := sha256.Sum256(data), randomName()
	person := c.Person
	if person == "" && len(c.Users) > 0 {
		person = c.Users[0].ID
	}
	_, rest, _ := strings.Cut(eventstore.Subject(u.token, "account", string(person), string(c.Kind)), ".")
	return eventstore.Draft{Subject: "accounts." + rest, Data: data, Envelope: eventstore.Envelope{ID: eventstore.EventID(id, 0), Source: "/accounts/" + u.token,
		Type: "fundledger.account_" + string(c.Kind), Version: 1, Time: u.cfg.Now(), Subject: "account/" + string(person), CommandID: id,
		CommandHash: hex.EncodeToString(digest[:]), Command: string(c.Kind), Count: 1, Actor: domain.Clip(c.By, 200)}}, nil
}

// stillMay looks at the session that asks, and the role, with every judging: one that ended while the change was under way, by its owner's new password
// say, changes nothing any more.
func (h Hand) stillMay(p *people) error {
	if h.Epoch == 0 && h.As == "" {
		return nil
	}
	user, ok := p.byID[domain.PersonID(h.By)]
	if !ok || h.Epoch != 0 && user.Epoch != h.Epoch {
		return fmt.Errorf("%s: %w", h.By, ErrSessionOver)
	}
	if h.As != "" && !slices.ContainsFunc(user.Grants, func(g Grant) bool { return g.Role == h.As }) {
		return fmt.Errorf("%s, %s: %w", h.By, h.As, ErrNotGranted)
	}
	return nil
}

// edit changes one user.
func (h Hand) edit(id domain.PersonID, how func(p *people, user *User) (Change, error)) error {
	_, err := h.editAt(id, how)
	return err
}

// editAt is [Hand.edit], and says where the change lies.
func (h Hand) editAt(id domain.PersonID, how func(p *people, user *User) (Change, error)) (position uint64, err error) {
	return h.change(func(p *people) (Change, error) {
		user, ok := p.byID[id]
		if h.As != "" && domain.Key(id) == domain.Key(domain.PersonID(h.By)) {
			return Change{}, fmt.Errorf("%s: %w", id, ErrOwnAccount)
		}
		if !ok {
			return Change{}, fmt.Errorf("%s: %w", id, ErrNoUser)
		}
		c, err := how(p, user)
		c.Person = id
		return c, err
	})
}

// Add adds a user with a password; "" for one who signs in by the organisation's account or by tokens only.
func (h Hand) Add(user User, password string) error {
	return h.AddAll([]User{user}, []string{password})
}

// AddAll adds users, all or none.
func (h Hand) AddAll(users []User, passwords []string) error {
	users = slices.Clone(users)
	for i := range users {
		if err := users[i].check(); err != nil {
			return err
		}
		var err error
		if passwords[i] == "" {
			continue
		}
		if users[i].Credential, err = h.keep(passwords[i]); err != nil {
			return fmt.Errorf("adding %s: %w", users[i].ID, err)
		}
	}
	_, err := h.change(func(p *people) (Change, error) {
		if err := p.free(users); err != nil {
			return Change{}, err
		}
		return Change{Kind: Added, Users: users}, nil
	})
	if err != nil && !perhaps(err) {
		for _, user := range users {
			h.drop(credentials + user.Credential)
		}
	}
	return err
}

// perhaps reports whether what failed may be on the log all the same: then nothing that it names is taken away.
func perhaps(err error) bool { return errors.Is(err, eventstore.ErrUnknown) || errors.Is(err, ErrAway) }

// free reports who or what of new users is there already. `li` and `LI` are one person.
func (p *people) free(users []User) error {
	taken := map[domain.PersonID]bool{}
	for id := range p.byID {
		taken[domain.Key(id)] = true
	}
	accounts := map[string]domain.PersonID{}
	for _, user := range users {
		key := domain.Key(user.ID)
		if taken[key] {
			return fmt.Errorf("adding %s: %w", user.ID, ErrUserExists)
		}
		taken[key] = true
		other, twice := accounts[user.OIDC]
		if of, has := p.byOIDC[user.OIDC]; has && of != nil {
			other, twice = of.ID, true
		}
		if twice && user.OIDC != "" {
			return fmt.Errorf("%s and %s, %s: %w", other, user.ID, user.OIDC, ErrOIDCTaken)
		}
		accounts[user.OIDC] = user.ID
	}
	return nil
}

// keep puts a password's hash on the shelf, before the event that names it.
func (h Hand) keep(password string) (credential string, err error) {
	hash, err := HashPassword(password)
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(context.Background(), changePatience)
	defer cancel()
	credential = randomName()
	if err := h.shelf.Put(ctx, credentials+credential, []byte(hash), 0); err != nil {
		return "", fmt.Errorf("%w: %w", ErrAway, err)
	}
	return credential, nil
}

// Where a person's own things lie on the shelf, by what they are: they go with their owner, for another person may come to have the name.
const (
	DraftsOn = "drafts."
	ViewsOn  = "views."
	VisitsOn = "visits."
)

// ShelvedFor is where something of a person's lies on the shelf.
func ShelvedFor(on string, person domain.PersonID) string {
	sum := sha256.Sum256([]byte(person))
	return on + hex.EncodeToString(sum[:16])
}

// drop takes secrets off the shelf that no event names any more, and what was their owner's alone. A name that ends in its prefix is none.
func (h Hand) drop(names ...string) {
	ctx, cancel := context.WithTimeout(context.Background(), askPatience)
	defer cancel()
	for _, name := range names {
		if strings.HasSuffix(name, ".") {
			continue
		}
		if err := h.shelf.Take(ctx, name); err != nil {
			h.cfg.Logger.Warn("a secret that holds no more could not be taken away", "error", err)
		}
	}
}

// Remove removes a user, with sessions, tokens and what they kept for themselves. What they did stays on the log.
func (h Hand) Remove(id domain.PersonID) error {
	var secrets []string
	err := h.edit(id, func(_ *people, user *User) (Change, error) {
		secrets = []string{credentials + user.Credential, ShelvedFor(DraftsOn, id), ShelvedFor(ViewsOn, id), ShelvedFor(VisitsOn, id)}
		for _, w := range user.Webhooks {
			secrets = append(secrets, hookSecrets+w.Secret, hookSecrets+w.Former)
		}
		return Change{Kind: Removed}, nil
	})
	if err == nil {
		h.drop(secrets...)
	}
	return err
}

// SetPassword gives a user another password; their sessions end. One that somebody else set, and therefore knows, is to be changed at first use.
func (h Hand) SetPassword(id domain.PersonID, password string, first bool) error {
	_, err := h.setPassword(id, password, Change{First: first})
	return err
}

// ResetPassword is [Hand.SetPassword] with one that is made here, by somebody else, for one who lost theirs or whose was found out: their tokens end
// too, unless they are to be kept.
func (h Hand) ResetPassword(id domain.PersonID, keepTokens bool) (password string, err error) {
	password = RandomPassword()
	_, err = h.setPassword(id, password, Change{First: true, Revoked: !keepTokens})
	return password, err
}

func (h Hand) setPassword(id domain.PersonID, password string, c Change) (epoch uint64, err error) {
	credential, err := h.keep(password)
	if err != nil {
		return 0, err
	}
	was := ""
	epoch, err = h.editAt(id, func(_ *people, user *User) (Change, error) {
		was = user.Credential
		c.Kind, c.Credential = PasswordSet, credential
		return c, nil
	})
	if perhaps(err) {
		return 0, err
	}
	if err != nil {
		was = credential
	}
	h.drop(credentials + was)
	return epoch, err
}

// ChangePassword is [Hand.SetPassword] by its owner, who knows the present one. The same again is no other. A session of the epoch goes on.
func (h Hand) ChangePassword(ctx context.Context, id domain.PersonID, present, next string) (epoch uint64, err error) {
	if _, err := h.CheckPassword(ctx, id, present); err != nil {
		return 0, err
	}
	if present == next {
		return 0, fmt.Errorf("%w: it is the present one", ErrPassword)
	}
	return h.setPassword(id, next, Change{})
}

// SetOIDC says with which account of the organisation a user signs in, "" for none; their sessions end.
func (h Hand) SetOIDC(id domain.PersonID, subject string) error {
	if err := checkSubject(subject); err != nil {
		return err
	}
	return h.edit(id, func(p *people, user *User) (Change, error) {
		if of := p.byOIDC[subject]; subject != "" && of != nil && of.ID != id {
			return Change{}, fmt.Errorf("%s and %s, %s: %w", of.ID, id, subject, ErrOIDCTaken)
		}
		return Change{Kind: OIDCSet, OIDC: subject}, nil
	})
}

// SetGrants gives a user other roles; their sessions end, their tokens have the new roles.
func (h Hand) SetGrants(id domain.PersonID, grants []Grant) error {
	if err := (User{ID: id, Grants: grants}).check(); err != nil {
		return err
	}
	return h.edit(id, func(*people, *User) (Change, error) { return Change{Kind: Granted, Grants: slices.Clone(grants)}, nil })
}

// SignOut ends all sessions of a user but those of the epoch.
func (h Hand) SignOut(id domain.PersonID) (epoch uint64, err error) {
	return h.editAt(id, func(*people, *User) (Change, error) { return Change{Kind: SignedOut}, nil })
}

// CreateToken makes an API token of a user, with the scope of what is given, and returns it: it is not kept and cannot be shown again.
func (h Hand) CreateToken(id domain.PersonID, token Token) (string, error) {
	if err := checkName("token", token.Name); err != nil {
		return "", err
	}
	if !token.Expires.After(h.cfg.Now()) {
		return "", fmt.Errorf("the token %s would have expired at %s already: %w", token.Name, token.Expires.Format(time.RFC3339), ErrPeriod)
	}
	if token.Expires.After(h.cfg.Now().Add(h.longest)) {
		return "", fmt.Errorf("the token %s would be good until %s: %w: a token ends, after %s at most", token.Name, token.Expires.Format(time.RFC3339), ErrPeriod, h.longest)
	}
	secret := strings.ToLower(rand.Text() + rand.Text())
	token.ID, token.Created, token.Expires, token.Hash = strings.ToLower(rand.Text()[:12]), h.cfg.Now().UTC(), token.Expires.UTC(), hashToken(secret)
	err := h.edit(id, func(_ *people, user *User) (Change, error) {
		if slices.ContainsFunc(user.Tokens, func(t Token) bool { return t.Name == token.Name }) {
			return Change{}, fmt.Errorf("%s, %s: %w", id, token.Name, ErrTokenExists)
		}
		if len(user.Tokens) >= maxTokens {
			return Change{}, fmt.Errorf("%s has %d tokens: revoke those that nobody uses: %w", id, maxTokens, ErrTokenExists)
		}
		if token.Department != "" && !slices.ContainsFunc(user.Grants, func(g Grant) bool { return g.Department == token.Department }) {
			return Change{}, fmt.Errorf("%s, the department %s: %w", id, token.Department, ErrNotGranted)
		}
		return Change{Kind: TokenMade, Token: &token}, nil
	})
	return tokenPrefix + token.ID + "_" + secret, err
}

const maxTokens = 100 // of one user

// LongestToken is how long a new token is good for at most, where nobody says otherwise.
const LongestToken = 366 * 24 * time.Hour

// BoundTokens says how long a new token is good for at most, from here on.
func (u *Users) BoundTokens(longest time.Duration) { u.longest = longest }

// RevokeToken ends a user's token of a name.
func (h Hand) RevokeToken(id domain.PersonID, name string) error {
	return h.edit(id, func(_ *people, user *User) (Change, error) {
		if !slices.ContainsFunc(user.Tokens, func(t Token) bool { return t.Name == name }) {
			return Change{}, fmt.Errorf("%s, %s: %w", id, name, ErrNoToken)
		}
		return Change{Kind: TokenEnded, Token: &Token{Name: name}}, nil
	})
}

// longestDeputy is how long one acts in another's place at most, unless appointed again.
const longestDeputy = 366 * 24 * time.Hour

// Appoint lets a person act in a user's place for a while, in one of the user's own grants. Whoever keeps the users is nobody's to stand in for.
func (h Hand) Appoint(id domain.PersonID, d Deputy) error {
	d.From, d.Until = d.From.UTC(), d.Until.UTC()
	if !d.From.Before(d.Until) || !d.Until.After(h.cfg.Now()) || d.Until.Sub(d.From) > longestDeputy {
		return fmt.Errorf("from %s to %s: %w: a deputy has an end to come, at most a year after the beginning", moment(d.From), moment(d.Until), ErrPeriod)
	}
	return h.edit(id, func(p *people, user *User) (Change, error) {
		other, ok := p.byID[d.Person]
		switch {
		case !ok || other.ID == id:
			return Change{}, fmt.Errorf("%s: %w", d.Person, ErrNoUser)
		case d.Grant.Role == domain.Admin || d.Grant.For != "" || !slices.Contains(user.Grants, d.Grant):
			return Change{}, fmt.Errorf("%s, %s: %w", id, d.Grant, ErrNotGranted)
		}
		return Change{Kind: DeputyNamed, Deputy: &d}, nil
	})
}

// Dismiss ends that.
func (h Hand) Dismiss(id, person domain.PersonID, g Grant) error {
	d := Deputy{Person: person, Grant: g}
	return h.edit(id, func(_ *people, user *User) (Change, error) {
		if !slices.ContainsFunc(user.Deputies, d.is) {
			return Change{}, fmt.Errorf("%s, %s: %w", person, g, ErrNoDeputy)
		}
		return Change{Kind: DeputyEnded, Deputy: &d}, nil
	})
}
