package accounts

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/fundledger/fundledger/domain"
)

// Grant is one thing a person is: a role, for a department where the role belongs to one; and in whose place, where they are a deputy.
type Grant struct {
	Role       domain.Role         `json:"role"`
	Department domain.DepartmentID `json:"department,omitzero"`
	For        domain.PersonID     `json:"for,omitzero"`
}

// String is "role@department", or the role alone, and " for person" behind it; [ParseGrant] reads it.
func (g Grant) String() string {
	text := string(g.Role)
	if g.Department != "" {
		text += "@" + string(g.Department)
	}
	if g.For != "" {
		text += deputyFor + string(g.For)
	}
	return text
}

const deputyFor = " for "

// ParseGrant reads "role@department" or "role", of a deputy "role@department for person". A role that does not exist is an error that lists those that do.
func ParseGrant(text string) (Grant, error) {
	own, of, _ := strings.Cut(strings.TrimSpace(text), deputyFor)
	role, department, _ := strings.Cut(own, "@")
	g := Grant{Role: domain.Role(role), Department: domain.DepartmentID(department), For: domain.PersonID(of)}
	if !slices.Contains(domain.Roles, g.Role) {
		return Grant{}, &grantError{text}
	}
	return g, nil
}

type grantError struct{ text string }

func (e *grantError) Error() string {
	roles := make([]string, len(domain.Roles))
	for i, r := range domain.Roles {
		roles[i] = string(r)
	}
	return "\"" + e.text + "\" is no role: write role@department, with one of the roles " + strings.Join(roles, ", ")
}

// User is a person who may sign in.
type User struct {
	ID         domain.PersonID `json:"id"`
	Name       string          `json:"name,omitzero"` // as people read it
	Grants     []Grant         `json:"grants"`
	Credential string          `json:"credential,omitzero"` // where the hash of the password lies; empty: no sign-in by password
	First      bool            `json:"first,omitzero"`      // somebody else set the password: its owner has to choose another one first of all
	OIDC       string          `json:"oidc,omitzero"`       // the subject at the organisation's sign-in; empty: no sign-in there
	Tokens     []Token         `json:"tokens,omitempty"`
	Deputies   []Deputy        `json:"deputies,omitempty"` // who may act in the user's place
	Webhooks   []Webhook       `json:"webhooks,omitempty"` // who is told of what happens, on the user's account

	// Epoch is the position of the last change that ended the user's sessions: one that began before it is over.
	Epoch uint64 `json:"-"`
}

// Token is an API token, without its secret.
type Token struct {
	Name       string              `json:"name"`                // unique for its user
	ID         string              `json:"id,omitzero"`         // the part of the token that finds it
	Hash       string              `json:"hash,omitzero"`       // SHA-256 of the secret, which is 256 random bits, in hex
	Created    time.Time           `json:"created,omitzero"`    //
	Expires    time.Time           `json:"expires,omitzero"`    //
	ReadOnly   bool                `json:"read_only,omitzero"`  // it asks, and gives no command
	Department domain.DepartmentID `json:"department,omitzero"` // it is good for what its user is granted for this department; empty: for all
}

// Deputy is a person who acts in another's place for a while, in one of their roles.
type Deputy struct {
	Person domain.PersonID `json:"person"`
	Grant  Grant           `json:"grant,omitzero"` // that the other one holds
	From   time.Time       `json:"from,omitzero"`
	Until  time.Time       `json:"until,omitzero"` // not included
}

// acts reports whether a deputy is one at a moment.
func (d Deputy) acts(at time.Time) bool { return !at.Before(d.From) && at.Before(d.Until) }

// is reports whether two are the same person in the same role.
func (d Deputy) is(other Deputy) bool { return d.Person == other.Person && d.Grant == other.Grant }

func (user User) check() error {
	if err := checkName("user", string(user.ID)); err != nil {
		return err
	}
	if err := checkSubject(user.OIDC); err != nil {
		return err
	}
	if len(user.Grants) == 0 {
		return fmt.Errorf("the user %s: %w: write role@department", user.ID, ErrNoGrant)
	}
	for _, g := range user.Grants {
		if _, err := ParseGrant(g.String()); err != nil {
			return err
		}
		if g.For != "" {
			return fmt.Errorf("%s is granted what another one holds, %q: %w: appoint a deputy instead", user.ID, g, ErrNotGranted)
		}
	}
	return nil
}

// checkName bounds the names of users and tokens: letters of any script and digits, with . - _ @ between them.
func checkName(what, name string) error {
	ok := name != "" && len(name) <= 100 && utf8.ValidString(name)
	for _, r := range name {
		ok = ok && (unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune(".-_@", r))
	}
	if !ok {
		return fmt.Errorf("%.100q %w, a %s's: use up to 100 bytes of letters, digits and . - _ @", name, ErrName, what)
	}
	return nil
}

// checkSubject bounds what a provider may call somebody (255 bytes of ASCII by its specification; some take more).
func checkSubject(subject string) error {
	if len(subject) > 500 || !utf8.ValidString(subject) || strings.ContainsFunc(subject, unicode.IsControl) || strings.TrimSpace(subject) != subject {
		return fmt.Errorf("%.100q %w, of an account of the organisation: use up to 500 bytes, without white space around it", subject, ErrName)
	}
	return nil
}

// Errors for those who branch on them.
var (
	ErrNoUser        = errors.New("there is no such user")
	ErrUserExists    = errors.New("there is a user of that name already")
	ErrNoToken       = errors.New("the user has no token of that name")
	ErrTokenExists   = errors.New("the user has a token of that name already: revoke it, or choose another name")
	ErrNoDeputy      = errors.New("the user has no such deputy")
	ErrOIDCTaken     = errors.New("another user signs in with that account of the organisation")
	ErrWrongPassword = errors.New("that is not the user's password")
	ErrPassword      = errors.New("that cannot be a password")
	ErrAway          = errors.New("the accounts cannot be reached")
	ErrNoWebhook     = errors.New("the user has no webhook of that name")
	ErrWebhookExists = errors.New("the user has a webhook of that name already: remove it, or choose another name")
	ErrWebhook       = errors.New("that cannot be a webhook")
	ErrName          = errors.New("cannot be a name")
	ErrNoGrant       = errors.New("one needs at least one role")
	ErrOwnAccount    = errors.New("nobody keeps their own account")
	ErrContradicted  = errors.New("the accounts' log is not the one that was taken in")
	ErrNotGranted    = errors.New("the user does not hold that")
	ErrSessionOver   = errors.New("the session that asks is over")
	ErrPeriod        = errors.New("that is no time to come")
)
